"""The widgets of the Why panel and where they stand; what they do is in why.py."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.panels.why_list import AnswerList
from explorer.gui.panels.why_tile import WhyTile
from explorer.gui.panels.why_trust import TrustChart
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.picture_view import PictureView
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr

COLOUR_MAPS = ("magma", "viridis", "cividis", "grey")
COLOUR_TITLES = {"magma": "Magma", "viridis": "Viridis", "cividis": "Cividis", "grey": N_("Grey")}


class Tiles(QWidget):
    """As many tiles as there are answers, in the columns that make them largest."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles: list[WhyTile] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.px(1))
        self._columns = 0
        self.aspect = 1.5
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_count(self, count: int) -> list[WhyTile]:
        """Have `count` tiles; those that came anew."""
        fresh = []
        while len(self.tiles) > count:
            tile = self.tiles.pop()
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
            self._columns = 0
        while len(self.tiles) < count:
            fresh.append(WhyTile())
            self.tiles.append(fresh[-1])
            self._columns = 0
        self._arrange()
        return fresh

    def set_aspect(self, aspect: float) -> None:
        """Width by height of the picture."""
        if aspect != self.aspect:
            self.aspect = aspect
            self._arrange()

    def _best_columns(self) -> int:
        count, width, height = len(self.tiles), max(1, self.width()), max(1, self.height())
        head = theme.px(13)  # title and scale

        def size(columns: int) -> float:
            rows = math.ceil(count / columns)
            return min(width / columns, (height / rows - head) * self.aspect)

        return max(range(1, count + 1), key=lambda columns: (size(columns), -columns), default=1)

    def _arrange(self) -> None:
        columns = self._best_columns()
        if columns == self._columns:
            return
        self._columns = columns
        for tile in self.tiles:
            self._grid.removeWidget(tile)
        for at, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, at // columns, at % columns)
            tile.show()
        rows = math.ceil(len(self.tiles) / columns)
        for row in range(max(rows, self._grid.rowCount())):
            self._grid.setRowStretch(row, int(row < rows))
        for column in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(column, int(column < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Perhaps other columns fit better now."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """One small tile."""
        return QSize(theme.px(40), theme.px(30))

    def drawn(self) -> QImage:
        """All tiles as one picture."""
        return self.grab().toImage()


class LayerSlider(QSlider):
    """`reset`: a double-click asks for the layer chosen by itself."""

    reset = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the automatic layer."""
        self.reset.emit()


class WhyView(QWidget):
    """Question and tools over tiles | answers; curves of trust or stages of forgetting below, when asked for."""

    layer_moved = Signal(int, bool)  # place among the layers, whether the slider is still held

    def __init__(self) -> None:
        super().__init__()
        self.question, self.answer = OneLine(), OneLine()
        self.question.setProperty("kind", "title")
        self.answer.setProperty("kind", "muted")
        self.answer.setFont(theme.tabular(self.answer.font()))
        self.again = tool_button("play", N_("Explain the picture that is shown (Space)"), N_("Explain"))
        self.live = tool_button(
            "live", N_("Explain every new picture, with the quick methods only (V)"), N_("Live"), checkable=True
        )
        self.trust = tool_button("chart", N_("Measure whether these heats can be trusted (T)"), N_("Trust"), checkable=True)
        self.forget = tool_button(
            "shuffle",
            N_("Let a copy of the network forget layer by layer: does the heat notice? (R)"),
            N_("Randomise"),
            checkable=True,
        )
        self.save = tool_button("save", N_("Save the pictures (S), their recipe inside; with Shift the numbers"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setValue(75)
        self.opacity.setFixedWidth(theme.px(20))
        words.say(self.opacity, N_("Opacity of the heat"), "name")
        words.say(self.opacity, N_("How strongly the heat covers the picture (O switches)"), "tip")
        self.colours = QComboBox()
        words.say(self.colours, N_("Colours of the heat"), "name")
        words.say(self.colours, N_("Colours of heats with one side; those with two are blue against, red for."), "tip")
        self.tiles = Tiles()
        self.empty = PictureView()
        self.centre = QStackedWidget()
        self.centre.addWidget(self.empty)
        self.centre.addWidget(self.tiles)
        self.strip = ProgressStrip()
        self.spot = QLabel()
        self.spot.setProperty("kind", "muted")
        self.spot.setFont(theme.tabular(self.spot.font()))
        self.below = self._below()
        side = self._side()
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.centre, 1)
        column.addWidget(self.below)
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setHandleWidth(theme.px(3))
        body.setChildrenCollapsible(False)
        body.addWidget(left)
        body.addWidget(side)
        body.setStretchFactor(0, 1)
        body.setSizes([theme.px(200), theme.px(54)])
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(self._top())
        column.addWidget(body, 1)
        column.addWidget(self.strip)
        column.addWidget(self.spot)
        self.fill_colours()

    def fill_colours(self) -> None:
        """The names of the colour maps, in the language in use."""
        chosen = self.colours.currentData() or COLOUR_MAPS[0]
        self.colours.blockSignals(True)
        self.colours.clear()
        for name in COLOUR_MAPS:
            self.colours.addItem(tr(COLOUR_TITLES[name]), name)
        self.colours.setCurrentIndex(COLOUR_MAPS.index(chosen))
        self.colours.blockSignals(False)

    def _top(self) -> QVBoxLayout:
        first, second = QHBoxLayout(), QHBoxLayout()
        for line in (first, second):
            line.setSpacing(theme.px(1))
        first.addWidget(self.question, 1)
        for tool in (self.again, self.live, self.trust, self.forget, self.save):
            first.addWidget(tool)
        second.addWidget(self.answer, 1)
        second.addWidget(self.opacity)
        second.addWidget(self.colours)
        both = QVBoxLayout()
        both.setSpacing(theme.px(1))
        both.addLayout(first)
        both.addLayout(second)
        return both

    def _side(self) -> QWidget:
        self.answers_title = _heading("")
        self.answers = AnswerList()
        words.say(self.answers, N_("Answers that can be explained"), "name")
        self.best = QPushButton()
        self.best.setProperty("kind", "quiet")
        words.say(self.best, N_("Back to the best answer"))
        words.say(self.best, N_("Explain what the network is surest of (A)"), "tip")
        self.unit_title = _heading(N_("Selected unit"))
        self.unit = OneLine()
        self.unit.setFont(theme.tabular(self.unit.font()))
        self.unit_button = QPushButton()
        words.say(self.unit_button, N_("Explain this unit"))
        words.say(self.unit_button, N_("Which part of the picture excites the unit that is selected in the program (U)"), "tip")
        self.layer_title = _heading(N_("Layer of the CAMs"))
        self.layer = LayerSlider()
        words.say(self.layer, N_("Layer of the CAMs"), "name")
        words.say(
            self.layer, N_("From the first layer to the last that can be used (PgUp, PgDown). Double-click: by itself."), "tip"
        )
        self.layer.setPageStep(1)
        self.layer.valueChanged.connect(lambda at: self.layer_moved.emit(at, self.layer.isSliderDown()))
        self.layer.sliderReleased.connect(lambda: self.layer_moved.emit(self.layer.value(), False))
        self.layer_text = QLabel()
        self.layer_text.setProperty("kind", "muted")
        self.layer_text.setWordWrap(True)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        parts: tuple[QWidget, ...] = (
            self.answers_title,
            self.answers,
            self.best,
            self.layer_title,
            self.layer,
            self.layer_text,
        )
        for part in (*parts, self.unit_title, self.unit, self.unit_button):
            column.addWidget(part, 100 * int(part is self.answers))
        column.addStretch(1)  # where there is no list of answers
        side.setMinimumWidth(theme.px(44))
        return side

    def _below(self) -> QStackedWidget:
        lower = QStackedWidget()
        chart = QWidget()
        column = QVBoxLayout(chart)
        column.setContentsMargins(0, 0, 0, 0)
        self.trust_title = _heading("")
        self.chart = TrustChart()
        column.addWidget(self.trust_title)
        column.addWidget(self.chart, 1)
        stages = QWidget()
        column = QVBoxLayout(stages)
        column.setContentsMargins(0, 0, 0, 0)
        self.forget_title = _heading("")
        self.forget_title.setWordWrap(True)
        self.stage_row = QWidget()
        self.stages = QHBoxLayout(self.stage_row)
        self.stages.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.stage_row)
        column.addWidget(self.forget_title)
        column.addWidget(scroll, 1)
        lower.addWidget(chart)
        lower.addWidget(stages)
        lower.setFixedHeight(theme.px(50))
        lower.hide()
        return lower


def _heading(text: str) -> QLabel:
    made = QLabel()
    made.setProperty("kind", "heading")
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    if text:
        words.say(made, text)
    return made


def empty_layout(layout: Any) -> None:
    """Take every widget out of a layout, and away."""
    while layout.count():
        widget = layout.takeAt(0).widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
