"""The shared-memory ring of RGB888 slots. The window creates and removes it; children attach, write or copy.

A slot is lent by counting: the capture child writes only into slots nobody holds, so a slot that is read is never written.
"""

from __future__ import annotations

import contextlib
import os
import sys
from itertools import count
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np

from explorer.i18n import N_
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import RGB, Frame

SPARE = 16 << 20  # left free for others
PREFIX = "explorer"  # with the window's process id: what is left of a killed one can be told apart
_SHM = Path("/dev/shm")
_numbers = count()


def free_shared_bytes() -> int | None:
    """Bytes free for shared memory, or None where the system does not say (it then pages like other memory)."""
    if not _SHM.is_dir():
        return None
    found = os.statvfs(_SHM)
    return found.f_bavail * found.f_frsize


def slots_for(nbytes: int) -> int:
    """Consumers (shown, waiting, looked at, answered, recorded) and one to write; fewer for pictures nobody streams."""
    return 6 if nbytes <= 8 << 20 else 4 if nbytes <= 64 << 20 else 3


class Ring:
    """The creator's side. Raises MediaError when the shared memory that is free does not hold `slots` times `slot_bytes`."""

    def __init__(self, slot_bytes: int, slots: int | None = None) -> None:
        self.slots = slots or slots_for(slot_bytes)
        self.slot_bytes = slot_bytes
        need, free = self.slots * slot_bytes, free_shared_bytes()
        if free is not None and need + SPARE > free:
            raise _no_room(need, free)
        try:
            self._memory = SharedMemory(f"{PREFIX}-{os.getpid()}-{next(_numbers)}", create=True, size=need)
        except OSError:
            raise _no_room(need, free or 0) from None
        self.name = self._memory.name
        self._closed = False
        if free is not None:  # a page that cannot be had later is a bus error, so have all of them now
            try:
                with open(_SHM / self.name, "rb+") as handle:
                    os.posix_fallocate(handle.fileno(), 0, need)
            except OSError:
                self.close()
                raise _no_room(need, free) from None

    def copy(self, slot: int, height: int, width: int) -> RGB:
        """The frame in a slot, as an array of its own."""
        return np.ndarray((height, width, 3), np.uint8, self._memory.buf, slot * self.slot_bytes).copy()

    def close(self) -> None:
        """Unmap and remove. May be called twice."""
        if not self._closed:
            self._closed = True
            self._memory.close()
            with contextlib.suppress(FileNotFoundError):
                self._memory.unlink()


class Attached:
    """A child's side of a ring that another process created and will remove."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._memory = _attach(name)

    def copy(self, offset: int, height: int, width: int) -> RGB:
        """The frame at `offset`, as an array of its own."""
        return np.ndarray((height, width, 3), np.uint8, self._memory.buf, offset).copy()

    def write(self, offset: int, rgb: RGB) -> None:
        """Copy a frame to `offset`."""
        np.ndarray(rgb.shape, np.uint8, self._memory.buf, offset)[...] = rgb

    def close(self) -> None:
        """Unmap."""
        self._memory.close()


class Reader:
    """Copies frames out of whatever ring they come in; keeps the newest ring attached."""

    def __init__(self) -> None:
        self._ring: Attached | None = None

    def frame(self, ring: str, offset: int, height: int, width: int, seq: int, time: float, source: str) -> Frame:
        """The frame, its pixels copied. Raises FileNotFoundError if the ring is gone."""
        if self._ring is None or self._ring.name != ring:
            self.close()
            self._ring = Attached(ring)
        return Frame(self._ring.copy(offset, height, width), seq, time, source)

    def close(self) -> None:
        """Unmap."""
        if self._ring is not None:
            self._ring.close()
            self._ring = None


def _attach(name: str) -> SharedMemory:
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    # Before 3.13 attaching registers with a resource tracker of this process, which would remove the creator's memory when
    # this process ends: https://github.com/python/cpython/issues/82300
    register = resource_tracker.register
    resource_tracker.register = lambda *args: None
    try:
        return SharedMemory(name)
    finally:
        resource_tracker.register = register


def _no_room(need: int, free: int) -> MediaError:
    return MediaError(
        Trouble(
            "memory.shared",
            N_("This picture needs {need} MB of shared memory and {free} MB are free."),
            {"need": need >> 20, "free": free >> 20},
            N_("Choose a smaller picture, or give the system more shared memory (/dev/shm)."),
            exit_code=5,
        )
    )
