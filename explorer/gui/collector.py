"""Python's cyclic garbage collection in the GUI thread only: off that thread it may delete widgets, which kills the process."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot


class Collector(QObject):
    """From `start` on nothing but this timer collects; `freeze` sets aside what start-up made."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._collect)
        self._thresholds = gc.get_threshold()

    def start(self) -> None:
        """Take over."""
        gc.disable()
        self._timer.start()

    def freeze(self) -> None:
        """What is there now stays: later collections need not look at it."""
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Give the collection back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def _collect(self) -> None:
        counts, limits = gc.get_count(), self._thresholds
        if counts[0] > limits[0]:
            gc.collect(2 if counts[2] > limits[2] else 1 if counts[1] > limits[1] else 0)
