"""The widgets of the Loss landscape panel and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.panels.landscape_chart import PathChart
from explorer.gui.widgets.contour_overlay import Overlay, SurfaceMap
from explorer.gui.widgets.contour_view import ContourView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.picture_view import image_of
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.records.frame import RGB

SMOOTH = Qt.TransformationMode.SmoothTransformation

if TYPE_CHECKING:
    from explorer.gui.panels.panel import Panel


class Home(Overlay):
    """Where the network stands: the middle of the plane."""

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """A cross and its word."""
        at, arm = to.to_screen(0.0, 0.0), 7.0 * theme.scale()
        for colour, width in ((QColor(10, 12, 16, 190), 4.0), (QColor(255, 255, 255), 1.8)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(at - QPointF(arm, 0), at + QPointF(arm, 0))
            painter.drawLine(at - QPointF(0, arm), at + QPointF(0, arm))
        where, text = at + QPointF(1.4 * arm, -0.6 * arm), tr("the network")
        painter.setPen(QColor(10, 12, 16, 200))
        painter.drawText(where + QPointF(1, 1), text)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(where, text)


class LandscapeView:
    """Head line above; the map on the left; path, words on the right. Built into `page`."""

    def __init__(self, page: Panel) -> None:
        self.contour, self.chart = ContourView(), PathChart()
        self.home = Home()
        self.contour.add_overlay(self.home)
        self.contour.hint = False
        self.contour.message = tr("Load a classifier and choose a picture: the loss around its weights is drawn here.")
        words.say(self.contour, N_("Loss over two directions of the weights"), "name")
        words.say(self.chart, N_("Loss and distance along the path"), "name")
        self.heading, self.detail, self.stale = OneLine(), OneLine(), OneLine()
        self.small = QLabel()
        self.small.hide()
        words.say(self.small, N_("The picture that the map is drawn for"), "name")
        self.heading.setProperty("kind", "title")
        self.detail.setProperty("kind", "muted")
        self.stale.setProperty("kind", "warn")
        self.progress = ProgressStrip(compact=True)
        self.draw = self._button("chart", N_("Draw the map"), N_("Measure the loss around the loaded weights (R)"))
        self.draw.setProperty("kind", "primary")
        set_icon(self.draw, "chart")  # again, in the colour of a primary button
        self.train = self._button(
            "play", N_("Train from the start"), N_("Train all weights from the ring on the map; a click there moves it (T)")
        )
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setProperty("kind", "muted")
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay(page)

    def _button(self, icon: str, text: str, tip: str) -> QPushButton:
        button = QPushButton()
        set_icon(button, icon)
        words.say(button, text)
        words.say(button, tip, "tip")
        return button

    def show_picture(self, rgb: RGB, name: str) -> None:
        """Small, the picture that the map is drawn for."""
        image = image_of(rgb).scaledToHeight(round(theme.px(9) * self.small.devicePixelRatioF()), SMOOTH)
        image.setDevicePixelRatio(self.small.devicePixelRatioF())
        self.small.setPixmap(QPixmap.fromImage(image))
        self.small.setToolTip(tr("Drawn for {name}").format(name=name))
        self.small.show()

    def _lay(self, page: QWidget) -> None:
        line, below = QHBoxLayout(), QHBoxLayout()
        line.setSpacing(theme.px(2))
        line.addWidget(self.heading, 1)
        line.addWidget(self.train)
        line.addWidget(self.draw)
        below.setSpacing(theme.px(2))
        below.addWidget(self.small)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self.detail)
        said.addWidget(self.stale)
        below.addLayout(said, 1)
        below.addWidget(self.progress)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.facts)
        right = QWidget()
        side = QVBoxLayout(right)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.px(2))
        right.setMinimumWidth(theme.px(56))
        side.addWidget(self.chart, 3)
        side.addWidget(area, 2)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(theme.px(3))
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.contour)
        self.split.addWidget(right)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(line)
        column.addLayout(below)
        column.addWidget(self.split, 1)
