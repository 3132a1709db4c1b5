"""The curves of a race in pixels, grouped by those that have come equally far across at every step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.picture.colour import Look, optimizer_look
from explorer.picture.race_chart import LossAxis, shown_steps
from explorer.picture.race_series import places, series
from explorer.records.descent import F64, Race

MOST = 1500  # points a drawn curve has at most: about two a pixel


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

    def draw(self, painter: QPainter, *, cased: bool, marks: bool) -> None:
        """The whole curve; `marks`: where a change was made (a ring) and a snapshot taken (a diamond)."""
        scale = theme.scale()
        keep = np.unique(np.linspace(0, self.last, min(self.last + 1, MOST)).astype(np.int64))
        keep = keep[np.isfinite(self.down[keep])]
        polygon = QPolygonF([QPointF(x, y) for x, y in zip(self.across[keep].tolist(), self.down[keep].tolist(), strict=True)])
        casing = casing_of(self.look.colour)
        if cased:
            painter.setPen(QPen(casing, 3.0 * scale))
            painter.setOpacity(0.45)
            painter.drawPolyline(polygon)
            painter.setOpacity(1.0)
        pen = QPen(qcolour(self.look.colour), 1.8 * scale)
        if self.look.dash:
            pen.setDashPattern([float(length) for length in self.look.dash])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(polygon)
        if not marks:
            return
        for index in self.changes:
            if math.isfinite(self.down[index]):
                painter.setPen(QPen(qcolour(self.look.colour), 1.6 * scale))
                painter.setBrush(casing)
                painter.drawEllipse(QPointF(self.across[index], self.down[index]), 3.6 * scale, 3.6 * scale)
        for index in self.snapshots:
            if math.isfinite(self.down[index]):
                draw_marker(painter, "d", self.across[index], self.down[index], 3.2 * scale, qcolour(self.look.colour), casing)


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
