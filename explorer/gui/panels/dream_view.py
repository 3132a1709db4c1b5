"""The widgets of the Dream panel and where they stand; what they do is in dream.py."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.panels.dream_brush import BrushPage
from explorer.gui.panels.dream_cards import Cards
from explorer.gui.panels.dream_compare import CompareView
from explorer.gui.panels.dream_runs import Runs
from explorer.gui.panels.filters_view import OneLine
from explorer.gui.widgets.picture_view import PictureView
from explorer.gui.widgets.playhead import Playhead
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr

LEAST = 60  # of the grid: a narrow column beside another panel
NARROW = 170  # of the grid: below, buttons show their icon alone


class DreamView(QWidget):
    """Heading and buttons; the picture (or the comparison, or the brush); progress; the playhead; facts; the cards."""

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self.picture = PictureView()
        self.picture.smooth = True  # a photograph of sorts, not data
        words.say(self.picture, N_("The dream"), "name")
        self.compare = CompareView()
        self.brush = BrushPage()
        self.pages = QStackedWidget()
        for page in (self.picture, self.compare, self.brush):
            self.pages.addWidget(page)
        self.strip = ProgressStrip()
        self.playhead = Playhead(with_speed=False, say=_picture_of)
        words.say(self.playhead.scrub, N_("The picture that is shown: from the first to the newest"), "tip")
        words.say(self.playhead.play, N_("Play how it grew (P)"), "tip")
        words.say(self.playhead.back, N_("One picture back (Left)"), "tip")
        words.say(self.playhead.forward, N_("One picture forward (Right)"), "tip")
        self.cards = Cards(runs)
        self.change = QLabel()
        self.change.setFont(theme.tabular(self.change.font()))
        self.change.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.change.setWordWrap(True)
        self.how = QLabel()
        self.how.setProperty("kind", "muted")
        self.how.setFont(theme.tabular(self.how.font()))
        self.how.setWordWrap(True)
        column = QVBoxLayout(self)
        margin = theme.px(3)
        column.setContentsMargins(margin, theme.px(2), margin, theme.px(2))
        column.setSpacing(theme.px(1.5))
        column.addLayout(self._top())
        column.addWidget(self.pages, 1)
        column.addWidget(self.strip)
        column.addLayout(self._history())
        column.addLayout(self._facts())
        column.addWidget(self.cards)
        self.cards.hide()
        self.setMinimumWidth(theme.px(LEAST))

    def _top(self) -> QHBoxLayout:
        self.heading = OneLine()
        self.heading.setProperty("kind", "title")
        self.start = QPushButton()
        self.start.setProperty("kind", "primary")
        self.queue = tool_button("queue", N_("Dream this too, once the others are done (Shift+Space)"), N_("Add to queue"))
        line = QHBoxLayout()
        line.setSpacing(theme.px(2))
        line.addWidget(self.heading, 1)
        for widget in (self.queue, self.start):
            line.addWidget(widget)
        return line

    def _history(self) -> QHBoxLayout:
        tip = N_("A new dream, as the form says, from this picture (Shift+C)")
        self.branch = tool_button("branch", tip, N_("Continue from here"))
        self.go_on = tool_button("goon", N_("More steps of the same dream, from this picture (Shift+R)"), N_("Go on"))
        self.line = QWidget()
        line = QHBoxLayout(self.line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(1))
        inner = self.playhead.layout()
        if inner is not None:
            inner.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.playhead, 1)
        line.addWidget(self.branch)
        line.addWidget(self.go_on)
        holder = QHBoxLayout()
        holder.addWidget(self.line)
        self.line.hide()
        return holder

    def _facts(self) -> QHBoxLayout:
        self.save = tool_button("save", N_("Save the picture so far, with its recipe inside"), N_("Save"))
        self.export = tool_button("video", N_("Export how it grew, or the zoom film, as GIF or MP4 (E)"), N_("Film"))
        self.compare_button = tool_button("compare", N_("Two to four dreams side by side (C)"), N_("Compare"), checkable=True)
        self.fold = tool_button("chevron-down", N_("Show or hide the dreams so far (H)"), N_("Dreams"), checkable=True)
        self.fold.setChecked(True)
        self.fold.setProperty("kind", "link")
        self.fold.toggled.connect(self._folded)
        facts = QVBoxLayout()
        facts.setSpacing(0)
        facts.addWidget(self.change)
        facts.addWidget(self.how)
        line = QHBoxLayout()
        line.setSpacing(theme.px(1))
        line.addLayout(facts, 1)
        for button in (self.save, self.export, self.compare_button, self.fold):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return line

    def _folded(self, open_now: bool) -> None:
        set_icon(self.fold, "chevron-down" if open_now else "chevron-right")
        self.show_cards(self._many)

    _many = False

    def show_cards(self, many: bool) -> None:
        """Cards are worth their room once there is more than one dream."""
        self._many = many
        self.fold.setVisible(many)
        self.compare_button.setVisible(many)
        self.cards.setVisible(many and self.fold.isChecked())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow column buttons are icons."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Words beside the icons where there is room for them."""
        narrow = self.width() < theme.px(NARROW)
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if narrow else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for button in (self.queue, self.branch, self.go_on, self.save, self.export, self.compare_button, self.fold):
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)
        self.playhead.scrub.setMinimumWidth(theme.px(8 if narrow else 20))
        self.playhead.count.setVisible(not narrow)
        self.cards.fit()


def _picture_of(step: int, last: int) -> str:
    width = len(str(last + 1))
    return tr("picture {number} of {count}").format(number=f"{step + 1:>{width}}", count=last + 1)
