"""Methods that ask for more than one gradient, for many starts at once: Polyak's step and Newton's method with its searches.

Signatures as in array_moves.py, which lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from explorer.descent.field_arrays import bends_of, slopes_of
from explorer.descent.ground import Surface
from explorer.descent.line_search import ARMIJO, FAR, TRIES
from explorer.descent.method import chosen
from explorer.records.descent import F64

B1 = npt.NDArray[np.bool_]
Move = Callable[[F64, F64, F64, int, F64, F64], None]
Values = Mapping[str, float | F64]


def polyak(hyper: Values, surface: Surface, draws: object) -> Move:
    """Descent whose rate follows from the height above the lowest value."""
    share = hyper["share"]
    lowest = min((mark.value for mark in surface.landmarks if mark.kind == "minimum"), default=0.0) + hyper["above"]

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        square = slopes[0] * slopes[0] + slopes[1] * slopes[1]
        height = np.maximum(_heights(surface, points) - lowest, 0.0)
        size = np.divide(share * height, square, out=np.zeros_like(square), where=~(square <= 0.0))
        slopes *= size
        np.subtract(points, slopes, out=out)

    return step


def _heights(surface: Surface, points: F64) -> F64:
    """f, infinite where it has no value: line searches turn back there."""
    z = surface.array(points[0], points[1])
    return np.where(np.isnan(z), np.inf, z)


def newton(hyper: Values, surface: Surface, draws: object) -> Move:
    """To the stationary point of the local quadratic model: pure, damped, or with every curvature made positive."""
    kind, floor = chosen({"kind": float(hyper["kind"])}, "kind", 3), hyper["floor"]
    bends, ask = bends_of(surface), slopes_of(surface)

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        xx, xy, yy = bends(points)
        if kind == 2:
            xx, xy, yy = _positive(xx, xy, yy, floor)
        gx, gy = slopes
        determinant = xx * yy - xy * xy
        way = np.stack([(xy * gy - yy * gx) / determinant, (xy * gx - xx * gy) / determinant])
        way[:, (gx == 0.0) & (gy == 0.0)] = 0.0
        size = np.full(points.shape[1], hyper["alpha"])
        if kind:
            moving = (way[0] != 0.0) | (way[1] != 0.0)
            uphill = moving & (gx * way[0] + gy * way[1] >= 0.0)
            _lengths(size, uphill, lambda at: _flatter(ask, points[:, at], way[:, at], slopes[:, at], size[at]))
            downhill = moving & ~uphill
            _lengths(size, downhill, lambda at: _backtracking(surface, points[:, at], way[:, at], slopes[:, at], size[at]))
        np.multiply(way, size, out=way)
        np.add(points, way, out=out)

    return step


def _lengths(size: F64, which: B1, search: Callable[[npt.NDArray[np.int64]], F64]) -> None:
    at = np.flatnonzero(which)
    if len(at):
        size[at] = search(at)


def _positive(xx: F64, xy: F64, yy: F64, floor: float | F64) -> tuple[F64, F64, F64]:
    """Every eigenvalue becomes its size, at least `floor`; the eigenvectors stay (methods_second.positive)."""
    middle, half = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    high, low = np.maximum(np.abs(middle + half), floor), np.maximum(np.abs(middle - half), floor)
    round_ = half == 0.0
    solid = np.where(round_, 1.0, half)
    c, s = 0.5 * (xx - yy) / solid, xy / solid
    m, h = 0.5 * (high + low), 0.5 * (high - low)
    return np.where(round_, high, m + h * c), np.where(round_, 0.0, h * s), np.where(round_, high, m - h * c)


def _backtracking(surface: Surface, points: F64, way: F64, slopes: F64, first: F64) -> F64:
    """line_search.backtracking: shortened until Armijo's rule holds."""
    here = _heights(surface, points)
    slant = slopes[0] * way[0] + slopes[1] * way[1]
    length = np.hypot(way[0], way[1])
    reach = np.where(length > 0.0, FAR * surface.diagonal / np.where(length > 0.0, length, 1.0), 0.0)

    def good(size: F64, at: npt.NDArray[np.int64]) -> B1:
        there = _heights(surface, points[:, at] + size * way[:, at])
        found: B1 = there <= here[at] + ARMIJO * size * slant[at]
        return found

    return _shortened(np.minimum(first, reach), good)


def _flatter(ask: Callable[[F64, F64], None], points: F64, way: F64, slopes: F64, first: F64) -> F64:
    """methods_second._flatter: shortened until the gradient is shorter too."""
    length = np.hypot(slopes[0], slopes[1])

    def good(size: F64, at: npt.NDArray[np.int64]) -> B1:
        there = np.empty((2, len(at)))
        ask(points[:, at] + size * way[:, at], there)
        found: B1 = np.hypot(there[0], there[1]) <= (1.0 - ARMIJO * size) * length[at]
        return found

    return _shortened(first.copy(), good)


def _shortened(size: F64, good: Callable[[F64, npt.NDArray[np.int64]], B1]) -> F64:
    """`size` halved until it is good, only for those for whom it is not yet; 0 where it never is."""
    left = np.arange(len(size))
    for _ in range(TRIES):
        left = left[~good(size[left], left)]
        if not len(left):
            return size
        size[left] *= 0.5
    size[left] = 0.0
    return size
