"""The peek child: opens one camera, measures it, sends small pictures, lets it go. Killed by the window if it hangs."""

from __future__ import annotations

import queue
import threading
import time

from explorer.host.capture_child import camera_maker
from explorer.host.child import Link
from explorer.host.messages import PeekSeen
from explorer.host.wire import Beat, PeekIt, Quit
from explorer.i18n import N_
from explorer.picture.camera_modes import modes_of
from explorer.picture.opencv import cv2
from explorer.picture.sources import Source, open_source
from explorer.picture.trial import Trial
from explorer.records.errors import MediaError, Trouble, trouble_of
from explorer.records.frame import Frame

EVERY_S = 0.2  # between two small pictures
AGAIN_S = 0.25  # between two attempts on a device that is being let go


def main(link: Link) -> None:
    """Try what is asked for until Quit."""
    cv2.setNumThreads(1)
    orders: queue.SimpleQueue[PeekIt] = queue.SimpleQueue()
    over = threading.Event()
    threading.Thread(target=_listen, args=(link, orders, over), name="pipe", daemon=True).start()
    order = orders.get()
    try:
        _try(link, order, over)
    except MediaError as error:
        link.send(PeekSeen(order.id, "failed", trouble=error.trouble))
    except Exception as error:  # whatever a driver does, the person gets a reason
        link.send(PeekSeen(order.id, "failed", trouble=trouble_of(error)))


def _listen(link: Link, orders: queue.SimpleQueue[PeekIt], over: threading.Event) -> None:
    while True:
        message = link.receive(1.0)
        if isinstance(message, PeekIt):
            orders.put(message)
        elif isinstance(message, Quit):
            over.set()


def _try(link: Link, order: PeekIt, over: threading.Event) -> None:
    source = _opened(link, order, over)
    if source is None:
        return
    try:
        trial = Trial(order.request, modes_of(order.request.index) if order.request.kind == "camera" else ())
        shown_at = 0.0
        while not over.is_set():
            asked_at = time.monotonic()
            frame = source.read()
            if frame is None:
                raise MediaError(Trouble("picture.empty", N_("An empty picture arrived.")))
            now = time.monotonic()
            small = trial.take(frame.rgb, now)
            if now - shown_at < EVERY_S:
                continue
            shown_at = now
            picture = Frame(small, frame.seq, frame.time, frame.source)
            report = trial.report(now, source.info.fps, (now - asked_at) * 1000)
            link.send(PeekSeen(order.id, "seen", picture, report))
    finally:
        source.close()


def _opened(link: Link, order: PeekIt, over: threading.Event) -> Source | None:
    """The source; None if nobody wants it any more. Raises MediaError when the patience is over."""
    until = time.monotonic() + order.patience_s
    while not over.is_set():
        try:
            return open_source(order.request, camera_maker(link.config.options))
        except MediaError:
            if time.monotonic() > until:
                raise
            link.send(Beat("", 0.0))
            over.wait(AGAIN_S)
    return None
