"""The drawings of NumbersView: a grid of numbers, rows with bars, a curve with a point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen, QPolygonF

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.gui.widgets.picture_view import indexed_image
from explorer.picture.colour import ink_on, palette, to_index

TEXT_FROM = 30.0  # widget pixels a cell must be wide for its number to be written
LARGEST, SMALLEST = 76.0, 0.5
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers to be drawn as a grid. `outside`: cells that are padding; `winner`: a cell to ring; `rows`, `columns`: labels."""

    title: str
    values: F64
    outside: npt.NDArray[np.bool_] | None = None
    winner: tuple[int, int] | None = None
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()


@dataclass(frozen=True)
class Row:
    """A line: `label`, `text` (its arithmetic), `value` for the bar, `strong` for the one that is looked at."""

    label: str
    text: str
    value: float
    strong: bool = False


Hit = tuple[QRectF, int, int, int]  # where a table lies, which, its rows, its columns
MOST_CELLS = 32 * 32  # more than that are painted as a picture, without lines and signs


@dataclass
class Sheet:
    """What is being painted on: `hits` collects the tables for the mouse."""

    painter: QPainter
    font: QFont
    hits: list[Hit] = field(default_factory=list)

    def line_height(self) -> float:
        """Of normal type."""
        self.painter.setFont(self.font)
        return float(self.painter.fontMetrics().height())

    def text(self, box: QRectF, text: str, colour: str = "", *, bold: bool = False, right: bool = False) -> float:
        """Wrapped text; the height it took."""
        font = QFont(self.font)
        font.setBold(bold)
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour or theme.tokens().text))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        tall = QRectF(box.left(), box.top(), box.width(), 10_000)
        used = self.painter.boundingRect(tall, int(flags), text)
        self.painter.drawText(tall, int(flags), text)
        return float(used.height())


def cell_side(tables: Sequence[Table], width: float, height: float, gap: float) -> float:
    """The largest cell that lets all tables stand side by side."""
    across = sum(table.values.shape[1] for table in tables)
    down = max(table.values.shape[0] for table in tables)
    room = width - gap * (len(tables) - 1)
    return float(max(SMALLEST, min(LARGEST * theme.scale(), room / max(across, 1), height / max(down, 1))))


def draw_table(sheet: Sheet, table: Table, index: int, left: float, top: float, side: float) -> QRectF:
    """The grid with its upper left cell at (left, top); the rectangle it fills."""
    painter, t = sheet.painter, theme.tokens()
    rows, columns = table.values.shape
    finite = table.values[np.isfinite(table.values)]
    reach = float(np.abs(finite).max()) if finite.size else 1.0
    indices = to_index(table.values, -reach, reach, diverging=True)
    area = QRectF(left, top, columns * side, rows * side)
    sheet.hits.append((area, index, rows, columns))
    if table.values.size > MOST_CELLS:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, side < 1)
        painter.drawImage(area, indexed_image(indices, palette("diverging")))
        _ring(painter, table, left, top, max(side, 6.0), side)
        return area
    colours = palette("diverging")[indices]
    written = side >= TEXT_FROM * theme.scale()
    small = QFont(sheet.font)
    small.setPixelSize(max(8, min(sheet.font.pixelSize(), round(side / 3.6))))
    painter.setFont(small)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for y in range(rows):
        for x in range(columns):
            cell = QRectF(left + x * side, top + y * side, side, side)
            value = float(table.values[y, x])
            red, green, blue = (int(part) for part in colours[y, x])
            known = math.isfinite(value)
            painter.fillRect(cell, QColor(red, green, blue) if known else QColor(t.canvas))
            padded = table.outside is not None and bool(table.outside[y, x])
            if padded or not known:
                painter.fillRect(cell, QBrush(theme.colour(t.text if padded else t.bad, 0.45), Qt.BrushStyle.BDiagPattern))
            if side >= 8:
                painter.setPen(QPen(QColor(t.canvas), 1))
                painter.drawRect(cell)
            if written:
                ink = ink_on((red, green, blue)) if known else (0, 0, 0)
                painter.setPen(QColor(*ink) if known else QColor(t.bad))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, _fitting(painter, value, side - 4))
    _ring(painter, table, left, top, side, side)
    if written:
        painter.setPen(QColor(t.muted))
        for y, label in enumerate(table.rows):
            painter.drawText(
                QRectF(left - 200, top + y * side, 194, side),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                label,
            )
        for x, label in enumerate(table.columns):
            painter.drawText(QRectF(left + x * side, top + rows * side + 2, side, side), Qt.AlignmentFlag.AlignHCenter, label)
    return area


