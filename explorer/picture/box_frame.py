"""The strokes of a box's frame, so that classes differ by more than their colour: pure geometry for window and film."""

from __future__ import annotations

Bars = list[tuple[int, int, int, int]]


def bars(frame: str, left: int, top: int, wide: int, tall: int, thick: int) -> Bars:
    """The strokes (x, y, width, height) of a frame of one of picture.colour's FRAMES; all of them hold the four corners."""
    right, bottom = left + wide - thick, top + tall - thick
    if frame == "double" and min(wide, tall) >= 8 * thick and thick > 1:
        thin = max(1, thick // 2)
        inner = thick + thin
        outside = bars("solid", left, top, wide, tall, thin)
        return outside + bars("solid", left + inner, top + inner, wide - 2 * inner, tall - 2 * inner, thin)
    if frame in ("corners", "dashes") and min(wide, tall) >= 12 * thick:
        made: Bars = []
        parts = ((0.0, 0.27), (0.73, 1.0)) if frame == "corners" else ((0.0, 0.2), (0.4, 0.6), (0.8, 1.0))
        for begin, end in parts:
            x, w = left + round(begin * wide), round(end * wide) - round(begin * wide)
            y, h = top + round(begin * tall), round(end * tall) - round(begin * tall)
            made += [(x, top, w, thick), (x, bottom, w, thick), (left, y, thick, h), (right, y, thick, h)]
        return made
    return [(left, top, wide, thick), (left, bottom, wide, thick), (left, top, thick, tall), (right, top, thick, tall)]
