"""Drives every panel once on sample input and photographs the window: for the README, and as a test of the whole."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from explorer import atomic
from explorer.gui.pictures import png_bytes
from explorer.gui.program import Program
from explorer.gui.window import SIDE_WIDTHS

SETTLE_MS = 700
ASK_MS = 100


class Photographer(QObject):
    """Begins when the program is furnished, quits it at the end."""

    def __init__(self, program: Program, folder: Path, patience_s: float) -> None:
        super().__init__(program)
        self._program = program
        self._folder = folder
        self._patience = patience_s
        self._todo: list[str] = []
        self._name = ""
        self._since = 0.0
        self.written: list[Path] = []
        self.late: list[str] = []
        self._clock = QTimer(self)
        self._clock.setInterval(ASK_MS)
        self._clock.timeout.connect(self._ask)
        program.furnished.connect(self._begin)

    def judge(self) -> None:
        """Raise TimeoutError if a panel had nothing to show."""
        if self.late:
            raise TimeoutError(f"nothing to show within {self._patience:g} s: {', '.join(self.late)}")

    @Slot()
    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._todo = [*self._program.window.panels, "welcome"]
        self._next()

    def _next(self) -> None:
        if not self._todo:
            self._program.quit()
            return
        self._name = self._todo.pop(0)
        self._since = time.monotonic()
        window = self._program.window
        window.go_to(self._name)
        window.resizeDocks([window.models, window.form], list(SIDE_WIDTHS.values()), Qt.Orientation.Horizontal)
        panel = window.panels.get(self._name)
        if panel is not None:
            panel.demo()
        self._clock.start()

    @Slot()
    def _ask(self) -> None:
        panel = self._program.window.panels.get(self._name)
        waited = time.monotonic() - self._since
        ready = self._network_there() and (panel is None or panel.demo_ready())
        if not ready and waited < self._patience:
            return
        if not ready:
            self.late.append(self._name)
        self._clock.stop()
        QTimer.singleShot(SETTLE_MS, self, self._photograph)

    def _network_there(self) -> bool:
        desk = self._program.desk
        return desk is not None and desk.network is not None and desk.frame is not None

    @Slot()
    def _photograph(self) -> None:
        path = self._folder / f"{self._name}.png"
        atomic.write_bytes(path, png_bytes(self._program.window.grab().toImage(), ""))
        self.written.append(path)
        self._next()
