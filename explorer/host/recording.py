"""The recording as the window steers it: each shown frame with its records goes to the recorder. Under the Host's lock.

What is shown is recorded as it comes, and what the recorder is too slow for is dropped and counted. A whole video file is
recorded otherwise: it is paused, and asked for frame by frame, the next one when the last one was looked at and taken.
"""

from __future__ import annotations

import math
import time
from typing import Any

from explorer.atomic import rescue
from explorer.host.feed import Feed, Held
from explorer.host.messages import RecordState
from explorer.host.post import Post
from explorer.host.river import River
from explorer.host.supervisor import Supervisor
from explorer.host.troubles import child_is_dead, no_file_to_record, recording_broken
from explorer.host.wire import RecordEnd, RecordParts, RecordThis, RecordTo
from explorer.records.source import SourceInfo
from explorer.records.vision import Detections, Mask, TopK
from explorer.requests.live import LiveLook
from explorer.requests.source import SourceRequest

AHEAD = 2  # frames the recorder may not have copied yet; more are dropped and counted
PATIENCE_S, TRIES = 1.0, 3  # a frame that was asked for and does not come is asked for again, then the file is over


class Recording:
    """At most one at a time."""

    def __init__(self, feed: Feed, post: Post, child: Supervisor, river: River) -> None:
        self._feed = feed
        self._post = post
        self._child = child
        self._river = river
        self._paths: tuple[str, ...] = ()
        self._parts: tuple[tuple[str, str], ...] = ()
        self._dropped = 0
        self._results: dict[str, tuple[int, Any]] = {}
        self._walk: _Walk | None = None

    @property
    def whole(self) -> bool:
        """Whether a file is being recorded frame by frame: then no frame is shown before it was looked at."""
        return self._walk is not None

    def begin(self, paths: tuple[str, ...], look: LiveLook, *, whole: bool = False) -> None:
        """Begin files; the recording before is finished."""
        self.end()
        if not paths:
            return
        walk = _Walk.of(self._river.request, self._river.info) if whole else None
        trouble = child_is_dead("recorder") if self._child.dead else no_file_to_record() if whole and walk is None else None
        if trouble is not None:
            self._post.put(RecordState("failed", paths[0], trouble=trouble, paths=paths))
            return
        self._paths, self._parts, self._dropped, self._walk = paths, (), 0, walk
        self._child.ensure()
        self._child.send(RecordTo(paths, look, walk is not None, walk.total if walk else 0))
        if walk is not None:
            self._river.pause(True)
            self._ask(walk)

    def end(self) -> None:
        """Finish the files."""
        if self._paths:
            self._paths, self._walk = (), None
            self._results.clear()
            self._child.send(RecordEnd())

    def interrupt(self) -> None:
        """A person moves in the file that is being recorded, or opens another one: what is recorded so far is all."""
        if self._walk is not None:
            self.end()

    def result(self, channel: str, seq: int, record: object) -> None:
        """What a follow said of frame `seq`."""
        if self._paths and isinstance(record, (Detections, Mask, TopK)):
            self._results[channel] = (seq, record)

    def frame(self, held: Held) -> None:
        """A frame is shown."""
        walk = self._walk
        if not self._paths or (walk is not None and held.news.index != walk.wanted):
            return
        if walk is None and self._feed.lent("recorder") >= AHEAD:
            self._dropped += 1
            return
        overlays = tuple(record for seq, record in self._results.values() if seq == held.seq)
        self._child.send(RecordThis(self._feed.lend(held, "recorder"), time.monotonic(), overlays, self._dropped))
        if walk is not None:
            walk.wanted, walk.asked_at, walk.tries = walk.wanted + 1, None, 0
            self.taken()

    def taken(self) -> None:
        """The recorder copied a frame, or may have."""
        walk = self._walk
        if walk is None or walk.asked_at is not None or self._feed.lent("recorder") >= AHEAD:
            return
        if walk.over:
            self.end()
        else:
            self._ask(walk)

    def tick(self, now: float, *, looking: bool) -> None:
        """A frame that does not come; not while one is being looked at."""
        walk = self._walk
        if walk is None or walk.asked_at is None:
            return
        if looking:
            walk.asked_at = now
        elif now - walk.asked_at >= PATIENCE_S:
            walk.tries += 1
            if walk.tries >= TRIES:
                self.end()
            else:
                self._ask(walk)

    def _ask(self, walk: _Walk) -> None:
        walk.asked_at = time.monotonic()
        self._river.seek(index=walk.wanted)

    def heard(self, message: object) -> None:
        """A message of the recorder child."""
        if isinstance(message, RecordParts):
            self._parts = message.parts
        elif isinstance(message, RecordState):
            if message.state == "failed" and message.paths == self._paths:
                self._paths, self._walk = (), None
            if message.state != "recording":
                self._parts = ()
            self._post.put(message, ("recording",) if message.state == "recording" and message.frames > 1 else None)

    def lost(self) -> None:
        """The recorder child is gone: what can be read of its part files gets its name."""
        kept = tuple(path for part, path in self._parts if rescue(part, path))
        if self._paths:
            broken = recording_broken(self._paths[0])
            self._post.put(
                RecordState("failed", self._paths[0], dropped=self._dropped, trouble=broken, paths=self._paths, kept=kept)
            )
        self._paths, self._parts, self._walk = (), (), None


class _Walk:
    """The way through a file: `wanted` is the next frame, `last` the last one (None: unknown)."""

    def __init__(self, wanted: int, last: int | None, total: int) -> None:
        self.wanted, self.last, self.total = wanted, last, total
        self.asked_at: float | None = None
        self.tries = 0

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self.last is not None and self.wanted > self.last

    @classmethod
    def of(cls, request: SourceRequest | None, info: SourceInfo) -> _Walk | None:
        """Through the part of a video between its points; None for what is no video file."""
        if request is None or info.live or not info.seekable or info.frames == 1:
            return None
        near = 1e-6
        first = math.ceil(request.start * info.fps - near) if request.start else 0
        last = info.frames - 1 if info.frames else None
        if request.end and info.fps:
            ends = math.ceil(request.end * info.fps - near) - 1
            last = ends if last is None else min(last, ends)
        return cls(first, last, 0 if last is None else max(0, last - first + 1))
