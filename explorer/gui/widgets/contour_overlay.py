"""What hangs over or under the trails of a ContourView (arrows, marks, ellipses), and where points of the surface lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QMouseEvent, QPainter

from explorer.records.descent import F64

Layer = Literal["below", "above"]


@dataclass(frozen=True)
class SurfaceMap:
    """Between the surface and the widget's pixels (y up, pixels down). `ratio`: device pixels of a pixel."""

    area: QRectF
    x0: float
    x1: float
    y0: float
    y1: float
    ratio: float = 1.0

    def to_screen(self, x: float, y: float) -> QPointF:
        """Widget pixel of a point of the surface; outside the plot for a point outside."""
        area = self.area
        return QPointF(
            area.left() + (x - self.x0) / (self.x1 - self.x0) * area.width(),
            area.top() + (self.y1 - y) / (self.y1 - self.y0) * area.height(),
        )

    def to_surface(self, at: QPointF) -> tuple[float, float]:
        """Point of the surface under a widget pixel, kept inside the plot."""
        area = self.area
        across = min(max((at.x() - area.left()) / area.width(), 0.0), 1.0)
        down = min(max((at.y() - area.top()) / area.height(), 0.0), 1.0)
        return self.x0 + across * (self.x1 - self.x0), self.y1 - down * (self.y1 - self.y0)

    def many(self, points: F64) -> F64:
        """`to_screen` of (K, 2) points at once."""
        area = self.area
        scale = np.array([area.width() / (self.x1 - self.x0), -area.height() / (self.y1 - self.y0)])
        return np.asarray((points - np.array([self.x0, self.y1])) * scale + np.array([area.left(), area.top()]), np.float64)


class Overlay(Protocol):
    """Subclass it and hang it on with `ContourView.add_overlay`; what is not overridden does nothing.

    `place` "below": over the contour and under the trails; painted once and kept, until `ContourView.overlay_changed(overlay)`
    or until surface, size or theme change. "above": over trails and under the heads, painted in every frame; keep it cheap.
    """

    place: Layer = "above"
    visible: bool = True

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """Draw in widget pixels; antialiased and clipped to the plot. The painter's state is put back afterwards."""
        ...

    def pressed(self, x: float, y: float, event: QMouseEvent) -> bool:
        """A button went down at a point of the surface. True: taken; `dragged` and `released` follow, the start stays."""
        return False

    def dragged(self, x: float, y: float, event: QMouseEvent) -> None:
        """The mouse moved after a press this overlay took; (x, y) is kept inside the plot."""
        return

    def released(self, x: float, y: float, event: QMouseEvent) -> None:
        """The button went up after a press this overlay took."""
        return
