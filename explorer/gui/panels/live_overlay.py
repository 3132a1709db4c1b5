"""What a network said about a picture, drawn over it as vectors at the screen's own resolution."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QTransform

from explorer.gui import theme
from explorer.i18n import tr
from explorer.picture.colour import class_colour, ink_on
from explorer.records.vision import Detections, Mask

BACKGROUND = 0.65  # how much of the light is taken from what is not the object
OUTLINE = (230, 159, 0)
MOST_CELLS = 360  # the outline is traced on at most so many columns or rows: a mask has no finer detail


def percent(score: float) -> str:
    """ "53 %"."""
    return tr("{number} %").format(number=round(100 * score))


def paint_detections(painter: QPainter, to_widget: QTransform, found: Detections, marked: int | None = None) -> None:
    """Boxes and labels in the colours of their classes, the best one on top; the `marked` one thicker, the others fainter."""
    metrics = QFontMetricsF(painter.font())
    order = [number for number in reversed(range(len(found))) if number != marked]
    if marked is not None and marked < len(found):
        order.append(marked)
    for number in order:
        colour = class_colour(int(found.class_index[number]))
        painter.setOpacity(0.45 if marked is not None and number != marked else 1.0)
        box = to_widget.mapRect(box_of(found, number))
        width = theme.px(0.75 if number == marked else 0.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 120), width + 2))  # a dark rim: the box is seen on any picture
        painter.drawRect(box)
        painter.setPen(QPen(QColor(*colour), width))
        painter.drawRect(box)
        _label(painter, metrics, box, f"{tr(found.label(number))} {percent(float(found.score[number]))}", colour)
    painter.setOpacity(1.0)


def _label(painter: QPainter, metrics: QFontMetricsF, box: QRectF, text: str, colour: tuple[int, int, int]) -> None:
    pad = theme.px(1)
    plate = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * pad, metrics.height() + pad / 2)
    shown = painter.viewport()
    left = min(max(box.left(), 0.0), max(0.0, shown.width() - plate.width()))
    above = box.top() - plate.height()
    plate.moveTopLeft(QPointF(left, above if above >= 0 else min(max(box.top(), 0.0), shown.height() - plate.height())))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*colour))
    painter.drawRect(plate)
    painter.setPen(QColor(*ink_on(colour)))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def box_of(found: Detections, number: int) -> QRectF:
    """The box of one object in the picture's pixels."""
    left, top, right, bottom = (float(value) for value in found.xyxy[number])
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def object_at(found: Detections, x: float, y: float) -> int | None:
    """The object whose box holds the point; the smallest of several."""
    holds = [n for n in range(len(found)) if box_of(found, n).contains(QPointF(x, y))]
    return min(holds, key=lambda n: box_of(found, n).width() * box_of(found, n).height(), default=None)


class MaskPaint:
    """A mask made ready to be painted: what is outside darkens, a line runs along the border."""

    def __init__(self, mask: Mask) -> None:
        height, width = mask.alpha.shape
        self._frame = QRectF(0, 0, width, height)
        self._outside = np.ascontiguousarray(np.rint((1.0 - mask.alpha) * (255 * BACKGROUND)).astype(np.uint8))
        # An Alpha8 image is black with the given opacity.
        self._shade = QImage(self._outside.data, width, height, width, QImage.Format.Format_Alpha8)
        self._border = QPainterPath()
        for x0, y0, x1, y1 in outline(mask.alpha).tolist():
            self._border.moveTo(x0, y0)
            self._border.lineTo(x1, y1)

    def paint(self, painter: QPainter, to_widget: QTransform) -> None:
        """Draw over the picture that was looked at."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(to_widget.mapRect(self._frame), self._shade)
        pen = QPen(QColor(*OUTLINE), theme.px(0.5))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(to_widget.map(self._border))


# Marching squares: which edges of a cell (0 top, 1 right, 2 bottom, 3 left) the border crosses, for each pattern of its
# corners inside (1 top left, 2 top right, 4 bottom right, 8 bottom left). Two diagonal corners are taken as apart.
CROSSINGS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    5: ((3, 0), (1, 2)),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((2, 0),),
    10: ((0, 1), (2, 3)),
    11: ((2, 1),),
    12: ((1, 3),),
    13: ((1, 0),),
    14: ((0, 3),),
}


def outline(alpha: npt.NDArray[np.float32], level: float = 0.5) -> npt.NDArray[np.float64]:
    """(N, 4) line pieces x0, y0, x1, y1 in pixels of the picture, along which `alpha` (H, W) crosses `level`."""
    step = max(1, -(-max(alpha.shape) // MOST_CELLS))
    a = alpha[step // 2 :: step, step // 2 :: step].astype(np.float64)
    inside = a >= level
    corners = (inside[:-1, :-1], inside[:-1, 1:], inside[1:, 1:], inside[1:, :-1])
    pattern = np.zeros(corners[0].shape, np.int64)
    for bit, corner in enumerate(corners):
        pattern |= corner.astype(np.int64) << bit
    pieces = [np.zeros((0, 4))]
    for code, crossings in CROSSINGS.items():
        row, column = np.nonzero(pattern == code)
        for one, other in crossings:
            pieces.append(np.concatenate([_crossing(a, row, column, one, level), _crossing(a, row, column, other, level)], 1))
    found: npt.NDArray[np.float64] = np.concatenate(pieces) * step + step // 2 + 0.5  # samples stand in the middle of pixels
    return found


_ENDS = {0: ((0, 0), (0, 1)), 1: ((0, 1), (1, 1)), 2: ((1, 0), (1, 1)), 3: ((0, 0), (1, 0))}


def _crossing(
    a: npt.NDArray[np.float64], row: npt.NDArray[np.int64], column: npt.NDArray[np.int64], edge: int, level: float
) -> npt.NDArray[np.float64]:
    """(N, 2) x, y where the cells' `edge` crosses the level, by linear interpolation."""
    (r0, c0), (r1, c1) = _ENDS[edge]
    v0, v1 = a[row + r0, column + c0], a[row + r1, column + c1]
    part = np.clip((level - v0) / np.where(v1 == v0, 1.0, v1 - v0), 0.0, 1.0)
    return np.stack([column + c0 + part * (c1 - c0), row + r0 + part * (r1 - r0)], 1)
