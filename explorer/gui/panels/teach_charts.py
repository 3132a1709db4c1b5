"""How the training went, and who is taken for whom: the curves and the confusion matrix."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.i18n import tr
from explorer.picture.colour import class_colour
from explorer.records.teach import F64, Taught

Cell = tuple[int, int]  # what it is, what was said


class Curves(QWidget):
    """Two small charts side by side: share told right, and loss. Full line: pictures not seen; dashed: those learnt from."""

    def __init__(self) -> None:
        super().__init__()
        self.record: Taught | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Low and wide."""
        return QSize(200, theme.px(18) + 2 * self.fontMetrics().height())

    def set_record(self, record: Taught | None) -> None:
        """Show a training, finished or on its way."""
        self.record = record
        if record is not None:
            last = record.curves.loss[-1]
            self.setAccessibleDescription(
                tr("loss {loss} after {steps} steps").format(loss=figure(last, 3), steps=record.steps)
            )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Both charts."""
        if self.record is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.tabular(self.font()))
        curves, half = self.record.curves, self.width() / 2
        line = self.fontMetrics().height()
        top = max(float(curves.loss.max(initial=0.0)), float(curves.held_loss.max(initial=0.0)), 1e-9)
        for at, (title, seen, unseen, high, text) in enumerate(
            (
                (tr("told right"), curves.accuracy, curves.held_accuracy, 1.0, tr("{number} %").format(number=100)),
                (tr("loss"), curves.loss, curves.held_loss, top, figure(top, 2)),
            )
        ):
            room = QRectF(at * half, 0, half - theme.px(3), self.height())
            painter.setPen(QColor(theme.tokens().muted))
            left = int(room.width() - painter.fontMetrics().horizontalAdvance(text) - theme.px(1))
            title = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, max(0, left))
            painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, title)
            painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, text)
            self._chart(painter, room.adjusted(0, line + 2, 0, -line - 2), seen, unseen, high)
        painter.setPen(QColor(theme.tokens().muted))
        key = tr("full: not seen · dashed: learnt from") if len(curves.held_loss) else tr("dashed: learnt from")
        said = painter.fontMetrics().elidedText(key, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, said)

    def _chart(self, painter: QPainter, area: QRectF, seen: F64, unseen: F64, high: float) -> None:
        t = theme.tokens()
        painter.setPen(QPen(QColor(t.line), 1))
        painter.drawLine(area.topLeft(), area.topRight())
        painter.setPen(QPen(QColor(t.strong_line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        longest = max(len(seen), len(unseen), 2)
        for values, style in ((seen, Qt.PenStyle.DashLine), (unseen, Qt.PenStyle.SolidLine)):
            if not len(values):
                continue
            across = area.left() + np.arange(len(values)) / (longest - 1) * area.width()
            down = area.bottom() - np.clip(values / high, 0, 1) * area.height()
            points = [QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)]
            solid = style == Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(t.accent if solid else t.muted), (2.0 if solid else 1.2) * theme.scale(), style))
            painter.drawPolyline(QPolygonF(points))


class Matrix(QWidget):
    """Rows: what it is; columns: what was said. `cell_chosen((row, column))` by mouse, or by arrows."""

    cell_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.record: Taught | None = None
        self.cell: Cell | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_record(self, record: Taught | None) -> None:
        """Show another table; the chosen cell stays where it was if it is there."""
        self.record = record
        if record is None or (self.cell is not None and max(self.cell) >= len(record.classes)):
            self.cell = None
        self.updateGeometry()
        self.update()

    def choose(self, cell: Cell | None) -> None:
        """Mark a cell, and tell."""
        self.cell = cell
        self.update()
        if cell is not None:
            self.cell_chosen.emit(cell)

    # -- geometry ----------------------------------------------------------------------------------------------------
    def _side(self) -> float:
        count = len(self.record.classes) if self.record is not None else 2
        return max(theme.px(7), min(theme.px(13), theme.px(44) / max(count, 1)))

    def _left(self) -> float:
        names = self.record.classes if self.record is not None else ()
        wide = max((self.fontMetrics().horizontalAdvance(name) for name in names), default=0)
        return min(wide, theme.px(22)) + theme.px(6)

    def _top(self) -> float:
        return 2 * self.fontMetrics().height() + theme.px(2)

    def sizeHint(self) -> QSize:
        """All cells and names."""
        count = len(self.record.classes) if self.record is not None else 0
        return QSize(
            round(self._left() + count * self._side() + theme.px(2)), round(self._top() + count * self._side() + theme.px(2))
        )

    def minimumSizeHint(self) -> QSize:
        """As the hint: a cell that cannot be seen cannot be clicked."""
        return self.sizeHint()

    def rect_of(self, cell: Cell) -> QRectF:
        """Where a cell is."""
        side = self._side()
        return QRectF(self._left() + cell[1] * side, self._top() + cell[0] * side, side, side)

    def cell_at(self, at: QPointF) -> Cell | None:
        """The cell under a point."""
        if self.record is None:
            return None
        count, side = len(self.record.classes), self._side()
        row, column = int((at.y() - self._top()) // side), int((at.x() - self._left()) // side)
        return (row, column) if 0 <= row < count and 0 <= column < count else None

    # -- events ------------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Names, counts, the chosen cell."""
        if self.record is None:
            return
        painter, t = QPainter(self), theme.tokens()
        painter.setFont(theme.tabular(self.font()))
        table, side, line = self.record.confusion, self._side(), self.fontMetrics().height()
        most = max(1, int(table.sum(axis=1).max(initial=1)))
        painter.setPen(QColor(t.muted))
        painter.drawText(
            QRectF(self._left(), 0, self.width() - self._left(), line), Qt.AlignmentFlag.AlignLeft, tr("taken for")
        )
        for index, name in enumerate(self.record.classes):
            self._name(
                painter, QRectF(self._left() + index * side, line, side, line), name, index, Qt.AlignmentFlag.AlignHCenter
            )
            row = QRectF(0, self._top() + index * side, self._left() - theme.px(2), side)
            self._name(painter, row, name, index, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column in range(len(self.record.classes)):
                count, rect = int(table[index, column]), self.rect_of((index, column)).adjusted(1, 1, -1, -1)
                good = index == column
                strength = 0.12 + 0.5 * count / most if count else 0.0
                painter.fillRect(rect, theme.colour(t.accent if good else t.bad, strength) if count else QColor(t.sunken))
                painter.setPen(QColor(t.text if count else t.muted))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(count))
        if self.cell is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(t.accent), 2))
            painter.drawRect(self.rect_of(self.cell).adjusted(1, 1, -1, -1))
        elif self.hasFocus():
            painter.setPen(QPen(QColor(t.accent), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect_of((0, 0)))

    def _name(self, painter: QPainter, room: QRectF, name: str, index: int, how: Qt.AlignmentFlag) -> None:
        dot = theme.px(1.5)
        said = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room.width() - dot))
        painter.setPen(QColor(theme.tokens().text))
        painter.drawText(room.adjusted(0, 0, -dot, 0), how, said)
        painter.fillRect(QRectF(room.right() - dot + 1, room.center().y() - dot / 2, dot, dot), QColor(*class_colour(index)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A tooltip says the cell in words."""
        cell = self.cell_at(event.position())
        self.setToolTip(cell_text(self.record, cell) if self.record is not None and cell is not None else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if cell is not None else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.choose(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from cell to cell."""
        moves = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        step = moves.get(Qt.Key(event.key()))
        if step is None or self.record is None:
            super().keyPressEvent(event)
            return
        last, (row, column) = len(self.record.classes) - 1, self.cell or (0, 0)
        self.choose((min(max(row + step[0], 0), last), min(max(column + step[1], 0), last)))


def cell_text(record: Taught, cell: Cell) -> str:
    """A cell in words."""
    count = int(record.confusion[cell])
    true, said = record.classes[cell[0]], record.classes[cell[1]]
    if cell[0] == cell[1]:
        return tr("{name} told right: {count}").format(count=count, name=true)
    return tr("{name} taken for {other}: {count}").format(count=count, name=true, other=said)
