"""A job is a generator of events. Each `yield` is preview, progress and cancel point in one.

`run(request, work)` is the one verb: the command line and the tests iterate it in their own process, the window lets a
child process iterate it. It yields one Started, any number of Progress and Preview, then exactly one of Result, Failed,
Cancelled. A job itself is a function `job(request, work) -> Iterator[Progress | Preview | Result]`, named by its request
as "module:function" so that only the process that runs it imports it.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.records.errors import ExplorerError, Trouble, trouble_of

if TYPE_CHECKING:
    from explorer.records.frame import Frame
    from explorer.requests.base import Request

log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Raised by `CancelToken.check` inside a job; `run` turns it into the event `CancelledJob`."""


class CancelToken:
    """Set from any thread, asked between layers, octaves, steps, tiles and download chunks."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Cancelled if `cancel` was called."""
        if self._event.is_set():
            raise Cancelled


@dataclass(frozen=True)
class Started:
    """First event of every job. `seed` is shown and repeats the same result."""

    job: str
    seed: int | None = None


@dataclass(frozen=True)
class Progress:
    """`done` of `total` units (0 = unknown); `text` is an English template already filled in, for logs and tooltips."""

    done: int
    total: int
    text: str = ""


@dataclass(frozen=True)
class Preview:
    """A record (usually `records.picture.Picture`) worth looking at while the job goes on."""

    record: Any
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Result:
    """The record the request asked for."""

    record: Any
    seconds: float = 0.0


@dataclass(frozen=True)
class Failed:
    """The job stopped with a reason; whatever was previewed stays valid."""

    trouble: Trouble


@dataclass(frozen=True)
class CancelledJob:
    """The job stopped because it was asked to. `record` is the last complete result so far, or None."""

    record: Any = None


Event: TypeAlias = Started | Progress | Preview | Result | Failed | CancelledJob
Step: TypeAlias = Progress | Preview | Result
LAST = (Result, Failed, CancelledJob)


@dataclass
class Work:
    """What a job works with besides its request.

    `engine` is the `explorer.engine.Engine` of this process for jobs that need one (typed Any: this module is below
    that room); `frame` is the current picture; `token` is asked at each yield, and inside long steps by the job. `ahead`: how
    a follow's next picture is looked at beside this one (explorer.vision.beside.Turn), None for a single picture.
    """

    engine: Any = None
    frame: Frame | None = None
    token: CancelToken = field(default_factory=CancelToken)
    ahead: Any = None


Job: TypeAlias = Callable[[Any, Work], Iterator[Step]]


def find(name: str) -> Job:
    """Import a job by its name "module:function"."""
    module, _, function = name.partition(":")
    job: Job = getattr(importlib.import_module(module), function)
    return job


def run(request: Request, work: Work | None = None) -> Iterator[Event]:
    """Run `request` here and yield its events. Never raises for what the job does: it yields Failed instead."""
    here = work or Work()
    start = time.perf_counter()
    last: Any = None
    steps: Iterator[Step] | None = None
    try:
        yield Started(type(request).__name__, getattr(request, "seed", None))
        here.token.check()
        steps = find(request.job)(request, here)
        for step in steps:
            if isinstance(step, Result):
                yield Result(step.record, time.perf_counter() - start)
                return
            if isinstance(step, Preview):
                last = step.record
            yield step
            if here.token.cancelled:
                last = _farewell(steps, last)
                raise Cancelled
        raise RuntimeError(f"job {request.job} ended without a result")
    except Cancelled:
        yield CancelledJob(last)
    except ExplorerError as error:
        yield Failed(error.trouble)
    except Exception as error:  # a job may fail in any way; the person gets a reason, the log gets the traceback
        log.exception("job %s failed", request.job)
        yield Failed(trouble_of(error))
    finally:
        close = getattr(steps, "close", None)
        if close is not None:
            close()


def _farewell(steps: Iterator[Step], last: Any) -> Any:
    """The record of a job that is stopped at a yield: it hears of it as at a check of its own, and may show a last preview."""
    if not isinstance(steps, Generator):
        return last
    with contextlib.suppress(Cancelled, StopIteration):
        step = steps.throw(Cancelled())
        if isinstance(step, Preview):
            return step.record
    return last


def result_of(request: Request, work: Work | None = None) -> Any:
    """Run to the end and return the record. Raises ExplorerError with the job's reason, or Cancelled."""
    for event in run(request, work):
        if isinstance(event, Result):
            return event.record
        if isinstance(event, Failed):
            raise ExplorerError(event.trouble)
        if isinstance(event, CancelledJob):
            raise Cancelled
    raise RuntimeError("unreachable: run() always ends with a last event")
