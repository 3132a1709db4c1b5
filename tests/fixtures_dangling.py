"""What a test may not leave behind: child processes, threads, open files, shared memory."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from multiprocessing import resource_tracker

import psutil

from explorer.host.ring import PREFIX

others = set()  # processes that stay on purpose, with all that they start (tests/real/conftest.py)


def left_behind():
    """A picture of what this process holds; two of them can be compared."""
    tracker = getattr(resource_tracker._resource_tracker, "_pid", None)  # one for the whole run, removes what a kill leaves
    return {
        "children": sorted(descendants(psutil.Process(), {tracker, *others})),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "shared memory": shared_memory(),
        "files": psutil.Process().num_fds() if hasattr(psutil.Process(), "num_fds") else 0,
    }


def descendants(process, without):
    """The processes that it started, and those that they started."""
    for child in process.children():
        if child.pid not in without:
            yield child.pid
            with contextlib.suppress(psutil.NoSuchProcess):
                yield from descendants(child, without)


def shared_memory(pid=None):
    """Rings of this process, or of the process `pid`."""
    mine = f"{PREFIX}-{pid or os.getpid()}-"
    return sorted(name for name in os.listdir("/dev/shm") if name.startswith(mine)) if os.path.isdir("/dev/shm") else []


def assert_nothing_new(before, patience=5.0):
    """Wait a little for what is just ending, then compare."""
    until = time.monotonic() + patience
    while (now := left_behind()) != before and time.monotonic() < until:
        if now["files"] < before["files"] and {**now, "files": 0} == {**before, "files": 0}:
            return
        time.sleep(0.02)
    if now["files"] <= before["files"]:
        now["files"] = before["files"]
    assert now == before, f"left behind: {now}, before: {before}"
