"""The way out, in bounded stages, each logged: session first, then the children, then Qt. A watchdog ends what hangs."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

log = logging.getLogger(__name__)

BUDGET_S = 3.0


class Watchdog:
    """Ends the process with code 6 and a line on stderr if it is not gone in time."""

    def __init__(self, budget_s: float = BUDGET_S) -> None:
        self.step = "asked to quit"
        self._began = time.monotonic()
        self._budget = budget_s
        self._called_off = threading.Event()
        thread = threading.Thread(target=self._watch, name="exit watchdog", daemon=True)
        thread.start()

    def left(self) -> float:
        """Seconds of the budget that are left."""
        return max(0.0, self._budget - (time.monotonic() - self._began))

    def call_off(self) -> None:
        """The window is gone in time and the process goes on (screenshots)."""
        self._called_off.set()

    def _watch(self) -> None:
        if self._called_off.wait(self._budget):
            return
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"explorer: quit took more than {self._budget} s, last step: {self.step}\n")
            sys.stderr.flush()
        os._exit(6)


def leave(watchdog: Watchdog, steps: list[tuple[str, Callable[[], None]]]) -> None:
    """Run the steps in order; one that fails is logged and does not stop the others."""
    for name, step in steps:
        watchdog.step = name
        log.debug("quit: %s", name)
        try:
            step()
        except Exception:
            log.exception("quit: %s failed", name)


class Signals(QObject):
    """SIGINT, SIGTERM and SIGHUP become `asked(code)` in the event loop, also while Qt sleeps; a second one ends at once."""

    asked = Signal(int)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._seen = 0
        import socket  # built after the first paint

        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken, Qt.ConnectionType.QueuedConnection)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno())
        names = ["SIGINT", "SIGTERM", "SIGHUP"]
        self._old = {
            number: signal.signal(number, self._arrived) for number in (getattr(signal, n, None) for n in names) if number
        }

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        self._seen += 1
        if self._seen > 1:
            os._exit(128 + number)
        self._number = number

    _number = 0

    @Slot()
    def _woken(self) -> None:
        with contextlib.suppress(OSError):
            self._read.recv(64)
        if self._number:
            number, self._number = self._number, 0
            sys.stderr.write(f"explorer: {signal.Signals(number).name}, saving and leaving\n")
            self.asked.emit(128 + number)

    def remove(self) -> None:
        """As it was."""
        for number, handler in self._old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()
