"""The widgets of Filters & Activations and where they stand; what they do is in filters.py."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Forms
from explorer.gui.icons import set_icon
from explorer.gui.panels.filters_map import MapView
from explorer.gui.panels.filters_range import RangeStrip
from explorer.gui.panels.filters_scores import ScoreBars
from explorer.gui.widgets.mosaic_view import MosaicView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.requests.look import ActivationsRequest, FiltersRequest

__all__ = ["FiltersView", "OneLine", "forms"]


class FiltersView(QWidget):
    """Kernels over classes | maps over one map enlarged; a line for the number under the cursor.

    `beside` holds the enlarged map and whatever else looks at the selected unit, side by side. `pages` shows all this or, as
    another page, something that needs the whole panel.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_large = False
        self.kernels, self.maps, self.enlarged = MosaicView(), MosaicView(), MapView()
        self.maps.fills = self.kernels.fills = True
        self.scores = ScoreBars()
        self.kernels_title, self.map_title, self.maps_title, scores_title = OneLine(), OneLine(), OneLine(), OneLine()
        self.kernel_range, self.map_range = RangeStrip(norms=True), RangeStrip()
        words.say(scores_title, N_("What the network says"))
        words.say(self.kernels, N_("Filters"), "name")
        words.say(self.maps, N_("Activation maps"), "name")
        words.say(self.enlarged, N_("Enlarged map"), "name")
        words.say(self.scores, N_("Best classes"), "name")
        for view in (self.kernels, self.maps, self.enlarged):
            view.setMinimumHeight(theme.px(12))  # so that everything fits a window of 1024 x 640
        self._scores_box = _box(scores_title, self.scores)
        self._maps_box = _box(self.maps_title, self.maps, self._order_tools(), self.map_range)
        kernels_box = _box(self.kernels_title, self.kernels, self._kernel_tools(), self.kernel_range)
        self._left = _split(Qt.Orientation.Vertical, kernels_box, self._scores_box, (3, 0))
        self.beside = QSplitter(Qt.Orientation.Horizontal)
        self.beside.setHandleWidth(theme.px(3))
        self.beside.setChildrenCollapsible(False)
        self.beside.addWidget(self.enlarged)
        right = _split(Qt.Orientation.Vertical, self._maps_box, _box(self.map_title, self.beside, self._map_tools()), (3, 2))
        body = _split(Qt.Orientation.Horizontal, self._left, right, (2, 3))
        self._splits = ((body, 0.36), (right, 0.58))
        self._split_once = False
        self.spot = QLabel()
        self.spot.setProperty("kind", "muted")
        self.spot.setFont(theme.tabular(self.spot.font()))
        column = QVBoxLayout(self)
        margin = theme.px(3)
        column.setContentsMargins(margin, theme.px(2), margin, theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(self._top())
        self.pages = QStackedWidget()
        self.pages.addWidget(body)
        column.addWidget(self.pages, 1)
        column.addWidget(self.spot)

    def _top(self) -> QHBoxLayout:
        self.heading, self.detail, self.freeze = OneLine(QSizePolicy.Policy.Maximum), OneLine(), QToolButton()
        self.heading.setProperty("kind", "title")
        self.detail.setProperty("kind", "muted")
        self.freeze.setCheckable(True)
        self.freeze.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        set_icon(self.freeze, "freeze")
        words.say(self.freeze, N_("Freeze"))
        words.say(self.freeze, N_("Hold the picture (F)"), "tip")
        line = QHBoxLayout()
        line.addWidget(self.heading)
        line.addSpacing(theme.px(2))
        line.addWidget(self.detail, 1)
        line.addWidget(self.freeze)
        return line

    def _kernel_tools(self) -> list[QWidget]:
        self.slices = tool_button("inputs", N_("All inputs of one kernel, or one input of all kernels (I)"), checkable=True)
        self.spectrum = tool_button("spectrum", N_("The frequencies that each filter lets through (T)"), checkable=True)
        return [self.slices, self.spectrum]

    def _order_tools(self) -> list[QWidget]:
        self.sort_again = tool_button("sort", N_("Sort the maps again, by the picture of now (R)"))
        self.pin = tool_button("pin", N_("Pin the selected channel: it comes first (P)"), checkable=True)
        return [self.sort_again, self.pin]

    def say_tools(self, filters: FiltersRequest, held: bool, pinned: bool) -> None:
        """Buttons follow the Session."""
        self.slices.setChecked(filters.view == "inputs")
        self.spectrum.setChecked(filters.spectrum)
        self.sort_again.setVisible(held)
        self.pin.setChecked(pinned)

    def _map_tools(self) -> list[QWidget]:
        self.share = QSlider(Qt.Orientation.Horizontal)
        self.share.setRange(0, 100)
        self.share.setFixedWidth(theme.px(18))
        words.say(self.share, N_("Picture under the map"), "name")
        words.say(self.share, N_("How much of the picture shines through the map (O switches)"), "tip")
        self.share.valueChanged.connect(lambda value: self.enlarged.set_share(value / 100))
        self.large = QToolButton()
        self.large.setCheckable(True)
        set_icon(self.large, "zoom-in")
        words.say(self.large, N_("Enlarge this map, or show all again (E)"), "tip")
        self.large.toggled.connect(self.enlarge)
        self.dream = QToolButton()
        set_icon(self.dream, "dream")
        words.say(self.dream, N_("Dream this channel: a picture that excites it (D)"), "tip")
        return [self.share, self.dream, self.large]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The first real size decides where the splitters stand; afterwards they are the person's."""
        super().resizeEvent(event)
        self._first_split()

    def _first_split(self) -> None:
        if not self._split_once and self.isVisible() and self.width() > 200:
            self._split_once = True
            for splitter, share in self._splits:
                flat = splitter.orientation() == Qt.Orientation.Horizontal
                length = splitter.width() if flat else splitter.height()
                splitter.setSizes([round(length * share), round(length * (1 - share))])

    def showEvent(self, event: QShowEvent) -> None:
        """Likewise where the size was there before."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._first_split)

    def enlarge(self, on: bool) -> None:
        """Give one map the whole panel, or show all again."""
        self.is_large = on
        self.large.setChecked(on)
        for part in (self._left, self._maps_box):
            part.setVisible(not on)
        (self.enlarged if on else self.maps).setFocus()

    def show_scores(self, on: bool) -> None:
        """Classes are shown for networks that say some."""
        self._scores_box.setVisible(on)

    def say_empty(self) -> None:
        """What stands where nothing is yet."""
        self.kernels.set_empty_text(tr("The filters of the chosen convolution appear here."))
        self.maps.set_empty_text(tr("Choose a picture above: what each channel finds in it appears here."))
        self.enlarged.set_empty_text(tr("Click a map to enlarge it."))


def forms(desk: Desk) -> Forms:
    """Colours and range of the maps, input channel and range of the filters, one under the other."""
    return Forms(desk, (ActivationsRequest, "activations"), (FiltersRequest, "filters"))


def _box(title: QLabel, content: QWidget, tools: list[QWidget] | None = None, below: QWidget | None = None) -> QWidget:
    box = QWidget()
    title.setProperty("kind", "heading")
    line = QHBoxLayout()
    line.setSpacing(theme.px(1))
    line.addWidget(title, 1)
    for tool in tools or []:
        line.addWidget(tool)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(1))
    column.addLayout(line)
    column.addWidget(content, 1)
    if below is not None:
        column.addWidget(below)
    return box


def _split(way: Qt.Orientation, first: QWidget, second: QWidget, stretch: tuple[int, int]) -> QSplitter:
    made = QSplitter(way)
    made.setHandleWidth(theme.px(3))
    made.setChildrenCollapsible(False)
    for at, part in enumerate((first, second)):
        made.addWidget(part)
        made.setStretchFactor(at, stretch[at])
    return made
