"""The path of one method: step after step until the budget is used up, the plot is left for good or a number is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from explorer.descent.ground import HOLES, Gradient, Point, Surface, slope
from explorer.descent.method import Move, Numbers, Optimizer, Plan
from explorer.descent.oracle import Oracle
from explorer.descent.schedules import MOMENTA, Schedule, schedule_named
from explorer.descent.verdict import LEFT, NOT_FINITE, UNFIT, verdict
from explorer.jobs import CancelToken
from explorer.records.descent import F64, Trajectory

CHUNK = 1024  # steps between two looks at the cancel token
KEPT = 100_000  # points at most of one path; longer ones are thinned out evenly
Change = tuple[int, str, float]  # from this step on, this hyper-parameter has this value


@dataclass(frozen=True)
class Rules:
    """What holds beside a method's own hyper-parameters.

    `changes`: in order of their steps. `noise`: spread of normal noise on every gradient; `batch`: terms a gradient is taken
    from, on a surface that is a mean of terms (0: all); `clip`: longest gradient a first-order method gets (0: any).
    `budget`: gradients instead of steps (0: steps count). `kept`: points at most.
    """

    schedule: Schedule = field(default_factory=lambda: schedule_named("constant"))
    shape: Mapping[str, float] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    noise: float = 0.0
    batch: int = 0
    clip: float = 0.0
    seed: int = 0
    budget: int = 0
    kept: int = KEPT

    @property
    def steady(self) -> bool:
        """Whether every step is made with the same numbers."""
        return self.schedule.name == "constant" and not self.changes

    @property
    def exact(self) -> bool:
        """Whether methods get the surface's own gradients."""
        return not (self.noise or self.batch or self.clip)


PLAIN = Rules()


def trajectory(
    surface: Surface,
    optimizer: Optimizer,
    hyper: Numbers,
    start: Point,
    steps: int,
    token: CancelToken | None = None,
    rules: Rules = PLAIN,
) -> Trajectory:
    """The path of one method: `steps` steps, fewer where it leaves the plot for good or meets a number that is none.

    Only finite points are kept. Raises Cancelled, and BadRequestError for a change of what the method does not have.
    """
    steps = rules.budget or steps
    walk = Walk(surface, optimizer, hyper, start, steps, rules)
    if not walk.fits:
        return walk.finish()
    for first in range(1, steps + 1, CHUNK):
        if token is not None:
            token.check()
        if not walk.advance(range(first, min(first + CHUNK, steps + 1))):
            break
    return walk.finish()


def given(surface: Surface, rules: Rules, clip: float) -> Gradient:
    """The gradient as a method gets it by `rules`, no longer than `clip` (0: as long as it is)."""
    gradient = surface.gradient
    if rules.noise or rules.batch:
        gradient = surface.sampled_gradient(rules.batch, np.random.default_rng(rules.seed), rules.noise)
    if not clip:
        return gradient

    def clipped(x: float, y: float) -> Point:
        gx, gy = gradient(x, y)
        # operations that numpy rounds alike (sweep_rules.py): a map of many starts ends where this path does, to the last bit
        largest = max(abs(gx), abs(gy))
        if not largest > 0.0:
            return gx, gy
        ax, ay = gx / largest, gy / largest
        size = largest * math.sqrt(ax * ax + ay * ay)
        return (gx * clip / size, gy * clip / size) if size > clip else (gx, gy)

    return clipped


class _Kept(NamedTuple):
    """A point of a path and what is remembered of the step that led there."""

    number: int
    point: Point
    memory: tuple[float, ...]
    rate: float
    asked: int


