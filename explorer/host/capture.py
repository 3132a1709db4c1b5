"""Playing a picture source into the ring: pacing, looping, seeking, reconnecting. Runs on the capture child's main thread."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from explorer.host.capture_ring import Outlet, Wire
from explorer.host.messages import SourcePhase, SourceState
from explorer.host.wire import Closed, CloseIt, FreeSlot, OpenIt, Pause, Quit, Seek, SourceIs, Wanted
from explorer.i18n import N_
from explorer.jobs import Progress, Result, Work
from explorer.picture.camera import FROZEN_S, Camera, live_camera
from explorer.picture.played import Played, mirrored_frame
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


class Player:
    """One source at a time. `step` is called again and again; it reads, waits and obeys."""

    def __init__(self, wire: Wire, camera: Callable[[SourceRequest], Camera] = live_camera, frozen_s: float = FROZEN_S) -> None:
        self._wire = wire
        self._camera = camera
        self._frozen_s = frozen_s
        self._outlet = Outlet(wire)
        self._generation = 0
        self._request: SourceRequest | None = None
        self._source: Played | None = None
        self.over = False
        self.reading_since: float | None = None  # read by the pipe thread: a driver that does not answer
        self._reset()

    def _reset(self) -> None:
        self._phase: SourcePhase = "closed"
        self._said: tuple[SourcePhase, Trouble | None, SourceInfo, int] | None = None
        self._paused = False
        self._next: tuple[Frame, int] | None = None
        self._shown: tuple[Frame, int] | None = None
        self._kept_since: float | None = None  # when the frame `_shown` was due, while it is not sent: nobody waits for it
        self._outlet.wanted = True
        self._clock: tuple[float, float] | None = None
        self._retries = 0
        self._retry_at = 0.0
        self._seen_at = time.monotonic()

    def step(self) -> None:
        """Wait for a message or for the next frame's time, and deal with it."""
        later = self._outlet.later
        message = later.popleft() if later else self._wire.wait(self._pause_until_next())
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
        """Whether there is something to do: a source that begins paused shows its first frame all the same."""
        held = self._paused and self._shown is not None
        return self._request is not None and not held and self._phase not in ("ended", "failed")

    def _pause_until_next(self) -> float | None:
        if not self._running():
            return None
        now = time.monotonic()
        if self._source is None:
            return min(1.0, max(0.0, self._retry_at - now))
        if self._next is not None:
            due = self._due(self._next[0])
            return max(0.0, (due if self._kept_since is None else min(due, self._outlet.opens_at)) - now)
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
            self._outlet.freed(message)
        elif isinstance(message, Wanted):
            self._outlet.wanted = True  # what is kept is older than what comes
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
        if same and before is not None and before.opening == now.opening:
            self._generation, self._request, self._clock = order.generation, now, None
            self._said = None
            self._play_otherwise(now)
            return
        self.close()
        self._generation, self._request = order.generation, now
        self._say("opening")
        self._connect()

    def _play_otherwise(self, request: SourceRequest) -> None:
        """The source that is open, with another speed, mirror or part; it does not start again."""
        source = self._source
        assert source is not None
        mirror, trouble = source.mirror, None
        try:
            source.adopt(request)
        except MediaError as error:
            trouble = error.trouble
        if source.mirror != mirror:
            self._next = self._next and (mirrored_frame(self._next[0]), self._next[1])
            self._shown = self._shown and (mirrored_frame(self._shown[0]), self._shown[1])
        if self._shown is not None:
            index = self._shown[1]
            if source.info.seekable and (index < source.first or (source.last is not None and index > source.last)):
                self._seek(Seek(index))
            elif self._send(*self._shown) and self._next is not None and source.last is not None:
                self._next = self._next if self._next[1] <= source.last else None
        if self._source is not None:
            self._say("paused" if self._paused else "playing", trouble)

    def _connect(self) -> None:
        assert self._request is not None
        try:
            self._source = self._timed(lambda request: open_picture_source(request, self._camera), self._request)
        except MediaError as error:
            waits = self._request.kind == "stream" and error.trouble.code == "stream.absent"
            if self._retries or waits:  # a camera that is not there at first is the person's to choose again
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
            counted = self._source.info.live and self._shown is not None  # also beyond a lost connection
            self._next = (frame, self._shown[1] + 1 if counted and self._shown else self._source.index)
        frame, index = self._next
        live = self._source.info.live
        late = 0.0 if live else time.monotonic() - self._due(frame)
        if late < 0:
            self._send_kept(time.monotonic())
            return
        if late > LATE_S:
            self._clock = None
        self._next = None
        self._retries = 0
        if self._pass_on(frame, index):
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
        if source.frozen_s > self._frozen_s:
            return "frozen", None
        return "paused" if self._paused else "playing", source.trouble

    def _at_end(self) -> None:
        source, request = self._source, self._request
        assert source is not None and request is not None
        moved = self._shown is not None and self._shown[1] > source.first
        if request.loop and moved and source.several:
            if source.trouble is not None:
                self._say("playing", source.trouble)
            first = source.seek(0) if source.info.seekable else self._reopened()
            source = self._source
            if source is None:  # it could not be opened again, and that was said
                return
            if first is not None:
                rate = source.info.fps * request.speed  # the last frame is shown as long as any other
                self._clock = (time.monotonic() + (1 / rate if rate else 0.0), first.time)
                self._next = (first, source.index)
                return
        self._say("ended", source.trouble)

    def _reopened(self) -> Frame | None:
        assert self._source is not None
        self._source.close()
        self._source = None
        self._connect()
        source: Played | None = self._source
        return source.read() if source is not None else None

    def _hold(self, paused: bool) -> None:
        self._paused, self._clock = paused, None
        if not paused and self._phase == "ended" and self._source is not None:
            self._phase = "playing"
            self._seek(Seek(self._source.first))
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
        if frame is not None and self._send(frame, source.index):
            self._phase = "playing" if self._phase == "ended" else self._phase
            self._say("paused" if self._paused else "playing")

    def _pass_on(self, frame: Frame, index: int) -> bool:
        """A frame is due: send it, or keep it as long as nobody waits for one. False if that failed for good."""
        if self._kept_since is not None:
            self._outlet.miss()
        self._shown, self._kept_since = (frame, index), time.monotonic()
        return self._send_kept(math.inf if self._outlet.wanted else self._kept_since)

    def _send_kept(self, now: float = math.inf) -> bool:
        """Send the frame that is kept, if there is one and it is time; False if that failed for good."""
        if self._kept_since is None or self._shown is None or now < self._outlet.opens_at:
            return True
        return self._send(*self._shown, self._kept_since)

    def _send(self, frame: Frame, index: int, read_at: float | None = None) -> bool:
        """Show a frame that was due at `read_at`, or now; False if that failed for good."""
        self._shown, self._kept_since = (frame, index), None
        try:
            return self._outlet.send(self._generation, frame, index, time.monotonic() if read_at is None else read_at)
        except MediaError as error:
            self._fail(error.trouble)
            return False

    def _lost(self, trouble: Trouble) -> None:
        """A camera or stream stopped: try again later. Anything else failed."""
        request = self._request
        if request is None or request.kind not in ("camera", "stream"):
            self._fail(trouble)
            return
        if self._source is not None:
            self._source.close()
            self._source = None
        wait = RETRY_S[min(self._retries, len(RETRY_S) - 1)]
        self._retries += 1
        self._retry_at = time.monotonic() + wait
        if request.kind == "stream":
            reason = N_("The stream {address} stopped; trying again ({attempt}).")
            if self._shown is None:
                reason = N_("The stream {address} does not answer; trying again ({attempt}).")
            again = Trouble("stream.retry", reason, {"address": request.label, "attempt": self._retries})
        else:
            reason = N_("No picture from camera {index}; trying again ({attempt}).")
            again = Trouble("camera.retry", reason, {"index": request.index, "attempt": self._retries})
        self._say("no signal", again)

    def _fail(self, trouble: Trouble) -> None:
        info = self._source.info if self._source is not None else SourceInfo()
        if self._source is not None:
            self._source.close()
            self._source = None
        self._say("failed", trouble, info)

    def _say(self, phase: SourcePhase, trouble: Trouble | None = None, info: SourceInfo | None = None) -> None:
        """Report a state, unless it was the last one reported (lasting ones once a second, with their seconds)."""
        if phase not in ("playing", "opening") and not self._send_kept():  # the newest frame stays for a while
            return
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
        if request is None or request.kind not in ("camera", "stream", "plugin"):
            return None
        foreign = request.kind == "plugin"
        if foreign and self._source is None:  # its plugin is being loaded
            return None
        info = SourceInfo(request.plugin[0] if foreign else request.label, live=True)
        self._said = None
        return SourceIs(SourceState("no signal", None, info, self._generation, round(seconds, 1)))

    def close(self) -> None:
        """Let the source go; the ring stays for the next one."""
        if self._source is not None:
            self._source.close()
        self._source, self._request = None, None
        self._reset()
