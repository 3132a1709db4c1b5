"""A histogram whose axis is the colour scale: drag its ends to choose which numbers get which colours."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.gui.widgets.picture_view import indexed_image
from explorer.i18n import tr
from explorer.picture.colour import palette
from explorer.picture.levels import Levels
from explorer.records.statistics import Histogram

GRAB = 9  # pixels beside an end within which the mouse takes it
LOW, HIGH = 0, 1


def round_axis(low: float, high: float) -> tuple[float, float]:
    """`low` and `high` moved outwards to whole steps of 1, 2 or 5: an axis that stands still while numbers move a little."""
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return low - 1.0, low + 1.0
    step = 10.0 ** math.floor(math.log10(span / 5))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 10)
    return math.floor(low / step) * step, math.ceil(high / step) * step


class RangeView(QWidget):
    """Bars (logarithmic: rare numbers can be seen) over the colours that they get. Ends outside which colours do not change.

    Drag an end; or Up and Down choose one, Left and Right move it (Shift: ten times as far), Delete or a double-click gives the
    choice back to the program. A diverging scale stays symmetric about zero.
    """

    moved = Signal(float, float)  # while dragging, and by key
    settled = Signal()  # let go, or by key
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.histogram: Histogram | None = None
        self.levels = Levels(0.0, 1.0)
        self.colour_map = "viridis"
        self.axis = (0.0, 1.0)
        self.fixed = False
        self._taken: int | None = None
        self._active = HIGH
        self._by_key = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    # -- content -----------------------------------------------------------------------------------------------------
    def show_range(self, histogram: Histogram | None, levels: Levels, colour_map: str, fixed: bool) -> None:
        """Show these counts over these colours. `fixed`: a person chose the ends. An end that is held stays where it is."""
        self.histogram, self.colour_map = histogram, colour_map
        if self._taken is None:
            self.levels, self.fixed = levels, fixed
            if histogram is not None:
                low, high = levels.ends
                self.axis = round_axis(min(low, histogram.low), max(high, histogram.high))
        self.setAccessibleDescription(self.text())
        self.update()

    def text(self) -> str:
        """The range in words."""
        low, high = self.levels.ends
        return tr("colours from {low} to {high}").format(low=figure(low), high=figure(high))

    # -- geometry ----------------------------------------------------------------------------------------------------
    def sizeHint(self) -> QSize:
        """Low and wide."""
        return QSize(theme.px(60), theme.px(9) + self._bar() + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Room for both numbers."""
        return QSize(theme.px(30), self.sizeHint().height())

    def _bar(self) -> int:
        return theme.px(2.5)

    def _plot(self) -> QRectF:
        """Where bars and colours stand."""
        side = theme.px(1.5)
        return QRectF(side, 1, max(1, self.width() - 2 * side), self.height() - self.fontMetrics().height() - 2)

    def x_of(self, value: float) -> float:
        """Where a number stands, in widget pixels."""
        plot, (low, high) = self._plot(), self.axis
        return plot.left() + plot.width() * (value - low) / ((high - low) or 1.0)

    def value_at(self, x: float) -> float:
        """The number at a place."""
        plot, (low, high) = self._plot(), self.axis
        share = min(max((x - plot.left()) / plot.width(), 0.0), 1.0)
        return low + share * (high - low)

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, colours, ends, numbers."""
        if self.histogram is None:
            return
        painter = QPainter(self)
        t, plot = theme.tokens(), self._plot()
        bars = plot.adjusted(0, 0, 0, -self._bar() - 1)
        self._paint_bars(painter, bars, self.histogram)
        strip = QRectF(plot.left(), bars.bottom() + 1, plot.width(), self._bar())
        across = np.linspace(*self.axis, max(2, round(strip.width() * self.devicePixelRatioF())))
        painter.drawImage(strip, indexed_image(self.levels.indices(across)[None], palette(self.colour_map or "grey")))
        ends = self.levels.ends
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for which, value in enumerate(ends):
            chosen = self.hasFocus() and self._by_key and which == self._active
            colour = QColor(t.accent if chosen or which == self._taken or self.fixed else t.text)
            x = self.x_of(value)
            painter.setPen(QPen(colour, 2 if chosen or which == self._taken else 1))
            painter.drawLine(QPointF(x, bars.top()), QPointF(x, strip.bottom()))
            painter.setBrush(colour)
            painter.drawPolygon(
                QPolygonF([QPointF(x, strip.top() + 1), QPointF(x - 4, bars.bottom() - 6), QPointF(x + 4, bars.bottom() - 6)])
            )
        self._paint_numbers(painter, strip.bottom(), ends)
        if self.hasFocus() and self._by_key:
            painter.setPen(QPen(QColor(t.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_bars(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        t, filled = theme.tokens(), np.flatnonzero(histogram.counts)
        painter.fillRect(area, QColor(t.canvas))
        if not len(filled):
            return
        heights = np.log1p(histogram.counts[filled])
        heights = np.maximum(1.0, area.height() * 0.96 * heights / heights.max())
        (low, high), width = self.levels.ends, (histogram.high - histogram.low) / len(histogram.counts)
        start = histogram.low + filled * width
        inside = (start + width / 2 >= low) & (start + width / 2 <= high) | (width == 0)
        scale = area.width() / ((self.axis[1] - self.axis[0]) or 1.0)
        left = area.left() + (start - self.axis[0]) * scale
        wide, floor = max(width * scale, 1.0), area.bottom()
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, some in ((t.muted, inside), (t.line, ~inside)):
            painter.setBrush(QColor(colour))
            pairs = zip(left[some].tolist(), heights[some].tolist(), strict=True)
            painter.drawRects([QRectF(x, floor - height, wide, height) for x, height in pairs])

    def _paint_numbers(self, painter: QPainter, top: float, ends: tuple[float, float]) -> None:
        t = theme.tokens()
        painter.setFont(theme.tabular(self.font()))
        metrics = QFontMetrics(painter.font())
        painter.setPen(QColor(t.text))
        boxes: list[QRectF] = []
        places = [(ends[0], self.x_of(ends[0])), (ends[1], self.x_of(ends[1])), (0.0, self.x_of(0.0))]
        for value, x in places[:2] if not self.axis[0] < 0 < self.axis[1] else places:
            text = figure(value, 3)
            wide = metrics.horizontalAdvance(text)
            left = min(max(x - wide / 2, 0.0), self.width() - wide - 1.0)
            box = QRectF(left, top + 1, wide + 1, metrics.height())
            if any(box.adjusted(-6, 0, 6, 0).intersects(other) for other in boxes):
                continue
            boxes.append(box)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)

    # -- moving ------------------------------------------------------------------------------------------------------
    def _near(self, x: float) -> int | None:
        gaps = [abs(self.x_of(value) - x) for value in self.levels.ends]
        which = LOW if gaps[LOW] < gaps[HIGH] else HIGH
        return which if gaps[which] <= GRAB else None

    def _move(self, which: int, value: float) -> None:
        low, high = self.levels.ends
        least = (self.axis[1] - self.axis[0]) / 1000 or 1e-6
        if self.levels.diverging:
            reach = max(abs(value), least)
            low, high = -reach, reach
        elif which == LOW:
            low = min(value, high - least)
        else:
            high = max(value, low + least)
        self.levels = Levels(low, high, self.levels.diverging, self.levels.gamma)
        self.fixed = True
        self.setAccessibleDescription(self.text())
        self.update()
        self.moved.emit(low, high)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the end near the mouse."""
        if event.button() == Qt.MouseButton.LeftButton and self.histogram is not None:
            self._taken = self._near(event.position().x())
            if self._taken is not None:
                self._active = self._taken
                self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the end that is held; show which can be taken."""
        x = event.position().x()
        if self._taken is not None:
            self._move(self._taken, self.value_at(x))
        near = self._taken if self._taken is not None else self._near(x)
        self.setCursor(Qt.CursorShape.ArrowCursor if near is None else Qt.CursorShape.SizeHorCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._taken is not None and event.button() == Qt.MouseButton.LeftButton:
            self._taken = None
            self.update()
            self.settled.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the automatic range."""
        self._taken = None
        self.cleared.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame when the keyboard brought us here."""
        self._by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        key = event.key()
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self.histogram is None:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._active, self._by_key = (HIGH if key == Qt.Key.Key_Up else LOW), True
            self.update()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = (self.axis[1] - self.axis[0]) * (0.1 if far else 0.01) * (1 if key == Qt.Key.Key_Right else -1)
            self._by_key = True
            self._move(self._active, self.levels.ends[self._active] + step)
            self.settled.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit()
        else:
            super().keyPressEvent(event)
