"""The list of cameras, as a job. Where the system does not tell their names, a process that can be killed tries the numbers.

python -m explorer.host.peek_cameras ANSWER_FILE        # that process: one number a line, as they are found
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from explorer.i18n import N_
from explorer.jobs import Progress, Result, Work
from explorer.picture.camera_list import named_cameras
from explorer.records.errors import Trouble
from explorer.records.source import CameraInfo, CameraList
from explorer.requests.source import CamerasRequest

NUMBERS = 6  # tried where the system does not tell; nobody has more cameras than that on a lectern
PATIENCE_S = 12.0
TICK_S = 0.1


def cameras(request: CamerasRequest, work: Work) -> Iterator[Progress | Result]:
    """The job of a CamerasRequest: Result is a CameraList."""
    found = named_cameras()
    if found is not None:
        yield Result(CameraList(found))
        return
    yield from _tried(work, [sys.executable, "-m", "explorer.host.peek_cameras"])


def _tried(work: Work, command: list[str], patience_s: float = PATIENCE_S) -> Iterator[Progress | Result]:
    with tempfile.TemporaryDirectory(prefix="explorer-cameras-") as folder:
        answer = Path(folder) / "numbers"
        answer.touch()
        home = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), home)))
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(
            [*command, str(answer)],
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            cwd=folder,  # not where the window stands: nothing there may pose as one of our modules
            env={**os.environ, "PYTHONPATH": path},
        )
        trouble = None
        try:
            left = patience_s
            while child.poll() is None:
                work.token.check()
                if left <= 0:
                    trouble = Trouble("camera.list", N_("A camera did not answer; the list may be incomplete."))
                    break
                yield Progress(round((patience_s - left) / TICK_S), round(patience_s / TICK_S))
                try:
                    child.wait(TICK_S)
                except subprocess.TimeoutExpired:
                    left -= TICK_S
        finally:
            child.kill()
            child.wait()
        if trouble is None and child.returncode:
            trouble = Trouble("camera.list", N_("A camera did not answer; the list may be incomplete."))
        numbers = [int(line) for line in answer.read_text(encoding="utf-8").split() if line.isdecimal()]
        yield Result(CameraList(tuple(CameraInfo(number, f"Camera {number}") for number in numbers), trouble))


def main(arguments: list[str]) -> None:
    """Open one number after the other; write those that open. Runs in the process that may be killed."""
    from explorer.picture.camera import present

    with open(arguments[0], "a", encoding="utf-8") as answer:
        for number in range(NUMBERS):
            if present(number):
                print(number, file=answer, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
