"""By how much memory grows at most while something runs, measured."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from types import TracebackType

import torch

from explorer.engine.memory import give_back_pages

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Growth:
    """`with Growth(device) as growth: ...`, then `growth.bytes`: the largest growth inside, None where nobody says.

    On a GPU what torch allocated. On a CPU the resident memory of this process, everything in it counted, after freed pages
    were given back, so that memory which is only used again counts too; Linux alone can begin such a count anew.
    """

    def __init__(self, device: torch.device) -> None:
        self.bytes: int | None = None
        self._device = device
        self._before: int | None = None

    def __enter__(self) -> Growth:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            torch.cuda.reset_peak_memory_stats(self._device)
            self._before = int(torch.cuda.memory_allocated(self._device))
        elif self._device.type == "cpu" and sys.platform == "linux":
            give_back_pages()
            with contextlib.suppress(OSError):
                _RESET.write_text("5", encoding="ascii")  # the peak is counted from here
                self._before = _kilobytes("VmRSS")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._before is None:
            return
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            self.bytes = int(torch.cuda.max_memory_allocated(self._device)) - self._before
            return
        after = _kilobytes("VmHWM")
        self.bytes = None if after is None else max(0, after - self._before)


def _kilobytes(name: str) -> int | None:
    """A line of /proc/self/status in bytes."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return None
