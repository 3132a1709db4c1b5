"""Trying a camera before it is opened: a short-lived child that can be killed, so that nobody waits for a driver."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from explorer import i18n
from explorer.host.feed import Feed, Held
from explorer.host.messages import ChildLog, PeekSeen
from explorer.host.post import Post
from explorer.host.process import ChildSpec, Process
from explorer.host.river import River
from explorer.host.troubles import peek_crashed, peek_deaf, stream_asleep
from explorer.host.wire import LogLine, PeekIt, Quit
from explorer.picture.trial import Trial
from explorer.records.errors import Trouble, trouble_of
from explorer.records.frame import Frame
from explorer.requests.source import SourceRequest

log = logging.getLogger(__name__)
DEAF_S = 8.0  # without a word for so long it sits in a driver and is killed
GRACE_S = 0.5  # to let the device go when asked; then it is killed
LONGEST_S = 300.0  # nobody looks at a preview for longer; the camera's light goes out
LIVE_S = 0.2  # between two pictures of the camera that is open anyway
LEAVING_S = 3.0  # a camera that was open until now may still be let go


def same_device(one: SourceRequest | None, other: SourceRequest) -> bool:
    """Whether two requests mean the same camera or stream."""
    if one is None or one.kind != other.kind:
        return False
    return one.index == other.index if one.kind == "camera" else one.kind == "stream" and one.path == other.path


class Peek:
    """One child that tries one camera. Its thread starts it, hears it, kills it. `say` and `over` are called from there."""

    def __init__(
        self,
        order: PeekIt,
        spec: ChildSpec,
        log_file: Path,
        say: Callable[[PeekSeen | ChildLog], None],
        over: Callable[[Peek], None],
    ) -> None:
        self.order = order
        self._spec, self._log_file, self._say, self._over = spec, log_file, say, over
        self._wanted = threading.Event()
        self._failed = False
        self._thread = threading.Thread(target=self._live, name="peek", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let the device go; `over` is called when that is done."""
        self._wanted.set()

    def join(self, until: float) -> bool:
        """Wait for its end until the monotonic time `until`; whether it came."""
        self._thread.join(max(0.0, until - time.monotonic()))
        return not self._thread.is_alive()

    def _live(self) -> None:
        number = self.order.id
        try:
            trouble = self._try()
        except Exception as error:  # whoever waits for the device must hear of its end
            log.exception("the try of a camera failed")
            trouble = trouble_of(error)
        if trouble is not None:
            self._say(PeekSeen(number, "failed", trouble=trouble))
        elif not self._failed:
            self._say(PeekSeen(number, "ended"))
        self._over(self)

    def _try(self) -> Trouble | None:
        """Run the child to its end; the fault that it could not report itself."""
        process = Process("peek", self._spec, self._log_file, i18n.language())
        process.send(self.order)
        began = heard_at = time.monotonic()
        asked_at: float | None = None
        deaf = False
        while True:
            try:
                message = process.receive(0.03)
            except EOFError:
                break
            now = time.monotonic()
            if message is not None:
                heard_at = now
                self._heard(message)
            if asked_at is None and (self._wanted.is_set() or now - began > LONGEST_S):
                asked_at = now
                process.send(Quit())
            deaf = asked_at is None and now - heard_at > DEAF_S
            if deaf or (asked_at is not None and now - asked_at > GRACE_S):
                process.signal(kill=True)
                break
        how, _ = process.reap(GRACE_S)
        if deaf:
            return peek_deaf(self.order.request.label)
        return peek_crashed(self.order.request.label, how) if how and asked_at is None and not self._failed else None

    def _heard(self, message: object) -> None:
        if isinstance(message, PeekSeen):
            self._failed = message.state == "failed"
            if not self._wanted.is_set():
                self._say(message)
        elif isinstance(message, LogLine):
            self._say(ChildLog("capture", message.level, message.logger, message.text))


class Peeking:
    """At most one try at a time, and never on a device that the capture child holds. Calls under the Host's lock.

    `over` is called, from a peek's thread, when its child is gone; it calls `gone` under the lock.
    """

    def __init__(self, post: Post, feed: Feed, spec: ChildSpec, log_file: Path, over: Callable[[Peek], None]) -> None:
        self._post, self._feed, self._over = post, feed, over
        self._spec = ChildSpec("explorer.host.peek_child:main", spec.options, spec.environment)
        self._log_file = log_file
        self._numbers = count(1)
        self._peek: Peek | None = None  # the child that lives
        self._next: PeekIt | None = None  # to be tried when it is gone
        self._live: PeekIt | None = None  # of the source that is open
        self._trial: Trial | None = None
        self._shown_at = 0.0

    def begin(self, request: SourceRequest, river: River) -> int:
        """Try `request`, beside whatever `river` shows."""
        self.end()
        number = next(self._numbers)
        leaving = time.monotonic() - river.left_at < LEAVING_S
        order = PeekIt(number, request, LEAVING_S if leaving else 0.0)
        self._say(PeekSeen(number, "opening"))
        if not river.may(request):
            self._say(PeekSeen(number, "failed", trouble=stream_asleep(request.label)))
        elif same_device(river.request, request):
            self._live, self._trial, self._shown_at = order, Trial(request), 0.0
            newest = self._feed.newest or self._feed.visible
            if newest is not None:
                self.glimpse(newest, time.monotonic())
        elif self._peek is not None:
            self._next = order
        else:
            self._start(order)
        return number

    def end(self) -> None:
        """Nobody looks any more."""
        for order in filter(None, (self._next, self._live)):
            self._say(PeekSeen(order.id, "ended"))
        self._next = self._live = self._trial = None
        if self._peek is not None:
            self._peek.end()

    def yield_to(self, request: SourceRequest) -> bool:
        """`request` is about to be opened: whether it has to wait until a try has let the device go (`over` says when)."""
        if self._live is not None and not same_device(self._live.request, request):
            self.end()
        if self._next is not None and same_device(self._next.request, request):
            self.end()
        if self._peek is None or not same_device(self._peek.order.request, request):
            return False
        self.end()
        return True

    def glimpse(self, held: Held, now: float) -> None:
        """A frame of the open source came; it is the try's, if that is what is tried."""
        if self._live is None or self._trial is None:
            return
        news = held.news
        rgb = self._feed.look(held)
        small = self._trial.take(rgb, news.read_at)
        if now - self._shown_at >= LIVE_S:
            self._shown_at = now
            picture = Frame(small, held.seq, news.time, news.source)
            report = self._trial.report(now, read_ms=(now - news.read_at) * 1000)
            self._say(PeekSeen(self._live.id, "seen", picture, report, live=True))

    def join(self, until: float) -> bool:
        """Wait for the child's end until the monotonic time `until`; whether it came."""
        peek = self._peek
        return peek is None or peek.join(until)

    def gone(self) -> None:
        """The child is gone: the next one may start."""
        self._peek = None
        order, self._next = self._next, None
        if order is not None:
            self._start(order)

    def _start(self, order: PeekIt) -> None:
        self._peek = Peek(order, self._spec, self._log_file, self._say, self._over)

    def _say(self, event: PeekSeen | ChildLog) -> None:
        key = ("peek", event.id) if isinstance(event, PeekSeen) else None
        self._post.put(event, key)
