"""What is drawn over a sheet of tiles: hairlines, hatching of what is not finite, signs for dead, pinned and muted channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF, QTransform

from explorer.gui import theme
from explorer.records.picture import Grid, Mosaic

if TYPE_CHECKING:
    from explorer.gui.widgets.mosaic_view import MosaicView

HATCH_FROM = 6.0  # widget pixels a tile must have for its marks to be drawn


def paint_marks(view: MosaicView, mosaic: Mosaic, painter: QPainter, transform: QTransform) -> None:
    """Everything but the frames of the selected tile and the one under the mouse, as far as the tiles are large enough."""
    t, grid = theme.tokens(), view.grid
    side = transform.m11() * min(grid.tile_w, grid.tile_h)
    if side < HATCH_FROM:
        return
    _hairlines(painter, transform, grid, QPen(QColor(t.canvas), _line_width(grid, side)))
    for bad in np.flatnonzero(mosaic.bad).tolist():
        _bad(painter, view.tile_rect(bad), int(mosaic.bad[bad]), mosaic)
    if side >= 2 * HATCH_FROM:
        _signs(view, mosaic, painter, min(10.0, side / 3))


def paint_frame(painter: QPainter, box: QRectF, width: int) -> None:
    """A frame in the accent colour with a ground-coloured edge, to be seen on any tile."""
    t = theme.tokens()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(t.canvas), width + 2))
    painter.drawRect(box)
    painter.setPen(QPen(QColor(t.accent), width))
    painter.drawRect(box)


def _signs(view: MosaicView, mosaic: Mosaic, painter: QPainter, size: float) -> None:
    """Dead: a folded corner at the top right. Pinned: a disc at the top left. Muted: crossed out."""
    t = theme.tokens()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for dead in mosaic.facts.get("dead", ()):
        corner = view.tile_rect(int(dead)).adjusted(1, 1, -1, -1).topRight()
        painter.setPen(QPen(QColor(t.canvas), 1))
        painter.setBrush(QColor(t.strong_line))
        painter.drawPolygon(QPolygonF([corner, corner - QPointF(size, 0), corner + QPointF(0, size)]))
    for muted in view.muted:
        box = view.tile_rect(muted).adjusted(3, 3, -3, -3)
        for pen in (QPen(QColor(t.canvas), 3), QPen(QColor(t.text), 1.25)):
            painter.setPen(pen)
            painter.drawLine(box.topLeft(), box.bottomRight())
            painter.drawLine(box.topRight(), box.bottomLeft())
    for pinned in view.pinned:
        at = view.tile_rect(pinned).topLeft() + QPointF(2 + size / 2, 2 + size / 2)
        painter.setPen(QPen(QColor(t.canvas), 1.5))
        painter.setBrush(QColor(t.accent))
        painter.drawEllipse(at, size / 2.4, size / 2.4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _bad(painter: QPainter, box: QRectF, bad: int, mosaic: Mosaic) -> None:
    """Hatched, and in large tiles said how much of it is not finite."""
    t = theme.tokens()
    size = mosaic.stats.size if mosaic.stats is not None else mosaic.values[0].size
    painter.fillRect(box, QBrush(QColor(t.bad), Qt.BrushStyle.BDiagPattern))
    text = f"NaN ({bad} / {size})"
    words = QRectF(painter.fontMetrics().boundingRect(text)).adjusted(-4, -2, 4, 2)
    if words.width() < box.width() and words.height() < box.height():
        words.moveCenter(box.center())
        painter.fillRect(words, QColor(t.surface))
        painter.setPen(QColor(t.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, text)


def _line_width(grid: Grid, side: float) -> int:
    """One or two pixels; more between kernels, whose few pixels are large squares themselves."""
    kernel = 1 < max(grid.tile_h, grid.tile_w) <= 11
    return round(min(max(side * 0.12, 2), 6)) if kernel else 1 + (side >= 40)


def _hairlines(painter: QPainter, transform: QTransform, grid: Grid, pen: QPen) -> None:
    painter.setPen(pen)
    for column in range(1, grid.columns):
        x = column * grid.tile_w
        painter.drawLine(transform.map(QPointF(x, 0)), transform.map(QPointF(x, grid.height)))
    for row in range(1, grid.rows):
        y = row * grid.tile_h
        painter.drawLine(transform.map(QPointF(0, y)), transform.map(QPointF(grid.width, y)))
