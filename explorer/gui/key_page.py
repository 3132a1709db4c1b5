"""Shortcuts can be changed: a table of commands, each with a key editor. Kept in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.commands import COMMANDS
from explorer.gui.icons import set_icon
from explorer.gui.page import Page
from explorer.i18n import N_, tr

if TYPE_CHECKING:
    from explorer.gui.window import MainWindow


class KeyPage(Page):
    """A key that another command has is refused with its name."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        words.say(self, N_("Change a key..."), "title")
        self.problem = QLabel()
        self.problem.setProperty("kind", "bad")
        self.problem.setWordWrap(True)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        reset = QPushButton()
        words.say(reset, N_("All keys as they came"))
        reset.clicked.connect(self._reset)
        foot = QHBoxLayout()
        foot.addWidget(self.problem, 1)
        foot.addWidget(reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(3), theme.px(3), theme.px(3))
        column.addWidget(self.area, 1)
        column.addLayout(foot)
        self.edits: dict[str, QKeySequenceEdit] = {}
        self.resize(520, 600)

    def fill(self) -> None:
        """Show the keys in force."""
        words.retranslate(self)
        self.problem.clear()
        self.edits = {}
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setColumnStretch(0, 1)
        for row, (command, action) in enumerate(self._window.commands()):
            edit = QKeySequenceEdit(action.shortcut())
            edit.setMaximumSequenceLength(1)
            edit.setProperty("command", command.name)
            edit.setAccessibleName(tr(command.text))
            edit.editingFinished.connect(self._edited)
            grid.addWidget(QLabel(tr(command.text).replace("...", "…")), row, 0)
            grid.addWidget(edit, row, 1)
            none = QToolButton()
            none.setProperty("command", command.name)
            set_icon(none, "close")
            words.say(none, N_("No key for this"), "tip")
            none.clicked.connect(self._emptied)
            grid.addWidget(none, row, 2)
            self.edits[command.name] = edit
        self.area.setWidget(holder)

    def _edited(self) -> None:
        sender = self.sender()
        if isinstance(sender, QKeySequenceEdit):
            self.choose(str(sender.property("command")), sender.keySequence())

    def _emptied(self) -> None:
        sender = self.sender()
        if isinstance(sender, QToolButton):
            name = str(sender.property("command"))
            self.edits[name].clear()
            self.choose(name, QKeySequence())

    def choose(self, name: str, sequence: QKeySequence) -> bool:
        """Give a command another key; False if it is taken."""
        portable = sequence.toString(QKeySequence.SequenceFormat.PortableText)
        action = self._window.actions_by_name[name]
        if sequence == action.shortcut():
            return True
        for command, other in self._window.commands():
            if portable and command.name != name and sequence in other.shortcuts():
                self.problem.setText(tr("{key} is already used for: {command}").format(key=portable, command=tr(command.text)))
                self.edits[name].setKeySequence(action.shortcut())
                return False
        self._window.settings.shortcuts[name] = portable
        self._window.rebind()
        self.problem.clear()
        return True

    def _reset(self) -> None:
        for command in COMMANDS:
            self._window.settings.shortcuts.pop(command.name, None)
        self._window.rebind()
        self.fill()
