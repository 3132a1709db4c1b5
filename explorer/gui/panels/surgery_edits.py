"""The list of edits: each can be moved and taken out; undo and redo are the Session's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.panels.filters_saving import write_file
from explorer.gui.panels.surgery_words import edit_text
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.requests.surgery import Edit, SurgeryFile

if TYPE_CHECKING:
    from explorer.gui.desk import Desk

MOST_BYTES = 1 << 24


class EditList(QListWidget):
    """The rows; Delete takes one out, Alt+Up and Alt+Down move it, the mouse drags it."""

    def __init__(self, owner: EditsBox) -> None:
        super().__init__()
        self._owner = owner
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        words.say(self, N_("The edits act in this order: drag one, or Alt+Up and Alt+Down; Del takes it out"), "tip")
        self.setMinimumHeight(theme.px(16))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.model().rowsMoved.connect(self._moved)

    def _moved(self, _p: QModelIndex, _s: int, _e: int, _d: QModelIndex, _r: int) -> None:
        order = [self.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.count())]
        self._owner.reorder(order)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with this edit."""
        if self.currentRow() >= 0:
            self._owner.menu().exec(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        key, alt = event.key(), event.modifiers() & Qt.KeyboardModifier.AltModifier
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._owner.remove()
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._owner.shift(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)


class EditsBox(QWidget):
    """Heading with tools over the list. It shows and changes the Session's surgery and holds none of its own.

    `load` and `save` belong to the surgery as a whole: the panel puts them beside its mark.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.heading = OneLine()
        self.heading.setProperty("kind", "heading")
        words.say(self.heading, N_("Edits"))
        self.list = EditList(self)
        words.say(self.list, N_("Edits, in the order in which they act"), "name")
        self.undo = _tool("undo", N_("Undo (Ctrl+Z)"), desk.undo)
        self.redo = _tool("redo", N_("Redo (Ctrl+Shift+Z)"), desk.redo)
        self.out = _tool("close", N_("Take this edit out (Del)"), self.remove)
        self.clear = _tool("reset", N_("Take all edits out: the network as it was"), lambda: desk.change(surgery=()))
        self.load = _tool("open", N_("Load a surgery from a file"), self.ask_load)
        self.save = _tool(
            "save", N_("Save this surgery as a file; the command line takes it too (--surgery FILE)"), self.ask_save
        )
        self.empty = QLabel()
        self.empty.setProperty("kind", "muted")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.say(self.empty, N_("The network is as it was. Click a channel at the left to mute it."))
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addWidget(self.heading, 1)
        for tool in (self.undo, self.redo, self.out, self.clear):
            line.addWidget(tool)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addLayout(line)
        column.addWidget(self.empty, 1)
        column.addWidget(self.list, 1)
        self.list.currentRowChanged.connect(lambda _row: self._enable())
        self.list.itemClicked.connect(self._chosen)
        self.show_surgery()

    @property
    def surgery(self) -> tuple[Edit, ...]:
        """The Session's."""
        return self.desk.session.surgery

    def show_surgery(self) -> None:
        """Show what the Session says now."""
        row = self.list.currentRow() if self.list.count() >= len(self.surgery) else -1  # a new edit is chosen
        self.list.blockSignals(True)
        self.list.clear()
        for number, edit in enumerate(self.surgery):
            item = QListWidgetItem(edit_text(edit))
            item.setToolTip(edit_text(edit))
            item.setData(Qt.ItemDataRole.UserRole, number)
            self.list.addItem(item)
        self.list.setCurrentRow(min(row, self.list.count() - 1) if row >= 0 else self.list.count() - 1)
        self.list.blockSignals(False)
        self.list.setVisible(bool(self.surgery))
        self.empty.setVisible(not self.surgery)
        self._enable()

    def _enable(self) -> None:
        row, count = self.list.currentRow(), self.list.count()
        self.undo.setEnabled(self.desk.can_undo)
        self.redo.setEnabled(self.desk.can_redo)
        self.out.setEnabled(row >= 0)
        self.clear.setEnabled(count > 0)
        self.save.setEnabled(count > 0)

    def _chosen(self, item: QListWidgetItem) -> None:
        edit = self.surgery[item.data(Qt.ItemDataRole.UserRole)]
        self.desk.select(layer=edit.layer, channel=edit.channels[0])

    def menu(self) -> QMenu:
        """The menu of the chosen edit."""
        menu, row = QMenu(self), self.list.currentRow()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Let this edit act earlier (Alt+Up)"), lambda: self.shift(-1)).setEnabled(row > 0)
        menu.addAction(tr("Let this edit act later (Alt+Down)"), lambda: self.shift(1)).setEnabled(row + 1 < self.list.count())
        menu.addAction(tr("Take this edit out (Del)"), self.remove)
        return menu

    def remove(self) -> None:
        """Take the chosen edit out."""
        row = self.list.currentRow()
        if row >= 0:
            self.desk.change(surgery=(*self.surgery[:row], *self.surgery[row + 1 :]))

    def shift(self, by: int) -> None:
        """Let the chosen edit act earlier or later."""
        row, order = self.list.currentRow(), list(range(len(self.surgery)))
        if 0 <= row + by < len(order) and row >= 0:
            order[row], order[row + by] = order[row + by], order[row]
            self.list.blockSignals(True)
            self.list.setCurrentRow(row + by)
            self.list.blockSignals(False)
            self.reorder(order)

    def reorder(self, order: list[int]) -> None:
        """The edits in another order."""
        self.desk.change(surgery=tuple(self.surgery[number] for number in order))

    # -- files -------------------------------------------------------------------------------------------------------
    def ask_save(self) -> None:
        """Ask where, write the edits as JSON."""
        session = self.desk.session
        name = f"{session.network.model}-surgery.json"
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save surgery"), name, tr("Surgery") + " (*.json)")
        if chosen:
            made = SurgeryFile(model=session.network.model, surgery=session.surgery)
            write_file(self.desk, Path(chosen).with_suffix(".json"), made.text().encode())

    def ask_load(self) -> None:
        """Ask which, and operate as it says; one step for undo."""
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Load surgery"), "", tr("Surgery") + " (*.json)")
        if chosen:
            self.load_file(Path(chosen))

    def load_file(self, path: Path) -> None:
        """Operate as a file says; what is wrong with it is said."""
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError("too large")
            found = SurgeryFile.model_validate_json(path.read_bytes())
        except (OSError, ValueError) as error:
            text = tr("{path} is no surgery file.").format(path=path.name)
            self.desk.notify(text, "bad", detail=str(error))
            return
        if found.model and found.model != self.desk.session.network.model:
            said = tr("This surgery was made for {model}; layers of that name may be others here.").format(model=found.model)
            self.desk.notify(said, "warn")
        self.desk.change(surgery=found.surgery)


def _tool(icon: str, tip: str, call: object) -> QToolButton:
    button = tool_button(icon, tip)
    button.clicked.connect(lambda: call() if callable(call) else None)
    return button
