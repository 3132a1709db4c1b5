"""Where methods end: for every start of a grid, and for every pair of hyper-parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.records.descent import F64, Landmark, SurfaceSamples

I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
NOT_YET, LEFT, NOT_FINITE, UNFIT = -1, -2, -3, -4
# The words of Trajectory.status for them
STATUS = {NOT_YET: "running", LEFT: "left the plot", NOT_FINITE: "not finite", UNFIT: "does not fit"}


@dataclass(frozen=True, eq=False)
class EndMap:
    """Where the paths of one method end.

    `ends`: (H, W) int16, a place in the list of ends, or NOT_YET, LEFT, NOT_FINITE, UNFIT; row 0 is the lowest y. `steps`:
    (H, W) int32, the step from which that holds; all steps where nothing was reached. `hyper`: the numbers used.
    `by`: "arrays", or "walks" where the method had to go from one start after the other.
    """

    optimizer: str
    ends: I16
    steps: I32
    hyper: dict[str, float] = field(default_factory=dict)
    by: str = "arrays"

    def shares(self) -> list[tuple[int, int, float]]:
        """(end, count, middle of the steps of those that ended there), the commonest first; in order of ends where equal."""
        found = []
        for end, count in zip(*np.unique(self.ends, return_counts=True), strict=True):
            found.append((int(end), int(count), float(np.median(self.steps[self.ends == end]))))
        return sorted(found, key=lambda one: (-one[1], one[0] if one[0] >= 0 else 1000 - one[0]))


@dataclass(frozen=True, eq=False)
class Basins:
    """Several methods over the same starts. `x`, `y`: (W,), (H,) float64 the starts of the finest map.

    `ends`: places that paths came to rest at: the surface's landmarks first, then what was found (`exact` False).
    `grid`: starts along each side that were asked for; a preview has fewer. `facts`: "title", "titles", "domain", "start",
    "taken" (steps of all paths together).
    """

    surface: SurfaceSamples
    maps: tuple[EndMap, ...]
    ends: tuple[Landmark, ...]
    x: F64
    y: F64
    steps: int
    grid: int
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether this is what was asked for, not a preview of it."""
        return len(self.x) >= self.grid

    def cell(self, index: int, x: float, y: float) -> tuple[int, int]:
        """(row, column) of the start nearest to a point, in the map `index`."""
        return place_in(self.maps[index].ends.shape, self.facts["domain"], x, y)

    def start(self, index: int, row: int, column: int) -> tuple[float, float]:
        """The start of a cell of the map `index`."""
        height, width = self.maps[index].ends.shape
        x0, x1, y0, y1 = self.facts["domain"]
        return float(centres(x0, x1, width)[column]), float(centres(y0, y1, height)[row])


@dataclass(frozen=True, eq=False)
class Bound:
    """A line of theory in a stability map. `name`: "1/L", "2/L", ...; `points`: (K, 2) float64 (first, second) values."""

    name: str
    points: F64


@dataclass(frozen=True, eq=False)
class Stability:
    """One method from one start, for every pair of two hyper-parameters.

    `first`, `second`: their names ("" where there is no second one); `x` (W,), `y` (H,): their values. `ends` as in Basins;
    `minimum`: the end whose Hessian the theory is about, -1 where there is none, `curvatures` its eigenvalues, low and high.
    `best`: (first, second) values that theory calls the best, or None.
    """

    surface: SurfaceSamples
    map: EndMap
    ends: tuple[Landmark, ...]
    first: str
    second: str
    x: F64
    y: F64
    start: tuple[float, float]
    steps: int
    grid: int
    minimum: int = -1
    curvatures: tuple[float, float] | None = None
    bounds: tuple[Bound, ...] = ()
    best: tuple[float, float] | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether this is what was asked for, not a preview of it."""
        return len(self.x) >= self.grid

    def arrived(self) -> npt.NDArray[np.bool_]:
        """(H, W): where a minimum was reached."""
        minima = [number for number, one in enumerate(self.ends) if one.kind == "minimum"]
        return np.isin(self.map.ends, minima)

    def fastest(self) -> tuple[int, int] | None:
        """(row, column) of the cell that arrives first; None where none arrives."""
        arrived = self.arrived()
        if not arrived.any():
            return None
        row, column = np.unravel_index(int(np.argmin(np.where(arrived, self.map.steps, np.iinfo(np.int32).max))), arrived.shape)
        return int(row), int(column)


def centres(low: float, high: float, count: int) -> F64:
    """(count,) the middles of so many equal parts; exactly symmetric about the middle."""
    parts = 0.5 * (low + high) + (np.arange(count) - 0.5 * (count - 1)) * ((high - low) / count)
    return np.asarray(parts, dtype=np.float64)


def place_in(shape: tuple[int, ...], domain: tuple[float, float, float, float], x: float, y: float) -> tuple[int, int]:
    """(row, column) of the cell that a point lies in, the nearest one for points outside."""
    x0, x1, y0, y1 = domain
    row = int(np.clip((y - y0) / (y1 - y0) * shape[0], 0, shape[0] - 1))
    column = int(np.clip((x - x0) / (x1 - x0) * shape[1], 0, shape[1] - 1))
    return row, column


def rows(record: Basins) -> Iterator[tuple[str, float, float, int, str, float | None, float | None, int]]:
    """One line a start: optimizer, x, y, end (number), kind or status, x and y of the end, steps."""
    for index, one in enumerate(record.maps):
        height, width = one.ends.shape
        for row in range(height):
            for column in range(width):
                end = int(one.ends[row, column])
                mark = record.ends[end] if end >= 0 else None
                told = mark.kind if mark is not None else STATUS[end]
                at = (mark.x, mark.y) if mark is not None else (None, None)
                yield (one.optimizer, *record.start(index, row, column), end, told, *at, int(one.steps[row, column]))


def pairs(record: Stability) -> Iterator[tuple[float, float, int, str, int]]:
    """One line a pair of numbers: first, second, end (number), kind or status, steps."""
    for row, second in enumerate(record.y.tolist()):
        for column, first in enumerate(record.x.tolist()):
            end = int(record.map.ends[row, column])
            yield first, second, end, record.ends[end].kind if end >= 0 else STATUS[end], int(record.map.steps[row, column])
