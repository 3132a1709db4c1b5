"""Ctrl+Shift+P: type a few letters of a command, panel, network or layer, press Return."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout

from explorer.gui import theme, words
from explorer.gui.icons import icon
from explorer.i18n import N_, tr

if TYPE_CHECKING:
    from explorer.gui.window import MainWindow

MOST_ROWS = 200


class PalettePage(QFrame):
    """A popup over the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setProperty("kind", "card")
        self._window = window
        self._rows: list[tuple[str, str, str, Callable[[], object]]] = []
        self.edit = QLineEdit()
        words.say(self.edit, N_("Command, panel, network or layer"), "placeholder")
        words.say(self.edit, N_("Command, panel, network or layer"), "name")
        self.edit.textChanged.connect(self._filter)
        self.edit.installEventFilter(self)
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(2), theme.px(2), theme.px(2), theme.px(2))
        column.setSpacing(theme.px(2))
        column.addWidget(self.edit)
        column.addWidget(self.list)

    def open_page(self) -> None:
        """Show it, empty, in the upper middle of the window."""
        words.retranslate(self)
        self._collect()
        self.edit.clear()
        self._filter("")
        width = min(560, self._window.width() - 40)
        self.resize(width, min(420, self._window.height() - 120))
        self.move(self._window.mapToGlobal(QPoint((self._window.width() - width) // 2, 80)))
        self.show()
        self.edit.setFocus()

    def _collect(self) -> None:
        window = self._window
        native = QKeySequence.SequenceFormat.NativeText
        rows: list[tuple[str, str, str, Callable[[], object]]] = []
        for command, action in window.commands():
            if action.isEnabled() and command.name != "command_palette":
                keys = action.shortcut().toString(native)
                rows.append((tr(command.text).replace("...", "…"), keys, command.icon, action.trigger))
        for name, panel in window.panels.items():
            rows.append((tr(type(panel).title), tr("Panel"), type(panel).icon, _Call(window.go_to, name)))
            table = panel.keys()
            for key in table:
                rows.append((tr(key.text), key.sequence, type(panel).icon, key.slot))
        desk = window.desk
        if desk is not None:
            for name in desk.choices("network"):
                rows.append((desk.title_of("network", name), tr("Network"), "models", _Call(desk.use_network, name)))
            for name in desk.choices("layer"):
                rows.append((name, tr("Layer"), "models", _Call(_select(desk.select), name)))
        self._rows = rows

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        self.list.clear()
        for label, side, icon_name, call in self._rows:
            if all(part in label.casefold() for part in wanted):
                item = QListWidgetItem(f"{label}    {side}" if side else label)
                if icon_name:
                    item.setIcon(icon(icon_name))
                item.setData(Qt.ItemDataRole.UserRole, call)
                self.list.addItem(item)
                if self.list.count() >= MOST_ROWS:
                    break
        self.list.setCurrentRow(0)

    def _run(self, item: QListWidgetItem) -> None:
        call = item.data(Qt.ItemDataRole.UserRole)
        self.hide()
        call()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while one types; Return runs."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            row, last = self.list.currentRow(), self.list.count() - 1
            moves = {Qt.Key.Key_Down: row + 1, Qt.Key.Key_Up: row - 1, Qt.Key.Key_PageDown: row + 8, Qt.Key.Key_PageUp: row - 8}
            if event.key() in moves:
                self.list.setCurrentRow(min(max(moves[Qt.Key(event.key())], 0), last))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self.list.currentItem()
                if item is not None:
                    self._run(item)
                return True
        return super().eventFilter(watched, event)


class _Call:
    """A function with its one argument."""

    def __init__(self, function: Callable[[str], object], argument: str) -> None:
        self._function, self._argument = function, argument

    def __call__(self) -> None:
        self._function(self._argument)


def _select(select: Callable[..., None]) -> Callable[[str], None]:
    def call(name: str) -> None:
        select(layer=name)

    return call
