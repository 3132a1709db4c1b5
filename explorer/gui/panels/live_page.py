"""The widgets of the Live panel: tools above, the picture, the list beside it, the latency bar below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.panels.filters_scores import ScoreBars
from explorer.gui.panels.live_drawing import drawing_button
from explorer.gui.panels.live_flow import FlowText
from explorer.gui.panels.live_latency import LatencyBar
from explorer.gui.panels.live_list import ObjectList
from explorer.gui.panels.live_record import Recorder
from explorer.gui.panels.live_stats import runs_on_tip
from explorer.gui.panels.live_view import LiveView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_
from explorer.records.network import RunsOn

TASKS = (
    (N_("Objects"), N_("Find objects and draw a box around each (B)"), "live"),
    (N_("Mask"), N_("Separate the main object from its background (M)"), "mask"),
    (N_("Classes"), N_("Name what is in the picture (C)"), "chart"),
)


class LivePage:
    """Built once into `parent`; the panel fills it."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        self.tasks = QButtonGroup(parent)
        self.view = LiveView()
        self.objects, self.scores = ObjectList(), ScoreBars()
        self.recorder = Recorder(desk, parent)
        self.freeze = tool_button("freeze", N_("Hold the picture (F)"), checkable=True)  # the strip above has its name
        self.freeze.clicked.connect(desk.freeze)
        self.save = tool_button("save", N_("Save the picture with what is drawn on it (S)"))
        self.drawing = drawing_button(desk)
        self.latency = LatencyBar()
        self.details, self.doing, self.where = QLabel(), QLabel(), QLabel()
        self.heading, self.flow = OneLine(), FlowText()
        self.share = QLabel()
        self.side = QStackedWidget()
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setHandleWidth(theme.px(3))
        body.setChildrenCollapsible(False)
        body.addWidget(self._left())
        body.addWidget(self._right())
        body.setStretchFactor(0, 1)
        body.setSizes([theme.px(200), theme.px(52)])
        column = QVBoxLayout(parent)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(self._tools())
        column.addWidget(body, 1)
        words.say(self.view, N_("Live picture"), "name")
        words.say(self.objects, N_("Objects in the picture"), "name")
        words.say(self.latency, N_("Latency by stage"), "name")

    def show_task(self, at: int) -> None:
        """The page of task number `at`."""
        self.tasks.button(at).setChecked(True)
        self.side.setCurrentIndex(at)

    def say_where(self, runs_on: RunsOn | None) -> None:
        """What the network runs on: "cpu · OpenVINO · bf16"."""
        tip = "" if runs_on is None else runs_on_tip(runs_on)
        if tip != self.where.toolTip():  # the text is its beginning
            self.where.setText("" if runs_on is None else runs_on.short())
            self.where.setToolTip(tip)

    def _tools(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme.px(1))
        for number, (text, tip, icon) in enumerate(TASKS):
            button = tool_button(icon, tip, text, checkable=True)
            self.tasks.addButton(button, number)
            line.addWidget(button)
        line.addStretch(1)
        for tool in (self.drawing, self.freeze, self.save, self.recorder.button):
            line.addWidget(tool)
        return line

    def _left(self) -> QWidget:
        """The picture and how long it took."""
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.view, 1)
        column.addWidget(self.latency)
        line = QHBoxLayout()
        line.addWidget(self.flow, 1)
        line.addWidget(self.where, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(line)
        for label in (self.flow, self.where):
            label.setProperty("kind", "muted")
            label.setFont(theme.tabular(label.font()))
        return left

    def _right(self) -> QWidget:
        """What was found."""
        self.heading.setProperty("kind", "heading")
        self.share.setProperty("kind", "big")
        self.share.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        for page in (self.objects, self.share, top_of(self.scores)):
            self.side.addWidget(page)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.heading)
        column.addWidget(self.doing)
        column.addWidget(self.side, 1)
        column.addWidget(self.details)
        for label in (self.details, self.doing):
            label.setWordWrap(True)
            label.setFont(theme.tabular(label.font()))
        self.doing.setProperty("kind", "muted")
        return right


def top_of(content: QWidget) -> QWidget:
    """`content` at the top of a page."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    column.addStretch(1)
    return page
