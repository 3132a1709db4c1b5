"""The live picture: measures how long it takes to paint, and hears the mouse and keys that choose an object."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPaintEvent

from explorer.gui.widgets.picture_view import PictureView


class LiveView(PictureView):
    """`draw_ms`: what the newest painting took, picture and all that is drawn over it. `pinned`: Esc belongs to the picture."""

    menu_asked = Signal(QPoint, QPointF)  # on the screen; in the picture
    accepted = Signal()  # Enter
    escaped = Signal()  # Esc, while `pinned`

    draw_ms = 0.0
    pinned = False  # of the class: Qt sends events before a widget is complete

    def paintEvent(self, event: QPaintEvent) -> None:
        """As any picture, with a clock."""
        began = time.perf_counter()
        super().paintEvent(event)
        self.draw_ms = (time.perf_counter() - began) * 1000

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the thing under the mouse."""
        self.menu_asked.emit(event.globalPos(), self.to_picture(QPointF(event.pos())))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Esc lets the pinned object go before it stops anything else."""
        if escape_is_ours(event, self.pinned):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc; the rest is the picture's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accepted.emit()
        elif event.key() == Qt.Key.Key_Escape and self.pinned:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


def escape_is_ours(event: QEvent, wanted: bool) -> bool:
    """Whether `event` asks if a widget wants Esc for itself, and it does (`wanted`)."""
    if not wanted or event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    return event.key() == Qt.Key.Key_Escape
