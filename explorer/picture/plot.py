"""A Race as pictures, without Qt: contour with trails and heads, legend, loss chart. For GIF, MP4 and PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.i18n import tr
from explorer.picture import ink
from explorer.picture.colour import Colour, optimizer_look
from explorer.picture.race_chart import (
    DARK_GROUND,
    LIGHT_GROUND,
    LossAxis,
    contour,
    last_step,
    loss_axis,
    number,
    pixels,
    shown_steps,
    status_template,
    ticks,
)
from explorer.records.descent import F64, Race, Trajectory
from explorer.records.frame import RGB

SIZE = (960, 600)


@dataclass(frozen=True)
class Style:
    """Colours of a plot apart from the data."""

    dark: bool
    ground: Colour
    text: Colour
    faint: Colour
    grid: Colour
    casing: Colour


DARK = Style(True, DARK_GROUND, (232, 235, 238), (150, 157, 166), (44, 49, 57), (12, 14, 18))
LIGHT = Style(False, LIGHT_GROUND, (28, 32, 38), (98, 106, 116), (222, 225, 229), (52, 58, 66))


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: int
    top: int
    width: int
    height: int


def race_picture(race: Race, step: int | None = None, size: tuple[int, int] = SIZE, *, dark: bool = True) -> RGB:
    """The race at `step` (None: its end) as (height, width, 3) uint8 RGB; `size` is (width, height), at least 320 x 240."""
    plot = _Plot(race, size, DARK if dark else LIGHT)
    return plot.at(plot.last if step is None else step)


def race_frames(race: Race, count: int, size: tuple[int, int] = SIZE, *, dark: bool = True) -> Iterator[RGB]:
    """`count` pictures of the race from its start to its end, evenly spaced in steps."""
    plot = _Plot(race, size, DARK if dark else LIGHT)
    for step in frame_steps(plot.last, count):
        yield plot.at(step)


def frame_steps(last: int, count: int) -> list[int]:
    """The steps shown by `count` frames: from 0 to `last`, evenly."""
    if count < 2:
        return [last] * max(0, count)
    return [round(index * last / (count - 1)) for index in range(count)]


class _Plot:
    """What stays the same from frame to frame, drawn once."""

    def __init__(self, race: Race, size: tuple[int, int], style: Style) -> None:
        width, height = max(320, size[0]), max(240, size[1])
        self.race, self.style, self.last = race, style, last_step(race)
        self.small = max(10, min(14, width // 68))
        rows = max(1, len(race.runs))
        title = 3 * self.small
        side = max(150, round(width * 0.34)) if race.runs else 0  # a surface alone has the whole width
        self.row = max(self.small + 4, min(round(2.6 * self.small), (height // 2) // rows))
        legend_height = self.row * rows + self.small
        self.map = Box(
            round(3.6 * self.small), title, width - side - round(5.2 * self.small), height - title - round(2.6 * self.small)
        )
        chart_left = width - side + round(2.4 * self.small)
        chart_top = title + legend_height + round(1.6 * self.small)
        self.legend = Box(width - side, title, side - self.small, legend_height)
        self.chart = Box(
            chart_left, chart_top, width - chart_left - round(1.4 * self.small), height - chart_top - round(2.6 * self.small)
        )
        self.axis: LossAxis = loss_axis(race)
        self.looks = [optimizer_look(run.optimizer) for run in race.runs]
        self.base = np.empty((height, width, 3), np.uint8)
        self.base[:] = style.ground
        self._still()
        box = self.map
        self.paths = [
            pixels(run.points[: shown_steps(run) + 1], race, box.left, box.top, box.width, box.height) for run in race.runs
        ]
        self.curves = [self._curve(run) for run in race.runs]

    def _still(self) -> None:
        race, style, box, small = self.race, self.style, self.map, self.small
        title = tr(str(race.facts.get("title", race.surface.name)))
        ink.text(self.base, title, box.left, 1.9 * small, style.text, small + 3, bold=True)
        after = box.left + ink.text_width(title, small + 3, bold=True) + 1.2 * small
        if after + ink.text_width(race.surface.formula, small) < self.base.shape[1] - small:
            ink.text(self.base, race.surface.formula, after, 1.9 * small, style.faint, small)
        view = self.base[box.top : box.top + box.height, box.left : box.left + box.width]
        view[:] = contour(race.surface, box.width, box.height, dark=style.dark)
        x0, x1, y0, y1 = race.surface.x[0], race.surface.x[-1], race.surface.y[0], race.surface.y[-1]
        for value in ticks(x0, x1, 6):
            at = box.left + (value - x0) / (x1 - x0) * box.width
            ink.line(self.base, np.array([[at, box.top + box.height], [at, box.top + box.height + 4]]), style.faint)
            ink.text(self.base, number(value), at, box.top + box.height + 1.5 * small, style.faint, small - 1, align=0.5)
        for value in ticks(y0, y1, 6):
            at = box.top + (y1 - value) / (y1 - y0) * box.height
            ink.line(self.base, np.array([[box.left - 4, at], [box.left, at]]), style.faint)
            ink.text(self.base, number(value), box.left - 7, at + 0.35 * small, style.faint, small - 1, align=1.0)
        for mark in race.surface.landmarks:
            place = pixels(np.array([[mark.x, mark.y]]), race, box.left, box.top, box.width, box.height)[0]
            shape = "+" if mark.kind == "minimum" else "x"
            ink.marker(self.base, shape, place[0], place[1], 0.3 * small, (255, 255, 255), style.casing)
        if self.chart.height > 3 * small and race.runs:
            self._chart_grid()

    def _chart_grid(self) -> None:
        style, box, small = self.style, self.chart, self.small
        for units, words in self.axis.marks():
            down = self._down(np.array([units]))[0]
            ink.line(self.base, np.array([[box.left, down], [box.left + box.width, down]]), style.grid)
            ink.text(self.base, words, box.left - 6, down + 0.35 * small, style.faint, small - 2, align=1.0)
        for value in ticks(0, max(1, self.last), 4):
            across = box.left + value / max(1, self.last) * box.width
            ink.text(self.base, number(value, 6), across, box.top + box.height + 1.4 * small, style.faint, small - 2, align=0.5)
        label = tr("height above the minimum") if self.axis.logarithmic else tr("value")
        words = label + " / " + tr("step")
        ink.text(self.base, words, box.left, box.top - 0.5 * small, style.faint, small - 2)

    def _down(self, units: F64) -> F64:
        low, high, box = self.axis.low, self.axis.high, self.chart
        down: F64 = box.top + (high - units) / (high - low) * box.height
        return np.clip(down, box.top, box.top + box.height)

    def _curve(self, run: Trajectory) -> F64:
        across = self.chart.left + np.arange(shown_steps(run) + 1) / max(1, self.last) * self.chart.width
        return np.stack([across, self._down(self.axis.place(run.values[: shown_steps(run) + 1]))], axis=1)

    def at(self, step: int) -> RGB:
        """The frame at `step`."""
        rgb = self.base.copy()
        box, style = self.map, self.style
        inside = np.ascontiguousarray(rgb[box.top : box.top + box.height, box.left : box.left + box.width])
        shift = np.array((box.left, box.top))
        seen = [path[: step + 1] - shift for path in self.paths]
        for path in seen:
            ink.line(inside, path, style.casing, 4)
        for path, look in zip(seen, self.looks, strict=True):
            ink.line(inside, path, look.colour, 2, look.dash)
        for path, look in zip(reversed(seen), reversed(self.looks), strict=True):
            x, y = np.clip(path[-1], 0, (box.width - 1, box.height - 1))
            ink.marker(inside, look.marker, x, y, 0.45 * self.small, look.colour, style.casing)
        rgb[box.top : box.top + box.height, box.left : box.left + box.width] = inside
        if self.chart.height > 3 * self.small:
            self._loss(rgb, step)
        self._names(rgb, step)
        return rgb

    def _loss(self, rgb: RGB, step: int) -> None:
        for curve, look in zip(self.curves, self.looks, strict=True):
            ink.line(rgb, curve[: step + 1], look.colour, 1 if self.style.dark else 2, look.dash)
        for curve, look in zip(self.curves, self.looks, strict=True):
            x, y = curve[: step + 1][-1]
            ink.marker(rgb, look.marker, x, y, 0.28 * self.small, look.colour, self.style.casing)

    def _names(self, rgb: RGB, step: int) -> None:
        box, small, style = self.legend, self.small, self.style
        titles = self.race.facts.get("titles", {})
        for index, (run, look) in enumerate(zip(self.race.runs, self.looks, strict=True)):
            base = box.top + self.row * index + small
            ink.marker(rgb, look.marker, box.left + small * 0.7, base - 0.35 * small, 0.42 * small, look.colour, style.casing)
            ink.text(rgb, tr(str(titles.get(run.optimizer, run.optimizer))), box.left + 1.8 * small, base, style.text, small)
            now = min(step, shown_steps(run))
            ink.text(rgb, number(float(run.values[now])), box.left + box.width, base, style.text, small, align=1.0)
            if self.row >= 2.2 * small:
                words = _status(run, step)
                ink.text(rgb, words, box.left + 1.8 * small, base + 1.15 * small, style.faint, small - 2)


def _status(run: Trajectory, step: int) -> str:
    if step < min(run.status_step, run.steps):
        return tr("step {step}").format(step=step)
    return tr(status_template(run)).format(step=run.number_at(run.status_step))


def csv_rows(race: Race) -> Iterator[Sequence[str]]:
    """Header and rows `optimizer,step,x,y,value`, exact (repr of float64)."""
    yield ("optimizer", "step", "x", "y", "value")
    for run in race.runs:
        for index, ((x, y), value) in enumerate(zip(run.points.tolist(), run.values.tolist(), strict=True)):
            yield (run.optimizer, str(run.number_at(index)), repr(x), repr(y), repr(value))
