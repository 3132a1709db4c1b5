"""Job: for which hyper-parameters a method arrives, and how soon; with what theory says at the minimum."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from explorer.descent.basins import WALKED, Clock, end_map, levels
from explorer.descent.field_arrays import is_slow
from explorer.descent.ground import Parameter, Surface, eigenvalues, optimizer_named, refusal, surface_of
from explorer.descent.method import Optimizer, chosen
from explorer.descent.race import course
from explorer.descent.sampling import samples_of
from explorer.descent.sweep import has_arrays
from explorer.descent.sweep_ends import Ends
from explorer.descent.sweep_rules import rules_of, told_rules
from explorer.i18n import N_
from explorer.jobs import Preview, Result, Step, Work
from explorer.records.basins import Bound, EndMap, Stability, centres
from explorer.records.descent import F64
from explorer.requests.basins import MEMORIES, StabilityRequest, axes_of

LONG_MEMORIES = ("beta2",)  # those whose distance to 1 counts, not they themselves
LINE = 129  # points of a line of theory


def axes(optimizer: Optimizer) -> tuple[str, ...]:
    """The hyper-parameters that can be an axis: the learning rate (or what stands for it) first, then the rest."""
    return axes_of(one.name for one in optimizer.hyper if not one.choices and not one.whole)


def stability(request: StabilityRequest, work: Work) -> Iterator[Step]:
    """Job of StabilityRequest: Stability. Raises BadRequestError."""
    surface, optimizer = surface_of(request), optimizer_named(request.optimizer)
    names = axes(optimizer)
    second = request.second or (names[1] if len(names) > 1 else "")
    if second and second not in names[1:]:
        facts = {"optimizer": optimizer.name, "name": second, "known": ", ".join(names[1:]) or "–"}
        raise refusal("stability.axis", N_("{name} cannot be the second axis of {optimizer}; these can: {known}."), facts)
    own = optimizer.numbers(surface, request.hyper.get(optimizer.name, {}))
    start = request.start or surface.start
    middle = _middle(surface, optimizer, own, names[0], start)
    samples = samples_of(request, surface)
    rules = rules_of(request)
    most = request.grid if has_arrays(optimizer, surface, rules) else min(request.grid, WALKED)
    stages = levels(most, is_slow(surface))
    high = {side: side if second else 1 for side in stages}
    clock = Clock(sum(side * high[side] * request.steps for side in stages))
    for side in stages:
        ends = Ends(surface)
        x = np.geomspace(middle * 10.0**-request.span, middle * 10.0**request.span, side) if names[0] else np.ones(side)
        y = _values(_parameter(optimizer, second), side) if second else np.zeros(1)
        grid_x, grid_y = (one.ravel() for one in np.meshgrid(x, y))
        hyper = {**own, **({names[0]: grid_x} if names[0] else {}), **({second: grid_y} if second else {})}
        starts = np.repeat(np.array(start, dtype=np.float64)[:, None], len(grid_x), axis=1)
        made = yield from clock.told(
            end_map(surface, optimizer, hyper, starts, (len(y), len(x)), request.steps, ends, work.token, rules)
        )
        grid = stages[-1]
        record = _told(request, surface, optimizer, Stability(
            samples, made, tuple(ends.places), names[0], second, x, y, start, request.steps, grid,
            facts={"title": surface.title, "titles": {optimizer.name: optimizer.title}, "domain": list(surface.domain),
                   "axes": list(names), "middle": middle, "taken": clock.taken, "rules": told_rules(request),
                   "schedule": rules.schedule.title,
                   "course": course(request)},
        ))  # fmt: skip
        yield Result(record) if record.whole else Preview(record, clock.done, clock.total)


def _parameter(optimizer: Optimizer, name: str) -> Parameter:
    return next(one for one in optimizer.hyper if one.name == name)


def _values(parameter: Parameter, count: int) -> F64:
    """The values upwards: shares from 0 to 1, or by the parameter's own range."""
    if parameter.name in LONG_MEMORIES:
        return 1.0 - 10.0 ** -centres(0.0, 4.0, count)
    if parameter.name in MEMORIES:
        return centres(0.0, 1.0, count)
    if parameter.log:
        return np.geomspace(parameter.low, parameter.high, count)
    return centres(parameter.low, parameter.high, count)


