"""A worked example: one surface. Copy it to the folder `plugins` of your settings, change it, start the program again.

Lévy's function number 13: a bowl with dents that grow with the distance from its one lowest point. The program needs the
value and the gradient in plain floats; the numpy forms only make drawing faster. It compares the two before it lets a
plugin in.
"""

import math

import numpy as np

from explorer.descent.ground import Surface
from explorer.i18n import N_
from explorer.records.descent import F64, Landmark
from explorer.tables import Tables

__version__ = "1.0"


def value(x: float, y: float) -> float:
    """f(x, y) = sin² 3πx + (x − 1)² (1 + sin² 3πy) + (y − 1)² (1 + sin² 2πy)."""
    a, b, c = math.sin(3 * math.pi * x), math.sin(3 * math.pi * y), math.sin(2 * math.pi * y)
    return a * a + (x - 1) * (x - 1) * (1 + b * b) + (y - 1) * (y - 1) * (1 + c * c)


def gradient(x: float, y: float) -> tuple[float, float]:
    """(∂f/∂x, ∂f/∂y)."""
    b, c = math.sin(3 * math.pi * y), math.sin(2 * math.pi * y)
    gx = 3 * math.pi * math.sin(6 * math.pi * x) + 2 * (x - 1) * (1 + b * b)
    gy = 3 * math.pi * (x - 1) * (x - 1) * math.sin(6 * math.pi * y)
    return gx, gy + 2 * (y - 1) * (1 + c * c) + 2 * math.pi * (y - 1) * (y - 1) * math.sin(4 * math.pi * y)


def values(x: F64, y: F64) -> F64:
    """The same on arrays."""
    a, b, c = np.sin(3 * math.pi * x), np.sin(3 * math.pi * y), np.sin(2 * math.pi * y)
    height: F64 = a * a + (x - 1) * (x - 1) * (1 + b * b) + (y - 1) * (y - 1) * (1 + c * c)
    return height


def register(tables: Tables) -> None:
    """Called once, when the program starts."""
    surface = Surface(
        name="levy",
        title=N_("Lévy's dents"),
        formula="f(x, y) = sin² 3πx + (x − 1)² (1 + sin² 3πy) + (y − 1)² (1 + sin² 2πy)",
        domain=(-4.0, 6.0, -4.0, 6.0),
        start=(-3.1, 4.4),
        value=value,
        gradient=gradient,
        values=values,
        rates={"gd": 0.002, "momentum": 0.001, "nesterov": 0.001, "adagrad": 0.5, "rmsprop": 0.05, "adam": 0.3},
        landmarks=(Landmark(1.0, 1.0, 0.0, "minimum"),),
        about=N_("Dents everywhere: whoever only goes downhill stays in the first one."),
    )
    tables.surfaces.add(surface.name, surface)
