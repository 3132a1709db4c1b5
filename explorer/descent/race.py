"""Jobs: a surface on a grid, and several methods from one start. Paths are computed whole; showing them is another matter."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from explorer.descent.ground import HOLES, Point, Surface, optimizer_named, slope, surface_of
from explorer.descent.optimizers import Move, Numbers, Optimizer
from explorer.descent.verdict import LEFT, NOT_FINITE, verdict
from explorer.jobs import CancelToken, Progress, Result, Step, Work
from explorer.records.descent import Race, Trajectory
from explorer.requests.race import RaceRequest, SurfaceRequest

CHUNK = 1024  # steps between two looks at the cancel token


def sample(request: SurfaceRequest, work: Work) -> Iterator[Step]:
    """Job of SurfaceRequest: SurfaceSamples."""
    yield Result(surface_of(request).samples(request.resolution))


def race(request: RaceRequest, work: Work) -> Iterator[Step]:
    """Job of RaceRequest: Race. One Progress a method.

    `facts`: "title" and "titles" (of the surface, of each optimizer: English keys), "domain" (x low, x high, y low, y high),
    "rates" (optimizer -> learning rate used), "steps" asked for.
    """
    surface = surface_of(request)
    start = request.start or surface.start
    for name in request.hyper:
        optimizer_named(name)
    entered = [optimizer_named(name) for name in request.optimizers]
    numbers = [one.numbers(surface, request.hyper.get(one.name, {}), request.rate) for one in entered]
    runs = []
    for index, (optimizer, hyper) in enumerate(zip(entered, numbers, strict=True)):
        runs.append(trajectory(surface, optimizer, hyper, start, request.steps, work.token))
        yield Progress(index + 1, len(entered), optimizer.name)
    rates = {one.name: hyper["lr"] for one, hyper in zip(entered, numbers, strict=True) if "lr" in hyper}
    facts = {
        "title": surface.title,
        "titles": {one.name: one.title for one in entered},
        "domain": list(surface.domain),
        "rates": rates,
        "steps": request.steps,
    }
    yield Result(Race(surface.samples(request.resolution), tuple(runs), start, request.seed, facts))


def trajectory(
    surface: Surface, optimizer: Optimizer, hyper: Numbers, start: Point, steps: int, token: CancelToken | None = None
) -> Trajectory:
    """The path of one method: `steps` steps, fewer where it leaves the plot for good or meets a number that is none.

    Only finite points are kept. Raises Cancelled.
    """
    walk = _Walk(surface, optimizer, hyper, start)
    for first in range(1, steps + 1, CHUNK):
        if token is not None:
            token.check()
        if not walk.advance(range(first, min(first + CHUNK, steps + 1))):
            break
    return walk.finish(optimizer, hyper)


class _Walk:
    """A path in the making, in plain lists."""

    def __init__(self, surface: Surface, optimizer: Optimizer, hyper: Numbers, start: Point) -> None:
        self.surface = surface
        self.move: Move = optimizer.make(hyper, surface)
        self.points = [start]
        self.slopes: list[Point] = []
        self.memory = [0.0] * (2 * len(optimizer.memory))
        self.memories = [tuple(self.memory)]
        self.halted = ""

    def advance(self, numbers: range) -> bool:
        """Take the steps `numbers`; False when the path ends here."""
        x0, x1, y0, y1 = self.surface.domain
        # Who overshoots the plot may come back; who is a whole plot away is gone, and 1e300 could not be drawn.
        west, east, south, north = 2 * x0 - x1, 2 * x1 - x0, 2 * y0 - y1, 2 * y1 - y0
        gradient, move, memory = self.surface.gradient, self.move, self.memory
        points, slopes, memories = self.points, self.slopes, self.memories
        x, y = points[-1]
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
        except HOLES:
            self.halted = NOT_FINITE
            return False
        return True

    def finish(self, optimizer: Optimizer, hyper: Numbers) -> Trajectory:
        """Value the points, cut the path at the first hole, judge it."""
        points = np.array(self.points, dtype=np.float64)
        values = self.surface.array(points[:, 0], points[:, 1])
        holes = np.flatnonzero(np.isnan(values))
        if len(holes):
            self.halted = NOT_FINITE
            kept = max(1, int(holes[0]))  # a start in a hole is kept: it must be seen
            points, values = points[:kept], values[:kept]
        count = len(points)
        status, at = verdict(self.surface, points, self.halted)
        if np.isnan(values[0]):
            at = 0
        self.slopes += [slope(self.surface.gradient, *self.points[index]) for index in range(len(self.slopes), count)]
        memories = np.array(self.memories[:count], dtype=np.float64).reshape(count, len(optimizer.memory), 2)
        state = {name: np.ascontiguousarray(memories[:, index]) for index, name in enumerate(optimizer.memory)}
        gradients = np.array(self.slopes[:count], dtype=np.float64)
        return Trajectory(optimizer.name, points, values, gradients, state, dict(hyper), status, at)
