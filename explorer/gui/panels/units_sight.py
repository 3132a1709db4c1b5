"""A unit on the current picture: its activation laid over it, its strongest place, and what it sees from there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from explorer.gui import theme
from explorer.gui.widgets.picture_view import PictureView
from explorer.picture.colour import palette
from explorer.records.frame import Frame
from explorer.records.picture import Mosaic
from explorer.records.receptive import Receptive

RING = 14.0  # widget pixels


class SightView(PictureView):
    """The frame; over it the map of one channel, and the receptive field of one place of it as a box."""

    place_chosen = Signal(int, int)  # row, column of the map, by a click

    def __init__(self) -> None:
        super().__init__()
        self.smooth = None
        self.frame: Frame | None = None
        self.sight: Receptive | None = None
        self._map: QImage | None = None
        self._where = QRectF()
        self._map_hw = (0, 0)
        self._place: tuple[int, int] | None = None
        self.add_overlay(self._paint_map)
        self.add_overlay(self._paint_box)
        self.clicked.connect(self._click)

    def set_frame(self, frame: Frame | None) -> None:
        """The picture that the map belongs to."""
        self.frame = frame
        self.set_rgb(None if frame is None else frame.rgb)

    def set_map(self, mosaic: Mosaic | None, channel: int | None, place: tuple[int, int] | None) -> None:
        """The activation of `channel` and the place that is looked from."""
        values = None if mosaic is None or channel is None else mosaic.exact(channel)
        self._place = place
        if mosaic is None or values is None or values.ndim != 2 or "input_xyxy" not in mosaic.facts:
            self._map = None
        else:
            x0, y0, x1, y1 = mosaic.facts["input_xyxy"]
            self._where, self._map_hw = QRectF(x0, y0, x1 - x0, y1 - y0), (values.shape[0], values.shape[1])
            self._map = glow(values)
        self.update()

    def set_sight(self, sight: Receptive | None) -> None:
        """The receptive field of that place."""
        self.sight = sight
        self.update()

    def _paint_map(self, painter: QPainter, transform: QTransform) -> None:
        if self._map is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, max(self._map_hw) > 64)
        painter.setClipRect(transform.mapRect(QRectF(self.image.rect())))
        painter.drawImage(transform.mapRect(self._where), self._map)

    def _paint_box(self, painter: QPainter, transform: QTransform) -> None:
        t = theme.tokens()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.sight is not None and self.sight.frame_box is not None:
            left, top, right, bottom = self.sight.frame_box
            box = transform.mapRect(QRectF(left, top, right - left, bottom - top))
            painter.setPen(QPen(QColor(t.canvas), 4))
            painter.drawRect(box)
            painter.setPen(QPen(QColor(t.accent), 2))
            painter.drawRect(box)
            if box.width() < RING:  # too small to be found: a ring around it, which is not part of it
                painter.setPen(QPen(QColor(t.canvas), 4))
                painter.drawEllipse(box.center(), RING, RING)
                painter.setPen(QPen(QColor(t.accent), 2))
                painter.drawEllipse(box.center(), RING, RING)
        if self._place is not None and self._map is not None:
            rows, columns = self._map_hw
            across, down = self._where.width() / columns, self._where.height() / rows
            row, column = self._place
            cell = QRectF(self._where.left() + column * across, self._where.top() + row * down, across, down)
            painter.setPen(QPen(QColor(t.canvas), 3))
            painter.drawRect(transform.mapRect(cell))
            painter.setPen(QPen(QColor(t.text), 1))
            painter.drawRect(transform.mapRect(cell))

    def _click(self, x: float, y: float) -> None:
        rows, columns = self._map_hw
        if self._map is None or not self._where.contains(x, y):
            return
        row = int((y - self._where.top()) / self._where.height() * rows)
        column = int((x - self._where.left()) / self._where.width() * columns)
        self.place_chosen.emit(min(row, rows - 1), min(column, columns - 1))


def glow(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> QImage:
    """(h, w) numbers as an image that is clear where they are weak and magma where they are strong; owns its pixels."""
    clean = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    size = np.abs(clean)
    share = size / size.max() if size.any() else size
    index = (share * 255).astype(np.uint8)
    rgba = np.empty((*values.shape, 4), np.uint8)
    rgba[..., :3] = palette("magma")[np.maximum(index, 96)]
    rgba[..., 3] = (np.sqrt(share) * 200).astype(np.uint8)
    height, width = values.shape
    return QImage(np.ascontiguousarray(rgba).data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
