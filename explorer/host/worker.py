"""Runs jobs in a child: the pipe on the main thread, the jobs on one thread of their own."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from explorer import jobs
from explorer.host.child import Link
from explorer.host.ring import Reader
from explorer.host.wire import LOST, Beat, CancelJob, HoldJob, Hungry, JobEvent, Quit, Ready, RunJob, Taken
from explorer.records.errors import Trouble, trouble_of

log = logging.getLogger(__name__)
BEAT_S = 0.25
NEWS_S = 1 / 30  # previews and progress come at most this often; the last one before an end always comes
TURN_S = 0.03  # after so long another job is served before this one goes on
LOST_CODES = frozenset({"device.broken"})


class News:
    """Thins out previews and progress: at most one of each in NEWS_S, the newest; what waits is sent at the next beat."""

    def __init__(self, send: Callable[[jobs.Event], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._held: dict[type, jobs.Event] = {}
        self._sent_at: dict[type, float] = {}

    def put(self, event: jobs.Event, now: float) -> None:
        """Send an event now or a little later."""
        kind = type(event)
        with self._lock:
            if isinstance(event, (jobs.Progress, jobs.Preview)) and now - self._sent_at.get(kind, 0.0) < NEWS_S:
                self._held[kind] = event
                return
            self._sent_at[kind] = now
            self._held.pop(kind, None)
            self._send(event)

    def flush(self) -> None:
        """Send what waits; by the pipe thread, because the job may be in a long step."""
        with self._lock:
            held, self._held = list(self._held.values()), {}
            for event in held:
                self._send(event)


@dataclass(frozen=True, eq=False)
class Coming:
    """A job that waits for its first turn. `seen`: what is made of a follow's frame already, beside the frame before it."""

    job: RunJob
    token: jobs.CancelToken
    seen: Any = None


@dataclass(frozen=True, eq=False)
class Turn:
    """A job under way. Jobs are generators, so one thread takes them in turns: a picture is looked at while a dream goes on."""

    job: RunJob
    token: jobs.CancelToken
    events: Iterator[jobs.Event]
    news: News

    @classmethod
    def of(cls, coming: Coming, engine: Any, finish: Callable[[RunJob, jobs.Event], None], ahead: Any) -> Turn:
        """Begin a job; nothing of it runs before its first turn."""
        job = coming.job
        events = jobs.run(job.request, jobs.Work(engine, job.frame, coming.token, ahead))
        return cls(job, coming.token, events, News(lambda event: finish(job, event)))


