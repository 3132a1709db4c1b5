"""Ctrl+Shift+P: type a few letters of a command, panel, network or layer, press Return."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout

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
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
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
        begins = text.strip().casefold()

        def rank(row: tuple[str, str, str, Callable[[], object]]) -> tuple[bool, bool]:
            label = row[0].casefold()
            return label != begins, not label.startswith(begins)

        for label, side, icon_name, call in sorted(self._rows, key=rank):
            if all(part in label.casefold() for part in wanted):
                item = QTreeWidgetItem([label, side])
                if icon_name:
                    item.setIcon(0, icon(icon_name))
                item.setForeground(1, theme.colour(theme.tokens().muted))
                item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setData(0, Qt.ItemDataRole.UserRole, call)
                self.list.addTopLevelItem(item)
                if self.list.topLevelItemCount() >= MOST_ROWS:
                    break
        if not self.list.topLevelItemCount():
            nothing = QTreeWidgetItem([tr("Nothing is called like that. Try fewer letters."), ""])
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addTopLevelItem(nothing)
        self._go(0)

    def _go(self, row: int) -> None:
        last = self.list.topLevelItemCount() - 1
        item = self.list.topLevelItem(min(max(row, 0), last))
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.list.setCurrentItem(item)

    def _run(self, item: QTreeWidgetItem) -> None:
        call = item.data(0, Qt.ItemDataRole.UserRole)
        self.hide()
        call()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while one types; Return runs."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            now = self.list.currentItem()
            row = self.list.indexOfTopLevelItem(now) if now is not None else 0
            moves = {Qt.Key.Key_Down: row + 1, Qt.Key.Key_Up: row - 1, Qt.Key.Key_PageDown: row + 8, Qt.Key.Key_PageUp: row - 8}
            if event.key() in moves:
                self._go(moves[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if now is not None:
                    self._run(now)
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