def _middle(surface: Surface, optimizer: Optimizer, own: dict[str, float], first: str, start: tuple[float, float]) -> float:
    """The middle of the first axis: 1/L where theory is about L, else the method's own number."""
    if optimizer.name in THEORY:
        near = [mark for mark in surface.landmarks if mark.kind == "minimum"]
        near = sorted(near, key=lambda mark: math.dist((mark.x, mark.y), start))
        for mark in near[:1]:
            largest = eigenvalues(*surface.hessian(mark.x, mark.y))[1]
            if math.isfinite(largest) and largest > 0.0:
                return 1.0 / largest
    return max(abs(own.get(first, 1.0)), 1e-12)


def _told(request: StabilityRequest, surface: Surface, optimizer: Optimizer, record: Stability) -> Stability:
    """The record with its minimum, the Hessian there, and the lines of theory."""
    minima = [number for number, one in enumerate(record.ends) if one.kind == "minimum"]
    if not minima:
        return record
    if request.minimum:
        if request.minimum > len(minima):
            facts = {"number": request.minimum, "count": len(minima)}
            raise refusal("stability.minimum", N_("There is no minimum number {number} here, only {count}."), facts)
        number = minima[request.minimum - 1]
    else:
        number = max(minima, key=lambda one: (_count(record.map, one), -_away(record, one)))
    mark = record.ends[number]
    low, high = eigenvalues(*surface.hessian(mark.x, mark.y))
    if not (math.isfinite(low + high) and high > 0.0):
        return replace(record, minimum=number)
    record = replace(record, minimum=number, curvatures=(low, high))
    theory = THEORY.get(optimizer.name)
    if theory is None or record.first != "lr":
        return record
    return replace(record, bounds=tuple(_lines(optimizer.name, record, high)), best=_best(optimizer.name, record, low, high))


def _count(one: EndMap, end: int) -> int:
    return int((one.ends == end).sum())


def _away(record: Stability, end: int) -> float:
    return math.dist((record.ends[end].x, record.ends[end].y), record.start)


# Method -> the name of its own bound
THEORY = {"gd": "2/L", "momentum": "2(1+β)/L", "nesterov": "2(1+β)/((1+2β)L)"}


def _lines(name: str, record: Stability, largest: float) -> Iterator[Bound]:
    """1/L and 2/L straight up; the method's own bound where its memory is the second axis."""
    low, high = (float(record.y[0]), float(record.y[-1])) if record.second else (0.0, 1.0)
    for said, rate in (("1/L", 1.0 / largest), ("2/L", 2.0 / largest)):
        yield Bound(said, np.array([[rate, low], [rate, high]]))
    if record.second != "momentum":
        return
    beta = np.linspace(low, high, LINE)
    rates = 2.0 * (1.0 + beta) / largest
    said = THEORY[name]
    if name == "nesterov":
        rates = rates / (1.0 + 2.0 * beta)
    elif _low_pass(record):
        rates, said = rates / (1.0 - beta), "2(1+β)/((1−β)L)"
    yield Bound(said, np.stack([rates, beta], axis=1))


def _low_pass(record: Stability) -> bool:
    return bool(chosen({"view": record.map.hyper.get("view", 0.0)}, "view", 2))


def _best(name: str, record: Stability, low: float, high: float) -> tuple[float, float] | None:
    """The fastest rate on a quadratic with these curvatures, and the momentum that goes with it (Polyak 1964; Lessard,
    Recht, Packard 2016)."""
    if low <= 0.0 or (name != "gd" and record.second != "momentum"):
        return None
    if name == "gd":
        return 2.0 / (low + high), 0.0
    if name == "nesterov":
        root = math.sqrt(3.0 * high / low + 1.0)
        return 4.0 / (3.0 * high + low), (root - 2.0) / (root + 2.0)
    root = math.sqrt(high / low)
    beta = ((root - 1.0) / (root + 1.0)) ** 2
    rate = 4.0 / (math.sqrt(high) + math.sqrt(low)) ** 2
    return rate / (1.0 - beta) if _low_pass(record) else rate, beta
