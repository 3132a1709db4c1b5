"""How a path ended. Judged on the whole path, not in passing.

A method has converged only from the step on from which it stays at a minimum. A small gradient alone proves nothing: a
saddle, an inflexion point and a plateau have one too, and slow methods crawl there for thousands of steps.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from explorer.descent.ground import Point, Surface, height, slope
from explorer.records.descent import F64

RUNNING, CONVERGED, LEFT, NOT_FINITE = "running", "converged", "left the plot", "not finite"
UNFIT = "does not fit"  # a method that this surface has nothing for
CLOSE = 1e-3  # of the plot's diagonal, less than a pixel of a contour: what counts as being there
RING = 16  # points of the circle on which a minimum must lie lower than all


def verdict(surface: Surface, points: F64, halted: str) -> tuple[str, int]:
    """Status and the step from which it holds (fields of Trajectory). `halted`: why the path was cut short, or ""."""
    last = len(points) - 1
    if halted == NOT_FINITE:
        return NOT_FINITE, last + 1
    if halted == UNFIT:
        return UNFIT, 0
    x0, x1, y0, y1 = surface.domain
    x, y = points[:, 0], points[:, 1]
    inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
    if not inside[-1]:
        return LEFT, _since(~inside)
    target = resting_place(surface, (float(x[-1]), float(y[-1])))
    if target is None:
        return RUNNING, last
    close = CLOSE * surface.diagonal
    near = np.hypot(x - target[0], y - target[1]) <= close
    still = last == 0 or math.dist(points[-1], points[-2]) <= close
    return (CONVERGED, _since(near)) if still and near[-1] else (RUNNING, last)


def resting_place(surface: Surface, end: Point) -> Point | None:
    """The minimum that `end` lies at: a known one, or `end` itself where curvature and surroundings say so; else None."""
    close = CLOSE * surface.diagonal
    at = [mark for mark in surface.landmarks if math.dist(end, (mark.x, mark.y)) <= close]
    if at:
        nearest = min(at, key=lambda mark: math.dist(end, (mark.x, mark.y)))
        return (nearest.x, nearest.y) if nearest.kind == "minimum" else None
    return end if _is_minimum(surface, end, close) else None


def _is_minimum(surface: Surface, end: Point, close: float) -> bool:
    """Hessian positive definite, Newton's step (scale-free measure of a small gradient) short, all around higher."""
    xx, xy, yy = surface.hessian(*end)
    gx, gy = slope(surface.gradient, *end)
    determinant = xx * yy - xy * xy
    if not (xx > 0.0 and determinant > 1e-9 * (xx + yy) ** 2):  # also False for NaN
        return False
    newton = math.hypot(yy * gx - xy * gy, xx * gy - xy * gx) / determinant
    if not newton <= close:
        return False
    here = height(surface.value, *end)
    turns = [2.0 * math.pi * index / RING for index in range(RING)]
    around = [height(surface.value, end[0] + close * math.cos(turn), end[1] + close * math.sin(turn)) for turn in turns]
    return all(value > here for value in around)


def _since(flags: npt.NDArray[np.bool_]) -> int:
    """Index from which `flags` is true to the end (its last entry is)."""
    wrong = np.flatnonzero(~flags)
    return int(wrong[-1]) + 1 if len(wrong) else 0
