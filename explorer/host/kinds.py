"""The four kinds of children: what runs in each, with which environment, and where its log is."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from explorer.host.messages import ChildKind
from explorer.host.process import ChildSpec

KEEP_LOGS = 12


def children() -> dict[ChildKind, ChildSpec]:
    """The built-in children. Thread counts are set before the first import, because OpenMP reads them once."""
    beside_window = max(1, _cores() - 1)
    return {
        "engine": ChildSpec("explorer.host.engine_child:main", {"threads": beside_window}, _threads(beside_window)),
        "calc": ChildSpec("explorer.host.calc_child:main", {}, _threads(1)),
        "capture": ChildSpec("explorer.host.capture_child:main", {}, _threads(1)),
        "recorder": ChildSpec("explorer.host.recorder_child:main", {}, _threads(1)),
    }


def _threads(number: int) -> dict[str, str]:
    return dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), str(number))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def log_file(folder: Path, kind: ChildKind, window: int) -> Path:
    """Standard output, standard error and native crash reports of a child of the window with this process id."""
    return folder / "logs" / f"{kind}-{window}.log"


def sweep_logs(folder: Path) -> None:
    """Keep the newest logs only; a window that closes in good order removes its own."""
    with contextlib.suppress(OSError):
        logs = sorted((folder / "logs").glob("*-*.log"), key=lambda path: path.stat().st_mtime)
        for path in logs[:-KEEP_LOGS]:
            path.unlink(missing_ok=True)
