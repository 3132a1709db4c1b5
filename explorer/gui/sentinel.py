"""One sentinel file per running window: says at the next start whether the last one ended well. Standard library only.

The first window has slot 0 and the plain session file; a second one at the same time gets slot 1 and files of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from explorer import assets, atomic

MOST_SLOTS = 32


@dataclass
class Sentinel:
    """`slot` of this process; `crashed`: stages ("starting", "running") that dead processes left behind."""

    path: Path
    slot: int
    crashed: tuple[str, ...] = ()
    reports: tuple[Path, ...] = ()

    def stage(self, name: str) -> None:
        """Say how far we are: "starting", then "running" once the first seconds went well."""
        with contextlib.suppress(OSError):
            atomic.write_text(self.path, _content(name))

    def clear(self) -> None:
        """The program ends well."""
        with contextlib.suppress(OSError):
            self.path.unlink()


def take(folder: Path | None = None) -> Sentinel:
    """Sweep what dead processes left and take the lowest free slot. Raises OSError where nothing can be written."""
    folder = folder or assets.state_dir() / "running"
    folder.mkdir(parents=True, exist_ok=True)
    crashed = []
    for path in sorted(folder.glob("slot-*.json")):
        stage = _stage_of_dead(path)
        if stage is not None:
            crashed.append(stage)
            with contextlib.suppress(OSError):
                path.unlink()
    for slot in range(MOST_SLOTS):
        path = folder / f"slot-{slot}.json"
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(_content("starting"))
        return Sentinel(path, slot, tuple(crashed))
    raise OSError("too many windows of this program are open")


def _content(stage: str) -> str:
    return json.dumps({"pid": os.getpid(), "born": born(os.getpid()), "stage": stage, "time": time.time()})


def _stage_of_dead(path: Path) -> str | None:
    """The stage a dead process was in; None while its process lives."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        pid, stage = int(said["pid"]), str(said["stage"])
    except (OSError, ValueError, KeyError, TypeError):
        try:  # a file that is just being written is not a crash
            return "starting" if time.time() - path.stat().st_mtime > 10 else None
        except OSError:
            return None
    alive = atomic.process_alive(pid) and said.get("born") == born(pid)
    return None if alive else stage


def born(pid: int) -> str:
    """When a process began, in the system's ticks; "" where that is not told. Tells it from a later one of its number."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
