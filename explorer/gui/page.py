"""The base of small pages beside the window: not modal, closed by Esc."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget


class Page(QDialog):
    """The window's keys work in it too, but Esc closes the page before it stops a job."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowFlag(Qt.WindowType.Tool)

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the shortcuts of the window: a tool window shares them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def come_up(self) -> None:
        """Show it in front, with the keys."""
        self.show()
        self.raise_()
        self.activateWindow()
