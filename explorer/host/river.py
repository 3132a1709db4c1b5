"""The picture source as the window steers it: which one is wanted, what the capture child says of it. Under the Host's lock."""

from __future__ import annotations

import math
import time
from itertools import count
from pathlib import Path

from explorer.host.feed import Feed, Held
from explorer.host.messages import SourceState
from explorer.host.post import Post
from explorer.host.supervisor import Supervisor
from explorer.host.troubles import child_is_dead, decoder_stopped, stream_asleep
from explorer.host.wire import Closed, CloseIt, FrameIn, FreeSlot, OpenIt, Pause, Seek, SourceIs, Wanted
from explorer.records.source import SourceInfo
from explorer.requests.source import SourceRequest

DEAF_S = 3.0  # a capture child that has not answered by then sits in a driver and is ended


class River:
    """One source at a time; a newer one replaces it whatever the old one does."""

    def __init__(self, feed: Feed, post: Post, child: Supervisor) -> None:
        self._feed = feed
        self._post = post
        self._child = child
        self._numbers = count(1)
        self._generation = 0
        self._request: SourceRequest | None = None
        self._asked_at: float | None = None
        self._sent = 0  # the generation that the present child was told to open
        self._paused = False
        self.info = SourceInfo()  # what is known of the source now
        self._refused: set[tuple[str, str]] = set()
        self._typed: set[str] = set()  # addresses a person asked for; no other stream is ever opened
        self._waits = False  # the device is still being let go by somebody else
        self.left_at = -math.inf  # when the last source was told to go, time.monotonic()

    @property
    def request(self) -> SourceRequest | None:
        """What is open or being opened."""
        return self._request

    def permit(self, address: str) -> None:
        """A person asked for the stream at this address."""
        self._typed.add(address)

    def may(self, request: SourceRequest) -> bool:
        """Whether it may be opened: a stream only where a person asked for it."""
        return request.kind != "stream" or request.path in self._typed

    def open(self, request: SourceRequest, waits: bool = False) -> int:
        """Close what is open and open this; if it `waits`, only when `go_on` is called."""
        self._generation = next(self._numbers)
        before = self._request
        self.left_at = time.monotonic() if before is not None else self.left_at
        self._paused = self._paused and before is not None and before.opening == request.opening
        self._request, self._waits = request, waits
        self._feed.begin()
        if not self.may(request):
            self._request = None
            info = SourceInfo(request.label, live=True)
            self._say(SourceState("closed", stream_asleep(request.label), info, generation=self._generation))
            if self._child.ready:
                self._child.send(CloseIt(self._generation))
        elif self._child.dead:
            self._say(SourceState("failed", child_is_dead("capture"), generation=self._generation))
        elif (request.kind, request.path) in self._refused:
            self._say(SourceState("failed", decoder_stopped(Path(request.path).name), generation=self._generation))
            if self._child.ready:
                self._child.send(CloseIt(self._generation))
            self._request = None
        else:
            self._say(SourceState("opening", generation=self._generation))
            self._child.ensure()
            if self._child.ready:
                self.again()
        return self._generation

    def close(self) -> None:
        """Nothing is shown any more; the window hears so at once."""
        if self._request is None:
            return
        self._generation = next(self._numbers)
        self._request, self.left_at = None, time.monotonic()
        self._feed.begin()
        self._say(SourceState("closed", generation=self._generation))
        if self._child.ready:
            self._child.send(CloseIt(self._generation))
            self._asked_at = time.monotonic()

    def pause(self, paused: bool) -> None:
        """Hold or continue."""
        if self._request is not None:
            self._paused = paused
            if self._sent == self._generation:
                self._child.send(Pause(paused))

    def seek(self, index: int | None = None, by: int = 0) -> None:
        """Go to a frame."""
        if self._request is not None:
            self._paused = self._paused or index is None
            if self._sent == self._generation:
                self._child.send(Seek(index, by))

    def free(self, ring: str, slot: int) -> None:
        """Nobody reads this slot any more."""
        if self._child.ready:
            self._child.send(FreeSlot(ring, slot))

    def want(self) -> None:
        """The newest frame was taken: somebody will soon take the next one."""
        if self._child.ready:
            self._child.send(Wanted(), "wanted")

    def heard(self, message: object) -> Held | None:
        """A message of the capture child; the frame, if it is one that is wanted."""
        if isinstance(message, FrameIn):
            if message.generation == self._generation and self._request is not None:
                self._asked_at = None
                return self._feed.arrived(message)
            self._feed.refuse(message)
        elif isinstance(message, SourceIs):
            if message.state.generation == self._generation:
                self._asked_at = None
                self.info = message.state.info
                if message.state.state != "opening":  # that was said when it was asked for
                    self._say(message.state)
        elif isinstance(message, Closed) and message.generation == self._generation:
            self._asked_at = None
        return None

    def late(self, now: float) -> bool:
        """Whether the child has to be ended because it does not answer."""
        if self._asked_at is None or not self._child.ready or now - self._asked_at < DEAF_S:
            return False
        self._asked_at = None
        return True

    def lost(self, how: str, *, asked: bool, final: bool) -> None:
        """The child is gone. A file it died on is not opened again; a camera is, by `again`."""
        self._feed.retire()
        self._asked_at, self._sent = None, 0
        request = self._request
        if request is None or asked:
            return
        if request.kind not in ("camera", "stream"):
            self._refused.add((request.kind, request.path))
            self._request = None
            self._say(SourceState("failed", decoder_stopped(Path(request.path).name), generation=self._generation))
        elif final:
            self._say(SourceState("failed", child_is_dead("capture"), generation=self._generation))

    def go_on(self) -> None:
        """Nobody else holds the device any more."""
        self._waits = False
        if self._child.ready:
            self.again()

    def again(self) -> None:
        """The child is there: open what is wanted, once."""
        if self._request is not None and not self._waits and self._sent != self._generation:
            self._sent = self._generation
            self._child.send(OpenIt(self._generation, self._request))
            self._asked_at = time.monotonic()
            if self._paused:
                self._child.send(Pause(True))

    def _say(self, state: SourceState) -> None:
        self._post.put(state)
