"""Landmarks: those a formula tells, and those that Newton's method finds from a grid."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from explorer.descent.ground import Point, Surface, height, slope
from explorer.records.descent import F64, Landmark

GRID = 97  # points along each side on which candidates are looked for
MOST = 400  # candidates that are followed
STEPS = 40  # of Newton's method from each
FLAT = 1e-7  # of the typical curvature: less is no curvature


def marks(value: Callable[[float, float], float], *places: tuple[float, float, str]) -> tuple[Landmark, ...]:
    """Landmarks known from the formula."""
    return tuple(Landmark(x, y, float(value(x, y)), kind) for x, y, kind in places)


def rates(gd: float, momentum: float, nesterov: float, adagrad: float, rmsprop: float, adam: float) -> dict[str, float]:
    """Learning rates of the six methods of the lecture; the others take a share of one of theirs."""
    return {"gd": gd, "momentum": momentum, "nesterov": nesterov, "adagrad": adagrad, "rmsprop": rmsprop, "adam": adam}


def everywhere(xx: float, xy: float, yy: float) -> Callable[[F64, F64], tuple[F64, F64, F64]]:
    """`Surface.curvatures` of a surface that is bent the same everywhere."""

    def curvatures(x: F64, y: F64) -> tuple[F64, F64, F64]:
        return np.full(np.shape(x), xx), np.full(np.shape(x), xy), np.full(np.shape(x), yy)

    return curvatures


def found_landmarks(surface: Surface, grid: int = GRID) -> tuple[Landmark, ...]:
    """Points of the plot where the gradient vanishes, by kind: minima first, then saddles and maxima.

    Newton's method starts where both components of the gradient change sign within a cell of the grid, or where its length
    is smaller than all around. Points without curvature are judged by a ring around them; flat land has none at all.
    """
    typical = _typical_curvature(surface, grid)
    if not typical > 0:
        return ()
    found: list[Landmark] = []
    close = 1e-5 * surface.diagonal
    for end in _newton(surface, _candidates(surface, grid), typical):
        if any(math.dist(end, (mark.x, mark.y)) < close for mark in found):
            continue
        kind = kind_at(surface, end, typical)
        if kind:
            found.append(Landmark(*end, height(surface.value, *end), kind, exact=False))
    order = {"minimum": 0, "saddle": 1, "maximum": 2, "inflexion": 3}
    return tuple(sorted(found, key=lambda mark: (order[mark.kind], round(mark.value, 9), mark.x, mark.y)))


def with_found(surface: Surface, grid: int = GRID) -> tuple[Landmark, ...]:
    """The surface's own landmarks and those that are found besides."""
    close = 1e-5 * surface.diagonal
    own = surface.landmarks
    return own + tuple(
        one
        for one in found_landmarks(surface, grid)
        if all(math.dist((one.x, one.y), (mark.x, mark.y)) > close for mark in own)
    )


def kind_at(surface: Surface, at: Point, typical: float) -> str:
    """ "minimum", "saddle", "maximum", "inflexion" or "" (flat), of a point without slope; `typical`: size of a curvature."""
    xx, xy, yy = surface.hessian(*at)
    if not math.isfinite(xx + xy + yy):
        return ""
    middle, half = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    low, high = middle - half, middle + half
    tiny = FLAT * typical
    if low > tiny:
        return "minimum"
    if high < -tiny:
        return "maximum"
    if low < -tiny and high > tiny:
        return "saddle"
    return _by_ring(surface, at) if max(abs(low), abs(high)) > tiny else ""


def _by_ring(surface: Surface, at: Point) -> str:
    """A valley floor, a ridge or an inflexion: whether f rises all around a point with curvature in one direction only."""
    here, radius = height(surface.value, *at), 1e-3 * surface.diagonal
    turns = np.linspace(0, 2 * math.pi, 32, endpoint=False)
    around = surface.array(at[0] + radius * np.cos(turns), at[1] + radius * np.sin(turns)) - here
    if (around > 0).all():
        return "minimum"
    return "maximum" if (around < 0).all() else "inflexion"


