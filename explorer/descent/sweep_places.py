"""Which of many places lies near a point, for many points at once; and groups of points that lie together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.descent.ground import Domain
from explorer.records.descent import F64

I64 = npt.NDArray[np.int64]
FEW = 4  # places that are simply all asked


class Lattice:
    """`places` (2, M): `nearest` says which lies within `close` of each point.

    A table of square cells names one place for each; where places stand so close that they share a cell, one of them may be
    missed. That is enough to follow a path: what it ends at is asked of all places (sweep_ends.py).
    """

    def __init__(self, places: F64, domain: Domain, close: float) -> None:
        self.places, self.close = np.concatenate([places, [[np.nan], [np.nan]]], axis=1), close
        x0, x1, y0, y1 = domain
        self._corner = np.array([[x0], [y0]]) - 2 * close
        self._cell = 2.0 * close
        shape = [int((high - low) / self._cell) + 4 for low, high in ((x0, x1), (y0, y1))]
        self._table = np.full((shape[0], shape[1]), -1, np.int32)
        self._few = places.shape[1] <= FEW
        for number, place in enumerate(places.T[::-1]):
            low = self._cells(place[:, None] - close)[:, 0]
            high = self._cells(place[:, None] + close)[:, 0]
            self._table[low[0] : high[0] + 1, low[1] : high[1] + 1] = places.shape[1] - 1 - number

    def _cells(self, points: F64) -> I64:
        top = np.array(self._table.shape)[:, None] - 1
        found: I64 = np.clip((points - self._corner) / self._cell, 0, top).astype(np.int64)
        return found

    def nearest(self, points: F64) -> F64:
        """(2, n) the place near each point of (2, n), NaN where there is none."""
        if not self._few:
            cells = self._cells(points)
            return self.places[:, self._table[cells[0], cells[1]]]
        found, best = np.full(points.shape, np.nan), np.full(points.shape[1], self.close)
        for x, y in self.places[:, :-1].T:
            away = np.hypot(points[0] - x, points[1] - y)
            near = away <= best
            found[:, near] = [[x], [y]]
            best = np.where(near, away, best)
        return found


def grouped(points: F64, close: float, most: int) -> tuple[list[tuple[float, float]], I64]:
    """Groups of points (2, n) within `close` of their first one, `most` at most: these first ones, and each point's group.

    -1: none of these groups.
    """
    group = np.full(points.shape[1], -1, np.int64)
    left = np.arange(points.shape[1])
    firsts: list[tuple[float, float]] = []
    while len(left) and len(firsts) < most:
        x, y = points[:, left[0]].tolist()
        near = np.hypot(points[0, left] - x, points[1, left] - y) <= close
        near[0] = True
        group[left[near]] = len(firsts)
        firsts.append((x, y))
        left = left[~near]
    return firsts, group
