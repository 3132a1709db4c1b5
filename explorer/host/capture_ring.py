"""Frames on their way out of the capture child: which slot of which ring is free, and a new ring when the size changes."""

from __future__ import annotations

import time
from collections import deque
from typing import Protocol

from explorer.host.ring import Attached
from explorer.host.wire import FrameIn, FreeSlot, NeedRing, Quit, UseRing
from explorer.records.errors import MediaError
from explorer.records.frame import Frame

PASSED_ON_S = 0.015  # a frame that nobody waits for is sent so long after the one before: all of them up to 60 a second


class Wire(Protocol):
    """The way to the window."""

    def send(self, message: object) -> None:
        """To the window."""

    def wait(self, timeout: float | None) -> object | None:
        """The next message, or None after `timeout` seconds (None: wait as long as it takes)."""


class Outlet:
    """`later` holds the messages that came while it waited for a ring; they are to be obeyed next.

    `wanted`: the last frame sent was taken, so that somebody waits for the next one.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.later: deque[object] = deque()
        self._ring: Attached | None = None
        self._slot_bytes = 0
        self._free: set[int] = set()
        self._missed = 0
        self._sent_at = 0.0
        self.wanted = True

    @property
    def opens_at(self) -> float:
        """From when on (time.monotonic()) a frame that nobody waits for is sent; till then the next one takes its place, and
        nobody makes its pixels."""
        return self._sent_at + PASSED_ON_S

    def miss(self) -> None:
        """A frame is not sent, because a newer one is there."""
        self._missed += 1

    def freed(self, message: FreeSlot) -> None:
        """Nobody reads this slot any more."""
        if self._ring is not None and message.ring == self._ring.name:
            self._free.add(message.slot)

    def send(self, generation: int, frame: Frame, index: int, read_at: float) -> bool:
        """Write a frame into a free slot and tell the window; without one it is missed, and counted. False when the window
        said Quit instead of giving a ring. Raises MediaError when there is no room for one."""
        nbytes = frame.rgb.nbytes
        if self._ring is None or not nbytes <= self._slot_bytes <= 4 * nbytes:
            self._get_ring(nbytes)
        if self._ring is None:
            return False
        if not self._free:
            self._missed += 1
            return True
        slot = self._free.pop()
        self._ring.write(slot * self._slot_bytes, frame.rgb)
        height, width = frame.rgb.shape[:2]
        news = FrameIn(generation, self._ring.name, slot, height, width, frame.time, read_at, frame.source, index, self._missed)
        self._wire.send(news)
        self._missed, self._sent_at, self.wanted = 0, time.monotonic(), False
        return True

    def _get_ring(self, nbytes: int) -> None:
        self._wire.send(NeedRing(nbytes))
        while not isinstance(answer := self._wire.wait(None), UseRing):
            if answer is not None:
                self.later.append(answer)
            if isinstance(answer, Quit):
                self._forget()
                return
        if answer.trouble is not None:
            self._forget()
            raise MediaError(answer.trouble)
        if self._ring is None or self._ring.name != answer.name:
            self._forget()
            self._ring, self._slot_bytes = Attached(answer.name), answer.slot_bytes
            self._free = set(range(answer.slots))

    def _forget(self) -> None:
        if self._ring is not None:
            self._ring.close()
            self._ring = None
        self._free = set()
