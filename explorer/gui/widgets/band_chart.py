"""A chart of curves with bands: a median and its quartiles for each method. Hovering tells the nearest one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.gui.widgets.sized import Sized
from explorer.picture.colour import Look, optimizer_look
from explorer.records.descent import F64

NEAR = 60.0  # pixels: further away from every curve, none is meant


@dataclass(frozen=True, eq=False)
class Line:
    """One method. `across`, `low`, `middle`, `high`: (N,) float64 shares of the plot's width and height, from the left and
    from the bottom; NaN: nothing there. `dots`: a marker at every point, else one on the curve."""

    name: str
    across: F64
    low: F64
    middle: F64
    high: F64
    dots: bool = False


@dataclass(frozen=True)
class Bar:
    """One method while it is tuned. `share`: length of its bar; `text`: said beside it."""

    name: str
    title: str
    share: float
    text: str


@dataclass(frozen=True, eq=False)
class Plot:
    """What a chart shows. Marks are (share, text). `goal`: a dashed line with its word. `bars` take the place of the curves."""

    lines: tuple[Line, ...] = ()
    across: tuple[tuple[float, str], ...] = ()
    up: tuple[tuple[float, str], ...] = ()
    caption: str = ""
    goal: tuple[float, str] | None = None
    bars: tuple[Bar, ...] = ()


class BandChart(Sized):
    """`hovered(name)`: the nearest curve, "" when the cursor left. `say(name, share of the width)` puts a place into words.

    Left and right arrows move the place that is told along the curve that is marked, up and down to another curve.
    """

    comfortable: ClassVar[tuple[int, int]] = (560, 300)
    least: ClassVar[tuple[int, int]] = (220, 150)
    hovered = Signal(str)

    def __init__(self, say: Callable[[str, float], str]) -> None:
        super().__init__()
        self.plot = Plot()
        self.empty = ""
        self.highlight = ""
        self._say = say
        self._at: float | None = None  # share of the width that is told
        self._kept = QPixmap()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_plot(self, plot: Plot, empty: str = "") -> None:
        """Show something else; `empty` is said where there is nothing to show."""
        self.plot, self.empty = plot, empty
        self._kept = QPixmap()
        self.update()

    def set_highlight(self, name: str) -> None:
        """Bring one curve out; "" none."""
        if name != self.highlight:
            self.highlight = name
            self._kept = QPixmap()
            self.update()

    # -- geometry ----------------------------------------------------------------------------------------------------
    def area(self) -> QRectF:
        """The chart inside its axes."""
        metrics = self.fontMetrics()
        wide = max((metrics.horizontalAdvance(text) for _, text in self.plot.up), default=0)
        left, top = wide + theme.px(4), metrics.height() + theme.px(3)
        bottom = metrics.height() + theme.px(2)
        return QRectF(left, top, max(20.0, self.width() - left - theme.px(5)), max(20.0, self.height() - top - bottom))

    def _points(self, across: F64, up: F64) -> list[QPointF]:
        area = self.area()
        good = np.isfinite(up)
        x, y = area.left() + across[good] * area.width(), area.bottom() - np.clip(up[good], -0.02, 1.02) * area.height()
        return [QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, and the place that is told."""
        if self._kept.isNull():
            ratio = self.devicePixelRatioF()
            self._kept = QPixmap(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))
            self._kept.setDevicePixelRatio(ratio)
            self._draw(self._kept)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._kept)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.tokens().accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        line = self._line(self.highlight)
        if self._at is None or line is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, t = self.area(), theme.tokens()
        good = np.isfinite(line.middle)
        if not good.any():
            return
        up = float(np.interp(self._at, line.across[good], line.middle[good]))
        spot = self._points(np.array([self._at]), np.array([up]))[0]
        painter.setPen(QPen(QColor(t.text), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(spot.x(), area.top()), QPointF(spot.x(), area.bottom()))
        painter.setPen(QPen(QColor(t.text), 2))
        painter.drawEllipse(spot, 6, 6)
        self._tell(painter, spot, self._say(self.highlight, self._at))

    def _tell(self, painter: QPainter, spot: QPointF, text: str) -> None:
        if not text:
            return
        t, metrics = theme.tokens(), self.fontMetrics()
        wide, high = metrics.horizontalAdvance(text) + theme.px(4), metrics.height() + theme.px(1.5)
        left = min(max(spot.x() + 12, 2.0), self.width() - wide - 2.0)
        top = spot.y() - high - 12 if spot.y() - high - 12 > 0 else spot.y() + 12
        box = QRectF(left, top, wide, high)
        painter.setPen(QPen(QColor(t.strong_line), 1))
        painter.setBrush(QColor(t.window))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(t.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _draw(self, onto: QPixmap) -> None:
        t = theme.tokens()
        onto.fill(QColor(t.surface))
        painter = QPainter(onto)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.tabular(self.font()))
        if self.plot.bars:
            self._draw_bars(painter)
        elif self.plot.lines:
            self._draw_axes(painter, self.area())
            self._draw_lines(painter)
        else:
            painter.setPen(QColor(t.muted))
            room = QRectF(self.rect()).adjusted(theme.px(6), theme.px(4), -theme.px(6), -theme.px(4))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)
        painter.end()

    def _draw_axes(self, painter: QPainter, area: QRectF) -> None:
        t, line = theme.tokens(), self.fontMetrics().height()
        for share, text in self.plot.up:
            y = area.bottom() - share * area.height()
            painter.setPen(QPen(QColor(t.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(t.muted))
            box = QRectF(0, y - line / 2, area.left() - 6, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QColor(t.muted))
        for share, text in self.plot.across:
            box = QRectF(area.left() + share * area.width() - 40, area.bottom() + 3, 80, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, text)
        painter.drawText(QPointF(area.left(), area.top() - theme.px(1.5)), self.plot.caption)
        if self.plot.goal is not None:
            y = area.bottom() - self.plot.goal[0] * area.height()
            painter.setPen(QPen(QColor(t.strong_line), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(t.muted))
            box = QRectF(area.left(), y - line - 1, area.width(), line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, self.plot.goal[1])

    def _draw_lines(self, painter: QPainter) -> None:
        painter.setClipRect(self.area().adjusted(-6, -6, 6, 6))
        lines = sorted(self.plot.lines, key=lambda one: one.name == self.highlight)
        for one in lines:
            fill = qcolour(optimizer_look(one.name).colour, 60 if one.name == self.highlight or not self.highlight else 18)
            good = np.isfinite(one.low) & np.isfinite(one.high)
            upper, lower = self._points(one.across[good], one.high[good]), self._points(one.across[good], one.low[good])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
        for one in lines:
            look, faint = optimizer_look(one.name), bool(self.highlight) and one.name != self.highlight
            painter.setOpacity(0.35 if faint else 1.0)
            points = self._points(one.across, one.middle)
            self._draw_line(painter, look, points)
            at = points if one.dots else points[_place(len(points), lines.index(one), len(lines)) :][:1]
            for point in at:
                draw_marker(
                    painter,
                    look.marker,
                    point.x(),
                    point.y(),
                    4.5 * theme.scale(),
                    qcolour(look.colour),
                    casing_of(look.colour),
                )
        painter.setOpacity(1.0)

    def _draw_line(self, painter: QPainter, look: Look, points: list[QPointF]) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if theme.tokens().name == "light":
            under = casing_of(look.colour)
            under.setAlphaF(0.4)
            painter.setPen(QPen(under, 3.2 * theme.scale()))
            painter.drawPolyline(QPolygonF(points))
        pen = QPen(qcolour(look.colour), 2.0 * theme.scale())
        if look.dash:
            pen.setDashPattern([float(length) for length in look.dash])
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))

    def _draw_bars(self, painter: QPainter) -> None:
        t, metrics = theme.tokens(), self.fontMetrics()
        bars, line = self.plot.bars, self.fontMetrics().height()
        left = max(metrics.horizontalAdvance(one.title) for one in bars) + theme.px(13)
        right = max(metrics.horizontalAdvance(one.text) for one in bars) + theme.px(4)
        room = max(20.0, self.width() - left - right - theme.px(4))
        step = min(line * 1.9, (self.height() - 3.0 * line) / len(bars))
        painter.setPen(QColor(t.muted))
        painter.drawText(QPointF(theme.px(4), line * 1.1), self.plot.caption)
        for index, one in enumerate(bars):
            look, y = optimizer_look(one.name), 2.7 * line + index * step
            draw_marker(painter, look.marker, theme.px(6), y, 4.5 * theme.scale(), qcolour(look.colour), casing_of(look.colour))
            painter.setPen(QColor(t.text))
            painter.drawText(QPointF(theme.px(10), y + 0.32 * line), one.title)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.sunken))
            painter.drawRoundedRect(QRectF(left, y - 5, room, 10), 3, 3)
            painter.setBrush(qcolour(look.colour))
            painter.drawRoundedRect(QRectF(left, y - 5, max(3.0, min(one.share, 1.0) * room), 10), 3, 3)
            painter.setPen(QColor(t.muted))
            painter.drawText(QPointF(left + room + theme.px(2), y + 0.32 * line), one.text)

    # -- mouse and keys ----------------------------------------------------------------------------------------------
    def _line(self, name: str) -> Line | None:
        return next((one for one in self.plot.lines if one.name == name), None)

    def point(self, name: str, at: float | None) -> None:
        """Tell a place of a curve; None: nothing."""
        self._at = None if at is None else min(max(at, 0.0), 1.0)
        self.set_highlight(name)
        self.hovered.emit(name)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The nearest curve at this place."""
        area, position = self.area(), event.position()
        share = (position.x() - area.left()) / area.width()
        near = [(abs(self._height(one, share) - position.y()), one.name) for one in self.plot.lines]
        found = min(near, default=(math.inf, ""))
        name = found[1] if found[0] <= NEAR else ""
        self.point(name, share if name else None)

    def _height(self, one: Line, share: float) -> float:
        good, area = np.isfinite(one.middle), self.area()
        if not good.any():
            return math.inf
        return area.bottom() - float(np.interp(share, one.across[good], one.middle[good])) * area.height()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self.point("", None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows: along the curve, and to the next one."""
        names = [one.name for one in self.plot.lines]
        moves = {Qt.Key.Key_Left: (-0.02, 0), Qt.Key.Key_Right: (0.02, 0), Qt.Key.Key_Up: (0.0, -1), Qt.Key.Key_Down: (0.0, 1)}
        move = moves.get(Qt.Key(event.key()))
        if move is None or not names:
            super().keyPressEvent(event)
            return
        at = names.index(self.highlight) if self.highlight in names else -max(move[1], 0)
        self.point(names[(at + move[1]) % len(names)], (0.5 if self._at is None else self._at) + move[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw in the new size."""
        self._kept = QPixmap()

    def changeEvent(self, event: QEvent) -> None:
        """Theme or type size changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._kept = QPixmap()
            self.update()


def _place(points: int, index: int, lines: int) -> int:
    """Where the one marker of a curve stands: spread, so that they do not cover each other."""
    return int((0.35 + 0.6 * index / max(1, lines)) * max(0, points - 1))
