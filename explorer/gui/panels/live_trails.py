"""The way that followed objects have come, as a line behind each."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from explorer.picture.colour import label_colour
from explorer.records.trails import Trail

Points = npt.NDArray[np.float32]
LEAST = 2.0  # a point nearer to the one before is left out, in pixels of the window
RIM = QColor(16, 18, 20, 150)


def paint_trails(painter: QPainter, to_widget: QTransform, trails: Sequence[Trail], width: float, seen: Container[int]) -> None:
    """Lines in the colours of the classes, over a dark rim; a dot where an object is that is `seen` now."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for track, name, points in trails:
        line = QPolygonF([QPointF(x, y) for x, y in thinned(points, LEAST / max(to_widget.m11(), 1e-6)).tolist()])
        line = to_widget.map(line)
        colour = QColor(*label_colour(name))
        for pen in (QPen(RIM, width + 2), QPen(colour, width)):
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(line)
        if track not in seen:
            continue
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(line.at(line.size() - 1), 2 * width, 2 * width)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def thinned(points: Points, least: float) -> Points:
    """Points at least `least` apart along the way, with both ends."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    keep = np.concatenate([[True], np.diff(np.floor(way / least)) > 0])
    keep[-1] = True
    kept: Points = points[keep]
    return kept
