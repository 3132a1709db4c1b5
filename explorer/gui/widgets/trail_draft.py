"""Trails while they change all the time: drawn in a smaller picture as lines of one pixel, and enlarged.

Qt draws lines of one pixel in a fraction of the time of wide ones, and enlarged they are about as wide as strokes; they are
less sharp and have no outlines between dashes, which nobody sees in a picture that lasts a thirtieth of a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from explorer.gui.widgets.trail_coverage import DARK, INK, LIGHT, Coverage
from explorer.gui.widgets.trail_lines import draw_lines, polyline
from explorer.records.descent import F64

CASING = 0.5  # opacity of the outlines, which are wider than they should be


class TrailDraft:
    """Draw every trail by `hair`, then `compose`. `image` is the whole, in device pixels; lines are in widget pixels."""

    def __init__(self, size: QSize, ratio: float, width: float) -> None:
        self.size = QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        self.smaller = max(2, round(0.7 * width * ratio))  # so many times
        self._scale = ratio / self.smaller
        self._dash_unit = width * self._scale
        self.image = QImage(self.size, QImage.Format.Format_RGB32)
        small = QSize(-(-self.size.width() // self.smaller), -(-self.size.height() // self.smaller))
        self._colour, self._light, self._outline, self._both = (
            QImage(small, QImage.Format.Format_ARGB32_Premultiplied) for _ in range(4)
        )
        self._coverage = Coverage(small)

    def draw(self, hairs: Sequence[tuple[QColor, bool, F64, Sequence[int]]]) -> None:
        """Draw trails: each its colour, whether its outline is light, its (K, 2) points and its dashes."""
        self._colour.fill(Qt.GlobalColor.transparent)
        painter = self._painter(self._colour)
        for colour, _, points, dash in hairs:
            pen = QPen(colour, 0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
            if dash:
                pen.setDashPattern([length * self._dash_unit for length in dash])
            painter.setPen(pen)
            if dash:
                painter.drawPolyline(polyline(points))
            else:
                draw_lines(painter, np.hstack([points[:-1], points[1:]]))
        painter.end()
        self._both.fill(Qt.GlobalColor.transparent)
        self._lay(DARK, self._colour)
        lights = [points for _, light, points, _ in hairs if light]
        if lights:
            self._light.fill(Qt.GlobalColor.transparent)
            painter = self._painter(self._light)
            painter.setPen(QPen(INK[LIGHT], 0))
            for points in lights:
                draw_lines(painter, np.hstack([points[:-1], points[1:]]))
            painter.end()
            self._lay(LIGHT, self._light)
        painter = QPainter(self._both)
        painter.drawImage(0, 0, self._colour)
        painter.end()

    def compose(self, backdrop: QImage, clip: QRect) -> None:
        """Make `image`: `backdrop` (as large), and inside `clip` the trails."""
        painter = QPainter(self.image)
        painter.drawImage(0, 0, backdrop)
        painter.setClipRect(clip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(self.smaller, self.smaller)
        painter.drawImage(0, 0, self._both)
        painter.end()

    def _painter(self, image: QImage) -> QPainter:
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._scale, self._scale)
        return painter

    def _lay(self, kind: int, drawn: QImage) -> None:
        """Put the outlines of what is drawn below it."""
        self._coverage.clear()
        self._coverage.add(drawn)
        self._coverage.grow(1)
        self._coverage.fill(self._outline, kind)
        painter = QPainter(self._both)
        painter.setOpacity(CASING)
        painter.drawImage(0, 0, self._outline)
        painter.end()