class Worker:
    """`prepare` runs first on the job thread and returns (engine or None, facts for Ready). `serve` runs until Quit.

    `furnish` runs after Ready and before the first job, and returns further facts (the plugins). `beside` makes what looks at
    the next frame of a follow beside the job of the one before (vision.beside.Beside).
    """

    def __init__(
        self,
        link: Link,
        prepare: Callable[[dict[str, Any]], tuple[Any, dict[str, Any]]],
        furnish: Callable[[], dict[str, Any]] | None = None,
        beside: Callable[[], Any] | None = None,
    ) -> None:
        self._link = link
        self._prepare = prepare
        self._furnish = furnish
        self._make_beside = beside
        self._beside: Any = None
        self._reader = Reader()
        self._changed = threading.Condition()
        self._beating = threading.Lock()
        self._waiting: OrderedDict[str, Coming] = OrderedDict()
        self._turns: deque[Turn] = deque()  # jobs under way; the first that is not held is next
        self._held: set[int] = set()  # generations that get no turn
        self._now: Turn | None = None
        self._quit = False
        self._said = "", 0.0  # the last beat: the job, when
        self._alive_at = time.monotonic()

    def serve(self) -> None:
        """The pipe loop. Never waits for the job thread."""
        thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        thread.start()
        next_beat = 0.0
        while not self._quit:
            message = self._link.receive(max(0.0, next_beat - time.monotonic()))
            if isinstance(message, RunJob):
                self._accept(message)
            elif isinstance(message, CancelJob):
                self._cancel(message)
            elif isinstance(message, HoldJob):
                self._hold(message)
            elif isinstance(message, Quit):
                break
            if time.monotonic() >= next_beat:
                self._beat()
                with self._changed:
                    under_way = list(self._turns)
                for turn in under_way:
                    turn.news.flush()
                next_beat = time.monotonic() + BEAT_S
        with self._changed:
            self._quit = True
            for turn in self._turns:
                turn.token.cancel()
            self._changed.notify()
        thread.join(0.8)  # a job that ends tidily may; the process ends anyway
        if self._beside is not None:
            self._beside.close()
        self._reader.close()

    def _beat(self, known: bool = False) -> None:
        """Say what runs; where that may be `known`, only if it is something else than was said just now."""
        with self._beating:  # looked up and sent in one go, or an older beat may be the last one heard
            turn, now = self._now, time.monotonic()
            job = type(turn.job.request).__name__ if turn else ""
            if known and job == self._said[0] and now - self._said[1] < BEAT_S:
                return
            self._said = job, now
            self._link.send(Beat(job, now - self._alive_at if turn else 0.0))

    def _accept(self, job: RunJob) -> None:
        if job.slot is not None:
            slot = job.slot
            try:
                frame = self._reader.frame(slot.ring, slot.offset, slot.height, slot.width, slot.seq, slot.time, slot.source)
                job = replace(job, frame=frame, slot=None)
            except OSError as error:
                self._finish(job, jobs.Failed(trouble_of(error)))
                return
            finally:
                self._link.send(Taken(slot.lease))
        with self._changed:
            old = self._drop_waiting(job.channel)
            token, seen = jobs.CancelToken(), None
            for turn in self._turns:
                if turn.job.channel == job.channel and not (job.follows and turn.job.generation == job.generation):
                    self._end_soon(turn)
            if self._beside is not None and job.follows and self._alone(job):
                seen = self._beside.begin(job.generation, job.frame, token, partial(self._hungry, job))
            self._waiting[job.channel] = Coming(job, token, seen)
            self._changed.notify()
        if old is not None:
            self._finish(old, jobs.CancelledJob())

    def _drop_waiting(self, channel: str) -> RunJob | None:
        """Forget the channel's job that waits, and what was begun of it."""
        coming = self._waiting.pop(channel, None)
        if coming is None:
            return None
        coming.token.cancel()
        self._held.discard(coming.job.generation)
        return coming.job

    def _alone(self, job: RunJob) -> bool:
        """Whether there is no job but those of this follow: two that compute at once take each other's cores."""
        others = [turn.job.generation for turn in self._turns] + [coming.job.generation for coming in self._waiting.values()]
        return all(generation == job.generation for generation in others)

    def _hungry(self, job: RunJob) -> None:
        """The pass of this job's frame is about to end: ask for the next frame."""
        with self._changed:
            alone = self._alone(job)
        if alone and job.frame is not None:
            self._link.send(Hungry(job.channel, job.generation, job.frame.seq))

    def _end_soon(self, turn: Turn) -> None:
        turn.token.cancel()
        self._held.discard(turn.job.generation)  # it needs a turn to say its last word

    def _hold(self, order: HoldJob) -> None:
        with self._changed:
            known = {turn.job.generation for turn in self._turns if not turn.token.cancelled}
            known |= {coming.job.generation for coming in self._waiting.values()}
            if order.on and order.generation in known:
                self._held.add(order.generation)
            else:
                self._held.discard(order.generation)
            self._changed.notify()

    def _cancel(self, order: CancelJob) -> None:
        dropped = None
        with self._changed:
            waiting = self._waiting.get(order.channel)
            if waiting is not None and waiting.job.generation == order.generation:
                dropped = self._drop_waiting(order.channel)
            for turn in self._turns:
                if (turn.job.channel, turn.job.generation) == (order.channel, order.generation):
                    self._end_soon(turn)
            self._changed.notify()
        if dropped is not None:
            self._finish(dropped, jobs.CancelledJob())

    def _finish(self, job: RunJob, event: jobs.Event) -> None:
        self._link.send(JobEvent(job.channel, job.generation, event))

    def _work(self) -> None:
        try:
            self._take_turns()
        except BaseException:  # jobs report their own errors; without this thread the child would only look alive
            log.exception("the thread of the jobs ended")
            os._exit(1)

    def _take_turns(self) -> None:
        began = time.perf_counter()
        try:
            engine, facts = self._prepare(self._link.config.options)
        except BaseException:
            log.exception("the child could not be made ready")
            os._exit(1)
        facts = {**facts, "seconds": round(time.perf_counter() - began, 3), "pid": os.getpid()}
        self._link.send(Ready(facts))
        if self._furnish is not None:
            self._link.send(Ready({**facts, **self._furnish()}))
        while True:
            with self._changed:
                turn = self._next(engine)
                while turn is None and not self._quit:
                    self._changed.wait()
                    turn = self._next(engine)
                if turn is None or self._quit:
                    return
                self._turns.remove(turn)
                self._turns.append(turn)
                self._now = turn
                self._alive_at = time.monotonic()
            last = self._advance(turn)
            with self._changed:
                self._now = None
                if last is not None:
                    self._turns.remove(turn)
                    self._held.discard(turn.job.generation)
            if last is not None:
                self._end(turn, last)

    def _next(self, engine: Any) -> Turn | None:
        """Whose turn it is: the first job under way that is not held."""
        self._admit(engine)
        return next((turn for turn in self._turns if turn.job.generation not in self._held), None)

    def _admit(self, engine: Any) -> None:
        """Jobs that wait come to the front of the line, once the older job of their channel has ended."""
        under_way = {turn.job.channel for turn in self._turns}
        for channel in [name for name in self._waiting if name not in under_way]:
            coming = self._waiting.pop(channel)
            self._turns.appendleft(Turn.of(coming, engine, self._finish, self._ahead(coming)))

    def _ahead(self, coming: Coming) -> Any:
        """What the job of a follow needs to have its next frame looked at beside this one."""
        job = coming.job
        if self._make_beside is None or not job.follows:
            return None
        if self._beside is None:
            self._beside = self._make_beside()
        return self._beside.turn(job.generation, coming.seen, partial(self._hungry, job))

    def _advance(self, turn: Turn) -> jobs.Event | None:
        """Iterate a job until it ends or its time is over; its last event, or None if it goes on."""
        began = time.monotonic()
        self._beat(known=True)  # at once: the job may keep the interpreter to itself
        for event in turn.events:
            self._alive_at = time.monotonic()
            if isinstance(event, jobs.LAST):
                return event
            turn.news.put(event, self._alive_at)
            if self._alive_at - began >= TURN_S:
                return None
        return jobs.Failed(Trouble("unforeseen", "{text}", {"text": "the job gave no last event"}, exit_code=6))

    def _end(self, turn: Turn, last: jobs.Event) -> None:
        turn.news.flush()
        try:
            self._finish(turn.job, last)
        except Exception as error:  # a record that cannot be pickled; the job still has to end
            log.exception("the result of %s cannot be sent", turn.job.request.job)
            self._finish(turn.job, jobs.Failed(trouble_of(error)))
        if isinstance(last, jobs.Failed) and last.trouble.code in LOST_CODES:
            os._exit(LOST)
