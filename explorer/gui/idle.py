"""Work that can wait for a moment in which nobody touches the window."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QWidget

QUIET_MS = 250  # after the last touch: a person who reads on has stopped by then, one who types or drags has not
TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchUpdate,
        QEvent.Type.Resize,
    }
)


class Idle(QObject):
    """Takes one of `steps` at a time, each from the event loop; `done` after the last. The steps must be short: input that
    comes during one waits for its end. Menus and pop-up pages that are open count as touch.
    """

    done = Signal()

    def __init__(self, window: QWidget, steps: Iterator[None]) -> None:
        super().__init__(window)
        self._steps = steps
        self._touched = float("-inf")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._step)
        self._watched: QWindow | None = window.windowHandle()  # all input passes through it, and little else
        if self._watched is not None:
            self._watched.installEventFilter(self)
        self._timer.start(0)

    def stop(self) -> None:
        """Leave the rest undone."""
        self._timer.stop()
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See when somebody is at it."""
        if event.type() in TOUCHES:
            self._touched = time.monotonic()
        return False

    @Slot()
    def _step(self) -> None:
        quiet_ms = (time.monotonic() - self._touched) * 1e3
        if quiet_ms < QUIET_MS or QApplication.activePopupWidget() is not None:
            self._timer.start(QUIET_MS)
            return
        try:
            next(self._steps)
        except StopIteration:
            self.stop()
            self.done.emit()
            return
        self._timer.start(0)
