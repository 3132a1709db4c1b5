"""What is under a point, how a score is written, and a mask of the whole picture drawn over it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QPolygonF, QTransform

from explorer.gui import theme
from explorer.gui.panels.live_outline import outline
from explorer.gui.panels.live_strokes import Shape, device_painting, paint_outlines, polygons
from explorer.i18n import tr
from explorer.records.vision import Detections, Mask
from explorer.requests.live import LiveLook

OUTLINE = (230, 159, 0)


def percent(score: float) -> str:
    """ "53 %"."""
    return tr("{number} %").format(number=round(100 * score))


def box_of(found: Detections, number: int) -> QRectF:
    """The box of one object in the picture's pixels."""
    left, top, right, bottom = (float(value) for value in found.xyxy[number])
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def object_at(found: Detections, x: float, y: float) -> int | None:
    """The object whose box holds the point; the smallest of several."""
    if not len(found):
        return None
    box = found.xyxy
    holds = (box[:, 0] <= x) & (x <= box[:, 2]) & (box[:, 1] <= y) & (y <= box[:, 3])
    area = np.where(holds, (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]), np.inf)
    return int(area.argmin()) if holds.any() else None


class MaskPaint:
    """A mask made ready to be painted: what is outside darkens, a line runs along the border."""

    def __init__(self, mask: Mask, look: LiveLook | None = None, size: float = 1.0) -> None:
        self.look = look or LiveLook()
        self._size = size
        self._alpha = mask.alpha
        height, width = mask.alpha.shape
        self._frame = QRectF(0, 0, width, height)

    @cached_property
    def _shade(self) -> QImage:
        """Black, with the darkness of each pixel as its opacity."""
        height, width = self._alpha.shape
        self._outside = np.ascontiguousarray(np.rint((1.0 - self._alpha) * (255 * self.look.shade)).astype(np.uint8))
        return QImage(self._outside.data, width, height, width, QImage.Format.Format_Alpha8)

    @cached_property
    def _border(self) -> list[QPolygonF]:
        loops = outline(self._alpha)
        ends = np.cumsum([len(loop) for loop in loops]).tolist()
        return polygons(np.concatenate([np.zeros((0, 2)), *loops]), ends)

    def paint(self, painter: QPainter, to_widget: QTransform) -> None:
        """Draw over the picture that was looked at."""
        if self.look.shade:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(to_widget.mapRect(self._frame), self._shade)
        if self.look.outline:
            here = device_painting(painter)
            there = to_widget * here
            thick = max(1, round(self.look.line * self._size * here.m11() * theme.scale()))
            paint_outlines(painter, [Shape(OUTLINE, [there.map(loop) for loop in self._border])], thick)
