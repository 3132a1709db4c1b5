"""Job: a fair race. Every method gets the same budget in gradients and the same search for its hyper-parameters; then the
tuned methods run over seeds that the search has not seen. What it all rests on is in the record, and from there in the card.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from explorer.descent import contest_runs as runs
from explorer.descent.contest_rank import standing
from explorer.descent.contest_runs import Course
from explorer.descent.contest_search import Search, searched
from explorer.descent.ground import Point, Surface, height, optimizer_named, surface_of
from explorer.descent.method import Optimizer
from explorer.i18n import N_
from explorer.jobs import CancelToken, Preview, Progress, Result, Step, Work
from explorer.records.contest import Contender, Contest, quartiles
from explorer.records.descent import F64
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.contest import ContestRequest

HALF = 0.5  # share of the start's height that is left at the target at least, where no minimum is known
GRID = 240  # points of a curve, evenly over the budget; its first GRID / 2 gradients have one each besides
SIDE = 101  # grid points along each side, where the lowest value must be looked for
LOOK, SHOW = 0.02, 0.12  # seconds between two looks at the token, and between two previews
LOOKS = ("resolution", "levels")  # of a request, what is about pictures alone
TUNING, REPORTED = 0, 1  # two families of seeds that never meet


def contest(request: ContestRequest, work: Work) -> Iterator[Step]:
    """Job of ContestRequest: Contest, and the same with what is known so far as previews."""
    surface = surface_of(request)
    entered = [optimizer_named(name) for name in request.optimizers]
    for name, numbers in request.hyper.items():
        for one in numbers:
            optimizer_named(name).require(one)
    yield from race(request, surface, entered, work.token)


def race(
    request: ContestRequest, surface: Surface, entered: list[Optimizer], token: CancelToken, turn: float = 0.0
) -> Iterator[Step]:
    """The race itself; `turn`: degrees by which the starts are turned about the origin, as the surface was."""
    maker = Maker(request, surface, entered, turn)
    total = maker.total
    looked, shown = 0.0, time.perf_counter()
    for done, text in enumerate(maker.work(token), 1):
        now = time.perf_counter()
        if now - looked >= LOOK:
            looked = now
            if now - shown >= SHOW:
                shown = now
                yield Preview(maker.record(), done, total)
            else:
                yield Progress(done, total, text)
    yield Result(maker.record("done"))


def turned_by(turn: float, point: Point) -> Point:
    """A point turned about the origin by `turn` degrees."""
    if turn == 0.0:
        return point
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return c * point[0] - s * point[1], s * point[0] + c * point[1]


def course_of(request: ContestRequest, surface: Surface, turn: float = 0.0) -> Course:
    """Floor, first loss and target of a request. Raises BadRequestError where the start has no value or is there already."""
    start = turned_by(turn, request.start or surface.start)
    first = height(surface.value, *start)
    minima = [mark.value for mark in surface.landmarks if mark.kind == "minimum"]
    floor = min(minima) if minima else lowest(surface)
    target = (
        request.target if request.target is not None else floor + max(request.share, 0.0 if minima else HALF) * (first - floor)
    )
    if not math.isfinite(first):
        values: dict[str, object] = {"x": start[0], "y": start[1]}
        raise BadRequestError(
            Trouble("contest.start", N_("The surface has no value at the start ({x}, {y})."), values, exit_code=2)
        )
    if not first > target:
        text = N_("The start has a loss of {first}, which is not above the target {target}: nobody has to move.")
        values = {"first": f"{first:.6g}", "target": f"{target:.6g}"}
        raise BadRequestError(Trouble("contest.target", text, values, exit_code=2))
    return Course(surface, request.budget, request.noise, request.batch, floor, bool(minima), first, target)


def lowest(surface: Surface) -> float:
    """The lowest value on a grid over the plot; 0 where there is none at all."""
    x0, x1, y0, y1 = surface.domain
    x, y = np.meshgrid(np.linspace(x0, x1, SIDE), np.linspace(y0, y1, SIDE))
    z = surface.array(x, y)
    return float(np.nanmin(z)) if np.isfinite(z).any() else 0.0


def seeds_of(request: ContestRequest, family: int, count: int) -> tuple[int, ...]:
    """Seeds of the gradient noise, (S,): the first numbers of a generator of their own for each family."""
    rng = np.random.default_rng((request.seed, 5, family))
    return tuple(int(one) for one in rng.integers(0, 2**31, size=count))


def starts_of(request: ContestRequest, surface: Surface, family: int, count: int, turn: float = 0.0) -> tuple[Point, ...]:
    """Where each seed begins: evenly within a disc around the start, that is turned with the surface."""
    x, y = request.start or surface.start
    rng = np.random.default_rng((request.seed, 7, family))
    radius = request.spread * surface.diagonal * np.sqrt(rng.random(count))
    angle = 2.0 * math.pi * rng.random(count)
    flat = zip((x + radius * np.cos(angle)).tolist(), (y + radius * np.sin(angle)).tolist(), strict=True)
    return tuple(turned_by(turn, point) for point in flat)


class Maker:
    """A race in the making."""

    def __init__(self, request: ContestRequest, surface: Surface, entered: list[Optimizer], turn: float) -> None:
        self.request, self.surface, self.entered = request, surface, entered
        self.course = course_of(request, surface, turn)
        self.tuning_starts = starts_of(request, surface, TUNING, request.tuning_seeds, turn) if request.trials else ()
        self.tuning_seeds = seeds_of(request, TUNING, request.tuning_seeds) if request.trials else ()
        self.starts = starts_of(request, surface, REPORTED, request.seeds, turn)
        self.seeds = seeds_of(request, REPORTED, request.seeds)
        even = np.rint(np.linspace(0, request.budget, min(request.budget, GRID) + 1))
        self.grid = np.union1d(even, np.arange(min(request.budget, GRID // 2) + 1, dtype=np.float64))
        self.searches: list[Search] = []
        self.base: list[dict[str, float]] = []
        self.fits = [not one.needs or getattr(surface, one.needs) is not None for one in entered]
        for one in entered:
            given = request.hyper.get(one.name, {})
            ranges = searched(one, request.scope, given) if request.trials else {}
            self.searches.append(Search(ranges, request.trials if ranges else 0, request.seed))
            self.base.append(runs.rounded(one, self.course, one.numbers(surface, given)))
        self.costs = np.full((request.seeds, len(entered)), np.nan)
        self.curves: list[list[F64]] = [[] for _ in entered]
        self.ends: list[dict[str, int]] = [{} for _ in entered]
        self.stage = "tuning"

    @property
    def total(self) -> int:
        """Runs in all."""
        tuned = sum(one.trials for one, fits in zip(self.searches, self.fits, strict=True) if fits)
        return tuned * self.request.tuning_seeds + len(self.entered) * self.request.seeds

    def hyper(self, index: int) -> dict[str, float]:
        """The numbers of a method: the best of its search so far."""
        search = self.searches[index]
        return {**self.base[index], **search.numbers(search.place)} if search.place else self.base[index]

    def work(self, token: CancelToken) -> Iterator[str]:
        """Run after run; says which method ran. All methods take turns, so that all are equally far at any time."""
        objective = self.request.objective
        for _ in range(self.request.trials):
            for index, optimizer in enumerate(self.entered):
                search = self.searches[index]
                if not search.trials or not self.fits[index]:
                    continue
                hyper = {**self.base[index], **search.ask()}
                found = []
                for start, seed in zip(self.tuning_starts, self.tuning_seeds, strict=True):
                    one = runs.run(self.course, optimizer, hyper, start, seed, token)
                    found.append(runs.trial_cost(self.course, one, objective))
                    yield optimizer.name
                search.tell(sum(found) / len(found))
        self.stage = "runs"
        for number, (start, seed) in enumerate(zip(self.starts, self.seeds, strict=True)):
            for index, optimizer in enumerate(self.entered):
                one = runs.run(self.course, optimizer, self.hyper(index), start, seed, token)
                self.costs[number, index] = runs.reported_cost(self.course, one, objective)
                self.curves[index].append(runs.staircase(one, self.grid))
                end = runs.end_of(self.course, one)
                self.ends[index][end] = self.ends[index].get(end, 0) + 1
                yield optimizer.name

    def record(self, stage: str = "") -> Contest:
        """What is known so far."""
        request, surface = self.request, self.surface
        contenders = [self._contender(index) for index in range(len(self.entered))]
        if stage == "done":
            found = standing(self.costs, request.seed)
            names = [one.name for one in self.entered]
            contenders = [
                replace(
                    one, rank=float(found.rank[index]), rank_low=float(found.low[index]), rank_high=float(found.high[index]),
                    place=found.places[index], tied=tuple(names[other] for other in found.ties[index]),
                )
                for index, one in enumerate(contenders)
            ]  # fmt: skip
        facts = {
            "surface": surface.name, "title": surface.title, "formula": surface.formula, "values": dict(surface.chosen),
            "domain": list(surface.domain), "start": list(request.start or surface.start),
        }  # fmt: skip
        course, asked = self.course, request.model_dump(mode="json", exclude=set(LOOKS))
        return Contest(
            asked, tuple(contenders), self.grid, course.floor, course.known, course.first,
            course.target, self.tuning_starts, self.starts, self.tuning_seeds, self.seeds, stage or self.stage, facts,
        )  # fmt: skip

    def _contender(self, index: int) -> Contender:
        optimizer, search = self.entered[index], self.searches[index]
        fixed = tuple(one.name for one in optimizer.hyper if one.name not in search.ranges)
        best = search.best if search.done else math.nan
        made = len(self.curves[index])
        none = np.zeros(0)
        low, middle, high = quartiles(np.stack(self.curves[index])) if made else (none, none, none)
        costs = self.costs[:made, index].copy()
        return Contender(
            optimizer.name, optimizer.title, search.ranges, self.hyper(index), fixed, search.done, best, costs, middle, low,
            high, dict(sorted(self.ends[index].items())),
        )  # fmt: skip
