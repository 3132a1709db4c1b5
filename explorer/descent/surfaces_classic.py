"""The error surfaces of the lecture: value, gradient and Hessian by hand.

Products instead of powers: `x * x` overflows to inf where `x ** 2` raises, and works on floats and arrays alike, so one
formula serves the path and the picture. Learning rates were chosen by looking, so that in 300 steps from the surface's
own start each method shows what is typical of it; none is tuned to win.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from explorer.descent.ground import Parameter, Points, Surface
from explorer.descent.surfaces_marks import everywhere, marks, rates
from explorer.i18n import N_
from explorer.records.descent import F64

CONDITION = Parameter(
    "condition", N_("Condition number"), N_("How many times steeper the bowl is along one axis than along the other."),
    25.0, 1.0, 10_000.0, log=True,
)  # fmt: skip
ROTATION = Parameter(
    "rotation", N_("Rotation"), N_("Angle in degrees by which the bowl's axes are turned away from x and y."), 0.0, -90.0, 90.0
)


def quadratic(values: Mapping[str, float], points: Points) -> Surface:
    """An ill-conditioned bowl: its Hessian has the eigenvalues 1 and `condition`, its eigenvectors are turned."""
    condition, turn = values["condition"], math.radians(values["rotation"])
    c, s = math.cos(turn), math.sin(turn)
    xx, xy, yy = c * c + condition * s * s, (1.0 - condition) * c * s, s * s + condition * c * c

    def value(x: Any, y: Any) -> Any:
        return 0.5 * (xx * x * x + 2.0 * xy * x * y + yy * y * y)

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return xx * x + xy * y, xy * x + yy * y

    slower = 25.0 / condition
    formula = "f(x, y) = ½ (x² + 25 y²)"
    if values != {"condition": 25.0, "rotation": 0.0}:
        formula = f"f(x, y) = ½ ({_number(xx)} x² + {_number(2 * xy)} xy + {_number(yy)} y²)".replace("+ −", "− ")
    return Surface(
        "quadratic", N_("Ill-conditioned bowl"), formula, (-3.0, 3.0, -2.0, 2.0), (-2.6, 1.5), value, gradient, value, gradient,
        rates(min(0.05 * slower, 1.0), min(0.01 * slower, 0.25), min(0.01 * slower, 0.25), 0.4, 0.03, 0.1),
        marks(value, (0.0, 0.0, "minimum")),
        N_("25 times steeper along y than along x: plain gradient descent zigzags or crawls."),
        lambda x, y: (xx, xy, yy), curvatures=everywhere(xx, xy, yy),
        parameters=(CONDITION, ROTATION), factory=quadratic, chosen=values,
    )  # fmt: skip


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def saddle(x: Any, y: Any) -> Any:
    """Up along x, down along y, no minimum anywhere."""
    return x * x - y * y


def saddle_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `saddle`."""
    return 2.0 * x, -2.0 * y


def monkey_saddle(x: Any, y: Any) -> Any:
    """Three valleys meet at the origin (two legs and a tail); the Hessian vanishes there."""
    return x * x * x - 3.0 * x * y * y


def monkey_saddle_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `monkey_saddle`."""
    return 3.0 * (x * x - y * y), -6.0 * x * y


def himmelblau(x: Any, y: Any) -> Any:
    """Four minima of the same value. Himmelblau 1972."""
    a, b = x * x + y - 11.0, x + y * y - 7.0
    return a * a + b * b


def himmelblau_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `himmelblau`."""
    a, b = x * x + y - 11.0, x + y * y - 7.0
    return 4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b


