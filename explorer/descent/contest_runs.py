"""One run of a fair race: the path as far as the budget reaches, what it cost to come down to the target, where it ended."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.descent.contest_search import GIVEN
from explorer.descent.ground import Point, Surface, eigenvalues, slope
from explorer.descent.method import Numbers, Optimizer
from explorer.descent.verdict import CONVERGED, LEFT, NOT_FINITE, UNFIT, verdict
from explorer.descent.walk import Rules, Walk
from explorer.jobs import CancelToken
from explorer.records.descent import F64, I64

CHUNK = 128  # steps between two looks at the token: a network's gradient takes a while
NEAR = 0.02  # of the plot's diagonal: what counts as staying at a place, noise or not
TAIL = 0.25  # of the path: how long it must have stayed
STAY = 10.0  # times the target's height: who rises above this again had not arrived but passed by
LAST = 0.1  # of the budget: the end whose median loss counts for "loss"
MINIMUM, SADDLE, INFLEXION, TOP = "at a minimum", "at the saddle", "at an inflexion point", "at a top"
STILL, WAY = "standing still", "on its way"
KINDS = {"minimum": MINIMUM, "saddle": SADDLE, "inflexion": INFLEXION, "maximum": TOP}


@dataclass(frozen=True)
class Course:
    """What all runs of a fair race have in common. `floor`, `first`, `target`: losses; `known`: the floor is a minimum."""

    surface: Surface
    budget: int
    noise: float
    batch: int
    floor: float
    known: bool
    first: float
    target: float


@dataclass(frozen=True, eq=False)
class Run:
    """`evaluations`: (K + 1,) gradients asked up to each point, none beyond the budget; `values`: (K + 1,) the true loss
    there; `points`: (K + 1, 2). `halted`: why it broke off within the budget, or ""."""

    evaluations: I64
    values: F64
    points: F64
    halted: str


def run(course: Course, optimizer: Optimizer, hyper: Numbers, start: Point, seed: int, token: CancelToken | None = None) -> Run:
    """One run. A step whose last gradient lies beyond the budget was not made. Raises Cancelled."""
    rules = Rules(noise=course.noise, batch=course.batch, seed=seed, budget=course.budget, kept=course.budget)
    walk = Walk(course.surface, optimizer, hyper, start, course.budget, rules)
    if walk.fits:
        for first in range(1, course.budget + 1, CHUNK):
            if token is not None:
                token.check()
            if not walk.advance(range(first, min(first + CHUNK, course.budget + 1))):
                break
    points = np.array(walk.points, dtype=np.float64)
    evaluations = np.array(walk.numbers if walk.plain else walk.counts, dtype=np.int64)
    values = course.surface.array(points[:, 0], points[:, 1])
    halted = walk.halted
    inside = int(np.searchsorted(evaluations, course.budget, side="right"))
    if inside < len(points):
        points, evaluations, values, halted = points[:inside], evaluations[:inside], values[:inside], ""
    holes = np.flatnonzero(np.isnan(values))
    if len(holes):
        kept = max(1, int(holes[0]))
        points, evaluations, values = points[:kept], evaluations[:kept], values[:kept]
        halted = halted if halted == UNFIT else NOT_FINITE
    return Run(evaluations, values, points, halted)


def rounded(optimizer: Optimizer, course: Course, hyper: Numbers) -> dict[str, float]:
    """`hyper` with what the race gives to a method that brings noise of its own: the race's noise and batch, no other."""
    given = {"noise": course.noise, "batch": float(max(1, course.batch))}
    names = {one.name for one in optimizer.hyper}
    if "noise" in names:
        return {**hyper, **{name: value for name, value in given.items() if name in names and name in GIVEN}}
    return dict(hyper)


def inside(course: Course, one: Run) -> npt.NDArray[np.bool_]:
    """(K + 1,) which points lie on the plot."""
    x0, x1, y0, y1 = course.surface.domain
    x, y = one.points[:, 0], one.points[:, 1]
    found: npt.NDArray[np.bool_] = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
    return found


def lost(course: Course, one: Run) -> bool:
    """Whether it broke off for good: no number any more, or off the plot. Where no minimum is known, who came down to the
    target on the plot may leave it afterwards; a leap over the edge is no way down."""
    if one.halted in (NOT_FINITE, UNFIT):
        return True
    return one.halted == LEFT and (course.known or not bool((inside(course, one) & (one.values <= course.target)).any()))


