"""A kernel to be edited with the mouse: drag or wheel changes a cell, a click and typing sets it, a right click zeroes it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.i18n import tr
from explorer.picture.colour import ink_on, palette

F64 = npt.NDArray[np.float64]
PIXELS_A_STEP = 6  # of a drag
FINE, COARSE = 0.1, 10.0  # with Shift, with Ctrl
MOST = 1000.0


class KernelGrid(QWidget):
    """`numbers`: (rows, columns) float64. Colours run from blue over grey (zero) to red; the number stands in every cell.

    Arrows move, + and - step, Delete zeroes, digits type a number, Return takes it, Escape does not.
    """

    edited = Signal(object, bool)  # (rows, columns) float64; whether it is finished (a drag goes on until the button is up)

    def __init__(self) -> None:
        super().__init__()
        self.numbers: F64 = np.zeros((3, 3))
        self.at = (1, 1)
        self.typed: str | None = None
        self._drag: tuple[QPointF, float, float] | None = None  # where it began, the value and the step of then
        self._hover: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    # -- content -----------------------------------------------------------------------------------------------------
    def set_numbers(self, numbers: F64) -> None:
        """Show a kernel, unless the mouse is changing this one just now."""
        if self._drag is not None or numbers.ndim != 2 or 0 in numbers.shape:
            return
        if numbers.shape != self.numbers.shape:
            self.at = (numbers.shape[0] // 2, numbers.shape[1] // 2)
            self.typed = None
        self.numbers = np.array(numbers, np.float64)
        self._describe()
        self.update()

    @property
    def step(self) -> float:
        """How much one notch or key changes a cell: a power of ten that suits the kernel's size."""
        reach = float(np.abs(self.numbers).max())
        return float(10.0 ** np.floor(np.log10(reach / 2))) if reach > 0.02 else 0.01 if reach > 0 else 1.0

    def set_cell(self, value: float, done: bool = True) -> None:
        """Change the chosen cell."""
        value = float(np.clip(value, -MOST, MOST))
        if value != self.numbers[self.at]:
            self.numbers = self.numbers.copy()
            self.numbers[self.at] = value
        elif not done:
            return
        self._describe()
        self.update()
        self.edited.emit(self.numbers.copy(), done)

    def _stepped(self, steps: float, modifiers: Qt.KeyboardModifier) -> float:
        scale = FINE if modifiers & Qt.KeyboardModifier.ShiftModifier else 1.0
        scale = COARSE if modifiers & Qt.KeyboardModifier.ControlModifier else scale
        return round(float(self.numbers[self.at]) + steps * self.step * scale, 6)

    # -- geometry ----------------------------------------------------------------------------------------------------
    def sizeHint(self) -> QSize:
        """Room for numbers in 3 x 3 cells."""
        return QSize(theme.px(64), theme.px(64))

    def minimumSizeHint(self) -> QSize:
        """Small, but every cell can be hit."""
        return QSize(theme.px(36), theme.px(36))

    def _side(self) -> float:
        rows, columns = self.numbers.shape
        return float(min((self.width() - 4) / columns, (self.height() - 4) / rows))

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell lies, in widget pixels."""
        rows, columns = self.numbers.shape
        side = self._side()
        left, top = (self.width() - side * columns) / 2, (self.height() - side * rows) / 2
        return QRectF(left + column * side, top + row * side, side, side)

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """(row, column) under a point."""
        first, side = self.cell_rect(0, 0), self._side()
        row, column = int((point.y() - first.top()) // side), int((point.x() - first.left()) // side)
        inside = 0 <= row < self.numbers.shape[0] and 0 <= column < self.numbers.shape[1]
        return (row, column) if inside else None

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Cells, numbers, the chosen one framed."""
        painter, t = QPainter(self), theme.tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        colours = palette("diverging")
        reach = float(np.abs(self.numbers).max()) or 1.0
        font = theme.tabular(self.font())
        font.setPixelSize(max(8, min(font.pixelSize() if font.pixelSize() > 0 else 13, round(self._side() * 0.3))))
        painter.setFont(font)
        for row, column in np.ndindex(*self.numbers.shape):
            box = self.cell_rect(row, column)
            value = float(self.numbers[row, column])
            red, green, blue = (int(part) for part in colours[round(128 + 127 * value / reach)])
            painter.fillRect(box, QColor(red, green, blue))
            painter.setPen(QPen(QColor(t.line), 1))
            painter.drawRect(box)
            typing = self.typed if (row, column) == self.at else None
            text = typing + "|" if typing is not None else figure(value, 3)
            if painter.fontMetrics().horizontalAdvance(text) <= box.width() + 2 or typing is not None:
                painter.setPen(QColor(*ink_on((red, green, blue))))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place, width in ((self._hover, 1), (self.at, 3 if self.hasFocus() else 2)):
            if place is not None:
                painter.setPen(QPen(QColor(t.accent), width))
                painter.drawRect(self.cell_rect(*place).adjusted(1, 1, -1, -1))

    def _describe(self) -> None:
        row, column = self.at
        text = tr("row {row}, column {column}: {value}")
        self.setAccessibleDescription(
            text.format(row=row + 1, column=column + 1, value=figure(float(self.numbers[row, column])))
        )

    # -- events ------------------------------------------------------------------------------------------------------
    def _choose(self, place: tuple[int, int]) -> None:
        self._take_typed()
        self.at = place
        self._describe()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell and begin to change it; the right button zeroes it."""
        place = self.cell_at(event.position())
        if place is None:
            return
        self._choose(place)
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = event.position(), float(self.numbers[place]), self.step
        elif event.button() == Qt.MouseButton.RightButton:
            self.set_cell(0.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Up is more, down is less."""
        if self._drag is None:
            hover = self.cell_at(event.position())
            if hover != self._hover:
                self._hover = hover
                self.update()
            return
        start, value, step = self._drag
        steps = round((start.y() - event.position().y()) / PIXELS_A_STEP)
        scale = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        self.set_cell(round(value + steps * step * scale, 6), done=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The drag is over: now it is a step for undo."""
        if event.button() == Qt.MouseButton.LeftButton and self._drag is not None:
            (_, value, _), self._drag = self._drag, None
            if self.numbers[self.at] != value:
                self.edited.emit(self.numbers.copy(), True)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button zeroes; there is no menu."""
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A notch, a step of the cell under the cursor."""
        place = self.cell_at(event.position())
        notches = event.angleDelta().y() / 120
        if place is not None and notches:
            self._choose(place)
            self.set_cell(self._stepped(notches, event.modifiers()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        key, text = Qt.Key(event.key()), event.text().replace(",", ".")
        row, column = self.at
        rows, columns = self.numbers.shape
        moves = {
            Qt.Key.Key_Left: (row, max(0, column - 1)),
            Qt.Key.Key_Right: (row, min(columns - 1, column + 1)),
            Qt.Key.Key_Up: (max(0, row - 1), column),
            Qt.Key.Key_Down: (min(rows - 1, row + 1), column),
        }
        if key in moves:
            self._choose(moves[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.typed is not None:
            self._take_typed()
        elif key == Qt.Key.Key_Escape and self.typed is not None:
            self.typed = None
            self.update()
        elif key == Qt.Key.Key_Backspace and self.typed:
            self.typed = self.typed[:-1]
            self.update()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.typed = None
            self.set_cell(0.0)
        elif text and (text.isdigit() or text == "." or (text == "-" and not self.typed)) and len(self.typed or "") < 9:
            self.typed = (self.typed or "") + text
            self.update()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_PageUp):
            self.set_cell(self._stepped(1, event.modifiers()))
        elif key == Qt.Key.Key_PageDown:
            self.set_cell(self._stepped(-1, event.modifiers()))
        else:
            super().keyPressEvent(event)

    def _take_typed(self) -> None:
        typed, self.typed = self.typed, None
        if typed is None:
            return
        try:
            self.set_cell(float(typed))
        except ValueError:
            self.update()

    def event(self, event: QEvent) -> bool:
        """While a number is typed, its keys are no shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            wanted = event.text().isdigit() or event.text() in {".", ",", "-", "+"}
            if wanted or (self.typed is not None and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return)):
                event.accept()
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was typed counts."""
        self._take_typed()
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self._hover = None
        self.update()
        super().leaveEvent(event)
