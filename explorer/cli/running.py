"""Running jobs for a command: one engine, progress on a terminal, Ctrl-C, and batches in which one bad file is only one."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli import output
from explorer.cli.ending import report, say
from explorer.cli.output import ReaderGone
from explorer.i18n import tr
from explorer.jobs import Cancelled, CancelledJob, CancelToken, Failed, Preview, Progress, Result, Work, run
from explorer.records.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.records.frame import Frame
    from explorer.requests.base import Request


class Bar:
    """A progress line on standard error, drawn only on a terminal and at most ten times a second."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._on = sys.stderr.isatty()
        self._begin = time.monotonic()
        self._drawn = 0.0

    def show(self, done: float, total: float, note: str = "") -> None:
        """Draw `done` of `total` (0: unknown)."""
        now = time.monotonic()
        if not self._on or (now - self._drawn < 0.1 and done < total):
            return
        self._drawn = now
        share = min(1.0, done / total) if total else 0.0
        blocks = round(share * 24)
        left = ""
        if 0 < share < 1 and now - self._begin > 1:
            left = tr("{seconds:.0f} s left").format(seconds=(now - self._begin) * (1 - share) / share)
        field = f"[{'#' * blocks}{'.' * (24 - blocks)}] {share:4.0%}" if total else f"{done:.0f}"
        sys.stderr.write(f"\r\x1b[K{self._title}  {field}  {note or left}"[:118])
        sys.stderr.flush()

    def done(self) -> None:
        """Take the line away."""
        if self._on and self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class Runner:
    """Runs requests one after the other in this process. Makes the engine when the first of them needs it."""

    def __init__(self) -> None:
        self.token = CancelToken()
        self._engine: Any = None
        self._plugins = False

    @property
    def engine(self) -> Any:
        """The engine of this process."""
        if self._engine is None:
            from explorer.engine.engine import Engine

            self._engine = Engine()
        return self._engine

    def load_plugins(self) -> None:
        """Let networks of plugins in, once; done when a name is asked for that the program itself does not have."""
        if not self._plugins:
            self._plugins = True
            from explorer.plugins import load_all

            load_all(with_torch=True, process="command")

    def tell_notices(self) -> None:
        """Say what the engine has to say besides results: that the device asked for is not there."""
        for notice in self._engine.take_notices() if self._engine is not None else ():
            say(notice)

    def run(self, request: Request, frame: Frame | None = None, preview: Callable[[Any], None] | None = None) -> Any:
        """The record that `request` asks for. Raises ExplorerError with the job's reason, or Cancelled."""
        engine = self.engine if request.place == "engine" else None
        model = getattr(request, "model", "")
        if engine is not None and model not in ("", *engine.networks) and not Path(model).is_file():  # as a taught model is
            self.load_plugins()
        bar = Bar(tr(type(request).title))
        try:
            for event in run(request, Work(engine=engine, frame=frame, token=self.token)):
                if isinstance(event, Progress):
                    bar.show(event.done, event.total, event.text)
                elif isinstance(event, Preview):
                    bar.show(event.done, event.total)
                    if preview is not None:
                        preview(event.record)
                elif isinstance(event, Result):
                    return event.record
                elif isinstance(event, Failed):
                    raise ExplorerError(event.trouble)
                elif isinstance(event, CancelledJob):
                    raise Cancelled
        finally:
            bar.done()
        raise AssertionError("run() ends with a last event")

    def each(self, files: Iterable[str], work: Callable[[str], None]) -> int:
        """Do `work(file)` for all files; a file that fails is reported and the rest goes on. Returns the exit code."""
        names = list(files)
        worst = done = 0
        for name in names:
            if self.token.cancelled:
                raise Cancelled
            try:
                work(name)
                done += 1
            except (Cancelled, KeyboardInterrupt, ReaderGone):
                raise
            except Exception as error:
                worst = max(worst, report(error, name))
        if worst and len(names) > 1:
            say(tr("{done} of {all} done.").format(done=done, all=len(names)))
        return worst


@contextmanager
def runner() -> Iterator[Runner]:
    """A Runner, and standard output for our results alone.

    Ctrl-C sets its token: the job stops at its next check and what is written stays; a second Ctrl-C ends at once.
    """
    output.take()
    made = Runner()

    def stop(number: int, stack: object) -> None:
        if made.token.cancelled:
            raise KeyboardInterrupt
        made.token.cancel()

    try:
        before = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not the main thread: the caller's own handler stays
        yield made
        made.tell_notices()
        return
    try:
        yield made
    finally:
        signal.signal(signal.SIGINT, before)
        made.tell_notices()
