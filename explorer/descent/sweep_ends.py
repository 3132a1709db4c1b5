"""What the ends of many paths are: a known minimum, a known saddle, a place found now, or nothing to rest at.

The rules are those of verdict.py. A place where only the gradient is small is no end: what is not near a known landmark is
asked for the eigenvalues of its Hessian, the length of Newton's step, and whether the surface is higher all around.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from explorer.descent.array_moves import Values
from explorer.descent.field_arrays import bends_of, slopes_of
from explorer.descent.ground import Surface, height
from explorer.descent.method import Numbers, Optimizer
from explorer.descent.sweep import Fates, has_arrays, sweep
from explorer.descent.sweep_places import grouped
from explorer.descent.verdict import CLOSE, RING
from explorer.descent.walk import PLAIN, Rules, Walk
from explorer.jobs import CancelToken
from explorer.records.basins import LEFT, NOT_FINITE, NOT_YET, STATUS, UNFIT
from explorer.records.descent import F64, Landmark, Trajectory

I64 = npt.NDArray[np.int64]
REST = 8  # steps without a move after which a path is not followed further
MOST = 200  # places found at once; what is left over has not arrived
NUMBERS = {word: number for number, word in STATUS.items()}


@dataclass
class Ends:
    """The places that paths came to rest at, in the order in which they were met: known landmarks first."""

    surface: Surface
    places: list[Landmark] = field(init=False)

    def __post_init__(self) -> None:
        self.places = list(self.surface.landmarks)

    @property
    def close(self) -> float:
        """How near counts as being there."""
        return CLOSE * self.surface.diagonal

    def nearest(self, points: F64) -> I64:
        """(n,) the nearest place within CLOSE of each of (2, n) points; -1: none."""
        found, best = np.full(points.shape[1], -1, np.int64), np.full(points.shape[1], np.inf)
        for number, mark in enumerate(self.places):
            away = np.hypot(points[0] - mark.x, points[1] - mark.y)
            near = (away <= self.close) & (away < best)
            found[near] = number
            best[near] = away[near]
        return found

    def add(self, points: F64, kind: str) -> I64:
        """(n,) the numbers of new places of one kind at (2, n) points, those within CLOSE of each other the same."""
        firsts, group = grouped(points, self.close, MOST)
        numbers = len(self.places) + group
        self.places += [Landmark(x, y, height(self.surface.value, x, y), kind, exact=False) for x, y in firsts]
        return np.where(group >= 0, numbers, NOT_YET)


def ends_of(
    surface: Surface, optimizer: Optimizer, hyper: Values, starts: F64, steps: int, ends: Ends,
    token: CancelToken | None = None, rules: Rules = PLAIN,
) -> Generator[int, None, tuple[I64, I64]]:  # fmt: skip
    """Where each start (2, n) ends and since when: (n,) numbers of places in `ends` or NOT_YET ..., (n,) steps.

    Yields the steps taken since the last yield. Raises Cancelled.
    """
    if not has_arrays(optimizer, surface, rules):
        return (yield from _walked(surface, optimizer, hyper, starts, steps, ends, token, rules))
    fates = yield from sweep(surface, optimizer, hyper, starts, steps, token, rules)
    found, since = fates.status.astype(np.int64), fates.since.copy()
    if not (fates.status == NOT_YET).any():
        return found, since
    aims = _judge(fates, found, since, ends)
    again = np.flatnonzero(~np.isnan(aims[0]))
    if len(again):  # these rest at a place that nobody knew when they set out
        own = {name: one[again] if isinstance(one, np.ndarray) else one for name, one in hyper.items()}
        more = yield from sweep(surface, optimizer, own, starts[:, again], steps, token, rules, aims[:, again])
        since[again] = np.where(np.isnan(more.held[0]), steps, more.since)
    since[found == NOT_YET] = steps
    return found, since


def _judge(fates: Fates, found: I64, since: I64, ends: Ends) -> F64:
    """Fill in `found` for those still inside; (2, n) places whose neighbourhood has yet to be followed, NaN where none has."""
    inside = np.flatnonzero((fates.status == NOT_YET) & fates.still)
    points = fates.ends[:, inside]
    numbers = ends.nearest(points)
    aims = np.full(fates.ends.shape, np.nan)
    known = numbers >= 0
    found[inside[known]] = numbers[known]
    marks = np.array([(mark.x, mark.y) for mark in ends.places], dtype=np.float64).reshape(-1, 2).T
    places = marks[:, numbers[known]]
    followed = (fates.held[:, inside[known]] == places).all(axis=0)
    aims[:, inside[known][~followed]] = places[:, ~followed]
    rest = inside[~known]
    if len(rest):
        kinds, middles = _stationary(ends.surface, fates.ends[:, rest])
        for kind in ("minimum", "saddle", "maximum"):
            which = np.flatnonzero(kinds == kind)
            if len(which):
                found[rest[which]] = ends.add(middles[:, which], kind)
                aims[:, rest[which]] = fates.ends[:, rest[which]]  # as verdict.py has it: the end itself
    aims[:, found == NOT_YET] = np.nan
    return aims


def _stationary(surface: Surface, points: F64) -> tuple[npt.NDArray[np.str_], F64]:
    """(n,) "minimum", "saddle", "maximum" or "", and (2, n) where Newton's step puts them."""
    slopes, close = np.empty(points.shape), CLOSE * surface.diagonal
    with np.errstate(all="ignore"):
        slopes_of(surface)(points, slopes)
        xx, xy, yy = bends_of(surface)(points)
        gx, gy = slopes
        determinant = xx * yy - xy * xy
        way = np.stack([(xy * gy - yy * gx) / determinant, (xy * gx - xx * gy) / determinant])
        near = np.hypot(way[0], way[1]) <= close  # False for NaN
        # `bend` as in verdict.py; at a saddle the trace may vanish, so that its size is that of the eigenvalues
        trace, bend = xx + yy, 1e-9 * (xx + yy) ** 2
        size = 1e-9 * (np.abs(0.5 * trace) + np.hypot(0.5 * (xx - yy), xy)) ** 2
        kinds = np.full(points.shape[1], "", "<U9")
        kinds[near & (determinant > bend) & (xx > 0.0)] = "minimum"
        kinds[near & (determinant > bend) & (xx < 0.0)] = "maximum"
        kinds[near & (determinant < -size)] = "saddle"
    lowest = np.flatnonzero(kinds == "minimum")
    if len(lowest):
        there = points[:, lowest]
        here = surface.array(there[0], there[1])
        turns = [2.0 * math.pi * index / RING for index in range(RING)]
        higher = [surface.array(there[0] + close * math.cos(t), there[1] + close * math.sin(t)) > here for t in turns]
        kinds[lowest[~np.all(higher, axis=0)]] = ""
    return kinds, points + np.where(near, way, 0.0)


