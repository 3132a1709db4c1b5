"""A surface looked at closely: at one point, and its slopes on a coarse grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.i18n import N_

F64 = npt.NDArray[np.float64]
Pair = tuple[float, float]


# What a parabola of each shape does to Newton's method: English keys.
SHAPES = {
    "bowl": N_("Curved upwards all around: Newton's method jumps to the bottom of this parabola."),
    "dome": N_("Curved downwards all around: Newton's method climbs to the top of this parabola."),
    "saddle": N_("Curved upwards one way and downwards the other: Newton's method goes to the saddle, not down."),
    "trough": N_("Not curved in one direction: Newton's step has no end there."),
    "flat": N_("Not curved at all: there is no parabola to jump on."),
    "hole": N_("No value, slope or curvature here."),
}


@dataclass(frozen=True)
class Probe:
    """Value, gradient and Hessian at `at`, and the parabola that Newton's method takes the surface for there.

    `hessian`: f_xx, f_xy, f_yy; `eigenvalues`: the smaller one first, `directions`: a unit vector for each. `target`: where
    the parabola is level, which is where Newton's full step leads, or None where there is no such point. NaN at a hole.
    `shape`: "bowl", "dome", "saddle", "trough" (no curvature in one direction), "flat" (none at all), "hole" (no value here).
    `exact`: the Hessian is exact, not a difference of gradients.
    """

    at: Pair
    value: float
    gradient: Pair
    hessian: tuple[float, float, float]
    eigenvalues: Pair
    directions: tuple[Pair, Pair]
    target: Pair | None
    shape: str
    exact: bool = True


@dataclass(frozen=True, eq=False)
class SlopeField:
    """`x`: (W,), `y`: (H,) places; `gx`, `gy`: (H, W) float64 gradient there, NaN in holes. `highest`: the longest one."""

    x: F64
    y: F64
    gx: F64
    gy: F64
    highest: float
