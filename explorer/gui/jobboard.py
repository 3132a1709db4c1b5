"""Which jobs run, how far they are and how long they will take. Plain Python, no Qt."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explorer.jobs import LAST, Event, Preview, Progress, Started

if TYPE_CHECKING:
    from explorer.requests.base import Request


@dataclass(frozen=True)
class RunningJob:
    """`title` is an English message key; `done` of `total` units, 0 = unknown; `began` in monotonic seconds.

    `held`: since when it is paused, or None; `rested`: seconds of earlier pauses.
    """

    channel: str
    title: str
    place: str
    began: float
    done: int = 0
    total: int = 0
    held: float | None = None
    rested: float = 0.0
    request: Request | None = None

    def spent(self, now: float) -> float:
        """Seconds of work so far: pauses do not count."""
        return (now if self.held is None else self.held) - self.began - self.rested

    def left(self, now: float) -> float | None:
        """Seconds still to go, guessed from the pace so far; None while that says nothing."""
        spent = self.spent(now)
        if not 0 < self.done <= self.total or spent < 0.5:
            return None
        return spent * (self.total - self.done) / self.done


class JobBoard:
    """Updated by the desk with every event; a job counts as long once it has run for `LONG` seconds."""

    LONG = 0.3

    def __init__(self) -> None:
        self._jobs: dict[str, RunningJob] = {}

    def began(self, channel: str, request: Request) -> bool:
        """A job was asked for; whether the board changed."""
        self._jobs.pop(channel, None)
        self._jobs[channel] = RunningJob(channel, type(request).title, request.place, time.monotonic(), request=request)
        return True

    def event(self, channel: str, event: Event) -> bool:
        """Note an event; whether the board changed."""
        job = self._jobs.get(channel)
        if job is None:
            return False
        if isinstance(event, LAST):
            del self._jobs[channel]
            return True
        if isinstance(event, Started):
            now = time.monotonic()
            self._jobs[channel] = replace(job, began=now, rested=0.0, held=None if job.held is None else now)
            return True
        if isinstance(event, (Progress, Preview)) and event.total:
            self._jobs[channel] = replace(job, done=event.done, total=event.total)
            return True
        return False

    def hold(self, channel: str, on: bool) -> bool:
        """A job was paused, or goes on; whether the board changed."""
        job = self._jobs.get(channel)
        if job is None or (job.held is not None) == on:
            return False
        now = time.monotonic()
        rested = job.rested if job.held is None else job.rested + now - job.held
        self._jobs[channel] = replace(job, held=now if on else None, rested=rested)
        return True

    def lost(self, place: str) -> bool:
        """A child died: its jobs are gone."""
        gone = [name for name, job in self._jobs.items() if job.place == place]
        for name in gone:
            del self._jobs[name]
        return bool(gone)

    def running(self) -> list[RunningJob]:
        """All jobs, the newest last."""
        return list(self._jobs.values())

    def get(self, channel: str) -> RunningJob | None:
        """The job of a channel, if one runs."""
        return self._jobs.get(channel)
