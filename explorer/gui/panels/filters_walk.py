"""The keyboard over the enlarged map: arrows walk from pixel to pixel, Enter opens the numbers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from explorer.gui.panels.filters_map import MapView

STEPS = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Walk(QObject):
    """Watches the map's keys. Where the map is zoomed, the arrows pan it as in every picture."""

    moved = Signal(int, int)  # rows, columns
    opened = Signal()

    def __init__(self, view: MapView) -> None:
        super().__init__(view)
        self._view = view
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that are ours."""
        if watched is not self._view or not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier != Qt.KeyboardModifier.NoModifier:
            return False
        if key in STEPS and self._view.zoom == 1.0:
            self.moved.emit(*STEPS[key])
            return True
        if key in OPEN:
            self.opened.emit()
            return True
        return False
