"""Holding a button, or a figure key, takes pictures from the source: at once, then a few a second as long as it is held."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent

from explorer.gui.desk import Desk
from explorer.gui.panels.teach_set import PictureSet

GAP_S = 0.12  # eight a second: neighbours on a film teach nothing new


class Recording(QObject):
    """`changed(name)`: the class that is recorded now, "" for none. Pictures of one go belong together."""

    changed = Signal(str)

    def __init__(self, desk: Desk, pictures: PictureSet) -> None:
        super().__init__()
        self._desk, self._pictures = desk, pictures
        self.name = ""
        self.by_key = False
        self.taken = self.dropped = 0
        self._last, self._seq = 0.0, -1

    def begin(self, name: str, by_key: bool = False) -> None:
        """Take pictures of a class from now on; the one that is shown at once."""
        if name == self.name or not name:
            return
        self.end()
        self.name, self.by_key, self.taken, self.dropped, self._seq = name, by_key, 0, 0, -1
        self._last = 0.0
        self._pictures.begin()
        app = QCoreApplication.instance()
        if by_key and app is not None:
            app.installEventFilter(self)
        self.changed.emit(name)
        self.frame()

    def end(self) -> None:
        """No more pictures."""
        app = QCoreApplication.instance()
        if self.by_key and app is not None:
            app.removeEventFilter(self)
        if self.name:
            self.name, self.by_key = "", False
            self.changed.emit("")

    def frame(self) -> None:
        """A picture came: keep it if one is wanted by now. The same one is not kept twice."""
        frame, now = self._desk.frame, time.monotonic()
        if not self.name or frame is None or frame.seq == self._seq or now - self._last < GAP_S:
            return
        self._last, self._seq = now, frame.seq
        if self._pictures.take(self.name, frame):
            self.taken += 1
        else:
            self.dropped += 1

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The key was let go, or another window came in front: the go ends."""
        let_go = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyRelease and not event.isAutoRepeat()
        if let_go or event.type() == QEvent.Type.ApplicationDeactivate:
            self.end()
        return False
