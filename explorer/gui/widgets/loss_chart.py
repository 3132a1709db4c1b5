"""A quantity of a race against its steps, one curve a method, linked with the paths: hovering tells, a click goes there."""

from __future__ import annotations

import math
from typing import ClassVar

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.gui.widgets.loss_curves import Curve, curves_of, last_place
from explorer.gui.widgets.sized import Sized
from explorer.i18n import tr
from explorer.picture.race_chart import LossAxis, number, ticks
from explorer.picture.race_series import axis_label, axis_of
from explorer.records.descent import Race
from explorer.requests.race_look import RaceLook


class LossChart(Sized):
    """Curves are drawn once onto kept pictures, faint and bright; a frame shows the bright ones up to the step.

    `hovered(optimizer, step)`: "" when the cursor left; `step_chosen(step)`: clicked or dragged.
    """

    comfortable: ClassVar[tuple[int, int]] = (280, 220)
    least: ClassVar[tuple[int, int]] = (160, 84)
    hovered = Signal(str, int)
    step_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.race: Race | None = None
        self.step = 0.0
        self.highlight: tuple[str, int] | None = None
        self.axis: LossAxis | None = None
        self._faint = QPixmap()
        self._bright: dict[int, QPixmap] = {}  # by group of curves
        self.curves: dict[str, Curve] = {}
        self.look = RaceLook()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_race(self, race: Race | None) -> None:
        """Show another race."""
        self.race = race
        self._renew()

    def set_look(self, look: RaceLook) -> None:
        """Show another quantity, or on other axes."""
        if look != self.look:
            self.look = look
            self._renew()

    def _renew(self) -> None:
        self.axis = None if self.race is None else axis_of(self.race, self.look.quantity, self.look.logarithmic)
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

    def _last(self) -> float:
        return 1.0 if self.race is None else last_place(self.race, self.look.against)

    def across(self, units: float) -> float:
        """x pixel of a number of steps or gradients."""
        area = self.area()
        return area.left() + units / self._last() * area.width()

    def nearest(self, x: float, y: float) -> tuple[str, int] | None:
        """(optimizer, index of the point) of the curve nearest to a pixel; None without curves."""
        area = self.area()
        units = min(max((x - area.left()) / area.width(), 0.0), 1.0) * self._last()
        found = [(curve, curve.index_at(units)) for curve in self.curves.values()]
        found = [one for one in found if math.isfinite(one[0].down[one[1]])]
        best = min(found, key=lambda one: math.hypot(one[0].across[one[1]] - x, one[0].down[one[1]] - y), default=None)
        return None if best is None else (best[0].name, best[1])

    def step_at(self, x: float) -> int:
        """The point of the longest path under an x pixel; against gradients that of the path with the fewest for a step."""
        area = self.area()
        units = min(max((x - area.left()) / area.width(), 0.0), 1.0) * self._last()
        longest = max(self.curves.values(), key=lambda curve: curve.last, default=None)
        return 0 if longest is None else longest.index_at(units)

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
        area, t = self.area(), theme.tokens()
        for group, layer in self._bright.items():
            now = max(curve.at(self.step)[0] for curve in self.curves.values() if curve.group == group)
            painter.save()
            painter.setClipRect(QRectF(0, 0, now + (0 if self.step < self._end(group) else 6), self.height()))
            painter.drawPixmap(0, 0, layer)
            painter.restore()
            if len(self._bright) == 1:
                painter.setPen(QPen(QColor(t.strong_line), 1))
                painter.drawLine(QPointF(now, area.top()), QPointF(now, area.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in reversed(self.curves.values()):
            look, (x, y) = curve.look, curve.at(self.step)
            if math.isfinite(y):
                draw_marker(painter, look.marker, x, y, 4.0 * theme.scale(), qcolour(look.colour), casing_of(look.colour))
        if not self.curves:
            painter.setPen(QColor(t.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._nothing())
        self._mark(painter, area)

    def _end(self, group: int) -> int:
        return max(curve.last for curve in self.curves.values() if curve.group == group)

    def _nothing(self) -> str:
        if self.look.quantity == "distance":
            return tr("No minimum of this surface is known.")
        return tr("None of these methods has this number.")

    def _layer(self, ground: QColor) -> QPixmap:
        ratio = self.devicePixelRatioF()
        layer = QPixmap(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))
        layer.setDevicePixelRatio(ratio)
        layer.fill(ground)
        return layer

    def _draw_curves(self) -> None:
        race, axis, t, area = self.race, self.axis, theme.tokens(), self.area()
        assert race is not None and axis is not None
        made = curves_of(race, self.look.quantity, self.look.against, axis, area)
        self.curves = {curve.name: curve for curve in made}
        self._bright = {}
        for group in dict.fromkeys(curve.group for curve in made):
            self._bright[group] = self._layer(QColor(Qt.GlobalColor.transparent))
            painter = QPainter(self._bright[group])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for curve in made:
                if curve.group == group:
                    curve.draw(painter, QColor(t.surface) if t.name == "light" else None)
            painter.end()
        self._faint = self._layer(QColor(t.surface))
        painter = QPainter(self._faint)
        self._draw_axes(painter, area)
        painter.setOpacity(0.28)
        for layer in self._bright.values():
            painter.drawPixmap(0, 0, layer)
        painter.end()

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
        unit = tr("gradients asked") if self.look.against == "gradients" else tr("step")
        words = tr(axis_label(self.look.quantity, axis))
        left = theme.px(1.0)
        told = self.fontMetrics().elidedText(f"{words} / {unit}", Qt.TextElideMode.ElideRight, round(area.right()) - left)
        painter.drawText(QPointF(left, area.top() - theme.px(1.5)), told)

    def _mark(self, painter: QPainter, area: QRectF) -> None:
        if self.highlight is None or self.highlight[0] not in self.curves:
            return
        name, step = self.highlight
        at = QPointF(*self.curves[name].at(step))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.tokens().text), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(at.x(), area.top()), QPointF(at.x(), area.bottom()))
        painter.setPen(QPen(QColor(theme.tokens().text), 2))
        painter.drawEllipse(at, 6, 6)

    # -- mouse -------------------------------------------------------------------------------------------------------
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the curve nearest to the cursor and its step; dragging goes there."""
        found = None if self.race is None else self.nearest(event.position().x(), event.position().y())
        if found is None:
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.step_chosen.emit(self._chosen(event))
        self.hovered.emit(*found)

    def _chosen(self, event: QMouseEvent) -> int:
        """The step under the cursor; where methods are not equally far across, of the curve that is nearest."""
        found = self.nearest(event.position().x(), event.position().y()) if len(self._bright) > 1 else None
        return self.step_at(event.position().x()) if found is None else found[1]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step."""
        if event.button() == Qt.MouseButton.LeftButton and self.race is not None:
            self.step_chosen.emit(self._chosen(event))

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
