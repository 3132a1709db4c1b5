"""Frames decoded ahead of the network: the next ones are read in a thread of their own while one is being looked at."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from explorer.jobs import Work, result_of

if TYPE_CHECKING:
    from explorer.records.frame import Frame
    from explorer.requests.network import NetworkRequest

DEPTH = 4  # frames read ahead: enough to even out key frames, 11 MB at 720p
_END = object()


def ahead(frames: Iterable[Frame], depth: int = DEPTH) -> Iterator[Frame]:
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
    """Run `request` on every frame, decoding ahead: (frame, its record) in order. Raises ExplorerError, Cancelled."""
    for frame in ahead(frames):
        yield frame, result_of(request, Work(work.engine, frame, work.token))
