"""A slider over the pictures of a video: a click goes there, marks show where it begins and ends."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QStyle

from explorer.gui import theme

HANDLE = 16  # the width that the style sheet gives the handle, its border included
MOVED, NOTHING = QSlider.SliderAction.SliderMove, QSlider.SliderAction.SliderNoAction


class SeekSlider(QSlider):
    """`sought(number)`: the person wants this picture, by drag, click or key."""

    sought = Signal(int)

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.marks: tuple[int | None, int | None] = (None, None)
        self.setMinimumWidth(80)
        self.setMinimumHeight(22)
        self.setRange(0, 0)
        self.sliderMoved.connect(self.sought)
        self.actionTriggered.connect(self._acted)

    def set_marks(self, begin: int | None, end: int | None) -> None:
        """The pictures between which it plays; None: from the beginning, to the end."""
        if (begin, end) != self.marks:
            self.marks = (begin, end)
            self.update()

    def _acted(self, action: int) -> None:
        if action not in (MOVED.value, NOTHING.value):  # a move was told by sliderMoved
            self.sought.emit(self.sliderPosition())

    def x_of(self, number: int) -> float:
        """Where a picture stands on the groove, in pixels."""
        room = self.width() - HANDLE
        at = QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), number, room)
        return at + HANDLE / 2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the handle goes there at once; the handle can then be dragged on."""
        x = event.position().x()
        if event.button() == Qt.MouseButton.LeftButton and abs(x - self.x_of(self.value())) > HANDLE / 2:
            number = QStyle.sliderValueFromPosition(
                self.minimum(), self.maximum(), round(x - HANDLE / 2), self.width() - HANDLE
            )
            self.setSliderPosition(number)
            self.sought.emit(number)
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The groove, what is left out in the colour of the ground, and a bracket at each point."""
        super().paintEvent(event)
        begin, end = self.marks
        if begin is None and end is None:
            return
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, high = self.height() / 2, 8.0
        painter.setPen(QPen(QColor(t.warn), 2))
        handle = self.x_of(self.value())
        for number, way in ((begin, 1), (end, -1)):
            if number is None:
                continue
            x = self.x_of(number)
            outside = QRectF(0, middle - 3, x, 6) if way > 0 else QRectF(x, middle - 3, self.width() - x, 6)
            if not outside.contains(QPointF(handle, middle)):
                painter.fillRect(outside, theme.colour(t.window, 0.75))
            for y in (middle - high, middle + high):
                painter.drawLine(QPointF(x, y), QPointF(x + 4 * way, y))
            painter.drawLine(QPointF(x, middle - high), QPointF(x, middle + high))
