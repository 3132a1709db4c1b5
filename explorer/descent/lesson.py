"""Job: one step of one method, taken apart into its terms by the very code that makes the step."""

from __future__ import annotations

import math
from collections.abc import Iterator

from explorer.descent.ground import HOLES, optimizer_named, surface_of
from explorer.descent.method import Moment
from explorer.descent.race import rules_of
from explorer.descent.terms import SLOPE_HERE, STEP
from explorer.descent.walk import CHUNK, Walk
from explorer.jobs import Result, Step, Work
from explorer.records.descent import StepTerms, Term
from explorer.requests.race import StepRequest


def explain(request: StepRequest, work: Work) -> Iterator[Step]:
    """Job of StepRequest: StepTerms. The path is walked again up to the step, which costs microseconds a step."""
    surface, optimizer = surface_of(request), optimizer_named(request.optimizer)
    hyper = optimizer.numbers(surface, request.hyper.get(optimizer.name, {}), request.rate)
    rules = rules_of(request, optimizer)
    steps = request.budget or request.steps
    walk = Walk(surface, optimizer, hyper, request.start or surface.start, max(steps, request.step), rules)
    alive = walk.fits
    for first in range(1, request.step, CHUNK):
        work.token.check()
        alive = alive and walk.walk(range(first, min(first + CHUNK, request.step)))
    yield Result(apart(walk, request.step) if alive else ended(walk, request.step))


def ended(walk: Walk, step: int) -> StepTerms:
    """A step that was never made."""
    return StepTerms(walk.optimizer.name, step, walk.at, walk.at, (), math.nan, walk.oracle.count, walk.finish().status)


def apart(walk: Walk, step: int) -> StepTerms:
    """Make step number `step` of `walk`, which stands before it, and say how."""
    before, remembered = walk.at, tuple(walk.memory)
    walk.oracle.notes = []
    try:
        x, y = walk.step(step)
    except HOLES:
        return StepTerms(walk.optimizer.name, step, before, before, tuple(walk.oracle.notes), math.nan, walk.oracle.count,
                         "not finite")  # fmt: skip
    dx, dy = x - before[0], y - before[1]
    terms = tuple(walk.oracle.notes)
    if walk.move is not None:
        gx, gy = walk.slope
        moment = Moment(*before, gx, gy, remembered, tuple(walk.memory), dx, dy, step, walk.now)
        told = walk.optimizer.explain
        terms = (Term("g", SLOPE_HERE, gx, gy), Term("Δθ", STEP, dx, dy)) if told is None else told(moment)
    status = "running" if math.isfinite(x) and math.isfinite(y) else "not finite"
    return StepTerms(walk.optimizer.name, step, before, (x, y), terms, walk.rate(), walk.oracle.count, status)
