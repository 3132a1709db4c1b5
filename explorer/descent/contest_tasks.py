"""Job: a task. A race is drawn by chance, run, and taken only where its answer is clear; the answer is what the run shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from explorer.descent import contest_task_kinds as kinds
from explorer.i18n import N_
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.contest import Task
from explorer.records.errors import ExplorerError, Trouble
from explorer.requests.contest import TaskRequest

TRIES = 400  # races drawn until one is clear
PICKY = 120  # of them in which the answer must also be the one that was drawn for it, so that all answers come up


def task(request: TaskRequest, work: Work) -> Iterator[Step]:
    """Job of TaskRequest: Task. The kinds take turns; the seed and the number decide everything."""
    kind = kinds.KINDS[(request.number - 1) % len(kinds.KINDS)]
    rng = np.random.default_rng((request.seed, request.number, 23))
    wanted = int(rng.integers(0, kinds.RUNNERS + 1))
    for attempt in range(TRIES):
        work.token.check()
        drawn = kind.draw(rng)
        made = kind.judge(drawn) if drawn is not None else None
        if made is not None and (made.answer == wanted or attempt >= PICKY):
            yield Result(finished(request, kind, made))
            return
        if attempt % 8 == 7:
            yield Progress(attempt + 1, TRIES)
    raise ExplorerError(Trouble("contest.task", N_("No clear task could be made; try another seed."), {}))


def finished(request: TaskRequest, kind: kinds.Kind, made: kinds.Judged) -> Task:
    """The record of a race that was clear."""
    return Task(
        request.number, request.seed, kind.name, made.question, made.options, made.answer, made.reasons,
        kinds.shown(made, request.resolution),
    )  # fmt: skip
