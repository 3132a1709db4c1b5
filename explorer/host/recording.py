"""The recording as the window steers it: each shown frame with its records goes to the recorder. Under the Host's lock."""

from __future__ import annotations

import time
from typing import Any

from explorer.host.feed import Feed, Held
from explorer.host.messages import RecordState
from explorer.host.post import Post
from explorer.host.supervisor import Supervisor
from explorer.host.troubles import child_is_dead, recording_broken
from explorer.host.wire import RecordEnd, RecordThis, RecordTo
from explorer.records.vision import Detections, Mask

AHEAD = 2  # frames the recorder may not have copied yet; more are dropped and counted


class Recording:
    """At most one at a time."""

    def __init__(self, feed: Feed, post: Post, child: Supervisor) -> None:
        self._feed = feed
        self._post = post
        self._child = child
        self._path = ""
        self._dropped = 0
        self._results: dict[str, tuple[int, Any]] = {}

    def begin(self, path: str) -> None:
        """Begin a file; the one before is finished."""
        self.end()
        if self._child.dead:
            self._post.put(RecordState("failed", path, trouble=child_is_dead("recorder")))
            return
        self._path, self._dropped = path, 0
        self._child.ensure()
        self._child.send(RecordTo(path))

    def end(self) -> None:
        """Finish the file."""
        if self._path:
            self._path = ""
            self._results.clear()
            self._child.send(RecordEnd())

    def result(self, channel: str, seq: int, record: object) -> None:
        """What a follow said of frame `seq`."""
        if self._path and isinstance(record, (Detections, Mask)):
            self._results[channel] = (seq, record)

    def frame(self, held: Held) -> None:
        """A frame is shown."""
        if not self._path:
            return
        if self._feed.lent("recorder") >= AHEAD:
            self._dropped += 1
            return
        overlays = tuple(record for seq, record in self._results.values() if seq == held.seq)
        self._child.send(RecordThis(self._feed.lend(held, "recorder"), time.monotonic(), overlays, self._dropped))

    def heard(self, message: object) -> None:
        """A message of the recorder child."""
        if isinstance(message, RecordState):
            if message.state == "failed" and message.path == self._path:
                self._path = ""
            self._post.put(message)

    def lost(self) -> None:
        """The recorder child is gone; its part file stays and can be played."""
        if self._path:
            self._post.put(RecordState("failed", self._path, dropped=self._dropped, trouble=recording_broken(self._path)))
            self._path = ""
