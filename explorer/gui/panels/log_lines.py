"""The last log lines, from any thread, until a panel shows them. Standard library only: it listens before the first paint."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

MOST_LINES = 2000


class LogHandler(logging.Handler):
    """Keeps the last lines while nobody looks; calls `wake` at most once until `take`. For any thread."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S"))
        self.wake: Callable[[], None] | None = None
        self._lines: deque[tuple[int, str]] = deque(maxlen=MOST_LINES)
        self._guard = threading.Lock()
        self._awake = False

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        with self._guard:
            self._lines.append((record.levelno, self.format(record)))
            call = None if self._awake else self.wake
            self._awake = self._awake or call is not None
        if call is not None:
            call()

    def take(self) -> list[tuple[int, str]]:
        """(level, line) of everything since the last call."""
        with self._guard:
            found = list(self._lines)
            self._lines.clear()
            self._awake = False
        return found
