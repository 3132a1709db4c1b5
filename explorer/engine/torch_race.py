"""Job: classes of torch.optim race over an error surface. In the engine, because torch lives here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.descent.ground import surface_of
from explorer.descent.race import rules_of
from explorer.descent.sampling import samples_of
from explorer.descent.walk import Walk
from explorer.engine.torch_methods import loading_torch_optim, method_of
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.descent import Race
from explorer.requests.race import TorchRaceRequest

CHUNK = 256  # steps between two looks at the token: torch takes some 50 microseconds for one


def race(request: TorchRaceRequest, work: Work) -> Iterator[Step]:
    """Job of TorchRaceRequest: Race, its runs in the order of `request.torch`, called by what was entered.

    Raises BadRequestError (no such class or option, in torch's own words), Cancelled.
    """
    surface = surface_of(request)
    start = request.start or surface.start
    methods = [method_of(text) for text in request.torch]
    yield from loading_torch_optim(work.token)
    runs = []
    for number, (text, method) in enumerate(zip(request.torch, methods, strict=True)):
        rules = rules_of(request, method)
        steps = rules.budget or request.steps
        walk = Walk(surface, method, method.numbers(surface, {}, request.rate), start, steps, rules)
        for first in range(1, steps + 1, CHUNK):
            work.token.check()
            yield Progress(number * steps + first, len(methods) * steps, text)
            if not walk.advance(range(first, min(first + CHUNK, steps + 1))):
                break
        runs.append(walk.finish())
    facts = {
        "title": surface.title,
        "titles": {run.optimizer: run.optimizer for run in runs},
        "domain": surface.domain,
        "rates": {run.optimizer: run.hyper["lr"] for run in runs if "lr" in run.hyper},
        "steps": request.steps,
    }
    yield Result(Race(samples_of(request, surface), tuple(runs), start, request.seed, facts))
