"""What stands over the picture of a 3-D surface: numbers along the box, known points, heads, the pin of the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.gui.widgets.surface_3d_mesh import F32, behind, landmarks_of, on_screen
from explorer.picture.colour import optimizer_look
from explorer.picture.race_chart import number, ticks

if TYPE_CHECKING:
    from explorer.gui.widgets.surface_3d import Surface3D

HIDDEN = 0.45  # opacity of a mark behind a hill


def landmarks(painter: QPainter, view: Surface3D) -> None:
    """Minima as plus, other known points as crosses."""
    assert view.race is not None and view.mesh is not None
    places = landmarks_of(view.mesh.frame, view.race)
    for mark, at, seen in zip(view.race.surface.landmarks, view.screen_of(places), _seen(view, places), strict=True):
        shape = "+" if mark.kind == "minimum" else "x"
        painter.setOpacity(1.0 if seen else HIDDEN)
        draw_marker(painter, shape, at.x(), at.y(), 3.4 * theme.scale(), QColor(255, 255, 255), QColor(20, 24, 30, 200))
    painter.setOpacity(1.0)


def _seen(view: Surface3D, places: F32) -> list[bool]:
    """Which places no part of the surface stands in front of."""
    matrix = view.matrix()
    if matrix is None or view.mesh is None:
        return [True] * len(places)
    return [not hidden for hidden in behind(view.mesh.grid, places, matrix, (view.width(), view.height()))]


def heads(painter: QPainter, view: Surface3D) -> None:
    """Where everybody is, and the ring of the linked selection."""
    for name, places in reversed(view.trails.items()):
        here = _between(places, view.step)
        (at,), (seen,) = view.screen_of(here), _seen(view, here)
        look = optimizer_look(name)
        painter.setOpacity(1.0 if seen else HIDDEN)
        draw_marker(painter, look.marker, at.x(), at.y(), 6.0 * theme.scale(), qcolour(look.colour), casing_of(look.colour))
    painter.setOpacity(1.0)
    if view.highlight and view.highlight[0] in view.trails:
        name, step = view.highlight
        (at,) = view.screen_of(_between(view.trails[name], step))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(10, 12, 16, 200), 4), QPen(QColor(255, 255, 255), 2)):
            painter.setPen(pen)
            painter.drawEllipse(at, 7, 7)


def pin(painter: QPainter, view: Surface3D) -> None:
    """A pin where the contour is pointed at."""
    if view.mark is None or view.mesh is None or view.race is None:
        return
    s, (x, y) = view.race.surface, view.mark
    column = round((x - s.x[0]) / (s.x[-1] - s.x[0]) * (len(s.x) - 1))
    row = round((y - s.y[0]) / (s.y[-1] - s.y[0]) * (len(s.y) - 1))
    z = float(s.z[min(max(row, 0), len(s.y) - 1), min(max(column, 0), len(s.x) - 1)])
    foot = view.mesh.frame.place(np.array([view.mark]), np.array([z]))
    if not np.isfinite(foot).all():
        return
    top = foot + np.array([[0.0, 0.0, 0.22]], np.float32)
    low, high = (view.screen_of(place)[0] for place in (foot, top))
    for pen in (QPen(QColor(10, 12, 16, 180), 4), QPen(QColor(255, 255, 255), 1.8)):
        painter.setPen(pen)
        painter.drawLine(low, high)
    painter.setBrush(QColor(255, 255, 255))
    painter.setPen(QPen(QColor(10, 12, 16, 180), 1.2))
    painter.drawEllipse(high, 4, 4)


def axes(painter: QPainter, view: Surface3D) -> None:
    """Numbers along the two edges of the floor that are nearest."""
    assert view.mesh is not None
    frame, t = view.mesh.frame, theme.tokens()
    painter.setPen(QColor(t.muted))
    painter.setFont(theme.tabular(view.font()))
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
    matrix = view.matrix()
    if matrix is None:
        return
    _, depth = on_screen(corners, matrix, view.width(), view.height())
    y_edge = -1.0 if depth[0] + depth[1] <= depth[2] + depth[3] else 1.0
    x_edge = -1.0 if depth[0] + depth[3] <= depth[1] + depth[2] else 1.0
    about = 3 if view.width() < 360 else 5
    rows = [
        (f"{number(v)}", (2 * (v - frame.x0) / (frame.x1 - frame.x0) - 1, 1.1 * y_edge))
        for v in ticks(frame.x0, frame.x1, about)
    ]
    rows += [
        (f"{number(v)}", (1.1 * x_edge, 2 * (v - frame.y0) / (frame.y1 - frame.y0) - 1))
        for v in ticks(frame.y0, frame.y1, about)
    ]
    rows += [("x", (0.0, 1.25 * y_edge)), ("y", (1.25 * x_edge, 0.0))]
    places = view.screen_of(np.array([(x, y, 0.0) for _, (x, y) in rows], np.float32))
    for (text, _), at in zip(rows, places, strict=True):
        painter.drawText(QRectF(at.x() - 30, at.y() - 10, 60, 20), Qt.AlignmentFlag.AlignCenter, text)


def _between(places: F32, step: float) -> F32:
    """(1, 3): the place at a step, between two steps too."""
    step = min(max(step, 0.0), float(len(places) - 1))
    low = int(step)
    high = min(low + 1, len(places) - 1)
    return np.asarray(places[low] + (step - low) * (places[high] - places[low]))[None]
