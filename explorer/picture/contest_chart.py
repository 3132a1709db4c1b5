"""What charts of fair races show, for the window and for files: the axis of the loss, its bands, and the turned valley's.

No cv2 here: the window imports it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from explorer.picture.race_chart import LossAxis
from explorer.records.contest import Contest, Turned
from explorer.records.descent import F64

DEEPEST = 8.0  # powers of ten below the start that an axis shows at most


def contest_axis(contest: Contest) -> LossAxis:
    """The axis that shows the start, the target and every median; a loss without a known minimum has a linear one."""
    values = [one.median for one in contest.contenders if len(one.median)]
    found = np.concatenate([*values, [contest.first, contest.target]])
    found = found[np.isfinite(found)]
    if not contest.floor_known:
        low, high = min(float(found.min()), contest.floor), contest.first
        margin = 0.05 * max(high - low, 1e-12)
        return LossAxis(False, 0.0, low - margin, high + margin)
    heights = found - contest.floor
    heights = heights[heights > 0.0]
    top = math.ceil(math.log10(max(contest.first - contest.floor, 1e-300)))
    low = math.floor(math.log10(float(heights.min()))) if len(heights) else top - 1
    return LossAxis(True, contest.floor, float(max(low, top - DEEPEST)), float(max(top, low + 1)))


def shown_gradients(contest: Contest) -> float:
    """How far the chart reaches: the budget, or half as far again as the slowest needs where all of them arrive early."""
    budget = float(contest.request["budget"])
    if contest.request["objective"] != "target" or contest.stage != "done":
        return budget
    slowest = max((one.quartiles()[2] for one in contest.contenders), default=budget)
    return min(budget, max(20.0, math.ceil(0.15 * slowest) * 10.0)) if math.isfinite(slowest) else budget


@dataclass(frozen=True)
class CostAxis:
    """Gradients to the target, by powers of ten: `low` and `high` are exponents. Above `high` lies "not within the budget"."""

    low: float
    high: float
    budget: int

    def place(self, values: F64) -> F64:
        """Share of the axis' height, 0 at the bottom; inf (not within the budget) lies on its upper rim; NaN stays NaN."""
        finite = np.clip(values, 10.0**self.low, 10.0**self.high)
        with np.errstate(invalid="ignore"):
            share = (np.log10(finite) - self.low) / (self.high - self.low)
        placed: F64 = np.where(np.isinf(values), 1.0, 0.94 * share)
        return placed

    def marks(self) -> list[tuple[float, str]]:
        """(share of the height, text) of the ticks: 1, 2, 5 of each power that lie on it."""
        found = []
        for power in range(math.floor(self.low), math.ceil(self.high) + 1):
            for digit in (1, 2, 5):
                value = digit * 10.0**power
                if 10.0**self.low <= value <= 10.0**self.high * 1.0001:
                    found.append((float(self.place(np.array([value]))[0]), f"{value:.0f}"))
        return found


def cost_axis(turned: Turned) -> CostAxis:
    """The axis that shows every quartile of `turned` and the budget."""
    budget = int(turned.request["budget"])
    values = np.concatenate([np.concatenate(run.curve()) for run in turned.runs]) if turned.runs else np.zeros(0)
    values = values[np.isfinite(values)]
    low = math.log10(max(1.0, float(values.min()))) if len(values) else 0.0
    return CostAxis(math.floor(low * 5.0) / 5.0, max(math.log10(budget), low + 0.5), budget)
