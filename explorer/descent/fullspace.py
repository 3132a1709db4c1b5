"""The space of all weights in which a 2-D surface is a plane, and paths that leave the plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.descent.ground import HOLES, Point, Surface, optimizer_named, refusal, surface_of
from explorer.descent.method import Numbers, Optimizer
from explorer.i18n import N_
from explorer.jobs import CancelToken, Progress, Result, Step, Work
from explorer.records.neural import FullPath, FullRace
from explorer.requests.neural import FullSpaceRequest

F64 = npt.NDArray[np.float64]
FAR = 1e100  # weights beyond this are no numbers any more: their squares could not be added


@dataclass(frozen=True, eq=False)
class Space:
    """All weights of a small network, and a plane in them.

    `origin`: (P,) float64, the weights at (0, 0) of the plane; `directions`: (2, P), what one unit of x and of y adds.
    `value`, `gradient`: the loss at weights (P,) and its gradient (P,). They need not be at right angles.
    """

    origin: F64
    directions: F64
    value: Callable[[F64], float]
    gradient: Callable[[F64], F64]

    def lift(self, x: float, y: float) -> F64:
        """The weights (P,) at the plane's (x, y)."""
        there: F64 = self.origin + x * self.directions[0] + y * self.directions[1]
        return there

    def project(self, weights: F64) -> tuple[F64, F64]:
        """The plane's nearest points (K, 2) to `weights` (K, P), and the distances from it (K,)."""
        away = weights - self.origin
        plane = np.asarray(np.linalg.solve(self.directions @ self.directions.T, self.directions @ away.T).T, dtype=np.float64)
        distance: F64 = np.sqrt(np.square(away - plane @ self.directions).sum(axis=1))
        return plane, distance


def leave(request: FullSpaceRequest, work: Work) -> Iterator[Step]:
    """Job of FullSpaceRequest: FullRace. One Progress a method."""
    surface = surface_of(request)
    if surface.space is None:
        raise refusal("space.none", N_("{surface} is not a plane in a larger space."), {"surface": surface.name})
    space = surface.space()
    start = request.start or surface.start
    paths = []
    for number, name in enumerate(request.optimizers):
        optimizer = optimizer_named(name)
        hyper = optimizer.numbers(surface, request.hyper.get(name, {}), request.rate)
        paths.append(full_path(space, surface, optimizer, hyper, start, request.steps, work.token))
        yield Progress(number + 1, len(request.optimizers), name)
    yield Result(FullRace(surface.samples(request.resolution), tuple(paths), start, len(space.origin)))


def full_path(
    space: Space, surface: Surface, optimizer: Optimizer, hyper: Numbers, start: Point, steps: int, token: CancelToken
) -> FullPath:
    """The path of one method in all weights, from a point of the plane.

    A method written for two numbers walks in many where it treats each number by itself: the weights go through it in pairs.
    Raises BadRequestError for any other.
    """
    if optimizer.make is None or not by_itself(optimizer, hyper, surface):
        text = N_("{optimizer} cannot walk in all weights: what it does to one weight depends on the others.")
        raise refusal("space.method", text, {"optimizer": optimizer.name})
    moves = [optimizer.make(hyper, surface) for _ in range(0, len(space.origin), 2)]
    memories = [[0.0] * (2 * len(optimizer.memory)) for _ in moves]
    weights = space.lift(*start)
    path, values = [weights], [space.value(weights)]
    halted = False
    for k in range(1, steps + 1):
        token.check()
        try:
            slopes = np.append(space.gradient(weights), 0.0).tolist()  # the partner of the last one, where they are odd
            here = np.append(weights, 0.0).tolist()
            found: list[float] = []
            for pair, (move, memory) in enumerate(zip(moves, memories, strict=True)):
                at = 2 * pair
                found += move(here[at], here[at + 1], slopes[at], slopes[at + 1], memory, k)
        except HOLES:
            halted = True
            break
        weights = np.array(found[: len(weights)])
        with np.errstate(all="ignore"):
            value = space.value(weights)
        if not (np.abs(weights).max() < FAR and np.isfinite(value)):
            halted = True
            break
        path.append(weights)
        values.append(value)
    points, distance = space.project(np.array(path))
    return FullPath(
        optimizer.name, points, distance, np.array(values), surface.array(points[:, 0], points[:, 1]), dict(hyper), halted
    )


def by_itself(optimizer: Optimizer, hyper: Numbers, surface: Surface) -> bool:
    """Whether what a method does to one number never depends on the other: tried for a few steps."""
    if optimizer.make is None:
        return False
    ends = []
    for other in (0.0, 3.0):
        move, memory, x = optimizer.make(hyper, surface), [0.0] * (2 * len(optimizer.memory)), 0.5
        for k in range(1, 4):
            x, _ = move(x, other, 0.7 * k, -other * k, memory, k)
        ends.append(x)
    return ends[0] == ends[1]
