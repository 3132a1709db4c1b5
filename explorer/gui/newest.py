"""Asking again and again without a queue: one request on its way, of those wanted since then only the newest."""

from __future__ import annotations

import time

from explorer.gui.desk import Desk
from explorer.jobs import LAST, Event, Result
from explorer.records.frame import Frame
from explorer.requests.base import Request

PATIENCE_S = 10.0  # an answer that has not come by then is not waited for


class Newest:
    """Serves one channel. What is wanted while an answer is under way replaces what was wanted before, so that answers keep
    coming while the mouse moves. `live`: ask again for every newer picture, at the pace of the answers.
    """

    def __init__(self, desk: Desk, channel: str) -> None:
        self.desk = desk
        self.channel = channel
        self.live = True
        self._wanted: Request | None = None
        self._asked: tuple[Request, int] | None = None  # the newest asked for, with the picture it was asked on
        self._since: float | None = None  # when the request under way was sent

    def want(self, request: Request | None) -> None:
        """Ask for `request` as soon as may be; None wants nothing any more."""
        self._wanted = request
        if request is None:
            self._asked = None
        self._ask()

    @property
    def wanted(self) -> Request | None:
        """What is asked for now."""
        return self._wanted

    @property
    def asked(self) -> Request | None:
        """What the next answer is about."""
        return None if self._asked is None else self._asked[0]

    def again(self) -> None:
        """Ask once more though nothing seems to have changed (another network, weights, surgery)."""
        self._asked = None
        self._ask()

    def frame(self, frame: Frame) -> None:
        """A newer picture is there."""
        if self.live:
            self._ask()

    def heard(self, event: Event) -> Result | None:
        """An event of the channel; the answer if it is one that is still wanted."""
        if not isinstance(event, LAST):
            return None
        self._since = None
        wanted = self._wanted is not None and self._asked is not None
        self._ask()
        return event if isinstance(event, Result) and wanted else None

    def _ask(self) -> None:
        request, frame = self._wanted, self.desk.frame
        if request is None or (frame is None and request.needs_frame):
            return
        seen = frame.seq if frame is not None else 0
        if self._since is not None and time.monotonic() - self._since < PATIENCE_S:
            return
        same = self._asked is not None and self._asked[0] == request and (self._asked[1] == seen or not self.live)
        if not same:
            self._asked = (request, seen)
            self._since = time.monotonic()
            self.desk.submit(self.channel, request)
