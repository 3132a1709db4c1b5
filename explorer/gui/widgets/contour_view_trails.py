"""Trails over a contour: the paths in pixels, and a kept picture onto which playing draws only what is new.

The picture is kept while time runs forwards and drawn anew only when the paths change or time runs backwards. While long paths
change again and again (a start is dragged) a draft is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from explorer.gui import theme
from explorer.gui.widgets.trail_draft import TrailDraft
from explorer.gui.widgets.trail_lines import Lines, dashed_lines, spaced, thinned, whole_lines
from explorer.gui.widgets.trail_picture import TrailPicture
from explorer.picture.colour import Colour, Look, optimizer_look
from explorer.picture.race_chart import SHAPES, pixels, shown_steps
from explorer.records.descent import F64, I64, Race

SHORT = 15_000.0  # device pixels of path up to which stroking the outlines too costs less than growing them
LONG = 30_000.0  # device pixels of path from which on strokes do not fit into a frame
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
    shape = _shape(name, radius)
    if shape is None:
        painter.drawEllipse(QPointF(x, y), radius, radius)
    else:
        painter.drawPolygon(shape.translated(x, y))


@lru_cache(maxsize=256)
def _shape(name: str, radius: float) -> QPolygonF | None:
    """A marker around (0, 0); None: a circle."""
    corners = SHAPES.get(name)
    return None if corners is None else QPolygonF([QPointF(1.15 * radius * x, 1.15 * radius * y) for x, y in corners])


class Trail:
    """One path in pixels. `points`: (K + 1, 2) places of every step; `drawn`: the steps that are far enough apart to draw;
    `thin`: fewer, that show the same curve."""

    def __init__(self, name: str, points: F64, along: F64 | None = None, drawn: I64 | None = None) -> None:
        self.name = name
        self.look: Look = optimizer_look(name)
        self.casing = casing_of(self.look.colour)
        self.points = points
        self.along, self.drawn = spaced(points) if along is None or drawn is None else (along, drawn)
        self.thin: I64 | None = None
        self._pieces: tuple[float, Lines, Lines] | None = None

    @property
    def last(self) -> int:
        """The last step of the trail."""
        return len(self.points) - 1

    @property
    def light(self) -> bool:
        """Whether its outline is the light one."""
        return self.casing == LIGHT

    def at(self, step: float) -> tuple[float, float]:
        """The place at a step, between two steps too."""
        step = min(max(step, 0.0), float(self.last))
        low = int(step)
        high = min(low + 1, self.last)
        place = self.points[low] + (step - low) * (self.points[high] - self.points[low])
        return float(place[0]), float(place[1])

    def reached(self, step: int) -> int:
        """The number in `drawn` of the last step that is drawn at `step`."""
        return int(np.searchsorted(self.drawn, step, side="right")) - 1

    def lines(self, steps: I64, width: float) -> tuple[Lines, Lines]:
        """The path through `steps` as lines and as the gaps between its dashes."""
        points = self.points[steps]
        if not self.look.dash or len(steps) < 2:
            return whole_lines(points), whole_lines(points[:0])
        return dashed_lines(points, self.along[steps], self.look.dash, width)

    def pieces(self, first: int, last: int, width: float) -> tuple[F64, F64]:
        """Lines and gaps between two numbers of `drawn`."""
        if self._pieces is None or self._pieces[0] != width:
            self._pieces = (width, *self.lines(self.drawn, width))
        return self._pieces[1].between(first, last), self._pieces[2].between(first, last)


class TrailLayer:
    """The kept picture. `whole` counts complete drawings, `pieces` the drawn news (for tests); `rough`: a draft is shown."""

    def __init__(self) -> None:
        self.trails: list[Trail] = []
        self.width = 2.4
        self.whole = 0
        self.pieces = 0
        self.rough = False
        self._step = -1
        self.image: QImage | None = None  # the backdrop with the trails, in device pixels
        self._ratio = 1.0
        self._picture: TrailPicture | None = None
        self._draft: TrailDraft | None = None
        self._look: tuple[object, ...] = ()
        self._under: tuple[object, ...] = ()

    def set_race(self, race: Race | None, area: QRectF, names: Sequence[str] | None = None) -> None:
        """Take new paths, or the same in another area."""
        self._step = -1
        self.trails = []
        if race is None:
            return
        runs = [run for run in race.runs if names is None or run.optimizer in names]
        if not runs:
            return
        # All paths at once: numpy's calls are dear, its numbers cheap.
        begin = np.cumsum([0, *(shown_steps(run) + 1 for run in runs)]).tolist()
        points = np.concatenate([run.points[: shown_steps(run) + 1] for run in runs])
        points = pixels(points, race, area.left(), area.top(), area.width(), area.height())
        along, drawn = spaced(points, begin[:-1])
        bounds = np.searchsorted(drawn, begin).tolist()
        for number, run in enumerate(runs):
            first, last = begin[number : number + 2]
            steps = drawn[bounds[number] : bounds[number + 1]] - first
            self.trails.append(Trail(run.optimizer, points[first:last], along[first:last] - along[first], steps))

    def forget(self) -> None:
        """Draw everything anew next time."""
        self._step = -1

    def advance(self, step: int, size: QSize, ratio: float, backdrop: QImage, clip: QRectF, *, quick: bool = False) -> None:
        """Bring the kept picture to `step`, over `backdrop` (in device pixels), the trails inside `clip` (in widget pixels).
        `quick`: long paths only nearly as they are."""
        edges = QRect(
            round(clip.left() * ratio), round(clip.top() * ratio), round(clip.width() * ratio), round(clip.height() * ratio)
        )
        look, under, self._ratio = (size, ratio, self.width), (backdrop.cacheKey(), edges), ratio
        if look != self._look:
            self._look, self._step, self._picture, self._draft = look, -1, None, None
        anew = self._step < 0 or step < self._step or (self.rough and not (quick and step == self._step))
        if anew:
            self.whole += 1
            self.rough = quick and self._length() > LONG
        if self.rough:
            self._draft = self._draft or TrailDraft(size, ratio, self.width)
            if anew:
                self._draw_draft(self._draft, step)
            if anew or under != self._under:
                self._draft.compose(backdrop, edges)
            self.image = self._draft.image
        else:
            self._picture = self._picture or TrailPicture(size, ratio, self.width)
            if anew:
                self._draw_whole(self._picture, step)
            elif step > self._step:
                self._draw_news(self._picture, step)
            self._picture.compose(backdrop, edges)
            self.image = self._picture.image
        self._step, self._under = step, under

    def _draw_whole(self, picture: TrailPicture, step: int) -> None:
        self._thin(picture.ratio)
        picture.clear()
        short = self._length() < SHORT
        for trail in self.trails:
            assert trail.thin is not None
            last = trail.drawn[trail.reached(step)]
            lines, gaps = trail.lines(np.append(trail.thin[trail.thin < last], last), self.width)
            picture.stroke(qcolour(trail.look.colour), trail.light, lines.places, gaps.places, news=short)
        if not short:
            picture.outline()

    def _length(self) -> float:
        """Device pixels of all paths."""
        return self._ratio * sum(float(trail.along[-1]) for trail in self.trails)

    def _draw_draft(self, draft: TrailDraft, step: int) -> None:
        shown = [(trail, trail.points[trail.drawn[: trail.reached(step) + 1]]) for trail in self.trails]
        draft.draw([(qcolour(trail.look.colour), trail.light, points, trail.look.dash) for trail, points in shown])

    def _draw_news(self, picture: TrailPicture, step: int) -> None:
        for trail in self.trails:
            first, last = trail.reached(self._step), trail.reached(step)
            if last > first:
                self.pieces += 1
                picture.stroke(qcolour(trail.look.colour), trail.light, *trail.pieces(first, last, self.width), news=True)

    def _thin(self, ratio: float) -> None:
        """Fewer points for all trails at once."""
        if not self.trails or self.trails[0].thin is not None:
            return
        begin = np.cumsum([0, *(len(trail.drawn) for trail in self.trails)])
        points = np.concatenate([trail.points[trail.drawn] for trail in self.trails])
        kept = thinned(points * ratio, np.concatenate([begin[:-1], begin[1:] - 1]))
        bounds = np.searchsorted(kept, begin)
        for number, trail in enumerate(self.trails):
            trail.thin = trail.drawn[kept[bounds[number] : bounds[number + 1]] - begin[number]]

    def paint(self, painter: QPainter, step: float, area: QRectF) -> None:
        """The backdrop with the trails, and how far each has got since. `step` must not be below the one advanced to."""
        if self.image is None or self._step < 0:
            return
        self.image.setDevicePixelRatio(self._ratio)
        painter.drawImage(0, 0, self.image)
        self.image.setDevicePixelRatio(1.0)  # drawn upon in device pixels
        if not 0.0 < step - self._step < 1.0:
            return
        painter.save()
        painter.setClipRect(area)
        for trail in self.trails:
            if self._step < trail.last:
                painter.setPen(QPen(qcolour(trail.look.colour), self.width))
                drawn = trail.points[trail.drawn[trail.reached(self._step)]]
                painter.drawLine(QPointF(*drawn.tolist()), QPointF(*trail.at(step)))
        painter.restore()

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
