"""Jobs: value, gradient and Hessian at one point, with Newton's jump from there; the gradient on a coarse grid."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from explorer.descent.ground import Point, Surface, eigenvalues, height, slope, surface_of
from explorer.jobs import Result, Step, Work
from explorer.records.descent import F64
from explorer.records.probe import Probe, SlopeField
from explorer.requests.race import ProbeRequest, SlopesRequest

NOTHING = 1e-9  # of the larger curvature (or of slope over the plot): less is no curvature


def probe(request: ProbeRequest, work: Work) -> Iterator[Step]:
    """Job of ProbeRequest: Probe."""
    yield Result(probed(surface_of(request), request.at))


def slopes(request: SlopesRequest, work: Work) -> Iterator[Step]:
    """Job of SlopesRequest: SlopeField, at the middles of cells."""
    surface = surface_of(request)
    x0, x1, y0, y1 = surface.domain
    x = x0 + (np.arange(request.columns) + 0.5) / request.columns * (x1 - x0)
    y = y0 + (np.arange(request.rows) + 0.5) / request.rows * (y1 - y0)
    gx, gy = _gradients(surface, *np.meshgrid(x, y))
    work.token.check()
    length = np.hypot(gx, gy)
    yield Result(SlopeField(x, y, gx, gy, float(np.nanmax(length)) if np.isfinite(length).any() else 0.0))


def _gradients(surface: Surface, x: F64, y: F64) -> tuple[F64, F64]:
    """The gradient on arrays, NaN where it is not finite."""
    if surface.gradients is not None:
        with np.errstate(all="ignore"):
            gx, gy = (np.broadcast_to(part, x.shape) for part in surface.gradients(x, y))
    else:
        pairs = [slope(surface.gradient, a, b) for a, b in zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)]
        gx, gy = np.array(pairs, dtype=np.float64).reshape(*x.shape, 2).transpose(2, 0, 1)
    there = np.isfinite(gx) & np.isfinite(gy)
    return np.where(there, gx, np.nan), np.where(there, gy, np.nan)


def probed(surface: Surface, at: Point) -> Probe:
    """What the surface is like at `at`."""
    x, y = at
    value, (gx, gy), (xx, xy, yy) = height(surface.value, x, y), slope(surface.gradient, x, y), surface.hessian(x, y)
    exact = surface.curvature is not None
    if not math.isfinite(value + gx + gy + xx + xy + yy):
        nothing = (math.nan, math.nan)
        return Probe(at, value, (gx, gy), (xx, xy, yy), nothing, (nothing, nothing), None, "hole", exact)
    low, high = eigenvalues(xx, xy, yy)
    directions = _directions(xx, xy, yy)
    shape = _shape(low, high, math.hypot(gx, gy) / surface.diagonal)
    target = None if shape in ("flat", "trough") else _target(at, (gx, gy), (low, high), directions)
    return Probe(at, value, (gx, gy), (xx, xy, yy), (low, high), directions, target, shape, exact)


def _directions(xx: float, xy: float, yy: float) -> tuple[Point, Point]:
    """Unit eigenvectors, of the smaller eigenvalue first; x is never negative in the second."""
    turn = 0.5 * math.atan2(2.0 * xy, xx - yy)  # of the larger one
    c, s = math.cos(turn), math.sin(turn)
    return (-s, c), (c, s)


def _shape(low: float, high: float, steep: float) -> str:
    largest = max(abs(low), abs(high))
    if largest <= NOTHING * steep or largest < 1e-300:
        return "flat"
    if min(abs(low), abs(high)) <= NOTHING * largest:
        return "trough"
    if low > 0:
        return "bowl"
    return "dome" if high < 0 else "saddle"


def _target(at: Point, gradient: Point, eigen: Point, directions: tuple[Point, Point]) -> Point | None:
    """Where Newton's full step leads, in the frame of the eigenvectors: there it is one division for each."""
    x, y = at
    for value, (a, b) in zip(eigen, directions, strict=True):
        part = (gradient[0] * a + gradient[1] * b) / value
        x, y = x - part * a, y - part * b
    if not math.isfinite(x + y):
        return None
    rounding = 1e-15 * (math.hypot(*at) + math.hypot(x - at[0], y - at[1]))
    return (x if abs(x) > rounding else 0.0), (y if abs(y) > rounding else 0.0)
