"""Smaller copies of pictures: averaged, so that nothing flickers; never enlarged."""

from __future__ import annotations

import numpy as np

from explorer.picture.opencv import cv2
from explorer.records.frame import RGB


def shrunk(rgb: RGB, side: int) -> RGB:
    """(H, W, 3) uint8 RGB whose longer side is at most `side` pixels; a copy."""
    height, width = rgb.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return np.ascontiguousarray(rgb).copy()
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.ascontiguousarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def cut_out(rgb: RGB, box: tuple[float, float, float, float], side: int) -> RGB:
    """What lies in `box` (left, top, right, bottom in pixels), at least one pixel, shrunk to `side`."""
    height, width = rgb.shape[:2]
    left, top = min(max(int(np.floor(box[0])), 0), width - 1), min(max(int(np.floor(box[1])), 0), height - 1)
    right, bottom = min(max(int(np.ceil(box[2])), left + 1), width), min(max(int(np.ceil(box[3])), top + 1), height)
    return shrunk(rgb[top:bottom, left:right], side)
