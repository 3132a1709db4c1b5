"""The command line: every job of the window, without a window.

`main` imports neither torch nor Qt nor numpy: a command imports what it needs when it runs, and `--help` of the whole
program reads only the table in `explorer.cli.program`.
Exit codes: 0 done, 2 usage, 3 bad input, 4 refused, 5 resources, 6 engine, 130 stopped by the person.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> int:
    """Run `explorer ARGS...` (the process's own arguments by default) and return the exit code."""
    hold_standard_files()
    limit_libraries()
    from explorer.i18n import use_language

    use_language("")
    from explorer.cli.program import run_program

    return run_program(args)


def hold_standard_files() -> None:
    """Put the null device where standard input, output or error is closed, so that no file we open takes its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above


def limit_libraries() -> None:
    """Limits that libraries read when they are imported. A value that a person has set stays."""
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(100_000_000))
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    # Threads that wait for each other sleep instead of spinning: on a machine that is busy with something else too, 48 dream
    # steps took 6 s instead of 32; on an idle one about a seventh more.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
