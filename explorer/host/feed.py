"""Frames on the window's side: the rings, who holds which slot, which frame is shown next. Calls under the Host's lock."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from explorer.host.messages import ChildKind, FrameArrived
from explorer.host.ring import Ring
from explorer.host.wire import FrameIn, SlotRef, UseRing
from explorer.records.frame import RGB, Frame

RATE_S = 2.0  # rates are counted over this long


@dataclass(eq=False)
class Held:
    """A frame in a slot. `holders` keep the slot from being written again. `taken`: somebody has looked at it."""

    news: FrameIn
    seq: int
    holders: int = 0
    shown: bool = False
    taken: bool = False


class Feed:
    """`free(ring, slot)` tells the capture child that a slot may be written again, `want()` that the newest frame was taken."""

    def __init__(self, free: Callable[[str, int], None], want: Callable[[], None] = lambda: None) -> None:
        self._free = free
        self._want = want
        self._rings: dict[str, Ring] = {}
        self._ring: Ring | None = None
        self._held: dict[str, int] = {}
        self._leases: dict[int, tuple[ChildKind, Held]] = {}
        self._numbers = count(1)
        self._seqs = count()
        self.newest: Held | None = None
        self.visible: Held | None = None
        self._next: Held | None = None
        self._last_seq = -1
        self.dropped = self.count = 0
        self.begin()

    def begin(self) -> None:
        """Another source: counts start again; the frame shown stays shown."""
        self._change("newest", None)
        self._change("_next", None)
        self.dropped = self.count = 0
        self._in: deque[float] = deque()
        self._out: deque[float] = deque()

    def ring_for(self, nbytes: int) -> UseRing | None:
        """The present ring if frames of `nbytes` fit it well."""
        if self._ring is None or not nbytes <= self._ring.slot_bytes <= 4 * nbytes:
            return None
        return UseRing(self._ring.name, self._ring.slots, self._ring.slot_bytes)

    def adopt(self, ring: Ring) -> UseRing:
        """Use this ring from now on; the old one goes when nobody holds a slot of it."""
        self.retire()
        self._ring = self._rings[ring.name] = ring
        self._held[ring.name] = 0
        return UseRing(ring.name, ring.slots, ring.slot_bytes)

    def retire(self) -> None:
        """The capture child will not write into the present ring any more; it goes when nobody holds a slot."""
        old, self._ring = self._ring, None
        if old is not None and not self._held[old.name]:
            self._remove(old.name)

    def arrived(self, news: FrameIn) -> Held | None:
        """A frame came; it is the newest now. None if its ring is gone."""
        if news.ring not in self._rings:
            return None
        held = Held(news, next(self._seqs))
        self.dropped += news.missed
        self.count += 1 + news.missed
        for _ in range(1 + news.missed):
            _count(self._in, news.read_at)
        self._change("newest", held)
        return held

    def refuse(self, news: FrameIn) -> None:
        """A frame of a source that is no longer wanted."""
        if self._ring is not None and news.ring == self._ring.name:
            self._free(news.ring, news.slot)

    def show(self, held: Held) -> bool:
        """Hand this frame to the window next, unless a newer one was handed over. Whether it will be shown."""
        if held.seq <= max(self._last_seq, self._next.seq if self._next else -1):
            return False
        self._change("_next", held)
        return True

    def take(self) -> FrameArrived | None:
        """The frame to show now, copied; None if nothing new is to be shown."""
        held = self._next
        if held is None:
            return None
        now = time.monotonic()
        held.shown = True
        self._take(held)
        self._last_seq = held.seq
        self._change("visible", held)
        self._change("_next", None)
        _count(self._out, now)
        news = held.news
        return FrameArrived(
            Frame(self.look(held), held.seq, news.time, news.source),
            self.dropped,
            _rate(self._in, now),
            _rate(self._out, now),
            now - news.read_at,
            news.index,
            self.count,
        )

    def look(self, held: Held) -> RGB:
        """A copy of a frame that somebody holds."""
        return self._rings[held.news.ring].copy(held.news.slot, held.news.height, held.news.width)

    def hold(self, held: Held) -> Held:
        """One more holder."""
        held.holders += 1
        if held.holders == 1:
            self._held[held.news.ring] += 1
        return held

    def drop(self, held: Held) -> None:
        """One holder less; the last one frees the slot."""
        held.holders -= 1
        if held.holders:
            return
        ring = held.news.ring
        self._held[ring] -= 1
        if not held.shown:
            self.dropped += 1
        if self._ring is not None and ring == self._ring.name:
            self._free(ring, held.news.slot)
        elif not self._held[ring]:
            self._remove(ring)

    def lend(self, held: Held, to: ChildKind) -> SlotRef:
        """Let a child copy the frame; it answers Taken."""
        lease = next(self._numbers)
        self._leases[lease] = (to, self.hold(held))
        self._take(held)
        news = held.news
        offset = news.slot * self._rings[news.ring].slot_bytes
        return SlotRef(news.ring, offset, news.height, news.width, held.seq, news.time, news.source, lease, news.index)

    def _take(self, held: Held) -> None:
        if held is self.newest and not held.taken:
            held.taken = True
            self._want()

    def returned(self, lease: int) -> None:
        """The child copied it, or will never get it."""
        found = self._leases.pop(lease, None)
        if found is not None:
            self.drop(found[1])

    def returned_by(self, kind: ChildKind) -> None:
        """A child died: all it held is back."""
        for lease in [lease for lease, (to, _) in self._leases.items() if to == kind]:
            self.returned(lease)

    def lent(self, kind: ChildKind) -> int:
        """How many frames a child has not copied yet."""
        return sum(to == kind for to, _ in self._leases.values())

    def close(self) -> None:
        """Remove all shared memory."""
        for name in list(self._rings):
            self._remove(name)

    def _remove(self, name: str) -> None:
        self._rings.pop(name).close()

    def _change(self, place: str, held: Held | None) -> None:
        old: Held | None = getattr(self, place)
        if held is not None:
            self.hold(held)
        setattr(self, place, held)
        if old is not None:
            self.drop(old)


def _count(times: deque[float], now: float) -> None:
    times.append(now)
    while times and now - times[0] > RATE_S:
        times.popleft()


def _rate(times: deque[float], now: float) -> float:
    recent = [at for at in times if now - at <= RATE_S]
    if len(recent) < 2:
        return 0.0
    return round((len(recent) - 1) / max(recent[-1] - recent[0], 1e-6), 1)
