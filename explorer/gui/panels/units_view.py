"""Where the widgets of the Units panel stand: the gallery with its tools on the left, the page on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Forms
from explorer.gui.icons import set_icon
from explorer.gui.panels.filters_view import OneLine
from explorer.gui.panels.units_gallery import SORTS, GalleryView
from explorer.gui.panels.units_page import UnitPage
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.requests.units import BestRequest, GalleryRequest


class UnitsView(QWidget):
    """`tiles` with search, order and the button that grows them; `page` of the selected unit."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles, self.page = GalleryView(), UnitPage()
        words.say(self.tiles, N_("Units of the layer"), "name")
        self.heading, self.note = OneLine(), QLabel()
        self.heading.setProperty("kind", "title")
        self.note.setProperty("kind", "muted")
        self.note.setWordWrap(True)
        self.note.setFont(theme.tabular(self.note.font()))
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        words.say(self.search, N_("Find a unit"), "placeholder")
        words.say(self.search, N_('A number, several ("3, 17"), a range ("10-20"), or the name of a class  (/)'), "tip")
        self.search.textChanged.connect(self.tiles.look_for)
        self.search.returnPressed.connect(self._to_tiles)
        self.sort = QComboBox()
        self.sort.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sort.setMinimumContentsLength(9)
        words.say(self.sort, N_("Order of the units"), "tip")
        self.sort.activated.connect(lambda index: self.tiles.order.sort_by(SORTS[index][0]))
        self.grow = QPushButton()
        self.strip = ProgressStrip()
        self.show_growing(False)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(theme.px(3))
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._left())
        self._splitter.addWidget(self.page)
        self._splitter.setStretchFactor(0, 2)
        self._splitter.setStretchFactor(1, 3)
        self._split_once = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(2), 0, theme.px(2))
        column.addWidget(self._splitter)
        self.retranslate()

    def _left(self) -> QWidget:
        box = QWidget()
        top = QHBoxLayout()
        top.setSpacing(theme.px(2))
        top.addWidget(self.heading, 1)
        top.addWidget(self.grow)
        tools = QHBoxLayout()
        tools.setSpacing(theme.px(2))
        tools.addWidget(self.search, 1)
        tools.addWidget(self.sort, 1)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        column.addLayout(top)
        column.addLayout(tools)
        column.addWidget(self.tiles, 1)
        column.addWidget(self.strip)
        column.addWidget(self.note)
        return box

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The first real size decides where the splitter stands; afterwards it is the person's."""
        super().resizeEvent(event)
        if not self._split_once and self.width() > 200:
            self._split_once = True
            QTimer.singleShot(0, self, self._split)

    def _split(self) -> None:
        wide = self._splitter.width()
        self._splitter.setSizes([round(wide * 0.4), round(wide * 0.6)])

    def _to_tiles(self) -> None:
        self.tiles.setFocus()
        if self.tiles.channel is None and self.tiles.order.rowCount():
            self.tiles.setCurrentIndex(self.tiles.order.index(0, 0))

    def show_growing(self, on: bool) -> None:
        """The one button begins or stops."""
        self.grow.setProperty("kind", "" if on else "primary")
        words.say(self.grow, N_("Stop") if on else N_("Grow all"))
        tip = N_("Stop; what is finished stays (Space)") if on else N_("Grow the picture of every unit of this layer (Space)")
        words.say(self.grow, tip, "tip")
        set_icon(self.grow, "stop" if on else "play")
        self.grow.style().polish(self.grow)

    def retranslate(self) -> None:
        """The list of orders."""
        chosen = max(0, self.sort.currentIndex())
        self.sort.clear()
        self.sort.addItems([tr(text) for _, text in SORTS])
        self.sort.setCurrentIndex(chosen)


def forms(desk: Desk) -> Forms:
    """How the gallery grows and how folders are ranked, one under the other."""
    return Forms(desk, (GalleryRequest, "gallery"), (BestRequest, "best"))
