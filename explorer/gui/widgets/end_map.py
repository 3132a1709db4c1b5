"""A map of ends: a picture of cells with axes, marks, lines of theory and the path of one cell. Knows shares, not numbers.

Every place is a pair of shares of the plot, 0 to 1, to the right and upwards; what they mean is its user's matter.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import draw_marker
from explorer.gui.widgets.picture_view import image_of
from explorer.gui.widgets.sized import Sized
from explorer.records.descent import F64
from explorer.records.frame import RGB

Share = tuple[float, float]
Tick = tuple[float, str]
CASING, WHITE = QColor(10, 12, 16, 210), QColor(255, 255, 255)
DASHES: tuple[tuple[float, ...], ...] = ((), (6.0, 4.0), (2.0, 3.0))
FAR = 4.0  # shares of the plot beyond which a path is not drawn: 1e300 could not be


class EndMapView(Sized):
    """`pointed(across, up)`: a place is looked at, by mouse or arrow keys; `left()`: none is any more; `chosen(across, up)`: a
    click, or Enter.
    """

    comfortable: ClassVar[tuple[int, int]] = (420, 420)
    least: ClassVar[tuple[int, int]] = (150, 130)
    pointed = Signal(float, float)
    left = Signal()
    chosen = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self.title, self.note, self.empty = "", "", ""
        self.cells = (1, 1)  # rows, columns
        self.ticks: tuple[list[Tick], list[Tick]] = ([], [])
        self.names = ("", "")
        self.marks: list[tuple[float, float, str, str]] = []  # across, up, marker, word beside it
        self.lines: list[tuple[str, F64]] = []
        self.path: F64 | None = None
        self.start: Share | None = None
        self.looked_at: Share | None = None
        self._image = QImage()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_picture(self, rgb: RGB | None, cells: tuple[int, int] = (1, 1)) -> None:
        """The cells as a picture (H, W, 3), row 0 on top; None empties the map."""
        self._image = QImage() if rgb is None else image_of(rgb).copy()
        self.cells = cells
        self.update()

    def set_path(self, path: F64 | None) -> None:
        """(K, 2) shares to draw as a path; None for none."""
        self.path = path
        self.update()

    # -- places ------------------------------------------------------------------------------------------------------
    def area(self) -> QRectF:
        """The plot inside the axes, in widget pixels."""
        metrics = self.fontMetrics()
        words = [text for _, text in self.ticks[1]]
        left = max([metrics.horizontalAdvance(text) for text in words], default=0) + theme.px(3)
        left += metrics.height() if self.names[1] else 0
        top = metrics.height() + theme.px(2)
        bottom = metrics.height() + theme.px(2) + (metrics.height() if self.names[0] else 0)
        return QRectF(left, top, max(20.0, self.width() - left - theme.px(3)), max(20.0, self.height() - top - bottom))

    def place(self, across: float, up: float) -> QPointF:
        """Widget pixel of a place."""
        area = self.area()
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())

    def share(self, at: QPointF) -> Share | None:
        """The place under a widget pixel; None outside the plot."""
        area = self.area()
        if not area.contains(at):
            return None
        across, up = (at.x() - area.left()) / area.width(), (area.bottom() - at.y()) / area.height()
        return min(max(across, 0.0), 1.0), min(max(up, 0.0), 1.0)

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Cells, lines, path, marks, axes."""
        painter, t, area = QPainter(self), theme.tokens(), self.area()
        if self._image.isNull():
            painter.setPen(QColor(t.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), flags, self.empty)
            return
        painter.drawImage(area, self._image)  # crisp: nearest neighbour
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(area)
        for index, (_, line) in enumerate(self.lines):
            self._polyline(painter, line, 1.5, WHITE, DASHES[index % len(DASHES)])
        if self.path is not None and len(self.path):
            self._polyline(painter, np.clip(self.path, -FAR, FAR), 1.8, WHITE, ())
        self._draw_marks(painter)
        self._draw_places(painter)
        painter.restore()
        self._axes(painter, area)
        if self.hasFocus():
            painter.setPen(QPen(QColor(t.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)

    def _polyline(self, painter: QPainter, line: F64, width: float, colour: QColor, dash: tuple[float, ...]) -> None:
        points = QPolygonF([self.place(x, y) for x, y in line.tolist()])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(CASING, width + 2.2))
        painter.drawPolyline(points)
        pen = QPen(colour, width)
        if dash:
            pen.setDashPattern(list(dash))
        painter.setPen(pen)
        painter.drawPolyline(points)

    def _draw_marks(self, painter: QPainter) -> None:
        for across, up, marker, word in self.marks:
            at = self.place(across, up)
            draw_marker(painter, marker, at.x(), at.y(), 4.5, WHITE, CASING)
            if word:
                self._word(painter, at + QPointF(7, -5), word)

    def _word(self, painter: QPainter, at: QPointF, word: str) -> None:
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(CASING)
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            painter.drawText(at + QPointF(dx, dy), word)
        painter.setPen(WHITE)
        painter.drawText(at, word)

    def _draw_places(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.start is not None:
            at = self.place(*self.start)
            for pen in (QPen(CASING, 4), QPen(WHITE, 2)):
                painter.setPen(pen)
                painter.drawEllipse(at, 7, 7)
        if self.looked_at is not None:
            at = self.place(*self.looked_at)
            for pen in (QPen(CASING, 3), QPen(WHITE, 1)):
                painter.setPen(pen)
                painter.drawLine(at - QPointF(6, 0), at + QPointF(6, 0))
                painter.drawLine(at - QPointF(0, 6), at + QPointF(0, 6))

    def _axes(self, painter: QPainter, area: QRectF) -> None:
        t, metrics = theme.tokens(), self.fontMetrics()
        painter.setFont(self.font())
        painter.setPen(QColor(t.text))
        room = area.width()
        note = metrics.elidedText(self.note, Qt.TextElideMode.ElideRight, round(room * 0.5))
        title = metrics.elidedText(
            self.title, Qt.TextElideMode.ElideRight, round(room - metrics.horizontalAdvance(note) - theme.px(2))
        )
        head = QRectF(area.left(), 0, room, area.top() - theme.px(1))
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        painter.setPen(QColor(t.muted))
        painter.drawText(head, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, note)
        taken = -1e9
        for share, word in self.ticks[0]:
            x, half = area.left() + share * area.width(), metrics.horizontalAdvance(word) / 2
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
            if x - half > taken:
                painter.drawText(QPointF(x - half, area.bottom() + metrics.height() + 2), word)
                taken = x + half + theme.px(1)
        for share, word in self.ticks[1]:
            y = area.bottom() - share * area.height()
            painter.drawLine(QPointF(area.left() - 3, y), QPointF(area.left(), y))
            where = QPointF(area.left() - 6 - metrics.horizontalAdvance(word), y + metrics.ascent() / 2 - 1)
            painter.drawText(where, word)
        if self.names[0]:
            below = QRectF(area.left(), area.bottom() + metrics.height() + 2, area.width(), metrics.height() + 4)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.names[0])
        if self.names[1]:
            painter.save()
            painter.translate(metrics.ascent(), area.center().y())
            painter.rotate(-90)
            painter.drawText(QPointF(-metrics.horizontalAdvance(self.names[1]) / 2, 0), self.names[1])
            painter.restore()

    # -- mouse and keys ----------------------------------------------------------------------------------------------
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The place under the mouse."""
        found = self.share(event.position())
        if found is None:
            self.leave()
        elif not self._image.isNull():
            self.looked_at = None
            self.pointed.emit(*found)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the place."""
        found = self.share(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None and not self._image.isNull():
            self.chosen.emit(*found)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self.leave()

    def leave(self) -> None:
        """No place is looked at."""
        if self.looked_at is None:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move a cursor from cell to cell (with Shift ten at once), Enter chooses, Escape takes it away."""
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        step = moves.get(Qt.Key(event.key()))
        if step is not None and not self._image.isNull():
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            rows, columns = self.cells
            across, up = self.looked_at or self.start or (0.5, 0.5)
            column = min(max(int(across * columns) + far * step[0], 0), columns - 1)
            row = min(max(int(up * rows) + far * step[1], 0), rows - 1)
            self.looked_at = ((column + 0.5) / columns, (row + 0.5) / rows)
            self.pointed.emit(*self.looked_at)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.looked_at is not None:
            self.chosen.emit(*self.looked_at)
        elif event.key() == Qt.Key.Key_Escape and self.looked_at is not None:
            self.looked_at = None
            self.leave()
            self.update()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame of the focus goes."""
        super().focusOutEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame of the focus comes."""
        super().focusInEvent(event)
        self.update()
