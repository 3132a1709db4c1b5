"""Strokes in whole pixels of the screen itself: frames of boxes, outlines of masks, brushes that mix a colour in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPolygonF, QTransform

from explorer.gui.panels.live_outline import Loop
from explorer.picture.colour import Colour

Edges = tuple[int, int, int, int]
# Where a side has strokes; all kinds of frames hold the corners.
PARTS = {"corners": ((0.0, 0.27), (0.73, 1.0)), "dashes": ((0.0, 0.2), (0.4, 0.6), (0.8, 1.0))}


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


def bars(frame: str, left: int, top: int, wide: int, tall: int, thick: int) -> list[QRect]:
    """The strokes (x, y, width, height) of a frame of one of picture.colour's FRAMES; all of them hold the four corners."""
    right, bottom = left + wide - thick, top + tall - thick
    if frame == "solid":
        sides = (left, top, wide, thick), (left, bottom, wide, thick), (left, top, thick, tall), (right, top, thick, tall)
        return [QRect(*side) for side in sides]
    if frame == "double" and min(wide, tall) >= 8 * thick and thick > 1:
        thin = thick // 2
        inner = thick + thin
        outside = bars("solid", left, top, wide, tall, thin)
        return outside + bars("solid", left + inner, top + inner, wide - 2 * inner, tall - 2 * inner, thin)
    parts = PARTS.get(frame, ())
    if not parts or min(wide, tall) < 12 * thick:
        parts = ((0.0, 1.0),)
    made = bars("solid", left, top, wide, tall, thick // 2) if frame == "corners" and thick > 1 else []
    for begin, end in parts:
        x, w = left + round(begin * wide), round(end * wide) - round(begin * wide)
        y, h = top + round(begin * tall), round(end * tall) - round(begin * tall)
        made += [QRect(x, top, w, thick), QRect(x, bottom, w, thick), QRect(left, y, thick, h), QRect(right, y, thick, h)]
    return made


def frame_of(box: Edges, thick: int) -> Edges:
    """Left, top, width and height of strokes of `thick` pixels whose middle is the box."""
    x0, y0, x1, y1 = box
    half = thick // 2
    return x0 - half, y0 - half, x1 - x0 + thick, y1 - y0 + thick


def grown(frame: Edges, by: int = 1) -> Edges:
    """`frame` with `by` pixels more on every side."""
    left, top, wide, tall = frame
    return left - by, top - by, wide + 2 * by, tall + 2 * by


def mapped(boxes: Sequence[Sequence[float]], t: QTransform) -> list[Edges]:
    """Boxes under a transform that scales and moves, to whole pixels."""
    sx, sy, dx, dy = t.m11(), t.m22(), t.dx(), t.dy()
    return [(round(x0 * sx + dx), round(y0 * sy + dy), round(x1 * sx + dx), round(y1 * sy + dy)) for x0, y0, x1, y1 in boxes]


def polygon(loop: Loop) -> QPolygonF:
    """The closed line as Qt draws it."""
    points = [QPointF(x, y) for x, y in loop.tolist()]
    points.append(points[0])
    return QPolygonF(points)
