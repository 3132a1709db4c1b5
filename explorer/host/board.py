"""Which job belongs to which channel, and what becomes of it. Pure bookkeeping: no process, no thread, no clock of its own.

Every job ends with exactly one last event, whatever the child does. Calls are made under the Host's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from explorer.host.messages import ChildKind
from explorer.host.post import Post
from explorer.host.wire import CancelJob, HoldJob, Hungry, JobEvent
from explorer.jobs import LAST, CancelledJob, Event, Failed, Preview, Progress, Result, Started
from explorer.records.errors import Trouble
from explorer.records.network import NetworkInfo
from explorer.requests.base import Request

ACK_S = 0.15  # a cancelled job that has not ended by then is ended for the window; the promise is 200 ms
KILL_S = 3.0  # a started job that has not ended by then ends with its child
FAILURES = 3  # failures in a row end a follow
RELOAD = "host.reload"  # the channel of the load that is repeated after a restart; its answers stay here


@dataclass(eq=False)
class Task:
    """A submit or a follow. `asked_at`: when it was cancelled; `held`: paused.

    `flying`: a follow's frames that are with the child, at most two; `hungry`: the child may be sent the second one now.
    """

    channel: str
    generation: int
    request: Request
    place: ChildKind
    follows: bool = False
    started: bool = False
    asked_at: float | None = None
    held: bool = False
    shown: object = None
    flying: int = 0
    hungry: bool = False
    seen: int = -1
    failures: int = 0
    answered_at: float | None = None

    def sent(self, seq: int) -> None:
        """The frame `seq` goes to the child."""
        self.seen, self.hungry = seq, False
        self.flying += 1

    def asked_for(self, now: float) -> float:
        """Seconds since it was asked to end; negative if it was not."""
        return -1.0 if self.asked_at is None else now - self.asked_at


class Board:
    """`send(kind, message)` reaches a child; `post` the window."""

    def __init__(self, post: Post, send: Callable[[ChildKind, object], None]) -> None:
        self._post = post
        self._send = send
        self._numbers = count(1)
        self._tasks: dict[str, Task] = {}
        self._leaving: dict[int, Task] = {}
        self._held_back: dict[int, tuple[Task, Event]] = {}
        self.loaded: Request | None = None  # the last network load that succeeded, to be repeated after a restart

    def begin(self, channel: str, request: Request, place: ChildKind, now: float, *, follows: bool = False) -> Task:
        """A new task for the channel; the old one is asked to end and never heard again."""
        self._retire(self._tasks.pop(channel, None), now)
        self._post.forget(channel)
        task = Task(channel, next(self._numbers), request, place, follows)
        self._tasks[channel] = task
        return task

    def stop(self, channel: str, now: float) -> None:
        """Ask the channel's task to end. A follow ends here and now."""
        task = self._tasks.get(channel)
        if task is None or task.asked_at is not None:
            return
        if task.follows:
            self._end(task, CancelledJob())
            self._retire(task, now)
        else:
            task.asked_at = now
            self._send(task.place, CancelJob(channel, task.generation))

    def hold(self, channel: str, on: bool) -> bool:
        """Let the channel's job rest, or go on exactly where it was. False where no job can: none, a follow, one that ends."""
        task = self._tasks.get(channel)
        if task is None or task.follows or task.asked_at is not None:
            return False
        if task.held != on:
            task.held = on
            self._send(task.place, HoldJob(channel, task.generation, on))
        return True

    def fail(self, task: Task, trouble: Trouble) -> None:
        """End a task that cannot even be sent."""
        self._end(task, Failed(trouble))

    def heard(self, message: JobEvent) -> None:
        """An event from a child."""
        event = message.event
        last = isinstance(event, LAST)
        if message.generation in self._leaving:
            leaving = self._leaving[message.generation]
            leaving.started = True
            if last:
                leaving.flying -= 1  # a follow answers for each of its frames
                if leaving.flying <= 0:
                    del self._leaving[message.generation]
            return
        task = self._tasks.get(message.channel)
        if task is None or task.generation != message.generation:
            return
        task.started = task.started or isinstance(event, Started)
        if isinstance(event, Preview):
            task.shown = event.record
        if task.follows:
            if last:
                self._followed(task, event)
            elif isinstance(event, Progress):  # a network is being fetched or loaded
                self._answer(task, event)
            return
        if not last:
            if task.asked_at is None:
                self._answer(task, event)
            return
        if isinstance(event, Result) and isinstance(event.record, NetworkInfo):
            self.loaded = task.request
        if task.asked_at is not None and isinstance(event, Result):
            event = CancelledJob(event.record)
        self._end(task, event)

    def hungry(self, message: Hungry) -> None:
        """A child is nearly through with a frame; what it says of an older one came too late."""
        task = self._tasks.get(message.channel)
        if task is not None and task.generation == message.generation:
            task.hungry = task.seen == message.seq

    def _followed(self, task: Task, event: Event) -> None:
        task.flying -= 1
        task.started = False
        if isinstance(event, Failed):
            task.failures += 1
            if task.failures >= FAILURES:
                self._end(task, event)
                return
        else:
            task.failures = 0
        if not isinstance(event, CancelledJob):
            self._held_back[task.generation] = (task, event)

    def deliver(self, place: ChildKind, now: float, *, wanted: bool = True) -> None:
        """Answer for the frame that all follows of a child have looked at: their answers arrive together, with the frame.

        Is it not `wanted` any more, nobody hears of it.
        """
        for generation, (task, event) in list(self._held_back.items()):
            if task.place == place:
                del self._held_back[generation]
                if wanted and self._tasks.get(task.channel) is task:
                    task.answered_at = now if isinstance(event, Result) else task.answered_at
                    self._answer(task, event, newest_only=True)

    def lost(self, place: ChildKind, trouble: Trouble, *, final: bool) -> None:
        """A child died: what ran there ends with `trouble`; a follow goes on after the restart unless this is final."""
        for generation in [number for number, task in self._leaving.items() if task.place == place]:
            del self._leaving[generation]
        self._held_back = {number: pair for number, pair in self._held_back.items() if pair[0].place != place}
        for task in [task for task in self._tasks.values() if task.place == place]:
            if task.follows and not final:
                task.flying, task.started, task.hungry = 0, False, False
                task.seen, task.answered_at = -1, None
            elif task.asked_at is not None:
                self._end(task, CancelledJob(task.shown))
            else:
                self._end(task, Failed(trouble))

    def tick(self, place: ChildKind, now: float) -> bool:
        """Answer for jobs that do not. True if the child has to be ended because one of its jobs will not."""
        for task in [task for task in self._tasks.values() if task.place == place]:
            if task.asked_for(now) >= ACK_S:
                self._end(task, CancelledJob(task.shown))
                self._leaving[task.generation] = task
        waits = (task for task in self._leaving.values() if task.place == place and task.started)
        return any(task.asked_for(now) >= KILL_S for task in waits)

    def busy(self, place: ChildKind, but: Task | None = None) -> bool:
        """Whether a frame of this child's follows is under way, or a job waits there for its first turn.

        A job that has begun does not count: the child takes its jobs in turns. Nor does one that is held, nor `but`.
        """
        if any(task.place == place for task in self._leaving.values()):
            return True
        here = (task for task in self._tasks.values() if task.place == place and not task.held and task is not but)
        return any(task.flying > 0 if task.follows else not task.started for task in here)

    def follows(self, place: ChildKind | None = None) -> list[Task]:
        """The follows of a child, or all; the one answered longest ago first."""
        found = [task for task in self._tasks.values() if task.follows and place in (None, task.place)]
        return sorted(found, key=lambda task: task.answered_at or 0.0)

    def _end(self, task: Task, event: Event) -> None:
        if self._tasks.get(task.channel) is task:
            del self._tasks[task.channel]
        self._answer(task, event)

    def _answer(self, task: Task, event: Event, *, newest_only: bool = False) -> None:
        if task.channel != RELOAD:
            self._post.answer(task.channel, task.generation, event, newest_only=newest_only)

    def _retire(self, task: Task | None, now: float) -> None:
        if task is None or (task.follows and not task.flying):
            return
        if task.asked_at is None:
            task.asked_at = now
            self._send(task.place, CancelJob(task.channel, task.generation))
        self._leaving[task.generation] = task
