"""Antialiased text, lines and markers on RGB arrays, for picture files. cv2 only; the window paints its own."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.picture.colour import Colour
from explorer.picture.opencv import cv2
from explorer.picture.race_chart import SHAPES
from explorer.records.frame import RGB

F64 = npt.NDArray[np.float64]
_SHIFT = 4
# OpenCV 5 carries an outline font with Latin, Greek and superscripts; OpenCV 4 has only Hershey's ASCII strokes.
_FACE: Any = cv2.FontFace("sans") if hasattr(cv2, "FontFace") else None


def text(
    rgb: RGB, words: str, x: float, y: float, colour: Colour, size: int = 14, *, bold: bool = False, align: float = 0.0
) -> None:
    """Write `words` with the base line at y. `align`: 0 begins at x, 0.5 is centred on it, 1 ends there. `size` in pixels."""
    left = round(x - align * text_width(words, size, bold=bold))
    if _FACE is not None:
        cv2.putText(rgb, words, (left, round(y)), colour, _FACE, size, 600 if bold else 400)
    else:
        cv2.putText(rgb, _ascii(words), (left, round(y)), cv2.FONT_HERSHEY_SIMPLEX, size / 30, colour, 1, cv2.LINE_AA)


def text_width(words: str, size: int = 14, *, bold: bool = False) -> float:
    """Width of `words` in pixels."""
    if not words:
        return 0.0
    if _FACE is not None:
        box = cv2.getTextSize((4000, 4000), words, (0, 0), _FACE, size, 600 if bold else 400)
        return float(box[0] + box[2])
    (width, _), _ = cv2.getTextSize(_ascii(words), cv2.FONT_HERSHEY_SIMPLEX, size / 30, 1)
    return float(width)


def _ascii(words: str) -> str:
    plain = words.replace("−", "-").replace("½", "1/2").replace("²", "^2").replace("³", "^3").replace("⁴", "^4")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


def line(rgb: RGB, points: F64, colour: Colour, width: int = 1, dash: tuple[int, ...] = ()) -> None:
    """Draw a polyline through (N, 2) pixel places; `dash` in line widths, empty is solid."""
    if len(points) < 2:
        return
    pieces = dashes(points, [max(1, width) * length for length in dash]) if dash else [points]
    cv2.polylines(rgb, [_fixed(piece) for piece in pieces], False, colour, width, cv2.LINE_AA, _SHIFT)


def dashes(points: F64, pattern: list[int] | list[float]) -> list[F64]:
    """Cut a polyline into the drawn pieces of an on-off pattern of lengths in pixels, from its start on."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    pieces: list[F64] = []
    at, index = 0.0, 0
    while at < along[-1] and len(pieces) < 4000:
        end = min(at + pattern[index % len(pattern)], float(along[-1]))
        if index % 2 == 0:
            inner = np.flatnonzero((along > at) & (along < end))
            where = np.concatenate([[at], along[inner], [end]])
            pieces.append(np.stack([np.interp(where, along, points[:, axis]) for axis in (0, 1)], axis=1))
        at, index = end, index + 1
    return pieces


def _fixed(points: F64) -> npt.NDArray[np.int32]:
    return np.rint(points * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)


def marker(rgb: RGB, name: str, x: float, y: float, radius: float, colour: Colour, rim: Colour) -> None:
    """One marker with a rim, centred on pixel (x, y)."""
    if not (-1e4 < x < 1e4 and -1e4 < y < 1e4):
        return
    if name not in SHAPES:
        centre = (round(x * (1 << _SHIFT)), round(y * (1 << _SHIFT)))
        cv2.circle(rgb, centre, round((radius + 1.5) * (1 << _SHIFT)), rim, -1, cv2.LINE_AA, _SHIFT)
        cv2.circle(rgb, centre, round(radius * (1 << _SHIFT)), colour, -1, cv2.LINE_AA, _SHIFT)
        return
    shape = np.array(SHAPES[name])
    corners = _fixed(shape * radius * 1.1 + (x, y))
    cv2.polylines(rgb, [corners], True, rim, 4, cv2.LINE_AA, _SHIFT)
    cv2.fillPoly(rgb, [corners], colour, cv2.LINE_AA, _SHIFT)
