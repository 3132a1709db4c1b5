"""Slopes and curvatures of a surface at many points at once, (2, n) float64; point by point where it has no arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np

from explorer.descent.ground import Surface, known, slope
from explorer.records.descent import F64

# points (2, n), out (2, n): the gradient there goes into `out`
Slopes: TypeAlias = Callable[[F64, F64], None]
# points (2, n) -> (3, n): f_xx, f_xy, f_yy
Bends: TypeAlias = Callable[[F64], F64]
LOOK = 65  # points along each side on which holes are looked for


def slopes_of(surface: Surface) -> Slopes:
    """The gradient at many points. What plain floats would stop at (a division by zero) is infinite or NaN here."""
    arrays, plain = surface.gradients, surface.gradient
    if arrays is not None:

        def at_once(points: F64, out: F64) -> None:
            out[0], out[1] = arrays(points[0], points[1])

        return at_once

    def one_by_one(points: F64, out: F64) -> None:
        each = [slope(plain, x, y) for x, y in zip(points[0].tolist(), points[1].tolist(), strict=True)]
        out[:] = np.array(each, dtype=np.float64).reshape(-1, 2).T

    return one_by_one


def bends_of(surface: Surface) -> Bends:
    """The Hessian at many points; NaN at holes."""
    arrays = surface.curvatures
    if arrays is not None:

        def at_once(points: F64) -> F64:
            with np.errstate(all="ignore"):
                return np.stack(np.broadcast_arrays(*arrays(points[0], points[1]), points[0])[:3]).astype(np.float64)

        return at_once

    def one_by_one(points: F64) -> F64:
        each = [surface.hessian(x, y) for x, y in zip(points[0].tolist(), points[1].tolist(), strict=True)]
        return np.array(each, dtype=np.float64).reshape(-1, 3).T.copy()

    return one_by_one


def is_slow(surface: Surface) -> bool:
    """Whether a gradient costs so much that few points at once, and few starts first, are the better order.

    A matter of its kind, not of a clock: the same request must be worked out in the same pieces everywhere.
    """
    row = cast(Surface, known().surfaces[surface.name]) if surface.name in known().surfaces else surface
    return row.family == "neural" or surface.gradients is None


_looked: tuple[Surface, bool] | None = None  # the last surface that was asked, and the answer


def has_holes(surface: Surface) -> bool:
    """Whether f has no value at some point of a grid three plots wide: then every step must ask for the value too."""
    global _looked
    if _looked is None or _looked[0] is not surface:
        _looked = surface, _any_hole(surface)
    return _looked[1]


def _any_hole(surface: Surface) -> bool:
    x0, x1, y0, y1 = surface.domain
    x, y = np.linspace(2 * x0 - x1, 2 * x1 - x0, LOOK), np.linspace(2 * y0 - y1, 2 * y1 - y0, LOOK)
    return bool(np.isnan(surface.array(*np.meshgrid(x, y))).any())