def arrival(course: Course, one: Run, fine: bool = False) -> float:
    """Gradients until the loss was down to the target for good: from then on it stays below STAY times the target's height.

    inf where it never was, or the run was lost later. Where no minimum is known, the first time on the plot counts. `fine`:
    between two points, in proportion to the logarithm of the height, so that the search sees more than whole steps.
    """
    if lost(course, one):
        return math.inf
    goal = course.target - course.floor
    high = np.flatnonzero(one.values > course.floor + STAY * max(goal, 0.0)) if course.known else one.evaluations[:0]
    since = int(high[-1]) + 1 if len(high) else 0
    down = one.values <= course.target
    there = since + np.flatnonzero((down if course.known else down & inside(course, one))[since:])
    if not len(there):
        return math.inf
    index = int(there[0])
    cost = float(one.evaluations[index])
    if not fine or index == 0:
        return cost
    above, below = float(one.values[index - 1]) - course.floor, float(one.values[index]) - course.floor
    if not (goal > 0.0 and above > goal):
        return cost
    whole = math.log(above / max(below, 1e-12 * goal))
    share = math.log(above / goal) / whole if whole > 0.0 else 1.0
    before = float(one.evaluations[index - 1])
    return before + min(share, 1.0) * (cost - before)


def ending(course: Course, one: Run) -> float:
    """The loss at the end of the budget: the median over its last tenth, as the curve shows it; inf where it was lost.

    Where no minimum is known: the lowest on the plot.
    """
    if lost(course, one):
        return math.inf
    if not course.known:
        return float(one.values[inside(course, one)].min(initial=math.inf))
    grid = np.arange(math.floor((1.0 - LAST) * course.budget), course.budget + 1)
    return float(np.median(staircase(one, grid)))


def staircase(one: Run, grid: npt.NDArray[np.float64] | I64) -> F64:
    """The loss at `grid` gradients: that of the last point made by then; inf from where a run was no number any more."""
    at = np.searchsorted(one.evaluations, grid, side="right") - 1
    values = np.asarray(one.values, dtype=np.float64)[at]
    if one.halted in (NOT_FINITE, UNFIT):
        values = np.where(np.asarray(grid) > one.evaluations[-1], np.inf, values)
    return values


def trial_cost(course: Course, one: Run, objective: str) -> float:
    """What the search makes small: a number in any case, so that it finds its way where nobody gets there yet.

    "target": gradients to the target; where it was not reached one to two budgets, the more the higher the lowest loss
    stayed; lost runs two. "loss": log10 of the height at the end; lost runs 400.
    """
    if objective == "loss":
        end = ending(course, one)
        scale = max(course.first - course.floor, 1e-300)
        return math.log10(max(end - course.floor, 1e-16 * scale)) if math.isfinite(end) else 400.0
    found = arrival(course, one, fine=True)
    if math.isfinite(found):
        return found
    if lost(course, one):
        return 2.0 * course.budget
    left = (float(one.values.min()) - course.target) / max(course.first - course.target, 1e-300)
    return course.budget * (1.0 + left / (1.0 + left))


def reported_cost(course: Course, one: Run, objective: str) -> float:
    """What the race is decided by, of one seed: gradients to the target, or the loss at the end; inf: neither."""
    return ending(course, one) if objective == "loss" else arrival(course, one)


def end_of(course: Course, one: Run) -> str:
    """Where a run ended, judged by where it stayed, never by a small gradient: a saddle and a plateau have one too."""
    surface, points = course.surface, one.points
    if one.halted in (NOT_FINITE, UNFIT, LEFT):
        return one.halted
    x0, x1, y0, y1 = surface.domain
    x, y = float(points[-1, 0]), float(points[-1, 1])
    if not (x0 <= x <= x1 and y0 <= y <= y1):
        return LEFT
    if verdict(surface, points, one.halted)[0] == CONVERGED:
        return MINIMUM
    near = NEAR * surface.diagonal
    since = (1.0 - TAIL) * one.evaluations[-1]
    tail = points[np.searchsorted(one.evaluations, since) :]
    marks = sorted(surface.landmarks, key=lambda mark: math.dist((mark.x, mark.y), (x, y)))
    for mark in marks:
        if bool((np.hypot(tail[:, 0] - mark.x, tail[:, 1] - mark.y) <= near).all()):
            return KINDS[mark.kind]
    if bool((np.hypot(tail[:, 0] - x, tail[:, 1] - y) > 0.1 * near).any()):
        return WAY
    low, high = eigenvalues(*surface.hessian(x, y))
    newton_near = low < 0.0 < high and math.hypot(*slope(surface.gradient, x, y)) <= near * min(-low, high)
    return SADDLE if newton_near else STILL
