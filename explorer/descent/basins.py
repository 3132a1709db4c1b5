"""Job: where every start of a grid ends, by several methods, coarse to fine."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import numpy as np

from explorer.descent.array_moves import Values
from explorer.descent.field_arrays import is_slow
from explorer.descent.ground import Surface, optimizer_named, surface_of
from explorer.descent.method import Optimizer
from explorer.descent.race import course
from explorer.descent.sampling import samples_of
from explorer.descent.sweep import has_arrays
from explorer.descent.sweep_ends import Ends, ends_of
from explorer.descent.sweep_rules import rules_of, told_rules
from explorer.descent.walk import PLAIN, Rules
from explorer.jobs import CancelToken, Preview, Progress, Result, Step, Work
from explorer.records.basins import NOT_YET, UNFIT, Basins, EndMap, centres
from explorer.records.descent import F64
from explorer.requests.basins import BasinsRequest

COARSEST, SLOWEST = 32, 8  # starts along each side of the first picture; on a slow surface
WALKED = 48  # and at most for a method that goes from one start after the other
NEWS_S = 0.02  # progress is told no more often


def levels(grid: int, slow: bool = False) -> list[int]:
    """Starts along each side of each picture: doubled until there are enough."""
    found = []
    side = SLOWEST if slow else COARSEST
    while side < grid:
        found.append(side)
        side *= 2
    return [*found, grid]


def sides(optimizer: Optimizer, surface: Surface, grid: int, rules: Rules = PLAIN) -> list[int]:
    """Those of them that are worked out for a method; the same number again where nothing new would come."""
    most = grid if has_arrays(optimizer, surface, rules) else WALKED
    return [min(side, most) for side in levels(grid, is_slow(surface))]


def basins(request: BasinsRequest, work: Work) -> Iterator[Step]:
    """Job of BasinsRequest: Basins. Raises BadRequestError for unknown names."""
    surface = surface_of(request)
    for name in request.hyper:
        optimizer_named(name)
    entered = [optimizer_named(name) for name in request.optimizers]
    numbers = [one.numbers(surface, request.hyper.get(one.name, {}), request.rate) for one in entered]
    samples = samples_of(request, surface)
    rules = rules_of(request)
    stages = [sides(one, surface, request.grid, rules) for one in entered]
    total = sum(request.steps * side * side for stage in stages for side in dict.fromkeys(stage))
    clock = Clock(total)
    facts = {
        "title": surface.title,
        "titles": {one.name: one.title for one in entered},
        "domain": list(surface.domain),
        "start": list(surface.start),
        "rules": told_rules(request),
        "schedule": rules.schedule.title,
        "course": course(request),
    }
    made: dict[str, EndMap] = {}
    for level, grid in enumerate(levels(request.grid, is_slow(surface))):
        ends = Ends(surface)
        known = len(ends.places)
        for one, hyper, stage in zip(entered, numbers, stages, strict=True):
            side = stage[level]
            if level and side == stage[level - 1] and not _new_ends(made[one.name], known):
                continue
            made[one.name] = yield from clock.told(
                end_map(surface, one, hyper, grid_of(surface, side), (side, side), request.steps, ends, work.token, rules)
            )
        x0, x1, y0, y1 = surface.domain
        record = Basins(
            samples, tuple(made[one.name] for one in entered), tuple(ends.places), centres(x0, x1, grid), centres(y0, y1, grid),
            request.steps, request.grid, facts | {"taken": clock.taken},
        )  # fmt: skip
        yield Result(record) if record.whole else Preview(record, clock.done, total)


def _new_ends(one: EndMap, known: int) -> bool:
    """Whether a map names places that only its own level knew: their numbers are others in the next."""
    return bool((one.ends >= known).any())


def grid_of(surface: Surface, side: int) -> F64:
    """(2, side * side) starts: the middles of equal cells, row by row from the lowest y."""
    x0, x1, y0, y1 = surface.domain
    x, y = np.meshgrid(centres(x0, x1, side), centres(y0, y1, side))
    return np.stack([x.ravel(), y.ravel()])


def end_map(
    surface: Surface, optimizer: Optimizer, hyper: Values, starts: F64, shape: tuple[int, int], steps: int, ends: Ends,
    token: CancelToken | None = None, rules: Rules = PLAIN,
) -> Generator[int, None, EndMap]:  # fmt: skip
    """The map of one method from `starts` (2, n); yields the steps taken since the last yield."""
    plain = {name: float(one) for name, one in hyper.items() if not isinstance(one, np.ndarray)}
    if optimizer.needs and getattr(surface, optimizer.needs) is None:
        unfit = np.full(shape, UNFIT, np.int16)
        return EndMap(optimizer.name, unfit, np.zeros(shape, np.int32), plain)
    found, since = yield from ends_of(surface, optimizer, hyper, starts, steps, ends, token, rules)
    by = "arrays" if has_arrays(optimizer, surface, rules) else "walks"
    return EndMap(
        optimizer.name, found.astype(np.int16).reshape(shape), since.astype(np.int32).reshape(shape), plain, by
    )  # fmt: skip


class Clock:
    """Counts steps and tells of them, at most every NEWS_S. Who leaves early takes fewer steps than were expected."""

    def __init__(self, total: int) -> None:
        self.total, self.taken, self.done = total, 0, 0
        self._told = time.perf_counter()

    def told(self, walk: Generator[int, None, EndMap]) -> Generator[Step, None, EndMap]:
        """Run `walk`, telling of its steps; what it returns."""
        while True:
            try:
                taken = next(walk)
            except StopIteration as end:
                made: EndMap = end.value
                return made
            self.taken += taken
            self.done = min(self.taken, self.total)
            now = time.perf_counter()
            if now - self._told >= NEWS_S:
                self._told = now
                yield Progress(self.done, self.total, "steps")


__all__ = ["NOT_YET", "basins", "end_map", "grid_of", "levels"]