class Walk:
    """A path in the making, in plain lists."""

    def __init__(
        self, surface: Surface, optimizer: Optimizer, hyper: Numbers, start: Point, steps: int, rules: Rules = PLAIN
    ) -> None:
        self.surface, self.optimizer, self.hyper = surface, optimizer, dict(hyper)
        self.steps, self.rules = steps, rules
        for _, name, _ in rules.changes:
            optimizer.require(name)
        self._changes = sorted(rules.changes, key=lambda change: change[0])
        self._base, self.now = dict(hyper), dict(hyper)
        self.shape = rules.schedule.shape(rules.shape)
        # line searches and models need gradients that belong to the values: they are not clipped
        self.gradient = given(surface, rules, rules.clip if optimizer.make is not None else 0.0)
        self.oracle = Oracle(surface, self.gradient, rules.seed)
        self.move: Move | None = None
        self.plan: Plan | None = None
        self.make(hyper)
        self.memory = [0.0] * (2 * len(optimizer.memory))
        self.stride = max(1, -(-steps // max(1, rules.kept)))
        self.at = start
        self.points, self.numbers = [start], [0]
        self.memories = [tuple(self.memory)]
        self.slopes: list[Point] = []
        self.rates: list[float] = []
        self.counts = [0]
        self.last = _Kept(0, start, self.memories[0], self.rate(), 0)
        self.halted = "" if self.fits else UNFIT

    @property
    def fits(self) -> bool:
        """Whether the surface has what the method needs."""
        return not self.optimizer.needs or getattr(self.surface, self.optimizer.needs) is not None

    def make(self, hyper: Numbers) -> None:
        """The step with these numbers."""
        if self.optimizer.make is not None:
            self.move = self.optimizer.make(hyper, self.surface)
        elif self.optimizer.plan is not None:
            self.plan = self.optimizer.plan(hyper, self.surface)

    @property
    def plain(self) -> bool:
        """Whether every step is one gradient and the same rule: the fast way."""
        return self.move is not None and self.rules.steady

    def advance(self, numbers: range) -> bool:
        """Take the steps `numbers`; False when the path ends here."""
        try:
            return self._straight(numbers) if self.plain else self._winding(numbers)
        except HOLES:
            self.halted = NOT_FINITE
            return False

    def walk(self, numbers: range) -> bool:
        """Take the steps `numbers` so that `step` can go on from there; False when the path ends here."""
        try:
            return self._winding(numbers)
        except HOLES:
            self.halted = NOT_FINITE
            return False

    def _far(self) -> tuple[float, float, float, float]:
        """Who overshoots the plot may come back; who is a whole plot away is gone, and 1e300 could not be drawn."""
        x0, x1, y0, y1 = self.surface.domain
        return 2 * x0 - x1, 2 * x1 - x0, 2 * y0 - y1, 2 * y1 - y0

    def _straight(self, numbers: range) -> bool:
        west, east, south, north = self._far()
        gradient, move, memory = self.gradient, self.move, self.memory
        points: list[Point] = []
        memories: list[tuple[float, ...]] = []
        slopes = self.slopes
        assert move is not None
        x, y = self.at
        try:
            for k in numbers:
                gx, gy = gradient(x, y)
                x, y = move(x, y, gx, gy, memory, k)
                if not (west <= x <= east and south <= y <= north):
                    self.halted = LEFT if math.isfinite(x) and math.isfinite(y) else NOT_FINITE
                    if self.halted == NOT_FINITE:
                        return False
                slopes.append((gx, gy))
                points.append((x, y))
                memories.append(tuple(memory))
                if self.halted:
                    return False
        finally:
            self._collect(numbers[0], points, memories)
        return True

    def _collect(self, first: int, points: list[Point], memories: list[tuple[float, ...]]) -> None:
        """Keep every so many points of a stretch that began with step `first`."""
        if not points:
            return
        number = first + len(points) - 1
        self.at = points[-1]
        self.last = _Kept(number, points[-1], memories[-1], self.rate(), number)
        offset = -first % self.stride
        self.points += points[offset :: self.stride]
        self.memories += memories[offset :: self.stride]
        self.numbers += range(first + offset, number + 1, self.stride)

    def _winding(self, numbers: range) -> bool:
        west, east, south, north = self._far()
        shown = len(self.memories[0])
        for k in numbers:
            if self.rules.budget and self.oracle.count >= self.rules.budget:
                return False
            x, y = self.step(k)
            if not (west <= x <= east and south <= y <= north):
                self.halted = LEFT if math.isfinite(x) and math.isfinite(y) else NOT_FINITE
                if self.halted == NOT_FINITE:
                    return False
            self.at = (x, y)
            self.last = _Kept(k, self.at, tuple(self.memory[:shown]), self.rate(), self.oracle.count)
            if k % self.stride == 0:
                self._keep(self.last)
            if self.halted:
                return False
        return True

    def _keep(self, one: _Kept) -> None:
        self.numbers.append(one.number)
        self.points.append(one.point)
        self.memories.append(one.memory)
        self.rates.append(one.rate)
        self.counts.append(one.asked)

    def rate(self) -> float:
        """The learning rate, or the length that was found, of the step just made; NaN where there is none."""
        return self.now.get("lr", math.nan) if math.isnan(self.oracle.rate) else self.oracle.rate

    def step(self, k: int) -> Point:
        """Step number `k` from where the path stands, with the numbers that hold there."""
        if not self.rules.steady:
            self._turn(k)
        x, y = self.at
        if self.plan is not None:
            self.oracle.begin(x, y)
            return self.plan(x, y, self.oracle, self.memory, k)
        assert self.move is not None
        gx, gy = self.slope = self.gradient(x, y)
        self.oracle.count += 1
        return self.move(x, y, gx, gy, self.memory, k)

    slope: Point = (0.0, 0.0)

    def _turn(self, k: int) -> None:
        """Make the step anew where its numbers are others than at the last one."""
        while self._changes and self._changes[0][0] <= k:
            _, name, value = self._changes.pop(0)
            self._base[name] = value
        now = dict(self._base)
        schedule = self.rules.schedule
        if "lr" in now:
            now["lr"] *= schedule.factor(k, self.steps, self.shape)
        if schedule.against is not None:
            for name in MOMENTA:
                if name in now:
                    now[name] = schedule.against(k, self.steps, self.shape)
        if now != self.now:
            self.now = now
            self.make(now)

    def finish(self) -> Trajectory:
        """Value the points, cut the path at the first hole, judge it. The last point is kept in any case."""
        if self.last.number > self.numbers[-1]:
            self._keep(self.last)
        points = np.array(self.points, dtype=np.float64)
        values = self.surface.array(points[:, 0], points[:, 1])
        holes = np.flatnonzero(np.isnan(values))
        if len(holes):
            self.halted = self.halted if self.halted == UNFIT else NOT_FINITE
            kept = max(1, int(holes[0]))  # a start in a hole is kept: it must be seen
            points, values = points[:kept], values[:kept]
        count = len(points)
        status, at = verdict(self.surface, points, self.halted)
        if np.isnan(values[0]):
            at = 0
        memories = np.array(self.memories[:count], dtype=np.float64).reshape(count, len(self.optimizer.memory), 2)
        state = {name: np.ascontiguousarray(memories[:, index]) for index, name in enumerate(self.optimizer.memory)}
        numbers = np.array(self.numbers[:count], dtype=np.int64)
        evaluations = numbers.copy() if self.plain else np.array(self.counts[:count], dtype=np.int64)
        ends = [end for end in self.rules.schedule.cycles(self.steps, self.shape) if end <= numbers[-1]]
        return Trajectory(
            self.optimizer.name, points, values, self._gradients(count), state, self.hyper, status, at,
            numbers, self._rates(count), evaluations, tuple(one for one in self.rules.changes if one[0] <= numbers[-1]),
            tuple(np.searchsorted(numbers, ends).tolist()),
        )  # fmt: skip

    def _gradients(self, count: int) -> F64:
        """The exact ones; those on the way are still known where methods got them so."""
        if not (self.plain and self.rules.exact and self.stride == 1):
            self.slopes = []
        self.slopes += [slope(self.surface.gradient, *self.points[index]) for index in range(len(self.slopes), count)]
        return np.array(self.slopes[:count], dtype=np.float64)

    def _rates(self, count: int) -> F64:
        if self.plain:
            return np.full(count, self.hyper.get("lr", math.nan))
        rates = self.rates[: count - 1]
        return np.array([rates[0] if rates else self.rate(), *rates], dtype=np.float64)
