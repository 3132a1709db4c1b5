"""Places for labels where they do not cover each other: pure geometry for window and film."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Place = tuple[int, int]
MOST_COVERED = 0.35  # a label that others would cover more than this is left out: it could not be read


def label_places(area: tuple[int, int, int, int], boxes: Ints, sizes: Sequence[tuple[int, int]]) -> list[Place | None]:
    """Left and top of a label for each of `boxes` (N, 4: left, top, right, bottom), the best object first; None: no room.

    `area`: left, top, right and bottom of what is seen; `sizes`: width and height of the labels, (0, 0) for none. In whole
    pixels. A label stands above its box, in it, or below, wherever it covers no earlier one; else where it covers least. A
    box that is not seen has none. Measured in cells of a third of a label's height, so that they keep a little apart.
    """
    corners, shown = label_corners(area, boxes, np.asarray(sizes, np.int32).reshape(-1, 2))
    return [(left, top) if seen else None for (left, top), seen in zip(corners.tolist(), shown.tolist(), strict=True)]


def label_corners(area: tuple[int, int, int, int], boxes: Ints, large: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """`label_places` of sizes (N, 2) as arrays: left and top (N, 2), and which labels there is room for (N,)."""
    if not len(large):
        return np.zeros((0, 2), np.int32), np.zeros(0, np.bool_)
    cell = max(2, int(large[:, 1].max()) // 3)
    spots, tries = _spots(area, boxes, large, cell)
    shown = (boxes[:, :2] < area[2:]).all(axis=1) & (boxes[:, 2:] >= area[:2]).all(axis=1) & (large[:, 0] > 0)
    least_of = (MOST_COVERED / cell**2 * large[:, 0] * large[:, 1]).tolist()
    columns, count = tries[:, :, 3:].max(axis=(0, 1)).tolist()
    rows = [0] * count  # of each row of cells: the bits of those that are taken
    up_to = [(1 << number) - 1 for number in range(columns + 1)]
    flat = tries.ravel().tolist()  # one list of numbers: thousands of small ones would keep the garbage collector busy
    chosen = [-1] * len(large)
    for number in np.flatnonzero(shown).tolist():
        best, least, taken = -1, least_of[number], 0
        for at in range(number * 35, number * 35 + 35, 5):
            pushed = flat[at]
            if pushed and best >= 0:
                continue
            bits, covered = up_to[flat[at + 3]] ^ up_to[flat[at + 1]], pushed
            for row in rows[flat[at + 2] : flat[at + 4]]:
                if row & bits:
                    covered += (row & bits).bit_count()
            if covered < least:
                best, least, taken = at, covered, bits
                if not covered:
                    break
        if best >= 0:
            chosen[number] = best // 5 % 7
            for y in range(flat[best + 2], flat[best + 4]):
                rows[y] |= taken
    best_of = np.array(chosen)
    return spots[np.arange(len(chosen)), best_of], best_of >= 0


def _spots(area: tuple[int, int, int, int], boxes: Ints, sizes: Ints, cell: int) -> tuple[Ints, Ints]:
    """For each box its seven places (N, 7, 2: left, top) in the order of their beauty, pushed into the area; and of each
    whether it was pushed up or down, and its first and next but last column and row of cells: (N, 7, 5:
    1 or 0, x0, y0, x1, y1)."""
    wide, tall = sizes.T
    x0, x1 = np.maximum(boxes[:, 0], area[0]), np.minimum(boxes[:, 2], area[2])
    y0, y1 = np.maximum(boxes[:, 1], area[1]), np.minimum(boxes[:, 3], area[3])
    far, low, above = x1 - wide, y1 - tall, y0 - tall
    spots = np.stack([x0, above, x0, y0, far, above, x0, y1, far, y0, x0, low, x1, y0], 1).reshape(-1, 7, 2)
    first = np.array(area[:2], np.int32)
    inside = spots.clip(first, np.maximum(first, np.array(area[2:], np.int32) - sizes)[:, None])
    tries = np.empty((len(boxes), 7, 5), np.int32)
    tries[:, :, 0] = inside[:, :, 1] != spots[:, :, 1]
    tries[:, :, 1:3] = (inside - first) // cell
    tries[:, :, 3:] = (inside - first + sizes[:, None] - 1) // cell + 1
    return inside, tries
