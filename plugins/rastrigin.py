"""A worked example: one surface. Copy it to the folder `plugins` of your settings, change it, start the program again.

Rastrigin's function: a bowl with a grid of dents, 121 minima on the plot and one lowest. The program needs the value and
the gradient in plain floats; the numpy forms only make drawing faster. It compares the two before it lets a plugin in.
"""

import math

import numpy as np

from explorer.descent.ground import Surface
from explorer.i18n import N_
from explorer.records.descent import F64, Landmark
from explorer.tables import Tables

__version__ = "1.0"
DEPTH = 10.0
TURN = 2.0 * math.pi


def value(x: float, y: float) -> float:
    """f(x, y) = 20 + x² − 10 cos 2πx + y² − 10 cos 2πy."""
    return 2 * DEPTH + x * x - DEPTH * math.cos(TURN * x) + y * y - DEPTH * math.cos(TURN * y)


def gradient(x: float, y: float) -> tuple[float, float]:
    """(∂f/∂x, ∂f/∂y)."""
    return 2 * x + DEPTH * TURN * math.sin(TURN * x), 2 * y + DEPTH * TURN * math.sin(TURN * y)


def values(x: F64, y: F64) -> F64:
    """The same on arrays."""
    return 2 * DEPTH + x * x - DEPTH * np.cos(TURN * x) + y * y - DEPTH * np.cos(TURN * y)


def register(tables: Tables) -> None:
    """Called once, when the program starts."""
    surface = Surface(
        name="rastrigin",
        title=N_("Rastrigin's egg box"),
        formula="f(x, y) = 20 + x² − 10 cos 2πx + y² − 10 cos 2πy",
        domain=(-5.12, 5.12, -5.12, 5.12),
        start=(3.3, 2.3),
        value=value,
        gradient=gradient,
        values=values,
        rates={"gd": 0.002, "momentum": 0.001, "nesterov": 0.001, "adagrad": 0.5, "rmsprop": 0.05, "adam": 0.3},
        landmarks=(Landmark(0.0, 0.0, 0.0, "minimum"),),
        about=N_("Dents everywhere: whoever only goes downhill stays in the first one."),
    )
    tables.surfaces.add(surface.name, surface)
