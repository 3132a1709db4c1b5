"""Frames of a film looked at ahead: while one is being drawn, the next are in the network and those after them are decoded."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.engine import letterboxed
from explorer.jobs import Work, result_of
from explorer.vision import look

if TYPE_CHECKING:
    from explorer.engine.live import Runner
    from explorer.engine.network import Network
    from explorer.records.frame import Frame
    from explorer.requests.network import NetworkRequest

DEPTH = 4  # frames read ahead: enough to even out key frames, 11 MB at 720p
LONG = 150  # frames after which a model for their size is made: some 500 win back the second that this takes
SIZES = 2  # sizes of frames with a model of their own: a camera may change it once
_END = object()
_Coming: TypeAlias = "deque[tuple[Frame, Future[look.Raw]]]"


def ahead(frames: Iterable[Frame], depth: int = DEPTH) -> Generator[Frame, None, None]:
    """The same frames in the same order, none lost, at most `depth` of them read in advance.

    The source is opened, read and closed by one thread, as decoders want it. What it raises is raised here, after the frames
    before it. Leaving the loop early closes the source and ends the thread.
    """
    ready: queue.Queue[Any] = queue.Queue(depth)
    leaving = threading.Event()

    def put(item: Any) -> bool:
        while not leaving.is_set():
            try:
                ready.put(item, timeout=0.05)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        source = iter(frames)
        try:
            for frame in source:
                if not put(frame):
                    return
            put(_END)
        except BaseException as error:  # whatever the source raises belongs to whoever loops over the frames
            put(error)
        finally:
            close = getattr(source, "close", None)
            if close is not None:
                close()

    reader = threading.Thread(target=read, name="decode ahead", daemon=True)
    reader.start()
    try:
        while (item := ready.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        leaving.set()
        reader.join()


def watch(request: NetworkRequest, frames: Iterable[Frame], work: Work) -> Iterator[tuple[Frame, Any]]:
    """Run `request` on every frame: (frame, its record) in order. Raises ExplorerError, Cancelled.

    The job of each frame runs here, one after the other, so that objects are followed from frame to frame; the passes through
    the network, its only long part, run ahead in threads. Records are those of the job alone, number for number.
    """
    coming = ahead(frames)
    try:
        for frame in coming:  # the first one loads the network and chooses how it runs
            yield frame, result_of(request, Work(work.engine, frame, work.token))
            break
        network = work.engine.network(request, work.token)
        runner = network.runners.get((request.precision, request.exact))
        if runner is None:  # a job that does not look in the usual way
            for frame in coming:
                yield frame, result_of(request, Work(work.engine, frame, work.token))
        else:
            for alike, lanes in _by_size(coming, network, runner):
                yield from _piped(request, alike, work, network, lanes)
    finally:
        coming.close()


def _by_size(frames: Iterator[Frame], network: Network, runner: Runner) -> Iterator[tuple[Iterator[Frame], Sequence[Runner]]]:
    """The frames in runs of one size, each with its lanes.

    The first sizes have lanes of their own where that is faster: from the first frame if they are on the shelf, else when LONG
    frames have shown that it is worth making them.
    """
    own: dict[tuple[int, ...], Sequence[Runner]] = {}
    plain: Sequence[Runner] = ()

    def lanes(frame: Frame, *, make: bool) -> Sequence[Runner]:
        size = frame.rgb.shape
        if not own.get(size) and (size in own or len(own) < SIZES):
            own[size] = letterboxed.lanes(network, runner, frame, make=make)
        return own.get(size, ())

    for _, alike in groupby(frames, lambda frame: frame.rgb.shape):
        film = iter(alike)
        first = next(film)
        fast = lanes(first, make=False)
        if not fast:
            plain = plain or runner.lanes()
            yield chain([first], islice(film, LONG - 1)), plain
            rest = list(islice(film, 1))
            if not rest:
                continue
            first = rest[0]
            fast = lanes(first, make=True) or plain
        yield chain([first], film), fast


def _piped(
    request: NetworkRequest, frames: Iterator[Frame], work: Work, network: Network, lanes: Sequence[Runner]
) -> Iterator[tuple[Frame, Any]]:
    """As many passes at once as there are lanes, one frame more being prepared."""
    free: queue.SimpleQueue[Runner] = queue.SimpleQueue()
    for lane in lanes:
        free.put(lane)
    pending: _Coming = deque()

    def see(frame: Frame) -> look.Raw:
        lane = free.get()
        try:
            return look.forward(network, lane, frame, Work(work.engine, frame, work.token))
        finally:
            free.put(lane)

    def answer() -> tuple[Frame, Any]:
        frame, seen = pending.popleft()
        look.foresee(work.engine, frame, request, seen.result())
        return frame, result_of(request, Work(work.engine, frame, work.token))

    with ThreadPoolExecutor(len(lanes), "look ahead") as pool:
        try:
            error = None
            while True:
                try:
                    frame = next(frames, None)
                except Exception as broken:  # of the source: what came before it is answered first
                    error, frame = broken, None
                if frame is None:
                    break
                pending.append((frame, pool.submit(see, frame)))
                while pending and (len(pending) > len(lanes) or pending[0][1].done()):
                    yield answer()
            while pending:
                yield answer()
            if error is not None:
                raise error
        finally:
            look.foresee(work.engine)
            pool.shutdown(wait=True, cancel_futures=True)
