"""When a method cannot leave a minimum any more: the linear part of its step there shrinks every deviation.

On f = ½ λ x² a step of gradient descent, momentum or Nesterov's method is a matrix on (position, velocity). Near a minimum the
surface is that, with the two eigenvalues of the Hessian. The same theory draws the bounds of the stability map.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.descent.array_moves import Values
from explorer.descent.field_arrays import bends_of
from explorer.descent.ground import Surface
from explorer.descent.method import chosen
from explorer.records.descent import F64

LINEAR = ("gd", "momentum", "nesterov")
ATTRACTS = 0.999  # largest factor a step: what starts 1e-9 plots away stays far within the circle that counts as being there


def factor(name: str, hyper: Values, curvature: F64) -> F64:
    """The factor that a deviation grows by in a step along a direction with this curvature (spectral radius)."""
    lr = np.asarray(hyper["lr"], dtype=np.float64)
    if name == "gd":
        return np.abs(1.0 - lr * curvature)
    mu = np.asarray(hyper["momentum"], dtype=np.float64)
    if name == "momentum":
        view = chosen({"view": float(hyper["view"])}, "view", 2)
        pull = lr * curvature * ((1.0 - mu) if view else 1.0)
        trace, determinant = 1.0 + mu - pull, mu + 0.0 * pull
    else:
        rest = 1.0 - lr * curvature
        trace, determinant = (1.0 + mu) * rest, mu * rest
    spread = trace * trace - 4.0 * determinant
    real = 0.5 * (np.abs(trace) + np.sqrt(np.maximum(spread, 0.0)))
    found: F64 = np.where(spread >= 0.0, real, np.sqrt(np.maximum(determinant, 0.0)))
    return found


def captured(surface: Surface, name: str, hyper: Values, places: F64) -> npt.NDArray[np.bool_]:
    """Whether the method stays at the minima `places` (2, n); False for methods that have no such theory."""
    if name not in LINEAR:
        return np.zeros(places.shape[1], np.bool_)
    xx, xy, yy = bends_of(surface)(places)
    middle, half = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    both = [factor(name, hyper, one) for one in (middle - half, middle + half)]
    flat = middle - half <= 0.0
    found: npt.NDArray[np.bool_] = (np.maximum(*both) <= ATTRACTS) & ~flat
    return found
