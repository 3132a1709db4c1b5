"""Starts the vetting child: the short-lived process that reads a foreign file under limits and writes safetensors.

Its death, a timeout or an answer that makes no sense are all the same to the caller: the file is refused.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from explorer import atomic
from explorer.i18n import N_
from explorer.jobs import CancelToken
from explorer.records.errors import ModelFileError, Trouble
from explorer.weights import safetensors_header
from explorer.weights.troubles import refusal

log = logging.getLogger(__name__)
MODULE = "explorer.engine.vet"
WALL_SECONDS = 90.0


def convert(job: dict[str, Any], target: Path, token: CancelToken | None = None) -> dict[str, Any]:
    """Run one job of the child and put its safetensors at `target`; returns the child's report.

    `job`: "source" (path), and what `explorer.engine.vet` documents. Raises ModelFileError or Cancelled.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="explorer-vet-") as scratch, atomic.replacing(target) as part:
        report_path, log_path = Path(scratch, "report.json"), Path(scratch, "stderr.txt")
        text = json.dumps({**job, "source": str(Path(job["source"]).absolute()), "out": str(part), "report": str(report_path)})
        with open(log_path, "wb") as errors:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", MODULE, text],  # -P: nothing of the current folder is imported
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=scratch,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            try:
                code = _wait(child, token or CancelToken())
            finally:
                if child.poll() is None:
                    child.kill()
                child.wait()
        report = _report(report_path)
        if code != 0 or report is None or "trouble" in report:
            _log_tail(log_path, code)
            raise _refused(report, code)
        safetensors_header.check_path(part)
    return report


def _wait(child: subprocess.Popen[bytes], token: CancelToken) -> int:
    end = time.monotonic() + WALL_SECONDS
    while time.monotonic() < end:
        token.check()
        try:
            return child.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
    return -1


def _report(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _refused(report: dict[str, Any] | None, code: int) -> ModelFileError:
    if report is not None and "trouble" in report:
        return ModelFileError(Trouble(**report["trouble"]))
    return refusal(
        "reader-died",
        N_("Refused: reading the file needed more than it may (the reader ended with {status})."),
        N_("The file is damaged or was made to do harm. Nothing of it was used."),
        status=code,
    )


def _log_tail(path: Path, code: int) -> None:
    tail = path.read_bytes()[-4000:].decode("utf-8", "replace").strip()
    if tail:
        log.info("the vetting child ended with %s: %s", code, tail)
