"""Deletion and insertion as curves, with chance beside them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure, fixed
from explorer.gui.panels.why_words import verdict
from explorer.i18n import N_, tr
from explorer.records.attribution import F64, TrustCurve, TrustCurves

# name, label, colour (of the eight that all can tell apart), dashed
LINES: tuple[tuple[str, str, tuple[int, int, int], bool], ...] = (
    ("deletion", N_("deletion"), (213, 94, 0), False),
    ("insertion", N_("insertion"), (0, 114, 178), False),
    ("random_deletion", N_("deletion by chance"), (213, 94, 0), True),
    ("random_insertion", N_("insertion by chance"), (0, 114, 178), True),
)
DARK_BLUE = (86, 180, 233)  # the blue that can be seen on dark ground


class TrustChart(QWidget):
    """The curves of one method. The mouse reads off a share of the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.curves: TrustCurves | None = None
        self.curve: TrustCurve | None = None
        self._at: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_curves(self, curves: TrustCurves | None, method: str) -> None:
        """Show the curve of `method`, or nothing."""
        self.curves = curves
        found = [curve for curve in curves.items if curve.method == method] if curves is not None else []
        self.curve = found[0] if found else None
        words = (
            ", ".join(f"{tr(label)} {fixed(self.curve.areas[name], 2)}" for name, label, _, _ in LINES) if self.curve else ""
        )
        self.setAccessibleDescription(f"{words}. {verdict(self.curve)}" if self.curve else "")
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(theme.px(120), theme.px(44))

    def minimumSizeHint(self) -> QSize:
        """Still readable."""
        return QSize(theme.px(70), theme.px(32))

    # -- geometry ----------------------------------------------------------------------------------------------------
    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("0.00") + theme.px(2)
        wide = max(metrics.horizontalAdvance(f"{tr(label)} 0.000") for _, label, _, _ in LINES) + theme.px(12)
        below = metrics.height() + theme.px(1)
        tall = self.height() - 2 * below - theme.px(1)
        return QRectF(left, metrics.height() + theme.px(1), max(40.0, self.width() - left - wide), max(20.0, tall))

    def _range(self, curve: TrustCurve) -> tuple[float, float]:
        values = np.concatenate([getattr(curve, name) for name, *_ in LINES])
        low, high = min(0.0, float(values.min())), max(1e-9, float(values.max()))
        return low, 1.0 if 0.3 < high <= 1.0 else high

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, curves, legend with areas, the verdict."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.tabular(self.font()))
        t, curve = theme.tokens(), self.curve
        if curve is None or self.curves is None:
            painter.setPen(QColor(t.muted))
            text = tr("Removes and inserts the picture in the heat's order and asks the network each time.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            return
        area, (low, high) = self._area(), self._range(curve)
        line = painter.fontMetrics().height()
        painter.setPen(QPen(QColor(t.line), 1))
        for part in (0.0, 0.5, 1.0):
            y = area.bottom() - part * area.height()
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(t.muted))
        for part in (0.0, 0.5, 1.0):
            y = area.bottom() - part * area.height()
            room = QRectF(0, y - line / 2, area.left() - theme.px(1), line)
            painter.drawText(
                room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure(low + part * (high - low), 2)
            )
            x = area.left() + part * area.width()
            room = QRectF(x - 60, area.bottom() + 2, 120, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter, tr("{number} %").format(number=round(100 * part)))
        across = tr("share of the picture")
        painter.drawText(QPointF(area.left(), line * 0.8), f"{tr(self.curves.measure)} / {across}")
        for name, _, colour, dashed in reversed(LINES):
            if curve.empty is None or dashed:
                self._draw(painter, area, curve.share, getattr(curve, name), (low, high), self._colour(colour), dashed)
        self._legend(painter, area, curve, line)

    def _colour(self, colour: tuple[int, int, int]) -> QColor:
        dark = theme.tokens().name == "dark" and colour == (0, 114, 178)
        return QColor(*(DARK_BLUE if dark else colour))

    @staticmethod
    def _draw(
        painter: QPainter, area: QRectF, share: F64, values: F64, ends: tuple[float, float], colour: QColor, dashed: bool
    ) -> None:
        low, high = ends
        points = [
            QPointF(area.left() + s * area.width(), area.bottom() - (v - low) / (high - low) * area.height())
            for s, v in zip(share.tolist(), values.tolist(), strict=True)
        ]
        pen = QPen(colour, 1.4 if dashed else 2.2)
        if dashed:
            pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))

    def _legend(self, painter: QPainter, area: QRectF, curve: TrustCurve, line: int) -> None:
        t, left = theme.tokens(), area.right() + theme.px(4)
        top = area.top()
        if self._at is not None:
            x = area.left() + self._at * area.width()
            painter.setPen(QPen(QColor(t.strong_line), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for name, label, colour, dashed in LINES:
            if curve.empty is not None and not dashed:
                continue
            values = getattr(curve, name)
            number = curve.area(values) if self._at is None else float(np.interp(self._at, curve.share, values))
            pen = QPen(self._colour(colour), 1.4 if dashed else 2.2)
            if dashed:
                pen.setDashPattern([4.0, 3.0])
            painter.setPen(pen)
            painter.drawLine(QPointF(left, top + line / 2), QPointF(left + theme.px(5), top + line / 2))
            painter.setPen(QColor(t.text))
            painter.drawText(QPointF(left + theme.px(6.5), top + line * 0.8), f"{tr(label)} {fixed(number, 2)}")
            top += line + theme.px(0.5)
        painter.setPen(QColor(t.muted))
        said = tr("area under the curve") if self._at is None else tr("at {number} %").format(number=round(100 * self._at))
        painter.drawText(QPointF(left, top + line * 0.8), said)

    # -- mouse -------------------------------------------------------------------------------------------------------
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off a share."""
        area = self._area()
        at = (event.position().x() - area.left()) / area.width()
        self._at = at if 0 <= at <= 1 and self.curve is not None else None
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """The areas again."""
        self._at = None
        self.update()
