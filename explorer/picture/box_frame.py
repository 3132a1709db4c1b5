"""The strokes of boxes' frames, so that classes differ by more than their colour: pure geometry for window and film."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from explorer.picture.colour import FRAMES

Ints = npt.NDArray[np.int32]
_NUMBER = {frame: number for number, frame in enumerate(FRAMES)}
# A frame in a box with a side shorter than so many strokes is solid.
_LEAST = {"solid": 0, "corners": 12, "dashes": 12, "double": 8}
_SHORTEST = np.array([_LEAST[frame] for frame in FRAMES], np.int32)


@lru_cache(maxsize=64)
def _layers(thick: int) -> npt.NDArray[np.float64]:
    """(frames, 3, 4): distance from the edge, thickness, begin and end along each side (parts of it); end 0: no stroke."""
    thin = max(1, thick // 2)
    solid = [(0, thick, 0.0, 1.0)]
    corners = [(0, thin, 0.27, 0.73)] if thick > 1 else []
    corners += [(0, thick, 0.0, 0.27), (0, thick, 0.73, 1.0)]
    dashes = [(0, thick, 0.0, 0.2), (0, thick, 0.4, 0.6), (0, thick, 0.8, 1.0)]
    double = [(0, thin, 0.0, 1.0), (thick + thin, thin, 0.0, 1.0)] if thick > 1 else solid
    kinds = {"solid": solid, "corners": corners, "dashes": dashes, "double": double}
    return np.array([(kinds[frame] + [(0, 0, 0.0, 0.0)] * 3)[:3] for frame in FRAMES], np.float64)


def bars(frames: Sequence[str], places: Ints, thick: int) -> tuple[Ints, Ints]:
    """The strokes of frames of picture.colour's FRAMES at `places` (N, 4: left, top, width, height; whole pixels).

    Returns (number of its frame, (K,); left, top, width, height of each stroke, (K, 4)), frame after frame. All kinds of
    frames hold the four corners.
    """
    return strokes(kinds(frames), places, thick)


def kinds(frames: Sequence[str]) -> Ints:
    """The number of each kind of frame; one that is not known is solid."""
    return np.array([_NUMBER.get(frame, 0) for frame in frames], np.int32)


def strokes(kinds: Ints, places: Ints, thick: int) -> tuple[Ints, Ints]:
    """`bars` of frames by the numbers of their `kinds`."""
    places = np.asarray(places, np.int32).reshape(-1, 4)
    kind = kinds.copy()
    kind[places[:, 2:].min(axis=1, initial=2**30) < _SHORTEST[kind] * thick] = 0
    inset, deep, begin, end = np.moveaxis(_layers(thick)[kind], 2, 0)
    left, top = places[:, :1] + inset, places[:, 1:2] + inset
    wide, tall = places[:, 2:3] - 2 * inset, places[:, 3:] - 2 * inset
    x, y = np.rint(begin * wide), np.rint(begin * tall)
    w, h = np.rint(end * wide) - x, np.rint(end * tall) - y
    made = np.empty((*inset.shape, 4, 4), np.int32)
    sides = (
        (left + x, top, w, deep),
        (left + x, top + tall - deep, w, deep),
        (left, top + y, deep, h),
        (left + wide - deep, top + y, deep, h),
    )
    for number, side in enumerate(sides):
        for part, value in enumerate(side):
            made[:, :, number, part] = value
    all_of = made.reshape(-1, 4)
    kept = np.flatnonzero((all_of[:, 2] > 0) & (all_of[:, 3] > 0))
    owner = (kept // 12).astype(np.int32)
    return owner, all_of[kept]


def rims(places: Ints, thick: int) -> Ints:
    """The four strokes of each solid frame at `places` (N, 4: left, top, width, height): (4 N, 4)."""
    left, top, wide, tall = places.T
    deep = np.full_like(left, thick)
    right, bottom = left + wide - thick, top + tall - thick
    sides = (left, top, wide, deep, left, bottom, wide, deep, left, top, deep, tall, right, top, deep, tall)
    return np.stack(sides, 1).reshape(-1, 4)
