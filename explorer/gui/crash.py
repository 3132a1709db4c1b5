"""Nothing is lost silently: native crashes go to a file of this process, Python's and Qt's troubles to the one sink."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from explorer import assets, atomic
from explorer.gui.notices import Notice, Sink
from explorer.i18n import tr

log = logging.getLogger(__name__)
KEPT_REPORTS = 5
# What Qt says on some systems and nobody can do anything about.
HARMLESS = ("does not support", "Could not find the Qt platform", "QStandardPaths", "propagateSizeHints")


class CrashLog:
    """faulthandler's file; `old_reports` are those that earlier processes left with something in them."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or assets.state_dir() / "crash"
        self.path = self.folder / f"crash-{os.getpid()}.log"
        self._file: TextIO | None = None
        self.old_reports = self._sweep()
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = open(self.path, "w", encoding="utf-8")  # noqa: SIM115 - open as long as the process lives
            faulthandler.enable(self._file, all_threads=True)

    def _sweep(self) -> list[Path]:
        reports = []
        for path in sorted(self.folder.glob("crash-*.log")):
            with contextlib.suppress(OSError, ValueError):
                pid = int(path.stem.rpartition("-")[2])
                if pid != os.getpid() and atomic.process_alive(pid):
                    continue
                if path.stat().st_size == 0:
                    path.unlink()
                else:
                    target = path.with_name(f"report-{int(path.stat().st_mtime)}-{pid}.txt")
                    path.replace(target)
                    reports.append(target)
        for old in sorted(self.folder.glob("report-*.txt"))[:-KEPT_REPORTS]:
            with contextlib.suppress(OSError):
                old.unlink()
        return reports

    def close(self) -> None:
        """The process ends well: nothing to report."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            with contextlib.suppress(OSError):
                if self.path.stat().st_size == 0:
                    self.path.unlink()


class Hooks:
    """Python's three hooks and Qt's message handler, led to the sink; `remove` puts the old ones back."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._old = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._exception
        threading.excepthook = self._thread
        sys.unraisablehook = self._unraisable
        self._old_qt = qInstallMessageHandler(self._qt)

    def remove(self) -> None:
        """As it was."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._old
        qInstallMessageHandler(self._old_qt)

    def _exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        self._tell(kind, error, trace, "")

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self._tell(args.exc_type, args.exc_value, args.exc_traceback, args.thread.name if args.thread else "")

    def _unraisable(self, args: Any) -> None:
        if args.exc_value is not None:
            self._tell(args.exc_type, args.exc_value, args.exc_traceback, repr(args.object)[:200])

    def _tell(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None, where: str) -> None:
        frames = traceback.extract_tb(trace)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else where
        detail = "".join(traceback.format_exception(kind, error, trace)) + where
        text = tr("Something went wrong inside ({kind} at {place}). Work goes on.").format(kind=kind.__name__, place=place)
        self.sink.put(Notice(text, "bad", detail, key=f"exception:{kind.__name__}:{place}", stay=True))

    def _qt(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if any(word in message for word in HARMLESS):
            return
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            self.sink.put(Notice(tr("Qt says: {text}").format(text=message), "warn", message, key=f"qt:{message[:80]}"))
        elif kind == QtMsgType.QtWarningMsg:
            log.warning("Qt: %s", message)
        else:
            log.debug("Qt: %s", message)
