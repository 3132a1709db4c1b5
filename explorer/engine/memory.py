"""Out of memory, whichever way torch says it, as one explained error that keeps no tensor alive."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from explorer.i18n import N_
from explorer.records.errors import ExplorerError, Trouble

_WORDS = ("can't allocate memory", "out of memory", "not enough memory", "std::bad_alloc")


MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1  # of glibc's mallopt
KEPT = 512 << 20  # bytes of freed memory that stay with the process


def keep_pages() -> bool:
    """Let the process keep up to KEPT bytes it freed instead of giving each map back and asking for it again; whether it could.

    A pass whose every layer is looked at holds all its maps and frees them together. As glibc comes, each goes back to the
    system and the next pass pays a page fault every 4 kB: half as much again as EfficientNet-Lite0's whole pass.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    large = mallopt(MMAP_THRESHOLD, 256 << 20) or mallopt(MMAP_THRESHOLD, 32 << 20)  # older ones take no more
    return bool(large and mallopt(TRIM_THRESHOLD, KEPT))


def give_back_pages() -> None:
    """Give the system what is kept: a network has left."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def is_out_of_memory(error: BaseException) -> bool:
    """CUDA raises torch.OutOfMemoryError, the CPU allocator a RuntimeError, numpy and Python a MemoryError."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _WORDS)


def is_device_broken(error: BaseException) -> bool:
    """A CUDA fault after which this process can use the GPU no more."""
    return isinstance(error, torch.AcceleratorError) and not isinstance(error, torch.OutOfMemoryError)


def free_bytes(device: torch.device) -> int | None:
    """Free memory of `device` in bytes; None where the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def megabytes(count: int | None) -> str:
    """ "1.9 GB", "35 MB", or "?" for an unknown number of bytes."""
    if count is None:
        return "?"
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


@contextlib.contextmanager
def explained(device: torch.device, *, loading: str = "", needs: int | None = None) -> Iterator[None]:
    """Turn out-of-memory and broken-device errors inside the block into an ExplorerError.

    `loading` names the network being loaded (else it is a forward pass); `needs` is its size in bytes.
    """
    trouble: Trouble | None = None
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_device_broken(error):
            trouble = _broken(device, error)
        elif is_out_of_memory(error):
            trouble = _too_large(device, loading, needs)
        else:
            raise
        error.__traceback__ = None  # it keeps the frames of the failed pass, and they their tensors
    if trouble is not None:
        gc.collect()
        if device.type == "cuda" and trouble.code != "device.broken":
            torch.cuda.empty_cache()
        raise ExplorerError(trouble)


def _too_large(device: torch.device, loading: str, needs: int | None) -> Trouble:
    free = free_bytes(device)
    if loading:
        return Trouble(
            "memory.load",
            N_("{network} does not fit into memory: it needs {needs}, {free} free on {device}."),
            {"network": loading, "needs": megabytes(needs), "free": megabytes(free), "device": str(device)},
            N_("Choose a smaller network, or the CPU, or close other programs. The network loaded before is still there."),
            exit_code=5,
        )
    return Trouble(
        "memory.forward",
        N_("Not enough memory for this picture: {free} free on {device}."),
        {"free": megabytes(free), "device": str(device)},
        N_("Choose a smaller picture or network, or close other programs."),
        exit_code=5,
    )


def _broken(device: torch.device, error: BaseException) -> Trouble:
    return Trouble(
        "device.broken",
        N_("The device {device} stopped working: {text}"),
        {"device": str(device), "text": str(error).splitlines()[0] if str(error) else type(error).__name__},
        N_("The engine has to be started again."),
        exit_code=6,
    )
