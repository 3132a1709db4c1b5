"""Wide antialiased lines of many points, cheaply: fewer points than one could tell apart, cut into single lines for Qt.

Qt strokes a wide polyline through its general outline and a scan of that, but a single wide line by a rasteriser of its own:
2,000 points as lines with square ends cost a tenth of the same points as a polyline (tests/bench/descent.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QLineF
from PySide6.QtGui import QPainter, QPolygonF
from shiboken6 import Shiboken

from explorer.records.descent import F64, I64

LEAST = 0.8  # pixels along a path between two points that are drawn: closer ones are not seen
SWAY = 0.25  # pixels that a thinned path may lie beside the whole one
PASSES = 5


def spaced(points: F64, begins: Sequence[int] = (0,)) -> tuple[F64, I64]:
    """(K,) pixels along the path (K, 2) up to each point, and the points that are LEAST apart, the first and the last too.

    Of several paths one after the other, each beginning at one of `begins`: at once, as if a jump led from each to the next.
    """
    along = np.zeros(len(points))
    np.hypot(np.diff(points[:, 0]), np.diff(points[:, 1])).cumsum(out=along[1:])
    cells = (along * (1 / LEAST)).astype(np.int64)
    new = np.ones(len(points), bool)
    np.greater(cells[1:], cells[:-1], out=new[1:])
    new[np.asarray(begins)] = True
    new[np.asarray(begins) - 1] = True
    return along, np.flatnonzero(new)


def thinned(points: F64, ends: I64, sway: float = SWAY) -> I64:
    """The points of paths, one after the other in (K, 2), that are needed to stay within `sway` pixels or so of all of them.

    `ends`: first and last points of the paths, which stay. In each pass every second point may go, if it lies near the line
    between its neighbours. The passes add up, so the early ones, which remove most points, are stricter.
    """
    x, y = np.ascontiguousarray(points.T)
    fixed = np.zeros(len(points), bool)
    fixed[ends] = True
    kept = np.arange(len(points))
    for number in reversed(range(PASSES)):
        if len(kept) < 3:
            break
        px, py = x[kept], y[kept]
        ax, ay, mx, my = px[:-2:2], py[:-2:2], px[1:-1:2], py[1:-1:2]
        bx, by, mx, my = px[2::2] - ax, py[2::2] - ay, mx - ax, my - ay
        part = (mx * bx + my * by) / np.maximum(bx * bx + by * by, 1e-12)
        np.clip(part, 0.0, 1.0, out=part)  # a path that turns back keeps its turning point
        mx -= part * bx
        my -= part * by
        gone = mx * mx + my * my < (sway * 0.5**number) ** 2
        gone &= ~fixed[kept[1:-1:2]]
        left = np.ones(len(kept), bool)
        left[1:-1:2] = ~gone
        kept = kept[left]
    return kept


@dataclass(frozen=True)
class Lines:
    """Single lines (N, 4: x1, y1, x2, y2) of a path in its order; `of`: (N,) the number of the piece of path each lies on."""

    places: F64
    of: I64

    def between(self, first: int, last: int) -> F64:
        """The lines of the pieces first, first + 1, ..., last - 1."""
        begin, end = np.searchsorted(self.of, (first, last))
        return self.places[begin:end]


def whole_lines(points: F64) -> Lines:
    """A solid path through (K, 2) points."""
    places = np.empty((max(0, len(points) - 1), 4))
    places[:, :2], places[:, 2:] = points[:-1], points[1:]
    return Lines(places, np.arange(len(places)))


def dashed_lines(points: F64, along: F64, dash: Sequence[int], width: float) -> tuple[Lines, Lines]:
    """A dashed path through (K, 2) points, `along` (K,) pixels from its start: (what is drawn, the gaps).

    `dash`: on, off, on, off, ... in widths. Both are shorter by half a width at their ends, where square ends add it.
    """
    marks = np.cumsum(np.asarray(dash, np.float64)) * width
    period, cut = float(marks[-1]), 0.5 * width * min(1.0, 0.9 * min(dash))
    # Within a period: a dash from `cut`, up to the first mark less `cut`, a gap after it, ...; odd numbers are left empty.
    bounds = np.stack([np.concatenate([[0.0], marks[:-1]]) + cut, marks - cut], 1).ravel()
    first, last = np.floor(along[0] / period), np.floor(along[-1] / period)
    breaks = (np.arange(first, last + 1)[:, None] * period + bounds).ravel()
    begin, end = np.searchsorted(breaks, (along[0], along[-1]), side="right")
    breaks = breaks[begin:end]
    after = np.searchsorted(along, breaks)  # the point after each break; points and breaks are merged
    at = after + np.arange(len(breaks))
    broken = np.zeros(len(along) + len(breaks), bool)
    broken[at] = True
    part = (breaks - along[after - 1]) / np.maximum(along[after] - along[after - 1], 1e-12)
    x, y = np.empty(len(broken)), np.empty(len(broken))
    for made, known in ((x, points[:, 0]), (y, points[:, 1])):
        made[~broken] = known
        made[at] = known[after - 1] + part * (known[after] - known[after - 1])
    of = np.arange(len(broken) - 1)
    passed = np.cumsum(broken[:-1])
    of -= passed
    kind = (passed + begin) % 4  # 0: what a square end covers, 1: a dash, 2: the next square end, 3: a gap
    sides = (x[:-1], y[:-1], x[1:], y[1:])
    drawn, gaps = np.flatnonzero(kind == 1), np.flatnonzero(kind == 3)
    return Lines(np.stack([side[drawn] for side in sides], 1), of[drawn]), Lines(
        np.stack([side[gaps] for side in sides], 1), of[gaps]
    )


def draw_lines(painter: QPainter, places: F64) -> None:
    """Draw (N, 4) lines with the painter's pen. Qt reads the numbers themselves: no object is made for each."""
    if len(places):
        places = np.ascontiguousarray(places, np.float64)
        first = Shiboken.wrapInstance(places.ctypes.data, QLineF)
        assert isinstance(first, QLineF)
        painter.drawLines(first, len(places))


def polyline(points: F64) -> QPolygonF:
    """(K, 2) points as Qt draws them in one go; read from one piece of memory."""
    stream = QDataStream(QByteArray(len(points).to_bytes(4, "little") + points.astype("<f8").tobytes()))
    stream.setByteOrder(QDataStream.ByteOrder.LittleEndian)
    made = QPolygonF()
    stream >> made
    return made
