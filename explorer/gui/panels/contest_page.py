"""What the pages of the fair race have in common: a heading, a line of words, progress, and one job."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.paged import PanelPage
from explorer.gui.widgets.one_line import OneLine


class ContestPage(PanelPage):
    """Subclasses fill `top` and `line` (left to right) and `body` (from top to bottom)."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.detail = OneLine()
        self.top, self.body = QHBoxLayout(), QVBoxLayout()
        self.top.setSpacing(theme.px(2))
        self.line = QHBoxLayout()
        self.line.setSpacing(theme.px(2))
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        page.setSpacing(theme.px(2))
        page.addLayout(self.top)
        page.addLayout(self.line)
        page.addLayout(self.body, 1)
        self.line.addWidget(self.detail, 1)
        self.line.addWidget(self.progress)

    def set_active(self, on: bool) -> None:
        """The first time that it is seen it starts by itself, once it was painted: what it starts takes all cores."""
        super().set_active(on)
        if on:
            self.desk.later(self._seen)

    def _seen(self) -> None:
        if self.active:
            self.show_first()

    @abstractmethod
    def show_first(self) -> None:
        """The page is seen: the first time it starts by itself."""

    @abstractmethod
    def start(self) -> None:
        """Ask for what the page shows (R)."""


def button(text: str, tip: str, icon: str, primary: bool = False) -> QPushButton:
    """A push button with words, tooltip and icon."""
    made = QPushButton()
    if primary:
        made.setProperty("kind", "primary")
    words.say(made, text)
    words.say(made, tip, "tip")
    set_icon(made, icon)
    return made


class Page(QScrollArea):
    """Lines of text that may be longer than there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setContentsMargins(theme.px(2), theme.px(1), theme.px(2), theme.px(1))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self.label)
        self.setMinimumWidth(theme.px(40))

    def say(self, paragraphs: Sequence[str]) -> None:
        """Show HTML paragraphs."""
        gap = theme.px(1.5)
        self.label.setText("".join(f'<p style="margin-top:0; margin-bottom:{gap}px">{one}</p>' for one in paragraphs))