def _walked(
    surface: Surface, optimizer: Optimizer, hyper: Values, starts: F64, steps: int, ends: Ends, token: CancelToken | None,
    rules: Rules,
) -> Generator[int, None, tuple[I64, I64]]:  # fmt: skip
    """The same by one path after the other, for methods that have no form for many starts."""
    count = starts.shape[1]
    fates = Fates.of(count)
    for at, (x, y) in enumerate(starts.T.tolist()):
        numbers: Numbers = {name: float(one[at]) if isinstance(one, np.ndarray) else float(one) for name, one in hyper.items()}
        run = _resting(Walk(surface, optimizer, numbers, (x, y), steps, rules), steps, token)
        fates.ends[:, at] = run.points[-1]
        fates.status[at] = NUMBERS.get(run.status, NOT_YET)  # "converged" is said below, by its place
        fates.since[at] = run.number_at(run.status_step)
        fates.still[at] = len(run.points) < 2 or math.dist(run.points[-1], run.points[-2]) <= ends.close
        yield max(1, run.taken)
    found, since = fates.status.astype(np.int64), fates.since.copy()
    _judge(fates, found, since, ends)
    since[found == NOT_YET] = steps
    return found, since


def _resting(walk: Walk, steps: int, token: CancelToken | None) -> Trajectory:
    """The path, without the steps that no longer move: line searches end by finding no length at all."""
    ever = walk.rules.steady and walk.rules.exact  # else it may move again
    for first in range(1, steps + 1, REST):
        if token is not None:
            token.check()
        here = walk.at
        if not walk.advance(range(first, min(first + REST, steps + 1))):
            break
        if ever and all(one == here for one in walk.points[-REST:]):
            break
    return walk.finish()


__all__ = ["LEFT", "NOT_FINITE", "NOT_YET", "UNFIT", "Ends", "ends_of"]
