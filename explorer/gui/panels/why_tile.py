"""One method's answer: the picture with its heat, a title, the scale of its colours; or in words why there is nothing."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.gui.panels.why_words import explanation, legend_ends, tile_detail
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.picture_view import PictureView
from explorer.i18n import tr
from explorer.picture.colour import palette
from explorer.picture.heat import heat_rgba, map_for, scale_end
from explorer.records.attribution import Attribution
from explorer.records.frame import RGB

BOX_COLOUR = (230, 159, 0)


class HeatView(PictureView):
    """A picture with a heat over it. `told(text)`: what lies under the cursor, "" when it left."""

    told = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item: Attribution | None = None
        self.boxes: tuple[tuple[float, float, float, float], ...] = ()
        self.marked: tuple[float, float, float, float] | None = None
        self.opacity, self.colour_map = 0.75, "magma"
        self._heat = QImage()
        self.smooth = True
        self.setMinimumSize(72, 54)
        self.add_overlay(self._paint_heat)
        self.hovered.connect(self._tell)

    def set_heat(self, rgb: RGB | None, item: Attribution | None) -> None:
        """Show a picture with its heat."""
        self.set_rgb(rgb)
        self.item = item
        self._heat = QImage()
        self.update()

    def set_look(self, opacity: float, colour_map: str) -> None:
        """How strong and in which colours the heat is drawn."""
        if (opacity, colour_map) != (self.opacity, self.colour_map):
            self.opacity, self.colour_map = opacity, colour_map
            self._heat = QImage()
            self.update()

    def set_boxes(
        self,
        boxes: tuple[tuple[float, float, float, float], ...],
        marked: tuple[float, float, float, float] | None,
    ) -> None:
        """Boxes that can be clicked, in pixels of the picture, and the one that is explained."""
        if (boxes, marked) != (self.boxes, self.marked):
            self.boxes, self.marked = boxes, marked
            self.update()

    @property
    def heat_image(self) -> QImage:
        """The heat as a picture of its own, transparent where the photograph shows through."""
        if self._heat.isNull() and self.item is not None and self.item.empty is None:
            item = self.item
            colours = map_for(item.signed, self.colour_map)
            rgba = heat_rgba(item.heat, scale_end(item.heat), colours, signed=item.signed, opacity=self.opacity)
            height, width = item.heat.shape
            self._heat = QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        return self._heat

    def _paint_heat(self, painter: QPainter, transform: QTransform) -> None:
        whole = transform.mapRect(QRectF(self.image.rect()))
        if not self.heat_image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(whole, self.heat_image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in self.boxes:
            self._paint_box(painter, transform, box, QColor(255, 255, 255, 150), 1.0)
        if self.marked is not None:
            self._paint_box(painter, transform, self.marked, QColor(*BOX_COLOUR), 2.0)
        if self.item is not None and self.item.empty is not None:
            self._paint_reason(painter, self.item.empty.text())

    @staticmethod
    def _paint_box(
        painter: QPainter, transform: QTransform, box: tuple[float, float, float, float], colour: QColor, width: float
    ) -> None:
        where = transform.mapRect(QRectF(QPointF(box[0], box[1]), QPointF(box[2], box[3])))
        painter.setPen(QPen(QColor(0, 0, 0, 130), width + 2))
        painter.drawRect(where)
        painter.setPen(QPen(colour, width))
        painter.drawRect(where)

    def _paint_reason(self, painter: QPainter, text: str) -> None:
        t = theme.tokens()
        painter.fillRect(self.rect(), theme.colour(t.canvas, 0.82))
        painter.setPen(QColor(t.text))
        room = QRectF(self.rect()).adjusted(theme.px(3), theme.px(2), -theme.px(3), -theme.px(2))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _tell(self, spot: tuple[int, int, tuple[int, int, int]] | None) -> None:
        item = self.item
        if spot is None or item is None or item.empty is not None:
            self.told.emit("")
            return
        height, width = item.heat.shape
        x = min(width - 1, spot[0] * width // max(1, self.image.width()))
        y = min(height - 1, spot[1] * height // max(1, self.image.height()))
        said = tr("{title}: {value} at column {x}, row {y}")
        self.told.emit(said.format(title=tr(item.title), value=figure(float(item.heat[y, x]), 3), x=spot[0], y=spot[1]))


class ColourBar(QWidget):
    """The colours of a heat from its low to its high end, the numbers beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.item: Attribution | None = None
        self.colour_map = "magma"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_item(self, item: Attribution | None, colour_map: str) -> None:
        """Show the scale of `item`."""
        self.item, self.colour_map = item, map_for(item.signed, colour_map) if item is not None else colour_map
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(theme.px(40), self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Low number, ramp, high number."""
        if self.item is None or self.item.empty is not None:
            return
        painter = QPainter(self)
        painter.setFont(theme.tabular(self.font()))
        metrics, t = painter.fontMetrics(), theme.tokens()
        low, high = legend_ends(self.item)
        if metrics.horizontalAdvance(low + high) > 0.6 * self.width():  # the signs alone say the sides
            low, high = legend_ends(self.item, short=True)
        painter.setPen(QColor(t.muted))
        left = metrics.horizontalAdvance(low) + theme.px(1.5)
        right = self.width() - metrics.horizontalAdvance(high) - theme.px(1.5)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(0, 0, int(left), self.height(), middle | Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(int(right), 0, self.width() - int(right), self.height(), middle | Qt.AlignmentFlag.AlignRight, high)
        if right - left < 8:
            return
        table = palette(self.colour_map)[1 if self.item.signed else 0 :]
        ramp = np.ascontiguousarray(table[None])
        image = QImage(ramp.data, ramp.shape[1], 1, 3 * ramp.shape[1], QImage.Format.Format_RGB888)
        thick = theme.px(2)
        painter.drawImage(QRectF(left, (self.height() - thick) / 2, right - left, thick), image)


class WhyTile(QFrame):
    """Title and detail over the picture, the colours' scale under it. `chosen(method)`: it was clicked or got the focus."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.method = ""
        self.current = False
        self.view = HeatView()
        self.bar = ColourBar()
        self.title, self.detail = OneLine(QSizePolicy.Policy.Maximum), OneLine()
        self.title.setProperty("kind", "heading")
        self.detail.setProperty("kind", "muted")
        self.detail.setFont(theme.tabular(self.detail.font()))
        head = QHBoxLayout()
        head.setSpacing(theme.px(2))
        head.addWidget(self.title)
        head.addWidget(self.detail, 1)
        column = QVBoxLayout(self)
        edge = theme.px(1)
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(theme.px(1))
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(self.bar)
        self.view.clicked.connect(self._clicked)

    def set_item(self, rgb: RGB | None, item: Attribution | None, facts: dict[str, str], opacity: float, colours: str) -> None:
        """Show an answer; `facts`: title, about, formula and paper of its method."""
        self.method = item.method if item is not None else ""
        self.view.set_look(opacity, colours)
        self.view.set_heat(rgb, item)
        self.bar.set_item(item, colours)
        self.title.setText(tr(item.title) if item is not None else "")
        self.detail.setText(tile_detail(item) if item is not None else "")
        said = explanation(item, facts) if item is not None else ""
        for part in (self.view, self.bar, self):
            part.setToolTip(said)
        self.view.setAccessibleName(self.title.text())
        self.view.setAccessibleDescription(said)

    def set_waiting(self, title: str) -> None:
        """This method is still being computed."""
        self.title.setText(tr(title))
        self.detail.setText(tr("working..."))

    def set_current(self, on: bool) -> None:
        """Whether trust and randomisation are about this one."""
        if on != self.current:
            self.current = on
            self.update()

    def _clicked(self, _x: float, _y: float) -> None:
        self.chosen.emit(self.method)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the picture chooses too."""
        self.chosen.emit(self.method)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame around the current one."""
        super().paintEvent(event)
        if self.current:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.tokens().accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
