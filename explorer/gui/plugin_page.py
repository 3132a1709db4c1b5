"""The page of plugins: a line for each, the broken ones greyed with their reason, and where to put more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.assets import config_dir
from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.page import Page
from explorer.i18n import N_, tr
from explorer.records.plugins import PluginRow

if TYPE_CHECKING:
    from explorer.gui.plugin_desk import PluginDesk
    from explorer.gui.window import MainWindow

STATES = {
    "ready": N_("ready"),
    "loaded": N_("loaded"),
    "broken": N_("does not load"),
    "crashed": N_("ended its process while loading"),
    "hung": N_("did not finish loading"),
    "disabled": N_("switched off"),
}
ORIGINS = {"example": N_("comes with Explorer"), "user": N_("from your folder"), "package": N_("from a package")}
KINDS = {
    "network": N_("network"),
    "surface": N_("surface"),
    "optimizer": N_("optimizer"),
    "objective": N_("objective"),
    "source": N_("picture source"),
    "panel": N_("panel"),
}


class PluginPage(Page):
    """Shows what `PluginDesk.rows` says, again whenever that changes."""

    def __init__(self, window: MainWindow, plugins: PluginDesk) -> None:
        super().__init__(window)
        self._plugins = plugins
        words.say(self, N_("Plugins"), "title")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = QLabel()
        self.empty.setWordWrap(True)
        words.say(self.empty, N_("None of your own yet: put a Python file with a function register(tables) into this folder."))
        where = QLabel()
        where.setProperty("kind", "muted")
        words.say(where, N_("Folder for plugins"))
        self.folder = QLabel(str(config_dir() / "plugins"))
        self.folder.setTextFormat(Qt.TextFormat.PlainText)
        self.folder.setWordWrap(True)
        self.folder.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        again = QPushButton()
        words.say(again, N_("Look again"))
        set_icon(again, "reset")
        again.clicked.connect(self._look_again)
        foot = QHBoxLayout()
        paths = QVBoxLayout()
        paths.addWidget(where)
        paths.addWidget(self.folder)
        foot.addLayout(paths, 1)
        foot.addWidget(again, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(3), theme.px(3), theme.px(3))
        column.setSpacing(theme.px(2))
        column.addWidget(self.area, 1)
        column.addWidget(self.empty)
        column.addLayout(foot)
        self.lines: dict[str, PluginLine] = {}
        self.resize(620, 520)
        plugins.changed.connect(self.fill)

    @Slot()
    def fill(self) -> None:
        """Show the rows there are."""
        words.retranslate(self)
        rows = self._plugins.rows
        open_before = {name for name, line in self.lines.items() if line.more.isChecked()}
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, theme.px(2), 0)
        column.setSpacing(theme.px(2))
        self.lines = {}
        for row in rows:
            line = PluginLine(row)
            line.more.setChecked(row.name in open_before)
            line.again.clicked.connect(self._try_again)
            column.addWidget(line)
            self.lines[row.name] = line
        if not rows:
            none = QLabel()
            none.setProperty("kind", "muted")
            words.say(none, N_("There are no plugins.") if self._plugins.told else N_("Looking for plugins..."))
            column.addWidget(none)
        column.addStretch(1)
        self.area.setWidget(holder)
        self.empty.setVisible(self._plugins.told and not any(row.origin != "example" for row in rows))

    def _look_again(self) -> None:
        self._plugins.ask()

    def _try_again(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            sender.setEnabled(False)
            words.say(sender, N_("Trying..."))
            self._plugins.ask(str(sender.property("plugin")))


class PluginLine(QFrame):
    """One plugin. `more` opens the traceback, `again` tries it once more; both are there only where something is wrong."""

    def __init__(self, row: PluginRow) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.name = _label(f"{row.name} {row.version}".strip(), "" if row.good else "muted")
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.name.setToolTip(row.path)
        self.state = _label(tr(STATES.get(row.state, row.state)), "muted" if row.good else "bad")
        self.adds = _label(added_text(row), "muted")
        self.error = _label(tr(row.error), "")
        self.error.setVisible(bool(row.error))
        self.more = QToolButton()
        self.more.setProperty("kind", "link")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        words.say(self.more, N_("Details"))
        set_icon(self.more, "chevron-right")
        self.more.setVisible(bool(row.traceback))
        self.again = QPushButton()
        self.again.setProperty("plugin", row.name)
        words.say(self.again, N_("Try again"))
        self.again.setVisible(not row.good)
        self.details = QPlainTextEdit(row.traceback)
        self.details.setReadOnly(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setFixedHeight(160)
        self.details.setAccessibleName(tr("Details"))
        self.details.hide()
        self.more.toggled.connect(self._fold)
        head = QHBoxLayout()
        head.addWidget(self.name, 1)
        head.addWidget(self.state)
        foot = QHBoxLayout()
        foot.addWidget(self.more)
        foot.addStretch(1)
        foot.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        column.setSpacing(theme.px(1))
        column.addLayout(head)
        column.addWidget(self.adds)
        column.addWidget(self.error)
        if not row.good or row.traceback:
            column.addLayout(foot)
        column.addWidget(self.details)

    def _fold(self, open_now: bool) -> None:
        self.details.setVisible(open_now)
        set_icon(self.more, "chevron-down" if open_now else "chevron-right")


def added_text(row: PluginRow) -> str:
    """ "comes with Explorer · surface levy"."""
    parts = [tr(ORIGINS.get(row.origin, row.origin))]
    for item in row.adds:
        kind, _, name = item.partition(" ")
        parts.append(f"{tr(KINDS.get(kind, kind))} {name}")
    return " · ".join(parts)


def _label(text: str, kind: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if kind:
        label.setProperty("kind", kind)
    return label
