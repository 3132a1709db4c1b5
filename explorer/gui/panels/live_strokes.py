"""Strokes in whole pixels of the screen itself: frames of boxes, outlines of masks, brushes that mix a colour in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QByteArray, QDataStream, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF, QTransform
from shiboken6 import Shiboken

from explorer.gui.panels.live_outline import Loop
from explorer.picture.colour import Colour

Ints = npt.NDArray[np.int32]
BAND = 64  # rows; in half of them a mask may have two pieces
FAR = 1e6  # so far from the screen nothing is seen, and whole numbers of 32 bits still hold it


@dataclass(frozen=True)
class Shape:
    """Closed lines of one colour, between the rows `top` and `bottom`."""

    colour: Colour
    lines: Sequence[QPolygonF]
    top: int = 0
    bottom: int = 0


@lru_cache(maxsize=64)
def brush(colour: Colour, alpha: int = 255) -> QBrush:
    """A brush of one colour; `alpha` 0..255."""
    return QBrush(QColor(*colour, alpha))


@lru_cache(maxsize=64)
def pen(colour: Colour, wide: int) -> QPen:
    """A pen of one colour."""
    return QPen(QColor(*colour), wide)


def device_painting(painter: QPainter) -> QTransform:
    """Let `painter` count device pixels from now on; returns where the coordinates used so far lie in them."""
    device = painter.deviceTransform()
    world, _ = painter.worldTransform().inverted()
    back, _ = (world * device).inverted()
    painter.setWorldTransform(back)
    return device


def paint_outlines(painter: QPainter, shapes: Sequence[Shape], thick: int, faint: QRect | None = None) -> None:
    """Their lines, `thick` device pixels wide. Thin ones pixel by pixel, twice if need be: wide pens cost five times that.

    `faint`: the painter's opacity is not 1, so that lines are mixed in, see `_bands`; nothing is painted outside of it.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, thick <= 2)
    for some in [shapes] if faint is None else _bands(painter, shapes, faint, thick):
        for shape in some:
            painter.setPen(pen(shape.colour, 1 if thick <= 2 else thick))
            for line in shape.lines:
                painter.drawPolygon(line)
                if thick == 2:
                    painter.translate(0.7, 0.7)
                    painter.drawPolygon(line)
                    painter.translate(-0.7, -0.7)


def paint_tinted(painter: QPainter, shapes: Sequence[Shape], opacity: float, area: QRect) -> None:
    """Mix the colours of `shapes` into what they hold of `area`, in the order given."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    alpha = round(255 * opacity)
    for some in _bands(painter, shapes, area):
        for shape in some:
            painter.setBrush(brush(shape.colour, alpha))
            for line in shape.lines:
                painter.drawPolygon(line)


def _bands(painter: QPainter, shapes: Sequence[Shape], area: QRect, wide: int = 0) -> Iterator[list[Shape]]:
    """Those of `shapes`, lines of `wide` pixels included, that reach into a band of few rows of `area`; the painter paints
    nothing outside of it meanwhile. One band after the other.

    A filling that mixes colours in a hundred rows or more Qt deals out to other threads and waits for them: longer than the
    filling itself takes, and very long while these threads have to wait for a core.
    """
    if not shapes:
        return
    first = max(min([shape.top for shape in shapes]) - wide, area.top())
    last = min(max([shape.bottom for shape in shapes]) + wide, area.bottom() + 1)
    for top in range(first, last, BAND):
        some = [shape for shape in shapes if shape.top - wide < top + BAND and shape.bottom + wide > top]
        if some:
            painter.save()
            painter.setClipRect(area.left(), top, area.width(), BAND, Qt.ClipOperation.IntersectClip)
            yield some
            painter.restore()


def qrects(rects: Ints) -> Ints:
    """(K, 4) left, top, width, height as QRect has them: left, top, last column, last row."""
    made = rects.copy()
    made[:, 2:] += made[:, :2] - 1
    return made


def cut(made: Ints) -> Ints:
    """The same `qrects` in pieces of few rows, for brushes that mix: see `_bands`."""
    rows = made[:, 3] - made[:, 1] + 1
    pieces = -(-rows // BAND)
    cuts = made.repeat(pieces, axis=0)
    at = np.arange(len(cuts)) - (pieces.cumsum() - pieces).repeat(pieces)
    cuts[:, 1] += BAND * at
    cuts[:, 3] = np.minimum(cuts[:, 3], cuts[:, 1] + BAND - 1)
    return cuts


def paint_rects(painter: QPainter, made: Ints) -> None:
    """Fill `qrects` with the brush. Qt reads the numbers themselves: no object is made for each."""
    if len(made):
        first = Shiboken.wrapInstance(made.ctypes.data, QRect)
        assert isinstance(first, QRect)
        painter.drawRects(first, len(made))


def frames_of(boxes: Ints, thick: int) -> Ints:
    """Left, top, width and height of strokes of `thick` pixels whose middles are the boxes (N, 4: left, top, right, bottom)."""
    made = boxes - thick // 2
    made[:, 2:] = boxes[:, 2:] - boxes[:, :2] + thick
    return made


def grown(frames: Ints, by: int = 1) -> Ints:
    """The frames (left, top, width, height) with `by` pixels more on every side."""
    made: Ints = frames + np.array([-by, -by, 2 * by, 2 * by], np.int32)
    return made


def mapped(boxes: npt.NDArray[np.float32], t: QTransform) -> Ints:
    """Boxes (N, 4: left, top, right, bottom) under a transform that scales and moves, to whole pixels."""
    sx, sy, dx, dy = t.m11(), t.m22(), t.dx(), t.dy()
    moved: npt.NDArray[np.float64] = np.rint(boxes * np.array([sx, sy, sx, sy]) + np.array([dx, dy, dx, dy]))
    return moved.clip(-FAR, FAR).astype(np.int32)


def polygons(points: Loop, ends: Sequence[int]) -> list[QPolygonF]:
    """Closed lines as Qt draws them, of all their points (K, 2) and where each of them ends; read by Qt from one piece of
    memory, without an object for each point."""
    swapped = points.astype(">f8").tobytes()  # as QDataStream has them
    parts = []
    for begin, end in pairwise([0, *ends]):
        parts += [(end - begin + 1).to_bytes(4, "big"), swapped[16 * begin : 16 * end], swapped[16 * begin : 16 * begin + 16]]
    stream = QDataStream(QByteArray(b"".join(parts)))
    made = []
    for _ in ends:
        line = QPolygonF()
        stream >> line
        made.append(line)
    return made
