"""Trails over a picture: the paths in pixels, and a kept layer onto which playing draws only what is new.

A frame that draws whole trails costs several times one that draws the news (performance.md section 5), so the layer is kept
while time runs forwards and drawn anew only when the paths change or time runs backwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from explorer.gui import theme
from explorer.picture.colour import Colour, Look, optimizer_look
from explorer.picture.race_chart import SHAPES, pixels, shown_steps
from explorer.records.descent import F64, Race

LEAST = 0.8  # pixels between two drawn points of a trail: closer ones are not seen
# Qt strokes a wide antialiased polyline in time that grows faster than its length: 2,000 points in one piece cost twelve
# times as much as in pieces of this many (measured; performance.md section 5 has the same for pyqtgraph).
PIECE = 16
CASING = 0.82  # opacity of the outlines; drawn solid and laid down at once, so that joints do not show
DARK, LIGHT = QColor(10, 12, 16), QColor(246, 248, 250)


def qcolour(colour: Colour, alpha: int = 255) -> QColor:
    """A QColor of an RGB triple."""
    return QColor(*colour, alpha)


def casing_of(colour: Colour) -> QColor:
    """The outline that keeps `colour` legible on any band: dark, but light around dark colours on the dark theme."""
    red, green, blue = colour
    bright = 0.3 * red + 0.59 * green + 0.11 * blue > 95
    return DARK if bright or theme.tokens().name == "light" else LIGHT


def draw_marker(painter: QPainter, name: str, x: float, y: float, radius: float, fill: QColor, rim: QColor) -> None:
    """One marker of picture.colour.Look at (x, y)."""
    painter.setPen(QPen(rim, 1.5))
    painter.setBrush(fill)
    shape = SHAPES.get(name)
    if shape is None:
        painter.drawEllipse(QPointF(x, y), radius, radius)
    else:
        painter.drawPolygon(QPolygonF([QPointF(x + 1.15 * radius * a, y + 1.15 * radius * b) for a, b in shape]))


class Trail:
    """One path in pixels. `points`: (K + 1, 2) places of every step; `drawn`: the steps that are far enough apart to draw."""

    def __init__(self, name: str, points: F64) -> None:
        self.name = name
        self.look: Look = optimizer_look(name)
        self.casing = casing_of(self.look.colour)
        self.points = points
        lengths = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.zeros(0)
        self.along = np.concatenate([[0.0], np.cumsum(lengths)])
        cells = np.floor(self.along / LEAST)
        new = np.concatenate([[True], cells[1:] > cells[:-1]])
        new[-1] = True
        self.drawn = np.flatnonzero(new)

    @property
    def last(self) -> int:
        """The last step of the trail."""
        return len(self.points) - 1

    def at(self, step: float) -> tuple[float, float]:
        """The place at a step, between two steps too."""
        step = min(max(step, 0.0), float(self.last))
        low = int(step)
        high = min(low + 1, self.last)
        place = self.points[low] + (step - low) * (self.points[high] - self.points[low])
        return float(place[0]), float(place[1])

    def steps(self, first: int, last: int) -> list[int]:
        """The steps from `first` to `last` whose points are drawn."""
        last = min(last, self.last)
        return [first, *self.drawn[(self.drawn > first) & (self.drawn < last)].tolist(), last]

    def stroke(self, painter: QPainter, width: float, colour: QColor, first: int, last: int, *, dashed: bool = False) -> None:
        """Draw the steps `first` to `last` in short pieces that overlap by one segment; dashes go on from piece to piece."""
        steps = self.steps(first, last)
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        dash = [float(length) for length in self.look.dash] if dashed else []
        if dash:
            pen.setDashPattern(dash)
        painter.setPen(pen)
        places = [QPointF(x, y) for x, y in self.points[steps].tolist()]
        for begin in range(0, len(places) - 1, PIECE):
            start = begin if dash else max(0, begin - 1)
            if dash:
                pen.setDashOffset(float(self.along[steps[start]]) / width)
                painter.setPen(pen)
            painter.drawPolyline(QPolygonF(places[start : begin + PIECE + 1]))


class TrailLayer:
    """The kept picture: casings below, colours above. `whole` counts complete redraws, `pieces` the drawn news (for tests)."""

    def __init__(self) -> None:
        self.trails: list[Trail] = []
        self.width = 2.4
        self.whole = 0
        self.pieces = 0
        self._step = -1
        self._below = QImage()
        self._above = QImage()

    def set_race(self, race: Race | None, area: QRectF, names: Sequence[str] | None = None) -> None:
        """Take new paths, or the same in another area."""
        self._step = -1
        self.trails = []
        if race is None:
            return
        for run in race.runs:
            if names is not None and run.optimizer not in names:
                continue
            points = run.points[: shown_steps(run) + 1]
            self.trails.append(Trail(run.optimizer, pixels(points, race, area.left(), area.top(), area.width(), area.height())))

    def forget(self) -> None:
        """Draw everything anew next time."""
        self._step = -1

    def advance(self, step: int, size: QSize, ratio: float) -> None:
        """Bring the kept picture to `step`."""
        real = QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        if self._step < 0 or step < self._step or self._above.size() != real:
            self.whole += 1
            for name in ("_below", "_above"):
                layer = QImage(real, QImage.Format.Format_ARGB32_Premultiplied)
                layer.setDevicePixelRatio(ratio)
                layer.fill(Qt.GlobalColor.transparent)
                setattr(self, name, layer)
            self._step = 0
        if step > self._step:
            self._draw(self._step, step)
            self._step = step

    def _draw(self, first: int, last: int) -> None:
        below, above = QPainter(self._below), QPainter(self._above)
        for painter in (below, above):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for trail in self.trails:
            if first >= trail.last:
                continue
            self.pieces += 1
            trail.stroke(below, self.width + 2.2, trail.casing, first, last)
            trail.stroke(above, self.width, qcolour(trail.look.colour), max(0, first - 1), last, dashed=True)
        below.end()
        above.end()

    def paint(self, painter: QPainter, step: float) -> None:
        """Kept layers, the piece of the step under way, the heads. `step` must not be below the one advanced to."""
        if self._step < 0:
            return
        painter.setOpacity(CASING)
        painter.drawImage(0, 0, self._below)
        painter.setOpacity(1.0)
        painter.drawImage(0, 0, self._above)
        part = step - self._step
        for trail in self.trails:
            if 0.0 < part < 1.0 and self._step < trail.last:
                painter.setPen(QPen(qcolour(trail.look.colour), self.width))
                painter.drawLine(QPointF(*trail.points[self._step].tolist()), QPointF(*trail.at(step)))

    def heads(self, painter: QPainter, step: float, area: QRectF, radius: float) -> None:
        """Markers where everybody is; who left the plot waits at its edge."""
        for trail in reversed(self.trails):
            x, y = trail.at(step)
            x, y = min(max(x, area.left()), area.right()), min(max(y, area.top()), area.bottom())
            draw_marker(painter, trail.look.marker, x, y, radius, qcolour(trail.look.colour), trail.casing)

    def nearest(self, x: float, y: float, step: int, reach: float) -> tuple[str, int] | None:
        """(optimizer, step) of the visible path point nearest to a pixel, within `reach`; None if there is none."""
        best: tuple[float, str, int] | None = None
        for trail in self.trails:
            seen = trail.points[: min(step, trail.last) + 1]
            away = np.hypot(seen[:, 0] - x, seen[:, 1] - y)
            at = int(np.argmin(away))
            if away[at] <= reach and (best is None or away[at] < best[0]):
                best = (float(away[at]), trail.name, at)
        return None if best is None else (best[1], best[2])
