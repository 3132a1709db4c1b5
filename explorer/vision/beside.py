"""The pictures of a follow, two at a time: while the answer to one is read out, the next is in the network already.

The window sends the next picture when it is asked for it (`hungry`), shortly before the pass under way ends, so that it is the
newest there is; it is prepared beside that pass, and its own pass begins when that one has ended. So the network never waits
for a picture that is there, and no picture is older than it would be without this but for the time that preparing takes.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from explorer.engine import letterboxed
from explorer.vision import look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.engine.letterboxed import Letterboxed
    from explorer.engine.live import Runner
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken, Work
    from explorer.records.frame import Frame

_Key: TypeAlias = "tuple[int, Network, Runner, tuple[int, ...]]"
HAND_OVER_S = 0.002, 0.010  # from asking for a picture to having it, its copy included: on idle cores, and on busy ones
WAIT_S = 0.05  # how often a job that waits for its pass asks whether it is still wanted
LIGHT = 100_000_000  # bytes of a network that is worth a second model: more takes seconds to make, and the memory again
IN_TIME = 0.8  # of the pictures are there in time: one that comes late lets the network wait, one that is early is a bit older
REMEMBERED = 9  # passes that tell how long the next one will take


class Way:
    """How a follow's pictures go through its network: two lanes in turn, and how long they took.

    `key`: what it is for, the follow's generation, network, runner and size of frames.
    """

    def __init__(self, key: _Key, lanes: Sequence[Runner]) -> None:
        self.key = key
        self.network = key[1]
        self._free: SimpleQueue[Runner] = SimpleQueue()
        for lane in lanes:
            self._free.put(lane)
        self._lock = threading.Lock()
        self._ended_at = 0.0
        self._took: deque[tuple[float, float]] = deque(maxlen=REMEMBERED)  # seconds of (prepare, forward)
        self._came: deque[float] = deque(maxlen=REMEMBERED)  # seconds from asking for a frame to having it
        self._asked_at: float | None = None

    def pass_of(self, seen: Pass, token: CancelToken) -> look.Raw:
        """Prepare the frame and let it through. The stage "forward" begins when the pass before has ended."""
        runner = self._free.get()
        try:
            watch = look.Stopwatch()
            prepared = look.prepared(self.network, runner, seen.frame)
            watch.lap("prepare")
            seen.began_at = time.perf_counter()
            if self.ask_at(seen) <= seen.began_at:  # a fast network: the job may be busy with the picture before
                seen.ask()
            outputs = [np.array(array) for array in runner(prepared.nchw, token)]
        finally:
            self._free.put(runner)
        with self._lock:
            watch.lap("forward", max(seen.began_at, self._ended_at))
            self._ended_at = time.perf_counter()
            self._took.append((watch.stages[0][1] / 1000, watch.stages[1][1] / 1000))
        return look.Raw(self.network, prepared.geometry, outputs, runner.runs_on, watch)

    def ask_at(self, seen: Pass) -> float:
        """When the next picture has to be asked for, to be prepared by the end of this pass."""
        with self._lock:
            took, ended_at = list(self._took), self._ended_at
        came = sorted(self._came or HAND_OVER_S)
        hand_over = came[int(IN_TIME * len(came))]
        if not took:
            return 0.0
        prepare, forward = (statistics.median(column) for column in zip(*took, strict=True))
        began_at = max(seen.began_at, ended_at) if seen.began_at else time.perf_counter()
        return float(began_at + forward - 2 * prepare - hand_over)

    def asked(self) -> None:
        """The next frame was asked for."""
        self._asked_at = time.perf_counter()

    def came(self) -> None:
        """It is there. One that the source did not have yet says nothing about the way, hence the limit."""
        asked_at, self._asked_at = self._asked_at, None
        if asked_at is not None:
            self._came.append(min(max(time.perf_counter() - asked_at, HAND_OVER_S[0]), HAND_OVER_S[1]))


class Pass:
    """One frame on its way. `hungry` asks the window for the next one, once."""

    def __init__(self, way: Way, frame: Frame, hungry: Callable[[], None]) -> None:
        self.way, self.frame = way, frame
        self.began_at = 0.0  # 0: it is still being prepared
        self.asked = False
        self.raw: Future[look.Raw] = Future()
        self._hungry = hungry
        self._lock = threading.Lock()

    def ask(self) -> None:
        """Ask for the next frame, unless that was done."""
        with self._lock:
            before, self.asked = self.asked, True
        if not before:
            self.way.asked()
            self._hungry()


class Beside:
    """One in a child. `begin` from the thread that receives pictures, the rest from the one that runs the jobs."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2, "look beside")
        self._way: Way | None = None
        self._film: tuple[Network, Runner, tuple[int, ...], list[Letterboxed]] | None = None  # made for frames of this size

    def close(self) -> None:
        """No more frames; a pass under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def begin(self, generation: int, frame: Frame, token: CancelToken, hungry: Callable[[], None]) -> Pass | None:
        """Look at a follow's next frame now, if it is known how; `token` is that of its job."""
        way = self._way
        if way is None or (way.key[0], way.key[3]) != (generation, frame.rgb.shape):
            return None
        way.came()
        return self._start(Pass(way, frame, hungry), token)

    def _start(self, seen: Pass, token: CancelToken) -> Pass:
        seen.raw = self._pool.submit(seen.way.pass_of, seen, token)
        return seen

    def turn(self, generation: int, seen: Pass | None, hungry: Callable[[], None]) -> Turn:
        """What the job of a frame has as `work.ahead`; `seen`: what `begin` gave for it."""
        return Turn(self, generation, seen, hungry)

    def see(
        self, generation: int, seen: Pass | None, network: Network, runner: Runner, work: Work, hungry: Callable[[], None]
    ) -> Pass | None:
        """The pass of the work's frame, begun now unless it was before; None where a runner is for one thread only."""
        frame = look.frame_of(work)
        key = generation, network, runner, frame.rgb.shape
        if self._way is None or self._way.key != key:
            self._way = self._way_for(key, frame)
        way = self._way
        if way is None:
            return None
        if seen is not None and seen.way is way:
            return seen
        return self._start(Pass(way, frame, hungry), work.token)

    def _way_for(self, key: _Key, frame: Frame) -> Way | None:
        _, network, runner, size = key
        if self._film is None or self._film[:3] != (network, runner, size):
            light = network.nbytes <= LIGHT
            self._film = network, runner, size, letterboxed.lanes(network, runner, frame, at_once=1) if light else []
        lanes: Sequence[Runner] = self._film[3]
        if not lanes:
            other = runner.beside()
            lanes = () if other is None else (runner, other)
        return Way(key, lanes) if lanes else None


class Turn:
    """What a follow's job has as `work.ahead`. `hungry()` asks the window for the next picture."""

    def __init__(self, beside: Beside, generation: int, seen: Pass | None, hungry: Callable[[], None]) -> None:
        self._beside, self._generation, self._seen, self._hungry = beside, generation, seen, hungry

    def see(self, network: Network, runner: Runner, frame: Frame, work: Work) -> look.Raw:
        """Raw outputs of the frame. Raises Cancelled, ExplorerError."""
        seen = self._beside.see(self._generation, self._seen, network, runner, work, self._hungry)
        if seen is None:
            return look.forward(network, runner, frame, work)
        while not seen.raw.done():
            ask_in = seen.way.ask_at(seen) - time.perf_counter()
            if ask_in <= 0:
                seen.ask()
            wait([seen.raw], WAIT_S if seen.asked else min(WAIT_S, ask_in))
            work.token.check()
        seen.ask()
        raw = seen.raw.result()
        raw.watch.go_on()
        return raw