def himmelblau_curvature(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Hessian of `himmelblau`."""
    return 12.0 * x * x + 4.0 * y - 42.0, 4.0 * (x + y), 12.0 * y * y + 4.0 * x - 26.0


def beale(x: Any, y: Any) -> Any:
    """Flat in the middle, steep at the corners. Beale 1958."""
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
    return a * a + b * b + c * c


def beale_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `beale`."""
    y2 = y * y
    y3 = y2 * y
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
    return 2.0 * (a * (y - 1.0) + b * (y2 - 1.0) + c * (y3 - 1.0)), 2.0 * x * (a + 2.0 * y * b + 3.0 * y2 * c)


def beale_curvature(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Hessian of `beale`."""
    y2 = y * y
    y3 = y2 * y
    p, q, r = y - 1.0, y2 - 1.0, y3 - 1.0
    a, b, c = 1.5 + x * p, 2.25 + x * q, 2.625 + x * r
    xy = 2.0 * (a + 2.0 * y * b + 3.0 * y2 * c) + 2.0 * x * (p + 2.0 * y * q + 3.0 * y2 * r)
    yy = 2.0 * x * (2.0 * b + 6.0 * y * c) + 2.0 * x * x * (1.0 + 4.0 * y2 + 9.0 * y2 * y2)
    return 2.0 * (p * p + q * q + r * r), xy, yy


def inflexion(x: Any, y: Any) -> Any:
    """An inflexion point from two directions at the origin: flat, yet no minimum; that one is at (-1, -1)."""
    return x * x * x * (0.25 * x + 1.0 / 3.0) + y * y * y * (0.25 * y + 1.0 / 3.0)


def inflexion_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `inflexion`."""
    return x * x * (x + 1.0), y * y * (y + 1.0)


def inflexion_curvature(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Hessian of `inflexion`."""
    return x * (3.0 * x + 2.0), 0.0 * x, y * (3.0 * y + 2.0)


WALLS = Parameter("walls", N_("Steepness of the walls"), N_("Factor of the valley's walls."), 100.0, 1.0, 1000.0, log=True)


def rosenbrock(values: Mapping[str, float], points: Points) -> Surface:
    """A curved valley with a nearly flat floor. Rosenbrock 1960."""
    walls = values["walls"]

    def value(x: Any, y: Any) -> Any:
        a, b = 1.0 - x, y - x * x
        return a * a + walls * b * b

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        b = y - x * x
        return -2.0 * (1.0 - x) - 4.0 * walls * x * b, 2.0 * walls * b

    def curvature(x: Any, y: Any) -> tuple[Any, Any, Any]:
        return 2.0 + walls * (12.0 * x * x - 4.0 * y), -4.0 * walls * x, 2.0 * walls + 0.0 * x

    root = math.sqrt(walls)
    slower = 100.0 / walls
    return Surface(
        "rosenbrock", N_("Rosenbrock's valley"), f"f(x, y) = (1 − x)² + {_number(walls)} (y − x²)²",
        (-2.0, 2.0, -1.0, 3.0), (-1.5, 2.5), value, gradient, value, gradient,
        rates(0.0005 * slower, 0.0006 * slower, 0.0006 * slower, 0.2, 0.02, 0.1),
        marks(value, (1.0, 1.0, "minimum")),
        N_("A curved valley whose floor is nearly flat: the valley is found at once, its end slowly."),
        curvature,
        lambda x, y: (1.0 - x, root * (y - x * x)), lambda x, y: ((-1.0, 0.0), (-2.0 * root * x, root)),
        curvatures=curvature, parameters=(WALLS,), factory=rosenbrock, chosen=values,
    )  # fmt: skip


STEEPNESS = Parameter("steepness", N_("Steepness of the edge"), N_("How sudden the edge is."), 4.0, 1.0, 20.0, log=True)


def plateau_cliff(values: Mapping[str, float], points: Points) -> Surface:
    """Nearly flat land on both sides of an edge."""
    k = values["steepness"]

    def with_(tanh: Callable[[Any], Any]) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], tuple[Any, Any]]]:
        def value(x: Any, y: Any) -> Any:
            a = x + 2.0
            return tanh(k * x) + 0.01 * a * a + 0.3 * y * y

        def gradient(x: Any, y: Any) -> tuple[Any, Any]:
            t = tanh(k * x)
            return k * (1.0 - t * t) + 0.02 * (x + 2.0), 0.6 * y

        return value, gradient

    def curvature(x: float, y: float) -> tuple[float, float, float]:
        t = math.tanh(k * x)
        return 0.02 - 2.0 * k * k * t * (1.0 - t * t), 0.0, 0.6

    def curvatures(x: F64, y: F64) -> tuple[F64, F64, F64]:
        t = np.tanh(k * x)
        return 0.02 - 2.0 * k * k * t * (1.0 - t * t), np.zeros_like(t), np.full_like(t, 0.6)

    (value, gradient), arrays = with_(math.tanh), with_(np.tanh)
    lowest = -2.0
    for _ in range(20):  # Newton's method: the slope on this side of the edge vanishes in one place only
        lowest -= gradient(lowest, 0.0)[0] / curvature(lowest, 0.0)[0]
    return Surface(
        "plateau_cliff", N_("Plateau with a cliff"), f"f(x, y) = tanh({_number(k)}x) + 0.01 (x + 2)² + 0.3 y²",
        (-4.0, 3.0, -2.5, 2.5), (2.0, 1.5), value, gradient, *arrays,
        rates(0.3, 0.06, 0.06, 0.3, 0.03, 0.05), marks(value, (lowest, 0.0, "minimum")),
        N_("Hardly any slope, then a sharp edge: slow first, then one step that is far too long."),
        curvature, curvatures=curvatures, parameters=(STEEPNESS,), factory=plateau_cliff, chosen=values,
    )  # fmt: skip


def defaults(*parameters: Parameter) -> dict[str, float]:
    """The default values of parameters."""
    return {one.name: one.default for one in parameters}


def surfaces() -> tuple[Surface, ...]:
    """The eight of the lecture."""
    return (
        quadratic(defaults(CONDITION, ROTATION), ()),
        Surface(
            "saddle", N_("Saddle"), "f(x, y) = x² − y²", (-1.5, 1.5, -1.5, 1.5), (-1.0, 0.001),
            saddle, saddle_gradient, saddle, saddle_gradient, rates(0.02, 0.004, 0.004, 0.12, 0.008, 0.015),
            marks(saddle, (0.0, 0.0, "saddle")),
            N_("Down along y, up along x. The gradient vanishes in the middle, but nothing should stay there."),
            lambda x, y: (2.0, 0.0, -2.0), curvatures=everywhere(2.0, 0.0, -2.0),
        ),
        Surface(
            "monkey_saddle", N_("Monkey saddle"), "f(x, y) = x³ − 3 x y²", (-1.5, 1.5, -1.5, 1.5), (1.2, 0.04),
            monkey_saddle, monkey_saddle_gradient, monkey_saddle, monkey_saddle_gradient,
            rates(0.02, 0.003, 0.003, 0.15, 0.012, 0.02), marks(monkey_saddle, (0.0, 0.0, "saddle")),
            N_("Three valleys meet where gradient and curvature vanish together: a very flat saddle."),
            lambda x, y: (6.0 * x, -6.0 * y, -6.0 * x), curvatures=lambda x, y: (6.0 * x, -6.0 * y, -6.0 * x),
        ),
        rosenbrock(defaults(WALLS), ()),
        Surface(
            "himmelblau", N_("Himmelblau's four minima"), "f(x, y) = (x² + y − 11)² + (x + y² − 7)²",
            (-5.0, 5.0, -5.0, 5.0), (0.2, -3.8), himmelblau, himmelblau_gradient, himmelblau, himmelblau_gradient,
            rates(0.004, 0.002, 0.002, 0.6, 0.05, 0.15),
            marks(
                himmelblau,
                (3.0, 2.0, "minimum"),
                (-2.805118086952745, 3.131312518250573, "minimum"),
                (-3.779310253377747, -3.283185991286169, "minimum"),
                (3.5844283403304917, -1.8481265269644036, "minimum"),
                (-0.2708445906673476, -0.9230385564799815, "maximum"),
                (-3.0730257507643897, -0.08135304428796751, "saddle"),
                (0.08667750455539634, 2.884254701174776, "saddle"),
                (3.385154183607021, 0.0738518798377493, "saddle"),
                (-0.12796134673068005, -1.9537149802445766, "saddle"),
            ),
            N_("Four minima of the same value: which one is found depends on the start and on the method."),
            himmelblau_curvature,
            lambda x, y: (x * x + y - 11.0, x + y * y - 7.0), lambda x, y: ((2.0 * x, 1.0), (1.0, 2.0 * y)),
            himmelblau_curvature,
        ),
        Surface(
            "beale", N_("Beale's corner"), "f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
            (-4.5, 4.5, -4.5, 4.5), (1.0, 1.5), beale, beale_gradient, beale, beale_gradient,
            rates(0.005, 0.002, 0.002, 0.4, 0.02, 0.08),
            marks(beale, (3.0, 0.5, "minimum"), (0.0, 1.0, "saddle"),
                  (0.10053793732415836, -2.644513585023125, "saddle")),
            N_("Nearly flat in the middle, walls at the corners: one rate can hardly suit both."),
            beale_curvature,
            lambda x, y: (1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y),
            lambda x, y: ((y - 1.0, x), (y * y - 1.0, 2.0 * x * y), (y * y * y - 1.0, 3.0 * x * y * y)),
            beale_curvature,
        ),
        plateau_cliff(defaults(STEEPNESS), ()),
        Surface(
            "inflexion", N_("Inflexion from two sides"), "f(x, y) = x⁴/4 + x³/3 + y⁴/4 + y³/3",
            (-2.0, 1.5, -2.0, 1.5), (1.2, 0.9), inflexion, inflexion_gradient, inflexion, inflexion_gradient,
            rates(0.1, 0.03, 0.03, 0.15, 0.01, 0.08),
            # At (-1, 0) and (0, -1) f is flat to the second order in one direction and rises in the other.
            marks(inflexion, (-1.0, -1.0, "minimum"), (0.0, 0.0, "inflexion"),
                  (-1.0, 0.0, "inflexion"), (0.0, -1.0, "inflexion")),
            N_("Flat in both directions at the origin, and yet no minimum: who has momentum gets across."),
            inflexion_curvature, curvatures=inflexion_curvature,
        ),
    )  # fmt: skip
