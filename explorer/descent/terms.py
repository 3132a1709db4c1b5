"""The words and numbers in which one step is told, shared by all methods."""

from __future__ import annotations

import math

from explorer.descent.method import Moment
from explorer.i18n import N_
from explorer.records.descent import Term

SLOPE_HERE = N_("Gradient: the way up, steepest.")
STEP = N_("The step itself.")
VELOCITY_TERM = N_("Velocity: what is left of earlier gradients, and the present one.")
MEAN_TERM = N_("Fading mean of the gradients.")
SQUARES_SUM = N_("Sum of all squared gradients, for each axis.")
SQUARES_MEAN = N_("Fading mean of squared gradients, for each axis.")
CORRECTED = N_("Corrected for having started at zero.")


def said(value: float) -> str:
    """A number for people: four digits, a real minus sign."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:.4g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def pair(x: float, y: float) -> str:
    """Two numbers for people."""
    return f"({said(x)}, {said(y)})"


def slope_term(m: Moment) -> Term:
    """The gradient."""
    return Term("g", SLOPE_HERE, m.gx, m.gy)


def step_term(m: Moment, symbol: str, numbers: str = "") -> Term:
    """What the step adds to θ: always the last term."""
    return Term(f"Δθ = {symbol}", STEP, m.dx, m.dy, "arrow", numbers)
