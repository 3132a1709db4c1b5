"""Which frame the follows of a child look at, and which one after it. Under the Host's lock.

All follows of a child look at the same frame, one after the other; then their answers and the frame are shown together. Where
one follow is all that the child does, the newest frame is sent as soon as the child asks for it, shortly before the frame under
way is through, and prepared meanwhile. No third one ever is.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from explorer.host.board import Board, Task
from explorer.host.feed import Feed, Held
from explorer.host.messages import ChildKind
from explorer.host.wire import Hungry, RunJob


@dataclass(eq=False)
class Round:
    """A frame and the generations of the follows that have not answered for it. `void`: its place in the film was left."""

    held: Held
    left: set[int]
    answered: bool = False
    void: bool = False


class Rounds:
    """`send(kind, channel, message)` reaches a child; `show` hands a frame to the window."""

    def __init__(
        self, feed: Feed, board: Board, send: Callable[[ChildKind, str, RunJob], None], show: Callable[[Held], None]
    ) -> None:
        self._feed = feed
        self._board = board
        self._send = send
        self._show = show
        self._rounds: dict[ChildKind, deque[Round]] = {}

    def __bool__(self) -> bool:
        """Whether a frame is looked at anywhere."""
        return any(self._rounds.values())

    def frame_of(self, kind: ChildKind, generation: int) -> Held | None:
        """The frame that the next last event of this follow is about."""
        return next((each.held for each in self._rounds.get(kind, ()) if generation in each.left), None)

    def answered(self, kind: ChildKind, generation: int) -> None:
        """A follow has answered for its frame, in whatever way."""
        for each in self._rounds.get(kind, ()):
            if generation in each.left:
                each.left.discard(generation)
                each.answered = True
                return

    def hungry(self, kind: ChildKind, message: Hungry) -> None:
        """The child is nearly through with a frame."""
        self._board.hungry(message)
        self.look(kind)

    def leave(self) -> None:
        """Another frame was asked for: the ones sent ahead are not shown any more."""
        for rounds in self._rounds.values():
            for each in list(rounds)[1:]:
                each.void = True

    def look(self, kind: ChildKind, ready: bool = True) -> None:
        """Show what was looked at, and let the child look at the newest frame."""
        follows, rounds = self._board.follows(kind), self._rounds.setdefault(kind, deque())
        there = {task.generation for task in follows}
        while rounds and not rounds[0].left & there:
            done = rounds.popleft()
            wanted = not done.void or done.held is self._feed.newest
            self._board.deliver(kind, time.monotonic(), wanted=wanted)
            if wanted and (done.answered or not follows):  # a request that was changed looks at the newest frame itself
                self._show(done.held)
            self._feed.drop(done.held)
        newest = self._feed.newest
        if not follows or not ready:
            return
        if self._board.busy(kind):
            task = follows[0]
            ahead = len(follows) == len(rounds) == 1 and task.hungry and not self._board.busy(kind, but=task)
            if ahead and newest is not None and task.seen < newest.seq:
                self._begin(kind, newest, follows)
                self._ask(kind, rounds[-1], task)
            return
        if not rounds and newest is not None and any(task.seen < newest.seq for task in follows):
            self._begin(kind, newest, follows)
        if rounds:
            self._ask(kind, rounds[0], next(task for task in follows if task.generation in rounds[0].left))

    def lost(self, kind: ChildKind) -> None:
        """The child is gone."""
        for each in self._rounds.pop(kind, ()):
            self._feed.drop(each.held)

    def _begin(self, kind: ChildKind, held: Held, follows: list[Task]) -> None:
        left = {task.generation for task in follows if task.seen < held.seq}
        self._rounds[kind].append(Round(self._feed.hold(held), left))

    def _ask(self, kind: ChildKind, each: Round, task: Task) -> None:
        task.sent(each.held.seq)
        slot = self._feed.lend(each.held, kind)
        self._send(kind, task.channel, RunJob(task.channel, task.generation, task.request, slot=slot, follows=True))
