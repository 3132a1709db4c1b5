"""The curves of a race in pixels, grouped by those that have come equally far across at every step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.gui.widgets.trail_lines import dashed_lines, draw_lines, spaced, thinned, whole_lines
from explorer.picture.colour import Look, optimizer_look
from explorer.picture.race_chart import LossAxis, shown_steps
from explorer.picture.race_series import places, series
from explorer.records.descent import F64, Race

RIM = 0.45  # strength of the rim around a curve on the light theme


@dataclass(frozen=True, eq=False)
class Curve:
    """`units`: (K + 1,) places across, in steps or gradients; `across`, `down`: the same in pixels, NaN down where there is no
    number. `group`: curves of one group are where they are at the same step."""

    name: str
    look: Look
    units: F64
    across: F64
    down: F64
    changes: tuple[int, ...]
    snapshots: tuple[int, ...]
    group: int

    @property
    def last(self) -> int:
        """Index of the last point."""
        return len(self.units) - 1

    def at(self, step: float) -> tuple[float, float]:
        """Pixel place at a step, between two points too."""
        step = min(max(step, 0.0), float(self.last))
        low = int(step)
        high, part = min(low + 1, self.last), step - low
        across, down = self.across, self.down
        return (
            float(across[low] + part * (across[high] - across[low])),
            float(down[low] + part * (down[high] - down[low])),
        )

    def index_at(self, units: float) -> int:
        """The point nearest to a place across."""
        right = int(np.searchsorted(self.units, units))
        if right > self.last:
            return self.last
        left = max(0, right - 1)
        return left if units - self.units[left] < self.units[right] - units else right

    def draw(self, painter: QPainter, ground: QColor | None) -> None:
        """The whole curve; a ring where a change was made, a diamond where a snapshot was taken.

        `ground`: what the curve's rim fades into; None: it has no rim.
        """
        scale, casing, colour = theme.scale(), casing_of(self.look.colour), qcolour(self.look.colour)
        points = np.stack([self.across, self.down], axis=1)[np.isfinite(self.down)]
        along, kept = spaced(points)
        points, along = points[kept], along[kept]
        kept = thinned(points, np.array([0, len(points) - 1]))
        points, along = points[kept], along[kept]
        if ground is not None:
            draw_lines(_pen(painter, _mixed(casing, ground), 3.0 * scale), whole_lines(points).places)
        width = 1.8 * scale
        lines = dashed_lines(points, along, self.look.dash, width)[0] if self.look.dash else whole_lines(points)
        draw_lines(_pen(painter, colour, width), lines.places)
        for index in self.changes:
            if math.isfinite(self.down[index]):
                painter.setPen(QPen(colour, 1.6 * scale))
                painter.setBrush(casing)
                painter.drawEllipse(QPointF(self.across[index], self.down[index]), 3.6 * scale, 3.6 * scale)
        for index in self.snapshots:
            if math.isfinite(self.down[index]):
                draw_marker(painter, "d", self.across[index], self.down[index], 3.2 * scale, colour, casing)


def _pen(painter: QPainter, colour: QColor, width: float) -> QPainter:
    """Single lines that meet need square ends."""
    painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
    return painter


def _mixed(colour: QColor, ground: QColor) -> QColor:
    """What `colour` looks like on `ground` at less than half its strength: ends that overlap must not show."""
    pairs = ((colour.red(), ground.red()), (colour.green(), ground.green()), (colour.blue(), ground.blue()))
    return QColor(*(round(RIM * one + (1.0 - RIM) * other) for one, other in pairs))


def curves_of(race: Race, quantity: str, against: str, axis: LossAxis, area: QRectF) -> list[Curve]:
    """A curve for each run that has any number of this quantity."""
    furthest = last_place(race, against)
    made: list[Curve] = []
    groups: dict[str, int] = {}
    for run in race.runs:
        shown = shown_steps(run) + 1
        units, values = places(run, against)[:shown], series(race, run, quantity)[:shown]
        if not np.isfinite(values).any():
            continue
        down = area.top() + (axis.high - axis.place(values)) / (axis.high - axis.low) * area.height()
        down = np.where(np.isnan(values), np.nan, np.clip(down, area.top(), area.bottom()))
        if len(down) > 1 and math.isnan(down[0]):  # what belongs to a step has nothing to say of the start
            down = np.concatenate([down[1:2], down[1:]])
        alone = against == "gradients" and not np.array_equal(run.evaluations, run.numbers)
        group = groups.setdefault(run.optimizer if alone else "", len(groups))
        changed = sorted({min(int(np.searchsorted(run.numbers, step - 1)), shown - 1) for step, _, _ in run.changes})
        snapshots = tuple(at for at in run.snapshots if at < shown)
        across = area.left() + units / furthest * area.width()
        made.append(Curve(run.optimizer, optimizer_look(run.optimizer), units, across, down, tuple(changed), snapshots, group))
    return made


def last_place(race: Race, against: str) -> float:
    """Where the longest run ends."""
    return max([1.0, *(float(places(run, against)[shown_steps(run)]) for run in race.runs)])
