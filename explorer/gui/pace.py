"""As often as the screen shows a picture, and not more: what is painted in between nobody sees."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

SLOWEST, FASTEST = 30.0, 240.0  # Hz; a screen that tells less or more does not know


def frame_s() -> float:
    """Seconds from one picture of the screen to the next."""
    screen = QGuiApplication.primaryScreen()
    rate = screen.refreshRate() if screen is not None else 60.0
    return 1 / (rate if SLOWEST <= rate <= FASTEST else 60.0)


class Pace(QObject):
    """`ask` calls `act` at once, or, where that was done less than a picture of the screen ago, when that is over."""

    def __init__(self, act: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._act = act
        self._frame_s = frame_s()
        self._last = -math.inf
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._now)

    @Slot()
    def ask(self) -> None:
        """Soon."""
        wait = self._last + self._frame_s - time.monotonic()
        if wait <= 0:
            self._timer.stop()
            self._now()
        elif not self._timer.isActive():
            self._timer.start(math.ceil(1000 * wait))

    @Slot()
    def _now(self) -> None:
        self._last = time.monotonic()
        self._act()