def _typical_curvature(surface: Surface, grid: int) -> float:
    z = surface.samples(min(grid, 33)).z
    finite = z[np.isfinite(z)]
    return float(np.ptp(finite)) / surface.diagonal**2 if finite.size else 0.0


def _slopes(surface: Surface, x: F64, y: F64) -> tuple[F64, F64]:
    """The gradient on a grid, by the surface's own arrays or else by differences of its values."""
    if surface.gradients is not None:
        with np.errstate(all="ignore"):
            gx, gy = surface.gradients(x, y)
        return np.broadcast_to(gx, x.shape), np.broadcast_to(gy, x.shape)
    down, right = np.gradient(surface.array(x, y), y[:, 0], x[0])
    return np.asarray(right), np.asarray(down)


def _candidates(surface: Surface, grid: int) -> list[Point]:
    x0, x1, y0, y1 = surface.domain
    x, y = np.meshgrid(np.linspace(x0, x1, grid), np.linspace(y0, y1, grid))
    gx, gy = _slopes(surface, x, y)
    length = np.where(np.isfinite(gx) & np.isfinite(gy), np.hypot(gx, gy), np.inf)
    padded = np.pad(length, 1, constant_values=np.inf)
    around = [padded[i : i + grid, j : j + grid] for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    low = (length <= np.minimum.reduce(around)) & np.isfinite(length)
    cells = _turns(gx) & _turns(gy)
    starts = [(length[i, j], x[i, j], y[i, j]) for i, j in np.argwhere(low)]
    half_x, half_y = (x1 - x0) / (grid - 1) / 2, (y1 - y0) / (grid - 1) / 2
    starts += [(length[i, j], x[i, j] + half_x, y[i, j] + half_y) for i, j in np.argwhere(cells)]
    return [(float(px), float(py)) for _, px, py in sorted(starts)[:MOST]]


def _turns(part: F64) -> npt.NDArray[np.bool_]:
    """Cells (between four grid points) in which a component is not of one sign."""
    corners = np.stack([part[:-1, :-1], part[1:, :-1], part[:-1, 1:], part[1:, 1:]])
    turns: npt.NDArray[np.bool_] = (corners.min(axis=0) <= 0) & (corners.max(axis=0) >= 0)
    return turns


def _newton(surface: Surface, starts: list[Point], typical: float) -> list[Point]:
    """Where Newton's method comes to rest within the plot, from all starts at once; short steps, at most STEPS."""
    x0, x1, y0, y1 = surface.domain
    far, rest = 0.05 * surface.diagonal, 1e-13 * surface.diagonal
    x, y = np.array(starts, dtype=np.float64).reshape(-1, 2).T
    ends: list[Point] = []
    for _ in range(STEPS):
        if not len(x):
            break
        gx, gy, xx, xy, yy = _local(surface, x, y)
        determinant = xx * yy - xy * xy
        good = np.isfinite(gx + gy + determinant) & (np.abs(determinant) > (1e-6 * typical) ** 2)
        solid = np.where(good, determinant, 1.0)
        dx, dy = (xy * gy - yy * gx) / solid, (xy * gx - xx * gy) / solid
        length = np.hypot(dx, dy)
        shorter = np.minimum(1.0, far / np.maximum(length, 1e-300))
        x, y = x + dx * shorter, y + dy * shorter
        good &= (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
        # Where rounding keeps the steps from becoming nothing, a slope of nothing is as good.
        done = good & ((length < rest) | ((length < 1e-9 * surface.diagonal) & (np.hypot(gx, gy) < 1e-13 * typical * far)))
        ends += zip(x[done].tolist(), y[done].tolist(), strict=True)
        x, y = x[good & ~done], y[good & ~done]
    return ends


def _local(surface: Surface, x: F64, y: F64) -> tuple[F64, F64, F64, F64, F64]:
    """Gradient and Hessian at points (n,), by arrays where the surface has them."""
    if surface.gradients is not None and surface.curvatures is not None:
        with np.errstate(all="ignore"):
            return *surface.gradients(x, y), *surface.curvatures(x, y)
    each = [(*slope(surface.gradient, a, b), *surface.hessian(a, b)) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    gx, gy, xx, xy, yy = np.array(each, dtype=np.float64).reshape(-1, 5).T
    return gx, gy, xx, xy, yy
