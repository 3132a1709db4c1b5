"""The kept picture of trails over a backdrop: strokes on one layer, their outlines on layers below it.

Where all is drawn anew, outlines are not stroked a second time: what the strokes cover is grown, at a tenth of the cost.
"""

from __future__ import annotations

import math
import operator
from functools import reduce

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from explorer.gui.widgets.trail_coverage import DARK, INK, LIGHT, Coverage, pixels_of
from explorer.gui.widgets.trail_lines import draw_lines
from explorer.records.descent import F64

CASING = 0.82  # opacity of the outlines, laid down at once, so that joints do not show
CASING_WIDTH = 0.46  # widths of a stroke that its outline shows on either side
COLOUR = 2  # the number of the layer of strokes, after those of the outlines


class TrailPicture:
    """`stroke` all trails, then `outline`; then `stroke` with `news` what comes, and `compose` for each frame. Short ones may
    all be news.

    `image` is the whole. Images are in device pixels, lines in widget pixels. `light` trails have light outlines.
    """

    def __init__(self, size: QSize, ratio: float, width: float) -> None:
        self.size = QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        self.ratio = ratio
        self.width = width
        self.image = QImage(self.size, QImage.Format.Format_RGB32)
        self._layers: dict[int, QImage] = {}  # outlines DARK and LIGHT, strokes COLOUR: nothing on them outside `_extent`
        self._used: set[int] = set()
        self._coverage: Coverage | None = None
        self._painters: dict[int, QPainter] = {}
        self._extent = QRect()  # what has been drawn upon since `clear`
        self._changed: list[QRect] = []  # since `compose`
        self._composed: tuple[object, ...] = ()

    def clear(self) -> None:
        """Begin anew."""
        self._end()
        place = self._extent & self.image.rect()
        for number in self._used:
            pixels_of(self._layers[number])[place.top() : place.bottom() + 1, place.left() : place.right() + 1] = 0
        self._changed = [place] if self._used else []
        self._used, self._extent = set(), QRect()

    def stroke(self, colour: QColor, light: bool, lines: F64, gaps: F64, *, news: bool = False) -> None:
        """Draw (N, 4) lines in `colour`; `gaps` between them are only outlined. Before `outline`, unless they are `news`."""
        both = np.concatenate([lines, gaps]) if len(gaps) else lines
        if not len(both):
            return
        below, pen = int(light), QPen(colour, self.width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap)
        self._draw(COLOUR, pen, lines)
        pen.setColor(INK[below])
        around = self._around(both)
        self._extent |= around
        self._changed.append(around)
        if news:
            pen.setWidthF(self.width * (1 + 2 * CASING_WIDTH))
        if news or light or len(gaps):
            self._draw(below, pen, both if news or light else gaps)

    def outline(self) -> None:
        """Outline everything drawn so far."""
        self._end()
        if COLOUR not in self._used:
            return
        if self._coverage is None:
            self._coverage = Coverage(self.size)
        for kind in (DARK, LIGHT):
            if kind == DARK or kind in self._used:
                self._coverage.clear()
                for layer in (COLOUR, DARK) if kind == DARK else (LIGHT,):
                    if layer in self._used:
                        self._coverage.add(self._layers[layer])
                self._coverage.grow(max(1, round(CASING_WIDTH * self.width * self.ratio)))
                self._coverage.fill(self._layer(kind), kind)

    def compose(self, backdrop: QImage, clip: QRect) -> None:
        """Bring `image` up to date: `backdrop` (as large), and inside `clip` outlines and strokes."""
        self._end()
        bounds, under = self.image.rect(), (backdrop.cacheKey(), clip)
        places = [one & bounds for one in self._changed]
        if under != self._composed:
            places = [bounds]
        elif sum(one.width() * one.height() for one in places) > bounds.width() * bounds.height() // 2:
            places = [reduce(operator.or_, places)]
        painter = QPainter(self.image)
        for place in places:
            painter.setOpacity(1.0)
            painter.setClipping(False)
            painter.drawImage(place.topLeft(), backdrop, place)
            painter.setClipRect(place & clip)
            for below in (DARK, LIGHT, COLOUR):
                painter.setOpacity(1.0 if below == COLOUR else CASING)
                if below in self._used:
                    painter.drawImage(place.topLeft(), self._layers[below], place)
        painter.end()
        self._changed, self._composed = [], under

    # -- drawing -----------------------------------------------------------------------------------------------------
    def _layer(self, number: int) -> QImage:
        """A layer; what is there already is kept for good: new pages of memory cost more than drawing on them."""
        if number not in self._layers:
            self._layers[number] = QImage(self.size, QImage.Format.Format_ARGB32_Premultiplied)
            self._layers[number].fill(Qt.GlobalColor.transparent)
        self._used.add(number)
        return self._layers[number]

    def _painter(self, layer: int) -> QPainter:
        """The painter of a layer, which stays open until all trails are drawn."""
        if layer not in self._painters:
            painter = QPainter(self._layer(layer))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(self.ratio, self.ratio)
            self._painters[layer] = painter
        return self._painters[layer]

    def _draw(self, layer: int, pen: QPen, lines: F64) -> None:
        painter = self._painter(layer)
        painter.setPen(pen)
        draw_lines(painter, lines)

    def _end(self) -> None:
        for painter in self._painters.values():
            painter.end()
        self._painters = {}

    def _around(self, lines: F64) -> QRect:
        """The device pixels that lines and their outlines can touch."""
        x0, y0, x1, y1 = lines.min(axis=0).tolist()
        X0, Y0, X1, Y1 = lines.max(axis=0).tolist()
        r, reach = self.ratio, self.width * self.ratio * (1 + CASING_WIDTH) + 1
        left, top = math.floor(min(x0, x1) * r - reach), math.floor(min(y0, y1) * r - reach)
        return QRect(QPoint(left, top), QPoint(math.ceil(max(X0, X1) * r + reach), math.ceil(max(Y0, Y1) * r + reach)))
