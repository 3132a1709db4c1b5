"""Playing a picture source into the ring: pacing, looping, seeking, reconnecting. Runs on the capture child's main thread."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from explorer.host.messages import SourcePhase, SourceState
from explorer.host.ring import Attached
from explorer.host.wire import Closed, CloseIt, FrameIn, FreeSlot, NeedRing, OpenIt, Pause, Quit, Seek, SourceIs, UseRing
from explorer.i18n import N_
from explorer.jobs import Progress, Result, Work
from explorer.picture.camera import FROZEN_S, Camera, live_camera
from explorer.picture.sources import Live, Mirrored, Source
from explorer.picture.sources import open_source as open_picture_source
from explorer.records.errors import MediaError, Trouble, trouble_of
from explorer.records.frame import Frame
from explorer.records.source import SourceInfo
from explorer.requests.source import SourceRequest

log = logging.getLogger(__name__)
RETRY_S = (1.0, 2.0, 5.0, 10.0)
S = TypeVar("S")
T = TypeVar("T")
LATE_S = 0.3  # a video that is further behind than this goes on from where it is


def open_source(request: SourceRequest, work: Work) -> Iterator[Progress | Result]:
    """The job of a SourceRequest where there is no capture child (command line): Result is the first Frame."""
    source = open_picture_source(request)
    try:
        frame = source.read()
        if frame is None:
            raise MediaError(Trouble("picture.empty", N_("An empty picture arrived.")))
        yield Result(frame)
    finally:
        source.close()


class Wire(Protocol):
    """The way to the window."""

    def send(self, message: object) -> None:
        """To the window."""

    def wait(self, timeout: float | None) -> object | None:
        """The next message, or None after `timeout` seconds (None: wait as long as it takes)."""


def _what(request: SourceRequest | None) -> tuple[object, ...]:
    """What two requests must share for the second to be the same source, played otherwise."""
    return () if request is None else (request.kind, request.path, request.index, request.mirror)


class Player:
    """One source at a time. `step` is called again and again; it reads, waits and obeys."""

    def __init__(self, wire: Wire, camera: Callable[[SourceRequest], Camera] = live_camera, frozen_s: float = FROZEN_S) -> None:
        self._wire = wire
        self._camera = camera
        self._frozen_s = frozen_s
        self._later: deque[object] = deque()  # came while we waited for a ring
        self._ring: Attached | None = None
        self._slot_bytes = 0
        self._free: set[int] = set()
        self._missed = 0
        self._generation = 0
        self._request: SourceRequest | None = None
        self._source: Source | None = None
        self.over = False
        self.reading_since: float | None = None  # read by the pipe thread: a driver that does not answer
        self._reset()

    def _reset(self) -> None:
        self._phase: SourcePhase = "closed"
        self._said: tuple[SourcePhase, Trouble | None, SourceInfo, int] | None = None
        self._paused = False
        self._next: tuple[Frame, int] | None = None
        self._shown: tuple[Frame, int] | None = None
        self._clock: tuple[float, float] | None = None
        self._retries = 0
        self._retry_at = 0.0
        self._seen_at = time.monotonic()

    def step(self) -> None:
        """Wait for a message or for the next frame's time, and deal with it."""
        message = self._later.popleft() if self._later else self._wire.wait(self._pause_until_next())
        if message is not None:
            self.obey(message)
        elif self._running():
            try:
                self._go_on()
            except MediaError as error:
                self._lost(error.trouble)
            except Exception as error:  # whatever a decoder does, the person gets a reason and the child lives
                log.exception("the source failed")
                self._fail(trouble_of(error))

    def _running(self) -> bool:
        return self._request is not None and not self._paused and self._phase not in ("ended", "failed")

    def _pause_until_next(self) -> float | None:
        if not self._running():
            return None
        now = time.monotonic()
        if self._source is None:
            return min(1.0, max(0.0, self._retry_at - now))
        if self._next is not None:
            return max(0.0, self._due(self._next[0]) - now)
        return 0.0

    def _due(self, frame: Frame) -> float:
        request = self._request
        if self._clock is None or request is None:
            self._clock = (time.monotonic(), frame.time)
        began, first = self._clock
        return began + (frame.time - first) / (request.speed if request else 1.0)

    def obey(self, message: object) -> None:
        """One order of the window."""
        if isinstance(message, Quit):
            self.over = True
        elif isinstance(message, FreeSlot):
            if self._ring is not None and message.ring == self._ring.name:
                self._free.add(message.slot)
        elif isinstance(message, OpenIt):
            self._open(message)
        elif isinstance(message, CloseIt):
            self.close()
            self._wire.send(Closed(message.generation))
        elif isinstance(message, Pause) and self._request is not None:
            self._hold(message.paused)
        elif isinstance(message, Seek) and self._source is not None:
            self._seek(message)

    def _open(self, order: OpenIt) -> None:
        before, now = self._request, order.request
        same = self._source is not None and self._phase in ("playing", "paused")
        if same and _what(before) == _what(now):
            self._generation, self._request, self._clock = order.generation, now, None
            self._said = None
            if self._shown is not None:
                self._send(*self._shown)
            self._hold(False)
            return
        self.close()
        self._generation, self._request = order.generation, now
        self._say("opening")
        self._connect()

    def _connect(self) -> None:
        assert self._request is not None
        try:
            self._source = self._timed(lambda request: open_picture_source(request, self._camera), self._request)
        except MediaError as error:
            if self._retries:
                self._lost(error.trouble)
            else:
                self._fail(error.trouble)

    def _go_on(self) -> None:
        if self._source is None:
            if time.monotonic() >= self._retry_at:
                self._connect()
            else:
                self._say("no signal")
            return
        if self._next is None:
            frame = self._timed(lambda source: source.read(), self._source)
            if frame is None:
                self._at_end()
                return
            self._next = (frame, self._source.index)
        frame, index = self._next
        live = self._source.info.live
        late = 0.0 if live else time.monotonic() - self._due(frame)
        if late < 0:
            return
        if late > LATE_S:
            self._clock = None
        self._next = None
        self._retries = 0
        self._send(frame, index)
        self._say(*self._how_it_plays())

    def _timed(self, act: Callable[[S], T], on: S) -> T:
        self.reading_since = time.monotonic()
        try:
            return act(on)
        finally:
            self.reading_since = None

    def _how_it_plays(self) -> tuple[SourcePhase, Trouble | None]:
        source = self._source
        assert source is not None
        self._seen_at = time.monotonic()
        live = source._source if isinstance(source, Mirrored) else source
        if isinstance(live, Live) and live.camera.frozen_s > self._frozen_s:
            return "frozen", None
        return "playing", source.trouble

    def _at_end(self) -> None:
        source, request = self._source, self._request
        assert source is not None and request is not None
        several = source.info.frames != 1 and self._shown is not None and self._shown[1] > 0
        if request.loop and several:
            if source.trouble is not None:
                self._say("playing", source.trouble)
            first = source.seek(0) if source.info.seekable else self._reopened()
            source = self._source
            if source is None:  # it could not be opened again, and that was said
                return
            if first is not None:
                self._clock = None
                self._next = (first, source.index)
                return
        self._say("ended", source.trouble)

    def _reopened(self) -> Frame | None:
        assert self._source is not None
        self._source.close()
        self._source = None
        self._connect()
        source: Source | None = self._source
        return source.read() if source is not None else None

    def _hold(self, paused: bool) -> None:
        self._paused, self._clock = paused, None
        if not paused and self._phase == "ended" and self._source is not None:
            self._phase = "playing"
            self._seek(Seek(0))
        if self._source is not None and self._phase in ("playing", "paused"):
            self._say("paused" if paused else "playing")

    def _seek(self, order: Seek) -> None:
        source = self._source
        assert source is not None
        self._next, self._clock = None, None
        here = self._shown[1] if self._shown is not None else -1
        try:
            if order.index is None:
                self._hold(True)
                frame = source.seek(here + order.by) if source.info.seekable else source.read()
            else:
                frame = source.seek(order.index)
        except MediaError as error:
            self._fail(error.trouble)
            return
        if frame is not None:
            self._send(frame, source.index)
            self._phase = "playing" if self._phase == "ended" else self._phase
            self._say("paused" if self._paused else "playing")

    def _send(self, frame: Frame, index: int) -> None:
        self._shown = (frame, index)
        nbytes = frame.rgb.nbytes
        if self._ring is None or not nbytes <= self._slot_bytes <= 4 * nbytes:
            self._get_ring(nbytes)
        if self._ring is None:
            return
        if not self._free:
            self._missed += 1
            return
        slot = self._free.pop()
        self._ring.write(slot * self._slot_bytes, frame.rgb)
        self._wire.send(
            FrameIn(
                self._generation,
                self._ring.name,
                slot,
                frame.height,
                frame.width,
                frame.time,
                time.monotonic(),
                frame.source,
                index,
                self._missed,
            )
        )
        self._missed = 0

    def _get_ring(self, nbytes: int) -> None:
        self._wire.send(NeedRing(nbytes))
        while not isinstance(answer := self._wire.wait(None), UseRing):
            if isinstance(answer, Quit):
                self.over = True
                return
            if answer is not None:
                self._later.append(answer)
        if answer.trouble is not None:
            self._forget_ring()
            self._fail(answer.trouble)
        elif self._ring is None or self._ring.name != answer.name:
            self._forget_ring()
            self._ring, self._slot_bytes = Attached(answer.name), answer.slot_bytes
            self._free = set(range(answer.slots))

    def _forget_ring(self) -> None:
        if self._ring is not None:
            self._ring.close()
            self._ring = None
        self._free = set()

    def _lost(self, trouble: Trouble) -> None:
        """A camera stopped: try again later. Anything else failed."""
        if self._request is None or self._request.kind != "camera":
            self._fail(trouble)
            return
        if self._source is not None:
            self._source.close()
            self._source = None
        wait = RETRY_S[min(self._retries, len(RETRY_S) - 1)]
        self._retries += 1
        self._retry_at = time.monotonic() + wait
        reason = N_("No picture from camera {index}; trying again ({attempt}).")
        self._say("no signal", Trouble("camera.retry", reason, {"index": self._request.index, "attempt": self._retries}))

    def _fail(self, trouble: Trouble) -> None:
        info = self._source.info if self._source is not None else SourceInfo()
        if self._source is not None:
            self._source.close()
            self._source = None
        self._say("failed", trouble, info)

    def _say(self, phase: SourcePhase, trouble: Trouble | None = None, info: SourceInfo | None = None) -> None:
        """Report a state, unless it was the last one reported (lasting ones once a second, with their seconds)."""
        self._phase = phase
        known = info or (self._source.info if self._source is not None else SourceInfo())
        seconds = time.monotonic() - self._seen_at if phase in ("no signal", "frozen") else 0.0
        news = (phase, trouble, known, int(seconds))
        said = self._said
        going_on = phase == "playing" and trouble is None and said is not None and (said[0], said[2]) == (phase, known)
        if news != said and not going_on:
            self._said = news
            self._wire.send(SourceIs(SourceState(phase, trouble, known, self._generation, round(seconds, 1))))

    def silent(self, seconds: float) -> SourceIs | None:
        """For the pipe thread: what to report when a read has blocked for `seconds`."""
        request = self._request
        if request is None or request.kind not in ("camera", "plugin"):
            return None
        foreign = request.kind == "plugin"
        if foreign and self._source is None:  # its plugin is being loaded
            return None
        info = SourceInfo(request.plugin[0] if foreign else f"Camera {request.index}", live=True)
        self._said = None
        return SourceIs(SourceState("no signal", None, info, self._generation, round(seconds, 1)))

    def close(self) -> None:
        """Let the source go; the ring stays for the next one."""
        if self._source is not None:
            self._source.close()
        self._source, self._request = None, None
        self._reset()
