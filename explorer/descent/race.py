"""Jobs: a surface on a grid, and several methods from one start. Paths are computed whole; showing them is another matter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from explorer.descent.ground import Surface, height, optimizer_named, surface_of
from explorer.descent.kept_paths import path
from explorer.descent.method import Optimizer
from explorer.descent.sampling import samples_of
from explorer.descent.schedules import schedule_named
from explorer.descent.walk import Rules, trajectory
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.descent import F64, Race, Trajectory
from explorer.requests.basins import BasinsRequest, StabilityRequest
from explorer.requests.race import RaceRequest, SurfaceRequest

DRAWN = 240  # steps at which a schedule is told
__all__ = ["race", "rules_of", "sample", "trajectory"]


def sample(request: SurfaceRequest, work: Work) -> Iterator[Step]:
    """Job of SurfaceRequest: SurfaceSamples."""
    yield Result(samples_of(request, surface_of(request)))


def race(request: RaceRequest, work: Work) -> Iterator[Step]:
    """Job of RaceRequest: Race. One Progress a method.

    `facts`: "title" and "titles" (of the surface, of each optimizer: English keys), "domain" (x low, x high, y low, y high),
    "rates" (optimizer -> learning rate used), "steps" asked for, "course" (see `course`), "ensembles" (see `ensemble`; of
    those optimizers that have snapshots).
    """
    surface = surface_of(request)
    start = request.start or surface.start
    for name in (*request.hyper, *(name for _, name, _, _ in request.changes)):
        optimizer_named(name)
    entered = [optimizer_named(name) for name in request.optimizers]
    numbers = [one.numbers(surface, request.hyper.get(one.name, {}), request.rate) for one in entered]
    runs = []
    for index, (optimizer, hyper) in enumerate(zip(entered, numbers, strict=True)):
        runs.append(path(request, surface, optimizer, hyper, start, work.token, rules_of(request, optimizer)))
        yield Progress(index + 1, len(entered), optimizer.name)
    rates = {one.name: hyper["lr"] for one, hyper in zip(entered, numbers, strict=True) if "lr" in hyper}
    facts = {
        "title": surface.title,
        "titles": {one.name: one.title for one in entered},
        "domain": list(surface.domain),
        "rates": rates,
        "steps": request.steps,
        "course": course(request),
        "ensembles": {run.optimizer: ensemble(surface, run) for run in runs if run.snapshots},
    }
    yield Result(Race(samples_of(request, surface), tuple(runs), start, request.seed, facts))


def course(request: RaceRequest | BasinsRequest | StabilityRequest) -> dict[str, F64]:
    """What the schedule does: "step" (K,), "factor" (K,) of the learning rate, "momentum" (K,) where it is run against it."""
    schedule = schedule_named(request.schedule)
    steps = (request.budget if isinstance(request, RaceRequest) else 0) or request.steps
    shape = schedule.shape(request.shape)
    places = np.unique(np.linspace(1, steps, min(steps, DRAWN)).astype(np.int64))
    found = {"step": places.astype(np.float64)}
    found["factor"] = np.array([schedule.factor(k, steps, shape) for k in places.tolist()])
    if schedule.against is not None:
        found["momentum"] = np.array([schedule.against(k, steps, shape) for k in places.tolist()])
    return found


def ensemble(surface: Surface, run: Trajectory) -> dict[str, float]:
    """The snapshots of one path together: "count", their mean point "x", "y" and its "value", the "mean" and "best" of their
    own values. Averaging weights is what snapshot ensembles of networks do where they are put into one network."""
    points, values = run.points[list(run.snapshots)], run.values[list(run.snapshots)]
    x, y = (float(one) for one in points.mean(axis=0))
    own = height(surface.value, x, y)
    return {
        "count": float(len(values)), "x": x, "y": y, "value": own, "mean": float(values.mean()), "best": float(values.min()),
    }  # fmt: skip


def rules_of(request: RaceRequest, optimizer: Optimizer) -> Rules:
    """What a race asks of one method beside its numbers. Raises BadRequestError for an unknown schedule or its parameter."""
    schedule = schedule_named(request.schedule)
    schedule.shape(request.shape)
    changes = tuple(
        (step, name, value * request.rate if name == "lr" else value)
        for step, who, name, value in request.changes
        if who == optimizer.name
    )
    return Rules(
        schedule, request.shape, changes, request.noise, request.batch, request.clip, request.seed, request.budget, request.kept
    )
