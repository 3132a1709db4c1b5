"""Loss against step, one curve a method, linked with the paths: hovering a step tells, a click goes there."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.i18n import tr
from explorer.picture.colour import optimizer_look
from explorer.picture.race_chart import LossAxis, last_step, loss_axis, number, shown_steps, ticks
from explorer.records.descent import F64, Race

MOST = 1500  # points a drawn curve has at most: about two a pixel


class LossChart(QWidget):
    """Curves are drawn once onto two kept pictures, faint and bright; a frame shows the bright one up to the step.

    `hovered(optimizer, step)`: "" when the cursor left; `step_chosen(step)`: clicked or dragged.
    """

    hovered = Signal(str, int)
    step_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.race: Race | None = None
        self.step = 0.0
        self.highlight: tuple[str, int] | None = None
        self.axis: LossAxis | None = None
        self._faint = QPixmap()
        self._bright = QPixmap()
        self._curves: dict[str, F64] = {}
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(280, 220)

    def minimumSizeHint(self) -> QSize:
        """Still readable."""
        return QSize(160, 110)

    def set_race(self, race: Race | None) -> None:
        """Show another race."""
        self.race = race
        self.axis = None if race is None else loss_axis(race)
        self._faint = QPixmap()
        self.update()

    def set_step(self, step: float) -> None:
        """Bright up to `step`."""
        if step != self.step:
            self.step = step
            self.update()

    def set_highlight(self, highlight: tuple[str, int] | None) -> None:
        """Mark one step of one curve."""
        if highlight != self.highlight:
            self.highlight = highlight
            self.update()

    # -- geometry ----------------------------------------------------------------------------------------------------
    def area(self) -> QRectF:
        """The chart inside its axes."""
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("1e−10") + theme.px(3)
        top = metrics.height() + theme.px(2)
        return QRectF(
            left, top, max(20, self.width() - left - theme.px(4)), max(20, self.height() - top - metrics.height() - theme.px(2))
        )

    def _last(self) -> int:
        return max(1, last_step(self.race)) if self.race is not None else 1

    def across(self, step: float) -> float:
        """x pixel of a step."""
        area = self.area()
        return area.left() + step / self._last() * area.width()

    def _down(self, values: F64) -> F64:
        area, axis = self.area(), self.axis
        assert axis is not None
        down = area.top() + (axis.high - axis.place(values)) / (axis.high - axis.low) * area.height()
        return np.asarray(np.clip(down, area.top(), area.bottom()), dtype=np.float64)

    def step_at(self, x: float) -> int:
        """The step under an x pixel."""
        area = self.area()
        return round(min(max((x - area.left()) / area.width(), 0.0), 1.0) * self._last())

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Faint whole curves, bright up to the step, heads, the cursor's step."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.tokens().surface))
        if self.race is None:
            return
        if self._faint.isNull():
            self._draw_curves()
        painter.drawPixmap(0, 0, self._faint)
        now = self.across(min(self.step, self._last()))
        painter.save()
        painter.setClipRect(QRectF(0, 0, now, self.height()))
        painter.drawPixmap(0, 0, self._bright)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, t = self.area(), theme.tokens()
        painter.setPen(QPen(QColor(t.strong_line), 1))
        painter.drawLine(QPointF(now, area.top()), QPointF(now, area.bottom()))
        for run in reversed(self.race.runs):
            look = optimizer_look(run.optimizer)
            at = min(self.step, float(shown_steps(run)))
            y = float(np.interp(at, np.arange(len(self._curves[run.optimizer])), self._curves[run.optimizer]))
            draw_marker(
                painter, look.marker, self.across(at), y, 4.0 * theme.scale(), qcolour(look.colour), casing_of(look.colour)
            )
        self._mark(painter, area)

    def _draw_curves(self) -> None:
        race, axis, t, area = self.race, self.axis, theme.tokens(), self.area()
        assert race is not None and axis is not None
        self._curves = {run.optimizer: self._down(run.values[: shown_steps(run) + 1]) for run in race.runs}
        ratio = self.devicePixelRatioF()
        for name in ("_faint", "_bright"):
            layer = QPixmap(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))
            layer.setDevicePixelRatio(ratio)
            layer.fill(QColor(t.surface) if name == "_faint" else Qt.GlobalColor.transparent)
            painter = QPainter(layer)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if name == "_faint":
                self._draw_axes(painter, area)
                painter.setOpacity(0.28)
            for run in race.runs:
                look = optimizer_look(run.optimizer)
                curve = self._curves[run.optimizer]
                steps = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), MOST)).astype(np.int64))
                polygon = QPolygonF([QPointF(self.across(step), float(curve[step])) for step in steps.tolist()])
                if t.name == "light" and name == "_bright":
                    painter.setPen(QPen(casing_of(look.colour), 3.0 * theme.scale()))
                    painter.setOpacity(0.45)
                    painter.drawPolyline(polygon)
                    painter.setOpacity(1.0)
                pen = QPen(qcolour(look.colour), 1.8 * theme.scale())
                if look.dash:
                    pen.setDashPattern([float(length) for length in look.dash])
                painter.setPen(pen)
                painter.drawPolyline(polygon)
            painter.end()
            setattr(self, name, layer)

    def _draw_axes(self, painter: QPainter, area: QRectF) -> None:
        axis, t = self.axis, theme.tokens()
        assert axis is not None
        painter.setFont(theme.tabular(self.font()))
        line = self.fontMetrics().height()
        for units, text in axis.marks():
            y = area.top() + (axis.high - units) / (axis.high - axis.low) * area.height()
            painter.setPen(QPen(QColor(t.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(t.muted))
            box = QRectF(0, y - line / 2, area.left() - 6, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for value in ticks(0, self._last(), max(2, int(area.width() / 50))):
            box = QRectF(self.across(value) - 40, area.bottom() + 3, 80, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, number(value, 6))
        step = tr("step")
        words = tr("height above the minimum") if axis.logarithmic else tr("value")
        painter.drawText(QPointF(area.left(), area.top() - theme.px(1.5)), f"{words} / {step}")

    def _mark(self, painter: QPainter, area: QRectF) -> None:
        if self.highlight is None or self.highlight[0] not in self._curves:
            return
        name, step = self.highlight
        curve = self._curves[name]
        at = QPointF(self.across(step), float(curve[min(step, len(curve) - 1)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.tokens().text), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(at.x(), area.top()), QPointF(at.x(), area.bottom()))
        painter.setPen(QPen(QColor(theme.tokens().text), 2))
        painter.drawEllipse(at, 6, 6)

    # -- mouse -------------------------------------------------------------------------------------------------------
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the curve nearest to the cursor and its step; dragging goes there."""
        if self.race is None or not self._curves:
            return
        step = self.step_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.step_chosen.emit(step)
        here = [
            (abs(float(curve[min(step, len(curve) - 1)]) - event.position().y()), name) for name, curve in self._curves.items()
        ]
        _, name = min(here)
        self.hovered.emit(name, min(step, len(self._curves[name]) - 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step."""
        if event.button() == Qt.MouseButton.LeftButton and self.race is not None:
            self.step_chosen.emit(self.step_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self.hovered.emit("", 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the curves in the new size."""
        self._faint = QPixmap()

    def changeEvent(self, event: QEvent) -> None:
        """Theme or type size changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._faint = QPixmap()
            self.update()
