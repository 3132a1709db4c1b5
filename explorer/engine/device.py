"""Where to compute: which devices are there, which one is taken, how many threads a CPU may use."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from explorer.i18n import tr

ORDER = ("cuda", "mps", "xpu", "cpu")


@dataclass(frozen=True)
class Choice:
    """A device that is there. `notice` says, translated, why it is not the one that was asked for; "" when it is."""

    device: torch.device
    notice: str = ""


def available() -> tuple[str, ...]:
    """Names of the devices of this machine, fastest first; "cpu" is always the last of them."""
    names: list[str] = []
    if torch.cuda.is_available():
        names += [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        names += [f"xpu:{index}" for index in range(torch.xpu.device_count())]
    return (*names, "cpu")


def choose(name: str = "auto") -> Choice:
    """The device called `name` ("auto", "cpu", "cuda", "cuda:1", ...), or the CPU with a notice when it is not there."""
    there = available()
    if name in ("", "auto"):
        return Choice(torch.device(there[0]))
    exact = next((item for item in there if item == name or item.split(":")[0] == name), None)
    if exact is not None:
        return Choice(torch.device(exact))
    notice = tr("The device {device} is not on this machine ({there}); computing on the CPU.")
    return Choice(torch.device("cpu"), notice.format(device=name, there=", ".join(there)))


def cores() -> int:
    """Cores this process may use: what OMP_NUM_THREADS says if a person or a test run set it, else all it may run on."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdigit() and int(told) > 0:
        return int(told)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_beside_window() -> int:
    """All cores but one, at least one: the window paints on the last. Measured in bench: two threads on two busy cores lose."""
    return max(1, cores() - 1)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Run small CPU work of torch without its thread pool.

    Resizing a 720p frame takes 1.4 ms with one thread or two on an idle machine, but 2.5 against 22 ms beside other busy
    processes: every parallel step waits for the thread that has lost its core.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
