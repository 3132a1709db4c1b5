"""Suppression of boxes, one step after the other: which box is kept, and which it removes or lowers, at which overlap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SuppressionStep:
    """One step: box `row` is kept (then `by` is `row`), or it is met by box `by`, which was kept before.

    `iou`: their overlap. `factor`: what the score of `row` is multiplied by; `before`, `after`: that score, 0..1. `gone`: it
    goes. `round`: counted from 0, one for each box that is kept.
    """

    row: int
    by: int
    iou: float
    factor: float
    before: float
    after: float
    gone: bool
    round: int

    @property
    def keeps(self) -> bool:
        """Whether a box is kept here."""
        return self.row == self.by

    @property
    def lowered(self) -> bool:
        """Whether its score sinks, though it stays."""
        return not self.gone and self.after < self.before


@dataclass(frozen=True, eq=False)
class SuppressionTrace:
    """All steps of one way to suppress ("greedy", "linear" or "gaussian"), as columns of (E,) numbers: see SuppressionStep.

    Boxes that do not overlap at all do not meet. `score`: (N,) float32, the scores at the beginning.
    """

    method: str
    score: F32
    row: I64
    by: I64
    iou: F32
    factor: F32
    before: F32
    after: F32
    gone: Bools

    def __len__(self) -> int:
        return len(self.row)

    def step(self, at: int) -> SuppressionStep:
        """Step `at`, counted from 0."""
        row, by, turn = int(self.row[at]), int(self.by[at]), int(self.rounds[at])
        numbers = float(self.iou[at]), float(self.factor[at]), float(self.before[at]), float(self.after[at])
        return SuppressionStep(row, by, *numbers, bool(self.gone[at]), turn)

    @cached_property
    def rounds(self) -> I64:
        """(E,) the round of each step."""
        return np.cumsum(self.row == self.by) - 1

    @cached_property
    def starts(self) -> I64:
        """The step with which each round begins: that in which its box is kept."""
        return np.flatnonzero(self.row == self.by)

    @property
    def order(self) -> I64:
        """The boxes that are kept, in their order."""
        return self.row[self.starts]

    @cached_property
    def kept(self) -> Bools:
        """(N,) who is kept."""
        found = np.zeros(len(self.score), bool)
        found[self.order] = True
        return found

    @cached_property
    def fate(self) -> I64:
        """(N,) the step in which each box is kept or goes; -1 for those that nobody comes to (the limit was reached)."""
        found = np.full(len(self.score), -1, np.int64)
        ends = np.flatnonzero((self.row == self.by) | self.gone)
        found[self.row[ends]] = ends
        return found

    @cached_property
    def lowest(self) -> I64:
        """(N,) the step that removed each box, else the one that lowered it most; -1 where nothing happened to it."""
        found = np.full(len(self.score), -1, np.int64)
        touched = np.flatnonzero((self.factor < 1) & (self.row != self.by))
        touched = touched[
            np.lexsort((-touched, -self.factor[touched]))
        ]  # the strongest comes last and stays, of equals the first
        found[self.row[touched]] = touched
        thrown = np.flatnonzero(self.gone & (self.factor == 0))
        found[self.row[thrown]] = thrown
        return found

    def scores(self, at: int) -> F32:
        """(N,) the scores after step `at`; those of boxes that went are as they were when they went."""
        found = self.score.copy()
        last = slice(0, at + 1)
        found[self.row[last]] = self.after[last]  # of several steps about one box the last one counts
        return found

    def overlaps(self, by: int) -> F32:
        """(N,) the overlap with box `by`, NaN for boxes that it does not meet."""
        found = np.full(len(self.score), np.nan, np.float32)
        mine = np.flatnonzero((self.by == by) & (self.row != by))
        found[self.row[mine]] = self.iou[mine]
        return found

    def same_place(self, other: SuppressionTrace, at: int) -> int:
        """The step of `other` that stands where step `at` of this one does: the same round, as far into it; end at end."""
        if not len(self) or not len(other):
            return 0
        if at >= len(self) - 1:
            return len(other) - 1
        turn = int(self.rounds[at])
        if turn >= len(other.starts):
            return len(other) - 1
        first, end = int(other.starts[turn]), int(other.starts[turn + 1]) if turn + 1 < len(other.starts) else len(other)
        return min(first + at - int(self.starts[turn]), end - 1)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The columns, for files."""
        return {f"step_{name}": getattr(self, name) for name in ("row", "by", "iou", "factor", "before", "after", "gone")}

    def facts(self) -> list[dict[str, Any]]:
        """The steps in which something happens to a box, as JSON knows them."""
        told = np.flatnonzero((self.row == self.by) | self.gone | (self.after < self.before)).tolist()
        return [
            {"keep": one.row, "score": one.after}
            if one.keeps
            else {"by": one.by, "row": one.row, "iou": one.iou, "before": one.before, "after": 0.0 if one.gone else one.after}
            for one in map(self.step, told)
        ]


def areas(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> tuple[float, float]:
    """Intersection and union of two boxes (4,), xyxy, in pixels squared; their quotient is the IoU."""
    first, second = np.asarray(one, np.float64), np.asarray(other, np.float64)
    sides = np.clip(np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2]), 0, None)
    whole = sum(float(np.clip(box[2:] - box[:2], 0, None).prod()) for box in (first, second))
    return float(sides.prod()), whole - float(sides.prod())
