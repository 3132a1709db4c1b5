"""Strokes in whole pixels of the screen itself: frames of boxes, outlines of masks, brushes that mix a colour in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QByteArray, QDataStream, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPolygonF, QTransform
from shiboken6 import Shiboken

from explorer.gui.panels.live_outline import Loop
from explorer.picture.colour import Colour

Ints = npt.NDArray[np.int32]
FAR = 1e6  # so far from the screen nothing is seen, and whole numbers of 32 bits still hold it


def device_painting(painter: QPainter) -> QTransform:
    """Let `painter` count device pixels from now on; returns where the coordinates used so far lie in them."""
    device = painter.deviceTransform()
    world, _ = painter.worldTransform().inverted()
    back, _ = (world * device).inverted()
    painter.setWorldTransform(back)
    return device


def paint_outlines(painter: QPainter, lines: Sequence[tuple[Colour, Sequence[QPolygonF]]], thick: int) -> None:
    """Closed lines of `thick` device pixels. Thin ones pixel by pixel, twice if need be: wide pens cost five times that."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, thick <= 2)
    painter.save()
    for _ in range(2 if thick == 2 else 1):
        for colour, loops in lines:
            painter.setPen(QPen(QColor(*colour), 1 if thick <= 2 else thick))
            for loop in loops:
                painter.drawPolygon(loop)
        painter.translate(0.7, 0.7)
    painter.restore()


@lru_cache(maxsize=64)
def tint(colour: Colour, opacity: float) -> QBrush:
    """A brush that mixes `colour` in. As a texture: on screens without alpha Qt mixes it twice as fast as a plain colour."""
    sheet = QImage(64, 16, QImage.Format.Format_ARGB32_Premultiplied)
    sheet.fill(QColor(*colour, round(255 * opacity)))
    return QBrush(sheet)


def paint_rects(painter: QPainter, rects: Ints) -> None:
    """Fill (K, 4) left, top, width, height with the brush. Qt reads the numbers themselves: no object is made for each."""
    if not len(rects):
        return
    made = np.ascontiguousarray(rects, np.int32).copy()  # as QRect has them: left, top, last column, last row
    made[:, 2:] += made[:, :2] - 1
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


def polygons(loops: Sequence[Loop]) -> list[QPolygonF]:
    """The closed lines as Qt draws them; read by Qt from one piece of memory, without an object for each point."""
    parts = []
    for loop in loops:  # as QDataStream has them
        parts += [(len(loop) + 1).to_bytes(4, "big"), (swapped := loop.astype(">f8")).tobytes(), swapped[0].tobytes()]
    stream = QDataStream(QByteArray(b"".join(parts)))
    made = []
    for _ in loops:
        line = QPolygonF()
        stream >> line
        made.append(line)
    return made
