"""The border of a mask as closed lines: marching squares (Lorensen and Cline 1987, in the plane) on numpy arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Loop = npt.NDArray[np.float64]  # (K, 2) x, y; closed: the last point joins the first
MOST_CELLS = 360  # a mask has no finer detail than so many columns or rows
# Which edges of a cell (0 top, 1 right, 2 bottom, 3 left) the border crosses, for each pattern of its corners inside (1 top
# left, 2 top right, 4 bottom right, 8 bottom left), with the inside on its left hand. Two diagonal corners are taken as apart.
CROSSINGS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    5: ((3, 0), (1, 2)),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((2, 0),),
    10: ((0, 1), (2, 3)),
    11: ((2, 1),),
    12: ((1, 3),),
    13: ((1, 0),),
    14: ((0, 3),),
}
_ENDS = {0: ((0, 0), (0, 1)), 1: ((0, 1), (1, 1)), 2: ((1, 0), (1, 1)), 3: ((0, 0), (1, 0))}


def outline(alpha: npt.NDArray[np.float32], level: float = 0.5) -> list[Loop]:
    """Closed lines in pixels of `alpha` (H, W) along which it crosses `level`; holes run the other way round."""
    step = max(1, -(-max(alpha.shape) // MOST_CELLS))
    small = alpha[step // 2 :: step, step // 2 :: step]
    height, width = alpha.shape
    loops = []
    for _, loop in _loops(np.pad(small, 1), level):
        # Samples stand in the middle of pixels; the ring of nothing around them is the edge of the picture.
        points = (loop - 1) * step + step // 2 + 0.5
        loops.append(np.clip(points, 0, (width, height)))
    return loops


def outlines(masks: npt.NDArray[np.float32], level: float = 0.5) -> list[list[Loop]]:
    """For each of (N, m, m) masks its closed lines, as parts of the box it is stretched over: 0..1."""
    found: list[list[Loop]] = [[] for _ in range(len(masks))]
    some = np.flatnonzero((masks >= level).any(axis=(1, 2)))
    if not len(some):
        return found
    count, side = len(some), masks.shape[2]
    # All masks one under the other, a ring of nothing around each: one pass finds the borders of all.
    sheet = np.pad(masks[some], ((0, 0), (1, 1), (1, 1))).reshape(count * (side + 2), side + 2)
    for row, loop in _loops(sheet, level):
        mask = row // (side + 2)
        points = loop - (0.5, mask * (side + 2) + 0.5)
        found[some[mask]].append(np.clip(points / side, 0.0, 1.0))
    return found


def _loops(a: npt.NDArray[np.floating], level: float) -> list[tuple[int, Loop]]:
    """Closed lines of `a`, which has nothing at its rim: (row of the first cell, points with sample (0, 0) at 0, 0)."""
    inside = a >= level
    pattern = inside[:-1, :-1] | inside[:-1, 1:] << np.uint8(1) | inside[1:, 1:] << np.uint8(2) | inside[1:, :-1] << np.uint8(3)
    flat = np.flatnonzero((pattern != 0) & (pattern != 15))
    if not len(flat):
        return []
    rows, columns = np.divmod(flat, pattern.shape[1])
    codes = pattern.ravel()[flat]
    wide = a.shape[1]
    corner = rows * wide + columns
    # The number of each edge of the whole grid: horizontal ones even, vertical ones odd.
    edges = np.stack([2 * corner, 2 * (corner + 1) + 1, 2 * (corner + wide), 2 * corner + 1])
    begins, ends, cells = [], [], []
    for code, crossings in CROSSINGS.items():
        at = np.flatnonzero(codes == code)
        for one, other in crossings if len(at) else ():
            begins.append(edges[one, at])
            ends.append(edges[other, at])
            cells.append(rows[at])
    begin, end, row = np.concatenate(begins), np.concatenate(ends), np.concatenate(cells)
    order = np.argsort(begin)
    following = order[np.searchsorted(begin, end, sorter=order)].tolist()  # every line ends where another begins
    points, row_of = _points(a, begin, level), row.tolist()
    left, loops = [True] * len(begin), []
    for first in range(len(left)):
        if not left[first]:
            continue
        chain, here = [], first
        while left[here]:
            left[here] = False
            chain.append(here)
            here = following[here]
        loops.append((row_of[first], points[chain]))
    return loops


def _points(a: npt.NDArray[np.floating], edge: npt.NDArray[np.int64], level: float) -> npt.NDArray[np.float64]:
    """(N, 2) x, y where the edges cross the level, by linear interpolation."""
    wide = a.shape[1]
    place, upright = edge // 2, edge % 2
    values = a.ravel()
    v0, v1 = values[place].astype(np.float64), values[place + np.where(upright, wide, 1)].astype(np.float64)
    part = np.clip((level - v0) / np.where(v1 == v0, 1.0, v1 - v0), 0.0, 1.0)
    row, column = np.divmod(place, wide)
    return np.stack([column + np.where(upright, 0.0, part), row + np.where(upright, part, 0.0)], 1)
