"""Along a path in all weights: the loss where it really is and on the plane below it, and how far it is from the plane."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from explorer.gui import theme
from explorer.gui.widgets.sized import Sized
from explorer.i18n import tr
from explorer.picture.race_chart import number, ticks
from explorer.records.descent import F64
from explorer.records.landscape import Descent


class PathChart(Sized):
    """Two charts over the same steps. `hovered(step)`: the step under the cursor; the last one when it left."""

    comfortable: ClassVar[tuple[int, int]] = (320, 320)
    least: ClassVar[tuple[int, int]] = (180, 160)
    hovered = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.path: Descent | None = None
        self.step: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_path(self, path: Descent | None) -> None:
        """Show another path."""
        self.path = path if path is not None and len(path.run.points) else None
        if self.path is None or (self.step is not None and self.step > self.last):
            self.step = None
        self.update()

    @property
    def last(self) -> int:
        """The last step."""
        return 0 if self.path is None else len(self.path.run.points) - 1

    def areas(self) -> tuple[QRectF, QRectF]:
        """The two plots inside their axes."""
        metrics = self.fontMetrics()
        line = metrics.height()
        left = metrics.horizontalAdvance("0.0001") + theme.px(3)
        head, gap = line + theme.px(1), line + theme.px(2)
        room = self.height() - 2 * head - gap - 3 * line - theme.px(2)  # below: steps, and the words on one of them
        upper = max(20.0, 0.58 * room)
        width = max(20.0, self.width() - left - theme.px(3))
        one = QRectF(left, head, width, upper)
        return one, QRectF(left, one.bottom() + gap + head, width, max(20.0, room - upper))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Loss above, distance below; without a path what to do."""
        painter, t = QPainter(self), theme.tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = self.path
        if path is None:
            painter.setPen(QColor(t.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            text = tr("Click the map: training starts there, in all weights, and leaves the plane.")
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), flags, text)
            return
        upper, lower = self.areas()
        shown = np.concatenate([path.run.values, path.shadow[np.isfinite(path.shadow)]])
        self._axes(painter, upper, "", shown)
        self._axes(painter, lower, tr("distance from the plane"), path.distance)
        accent, muted = QColor(t.accent), QColor(t.muted)
        self._curve(painter, upper, path.shadow, shown, QPen(muted, 1.6, Qt.PenStyle.DashLine))
        self._curve(painter, upper, path.run.values, shown, QPen(accent, 2.0))
        self._curve(painter, lower, path.distance, path.distance, QPen(accent, 2.0))
        self._legend(painter, upper, ((tr("loss on the path"), accent), (tr("on the plane"), muted)))
        painter.setPen(muted)
        high = self.fontMetrics().height()
        box = QRectF(0, lower.bottom() + 2, lower.left() - 12, high)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, tr("step"))
        if self.step is not None:
            self._tell(painter, upper, lower, path, self.step)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(accent, 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _range(self, values: F64) -> tuple[float, float]:
        low, high = min(0.0, float(values.min())), float(values.max())
        return low, high if high > low else low + 1.0

    def _axes(self, painter: QPainter, area: QRectF, title: str, values: F64) -> None:
        t, line = theme.tokens(), self.fontMetrics().height()
        low, high = self._range(values)
        painter.setPen(QColor(t.text))
        painter.drawText(QRectF(area.left(), area.top() - line - 2, area.width(), line), title)
        for value in ticks(low, high, 4):
            y = area.bottom() - (value - low) / (high - low) * area.height()
            painter.setPen(QPen(QColor(t.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(t.muted))
            box = QRectF(0, y - line / 2, area.left() - 6, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(value))
        for value in ticks(0, max(1, self.last), 5):
            x = area.left() + value / max(1, self.last) * area.width()
            box = QRectF(x - 30, area.bottom() + 2, 60, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, number(value, 6))

    def _points(self, area: QRectF, values: F64, shown: F64) -> list[QPointF]:
        low, high = self._range(shown)
        across = area.left() + np.arange(len(values)) / max(1, self.last) * area.width()
        down = area.bottom() - (values - low) / (high - low) * area.height()
        pairs = zip(across.tolist(), down.tolist(), strict=True)
        return [QPointF(x, y) for x, y in pairs if np.isfinite(y)]

    def _curve(self, painter: QPainter, area: QRectF, values: F64, shown: F64, pen: QPen) -> None:
        painter.setPen(pen)
        points = self._points(area, values, shown)
        if len(points) > 1:
            painter.drawPolyline(QPolygonF(points))
        elif points:
            painter.drawEllipse(points[0], 2.0, 2.0)

    def _legend(self, painter: QPainter, area: QRectF, rows: tuple[tuple[str, QColor], ...]) -> None:
        metrics, left = self.fontMetrics(), area.left()
        for text, colour in rows:
            painter.setPen(colour)
            painter.drawText(QPointF(left, area.top() - metrics.descent() - 2), text)
            left += metrics.horizontalAdvance(text) + theme.px(3)

    def _tell(self, painter: QPainter, upper: QRectF, lower: QRectF, path: Descent, step: int) -> None:
        t = theme.tokens()
        x = upper.left() + step / max(1, self.last) * upper.width()
        painter.setPen(QPen(QColor(t.muted), 1))
        painter.drawLine(QPointF(x, upper.top()), QPointF(x, lower.bottom()))
        text = tr("step {step}: {value}, on the plane {shadow}, {distance} away").format(
            step=step, value=number(float(path.run.values[step]), 3), shadow=number(float(path.shadow[step]), 3),
            distance=number(float(path.distance[step]), 3),
        )  # fmt: skip
        line = self.fontMetrics().height()
        box = QRectF(0, lower.bottom() + line, self.width() - theme.px(1), 2 * line + 2)
        painter.setPen(QColor(t.text))
        painter.drawText(box, Qt.TextFlag.TextWordWrap, text)

    # -- mouse and keys ----------------------------------------------------------------------------------------------
    def go_to(self, step: int | None) -> None:
        """Tell of a step; None: of none."""
        self.step = None if step is None else min(max(step, 0), self.last)
        self.hovered.emit(float(self.last if self.step is None else self.step))
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The step under the cursor."""
        if self.path is not None:
            area = self.areas()[0]
            self.go_to(round((event.position().x() - area.left()) / area.width() * self.last))

    def leaveEvent(self, event: QEvent) -> None:
        """No step any more."""
        if self.path is not None:
            self.go_to(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from step to step."""
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if by is None or self.path is None:
            super().keyPressEvent(event)
        else:
            self.go_to((self.last if self.step is None else self.step) + by)
