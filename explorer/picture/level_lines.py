"""Level regions of a grid as closed polygons (marching squares), for vector pictures. numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
Edge = tuple[int, int, int]  # row, column, 0: to the right, 1: downwards
# The edges of a cell: top, right, bottom, left. For each of 16 cases the pieces (from edge, to edge), the high corners on the
# left of the way; 5 and 10 are told apart by the middle of the cell.
TOP, RIGHT, BOTTOM, LEFT = range(4)
CASES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((LEFT, TOP),), 2: ((TOP, RIGHT),), 3: ((LEFT, RIGHT),), 4: ((RIGHT, BOTTOM),), 6: ((TOP, BOTTOM),),
    7: ((LEFT, BOTTOM),), 8: ((BOTTOM, LEFT),), 9: ((BOTTOM, TOP),), 11: ((BOTTOM, RIGHT),), 12: ((RIGHT, LEFT),),
    13: ((RIGHT, TOP),), 14: ((TOP, LEFT),),
}  # fmt: skip
APART = {5: ((LEFT, TOP), (RIGHT, BOTTOM)), 10: ((TOP, RIGHT), (BOTTOM, LEFT))}
JOINED = {5: ((LEFT, BOTTOM), (RIGHT, TOP)), 10: ((TOP, LEFT), (BOTTOM, RIGHT))}


def regions(z: F64, level: float) -> list[F64]:
    """Closed polygons, each (K, 2) of (column, row), whose even-odd inside is where z >= `level`. NaN is below everything."""
    low = np.nextafter(level, -np.inf) if not np.isfinite(z).any() else float(np.nanmin(z)) - 1.0
    low = min(low, level - 1.0)
    padded = np.pad(np.where(np.isfinite(z), z, low), 1, constant_values=low)
    high = padded >= level
    case = high[:-1, :-1] * 1 + high[:-1, 1:] * 2 + high[1:, 1:] * 4 + high[1:, :-1] * 8
    follows: dict[Edge, list[Edge]] = {}
    for row, column in np.argwhere((case != 0) & (case != 15)).tolist():
        number = int(case[row, column])
        pieces = CASES.get(number)
        if pieces is None:
            middle = float(padded[row : row + 2, column : column + 2].mean())
            pieces = JOINED[number] if middle >= level else APART[number]
        edges: tuple[Edge, ...] = ((row, column, 0), (row, column + 1, 1), (row + 1, column, 0), (row, column, 1))
        for begin, end in pieces:
            follows.setdefault(edges[begin], []).append(edges[end])
    found = []
    while follows:
        start = here = next(iter(follows))
        loop = [here]
        while True:
            ways = follows[here]
            there = ways.pop()
            if not ways:
                del follows[here]
            if there == start:
                break
            loop.append(there)
            here = there
        found.append(_places(loop, padded, level) - 1.0)
    return found


def _places(loop: list[Edge], padded: F64, level: float) -> F64:
    """(K, 2) crossings (column, row) of the level on edges of the padded grid, kept inside the unpadded one."""
    edges = np.array(loop)
    row, column, down = edges[:, 0], edges[:, 1], edges[:, 2]
    a, b = padded[row, column], padded[row + down, column + 1 - down]
    part = np.clip((level - a) / np.where(b == a, 1.0, b - a), 0.0, 1.0)
    places = np.stack([column + part * (1 - down), row + part * down], axis=1)
    limits = np.array([padded.shape[1] - 2, padded.shape[0] - 2], dtype=np.float64)
    inside: F64 = np.clip(places, 1.0, limits)
    return inside