def _ring(painter: QPainter, table: Table, left: float, top: float, size: float, side: float) -> None:
    """Around the winner, if there is one."""
    if table.winner is None:
        return
    y, x = table.winner
    ring = QRectF(left + x * side, top + y * side, size, size).adjusted(1, 1, -1, -1)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((theme.tokens().canvas, 5), (theme.tokens().accent, 3)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawRect(ring)


def _fitting(painter: QPainter, value: float, width: float) -> str:
    """A number with as many figures as there is room for, at most three."""
    texts = [figure(value + 0.0, figures) for figures in (3, 2, 1)]  # + 0.0: no minus zero
    texts.append(f"{value:.0e}".replace("e-0", "e−").replace("e+0", "e").replace("-", "−"))
    metrics = painter.fontMetrics()
    return next((text for text in texts if metrics.horizontalAdvance(text) <= width), texts[-1])


def draw_rows(sheet: Sheet, rows: Sequence[Row], box: QRectF, wide: float) -> float:
    """Label | arithmetic | bar from zero; the height they took. `wide`: room for the labels."""
    painter, t = sheet.painter, theme.tokens()
    height = sheet.line_height() + theme.px(1)
    reach = max((abs(row.value) for row in rows if math.isfinite(row.value)), default=0.0) or 1.0
    metrics = painter.fontMetrics()
    middle = max((metrics.horizontalAdvance(row.text) for row in rows), default=0) + theme.px(3)
    bars = QRectF(box.left() + wide + middle, 0, max(0.0, box.width() - wide - middle), 0)
    signed = any(row.value < 0 for row in rows)
    zero = bars.left() + (bars.width() / 2 if signed else 0.0)
    for at, row in enumerate(rows):
        top = box.top() + at * height
        if row.strong:
            painter.fillRect(QRectF(box.left(), top, box.width(), height), QColor(t.accent_soft))
        painter.setPen(QColor(t.text))
        flat = Qt.AlignmentFlag.AlignVCenter
        label = metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, int(wide - theme.px(2)))
        painter.drawText(QRectF(box.left() + 2, top, wide, height), flat | Qt.AlignmentFlag.AlignLeft, label)
        painter.drawText(
            QRectF(box.left() + wide, top, middle - theme.px(2), height), flat | Qt.AlignmentFlag.AlignRight, row.text
        )
        if bars.width() > 20 and math.isfinite(row.value):
            length = row.value / reach * (bars.width() / (2 if signed else 1) - 2)
            red, green, blue = (int(part) for part in palette("diverging")[232 if row.value > 0 else 24])
            bar = QRectF(zero, top + 3, length, height - 6).normalized()
            painter.fillRect(bar, QColor(red, green, blue))
    if rows and signed and bars.width() > 20:
        painter.setPen(QPen(QColor(t.strong_line), 1))
        painter.drawLine(QPointF(zero, box.top()), QPointF(zero, box.top() + len(rows) * height))
    return len(rows) * height


def draw_curve(sheet: Sheet, curve: F64, at: tuple[float, float], box: QRectF) -> None:
    """f over x, with the axes through zero and a ring at (x, f(x))."""
    painter, t = sheet.painter, theme.tokens()
    good = np.isfinite(curve).all(axis=0)
    x, y = curve[0][good], curve[1][good]
    if not len(x):
        return
    low, high = float(min(y.min(), 0.0)), float(max(y.max(), 0.0))
    low, high = low - 0.06 * (high - low or 1.0), high + 0.06 * (high - low or 1.0)

    def place(a: float, b: float) -> QPointF:
        return QPointF(
            box.left() + (a - x[0]) / (x[-1] - x[0]) * box.width(), box.bottom() - (b - low) / (high - low) * box.height()
        )

    painter.fillRect(box, QColor(t.surface))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(QColor(t.line), 1))
    painter.drawRect(box)
    painter.setPen(QPen(QColor(t.strong_line), 1))
    painter.drawLine(place(float(x[0]), 0.0), place(float(x[-1]), 0.0))
    painter.drawLine(place(0.0, low), place(0.0, high))
    painter.setPen(QPen(QColor(t.accent), 2))
    painter.drawPolyline(QPolygonF([place(float(a), float(b)) for a, b in zip(x, y, strict=True)]))
    if math.isfinite(at[0]) and math.isfinite(at[1]):
        here = place(*at)
        painter.setPen(QPen(QColor(t.text), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(here.x(), place(0.0, 0.0).y()), here)
        painter.drawLine(QPointF(place(0.0, 0.0).x(), here.y()), here)
        painter.setPen(QPen(QColor(t.text), 2))
        painter.setBrush(QColor(t.accent_soft))
        painter.drawEllipse(here, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
