"""The first lines of every child process: limits, crash log, death with the parent, logging through the pipe."""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import logging
import os
import pickle
import signal
import sys
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from explorer import i18n
from explorer.host import pickling
from explorer.host.pipe import waiter
from explorer.host.wire import LogLine, UseLanguage

PR_SET_PDEATHSIG = 1
ORPHAN = 0  # exit status when the parent is gone: nobody is left to read it


@dataclass(frozen=True)
class ChildConfig:
    """What a child is told on its command line, as JSON. `target`: "module:function" called with its Link.

    `options`: for the target ("threads", "opener", ...). `path`: the parent's sys.path, so that both import the same files.
    """

    kind: str
    target: str
    handle: int
    parent: int
    path: tuple[str, ...]
    language: str = "en"
    options: dict[str, Any] = field(default_factory=dict)


class Link:
    """The child's end of the pipe. `send` from any thread; `receive` from one. A parent that is gone ends the process."""

    def __init__(self, connection: Any, config: ChildConfig) -> None:
        self.config = config
        self._connection = connection
        self._wait = waiter(connection)
        self._lock = threading.Lock()

    def send(self, message: object) -> None:
        """Send one message. Raises what pickling raises, before anything is sent."""
        data = pickling.dumps(message)
        try:
            with self._lock:
                self._connection.send_bytes(data)
        except OSError:
            os._exit(ORPHAN)

    def receive(self, timeout: float) -> object | None:
        """The next message, or None after `timeout` seconds."""
        try:
            if not self._wait(timeout):
                return None
            message: object = pickle.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            os._exit(ORPHAN)
        if isinstance(message, UseLanguage):
            i18n.use_language(message.name)
            return None
        return message


class _ToParent(logging.Handler):
    def __init__(self, link: Link) -> None:
        super().__init__(logging.INFO)
        self._link = link

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._link.send(LogLine(record.levelno, record.name, self.format(record)))
        except Exception:  # a log line that cannot be formatted or pickled must not end the job that wrote it
            self.handleError(record)


def main(raw: dict[str, Any]) -> None:
    """Entry of the child; see `process.command_line`. Standard output and error are the child's log file."""
    config = ChildConfig(**{**raw, "path": tuple(raw["path"])})
    faulthandler.enable()
    _die_with(config.parent)
    i18n.use_language(config.language)
    link = Link(_connection(config.handle), config)
    logging.basicConfig(level=logging.INFO, handlers=[_ToParent(link)], format="%(message)s")
    logging.captureWarnings(True)
    module, _, function = config.target.partition(":")
    getattr(importlib.import_module(module), function)(link)
    # Threads that hang in native code must not hold the exit; everything that matters was closed by the target.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _connection(handle: int) -> Any:
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        return PipeConnection(handle)
    return Connection(handle)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(ORPHAN)
