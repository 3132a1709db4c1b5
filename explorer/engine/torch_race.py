"""Job: classes of torch.optim race over an error surface. In the engine, because torch lives here and nowhere else."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator

from explorer.descent.ground import surface_of
from explorer.descent.race import rules_of
from explorer.descent.walk import Walk
from explorer.engine.torch_methods import method_of
from explorer.i18n import tr
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.descent import Race
from explorer.requests.race import TorchRaceRequest

CHUNK = 256  # steps between two looks at the token: torch takes some 50 microseconds for one
LATER = "torch._dynamo"  # torch.optim's first step imports it, and with it sympy: a second in which no Stop could be heard


def race(request: TorchRaceRequest, work: Work) -> Iterator[Step]:
    """Job of TorchRaceRequest: Race, its runs in the order of `request.torch`, called by what was entered.

    Raises BadRequestError (no such class or option, in torch's own words), Cancelled.
    """
    surface = surface_of(request)
    start = request.start or surface.start
    methods = [method_of(text) for text in request.torch]
    yield from _import(work)
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
    yield Result(Race(surface.samples(request.resolution), tuple(runs), start, request.seed, facts))


def _import(work: Work) -> Iterator[Step]:
    """Import what torch.optim's first step would, while Stop is heard."""
    loading = threading.Thread(target=importlib.import_module, args=(LATER,), daemon=True)
    loading.start()
    while loading.is_alive():
        work.token.check()
        yield Progress(0, 1, tr("loading torch.optim"))
        loading.join(0.02)
