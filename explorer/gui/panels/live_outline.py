"""The border of a mask as closed lines: marching squares (Lorensen and Cline 1987, in the plane) on numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

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
# The same as tables: (which crossing, 4 corner bits) -> edge; -1 for none.
_FROM, _TO = (
    np.array([[lines[n][end] if n < len(lines) else -1 for lines in (CROSSINGS.get(k, ()) for k in range(16))] for n in (0, 1)])
    for end in (0, 1)
)

_TWICE = _FROM[1] >= 0


def outline(alpha: npt.NDArray[np.float32], level: float = 0.5) -> list[Loop]:
    """Closed lines in pixels of `alpha` (H, W) along which it crosses `level`; holes run the other way round."""
    step = max(1, -(-max(alpha.shape) // MOST_CELLS))
    small = alpha[step // 2 :: step, step // 2 :: step]
    height, width = alpha.shape
    points, ends, _ = _loops(np.pad(small, 1), level)
    # Samples stand in the middle of pixels; the ring of nothing around them is the edge of the picture.
    points = ((points - 1) * step + step // 2 + 0.5).clip((0, 0), (width, height))
    return [points[begin:end] for begin, end in pairwise([0, *ends])]


@dataclass(frozen=True)
class Borders:
    """The closed lines of some masks, one after the other, as parts of the boxes they are stretched over: 0..1.

    `points`: (K, 2) x, y; `ends`: where each line ends in them; `owner`: (L,) the mask each line belongs to, upwards.
    """

    points: Loop
    ends: list[int]
    owner: npt.NDArray[np.intp]


def borders(masks: npt.NDArray[np.float32], level: float = 0.5, many: int | None = None) -> Borders:
    """Where each of (N, m, m) masks crosses `level`. Of a line of more than `many` points every second one: they are half a
    cell of the mask apart."""
    some = np.flatnonzero((masks >= level).any(axis=(1, 2)))
    if not len(some):
        return Borders(np.zeros((0, 2)), [], some)
    count, side = len(some), masks.shape[2]
    # All masks one under the other, a ring of nothing around each: one pass finds the borders of all.
    sheet = np.zeros((count, side + 2, side + 2), np.float32)
    sheet[:, 1:-1, 1:-1] = masks[some]
    points, ends, rows = _loops(sheet.reshape(-1, side + 2), level, many, side + 2)
    which = rows // (side + 2)
    points[:, 1] -= which * (side + 2)
    points -= 0.5
    points /= side
    np.clip(points, 0.0, 1.0, out=points)
    return Borders(points, ends, some[which[np.array([0, *ends[:-1]])]])


def outlines(masks: npt.NDArray[np.float32], level: float = 0.5, many: int | None = None) -> list[list[Loop]]:
    """For each of (N, m, m) masks its `borders`."""
    found: list[list[Loop]] = [[] for _ in range(len(masks))]
    made = borders(masks, level, many)
    for owner, (begin, end) in zip(made.owner.tolist(), pairwise([0, *made.ends]), strict=True):
        found[owner].append(made.points[begin:end])
    return found


def _loops(
    a: npt.NDArray[np.floating], level: float, many: int | None = None, high: int | None = None
) -> tuple[Loop, list[int], npt.NDArray[np.int64]]:
    """Closed lines of `a`, which has nothing at its rim and after each `high` rows, one after the other: (points with sample
    (0, 0) at 0, 0; where each line ends; the row of the cell of each point). Of a line of more than `many` points every second
    one."""
    wide = a.shape[1]
    inside = (a >= level).view(np.uint8).ravel()
    # Also across the end of a row: there is nothing on either side of it.
    pattern = inside[: -wide - 1] | inside[1:-wide] << 1 | inside[wide + 1 :] << 2 | inside[wide:-1] << 3
    flat = np.flatnonzero((pattern - np.uint8(1)) < 14)
    codes = pattern[flat]
    rows = flat // wide
    # The number of each edge of the whole grid: horizontal ones even, vertical ones odd.
    edges = np.array([0, 3, 2 * wide, 1])
    corner = 2 * flat
    twice = np.flatnonzero(_TWICE.take(codes))  # cells that two lines cross
    begins, ends_at = edges[_FROM], edges[_TO]  # for each pattern
    begin, end = corner + begins[0].take(codes), corner + ends_at[0].take(codes)
    parts = [0, *np.searchsorted(rows, np.arange(high, len(a), high)).tolist(), len(rows)] if high else [0, len(rows)]
    if len(twice):
        more = codes[twice]
        begin = np.concatenate([begin, corner[twice] + begins[1].take(more)])
        end = np.concatenate([end, corner[twice] + ends_at[1].take(more)])
        rows = np.concatenate([rows, rows[twice]])
        parts = [0, len(rows)]
    place = np.empty(2 * a.size, np.int32)
    place[begin] = np.arange(len(begin))
    following = place[end]  # every line ends where another begins
    order, ends = _traced(following, parts, many)
    sorted_by_line = np.array(order, np.int64)
    return _points(a, begin[sorted_by_line], level), ends, rows[sorted_by_line]


def _traced(following: npt.NDArray[np.int32], parts: list[int], many: int | None) -> tuple[list[int], list[int]]:
    """The points of all closed lines, in their order, and where each line ends. `following`: the next one of each point; no
    line leaves its part of them, parts[k] to parts[k + 1]. A part is often one line: then its length says that it is all."""
    after, second = following.tolist(), following[following].tolist()
    order: list[int] = []
    ends: list[int] = []
    for start, stop in pairwise(parts):
        if start == stop:
            continue
        # A line crosses the grid an even number of times: every second point is a round of its own.
        line = [start]
        add = line.append
        here = second[start]
        while here != start:
            add(here)
            here = second[here]
        if 2 * len(line) == stop - start:
            order += line if many is not None and stop - start > many else _with_next(line, after)
            ends.append(len(order))
            continue
        left = bytearray(b"\1") * (stop - start)
        first = start
        while first >= start:
            line = [first]
            add = line.append
            left[first - start] = 0
            here = after[first]
            while here != first:
                add(here)
                left[here - start] = 0
                here = after[here]
            order += line if many is None or len(line) <= many else line[::2]
            ends.append(len(order))
            first = start + left.find(1)
    return order, ends


def _with_next(line: list[int], after: list[int]) -> list[int]:
    return [one for here in line for one in (here, after[here])]


def _points(a: npt.NDArray[np.floating], edge: npt.NDArray[np.int64], level: float) -> Loop:
    """(N, 2) x, y where the edges cross the level, by linear interpolation."""
    wide = a.shape[1]
    place, upright = edge >> 1, edge & 1
    values = a.ravel()
    v0, v1 = values[place].astype(np.float64), values[place + upright * (wide - 1) + 1].astype(np.float64)
    part = ((level - v0) / np.where(v1 == v0, 1.0, v1 - v0)).clip(0.0, 1.0)
    row = place // wide
    column = place - row * wide
    points = np.empty((len(edge), 2))
    points[:, 0] = column + part * (1 - upright)
    points[:, 1] = row + part * upright
    return points
