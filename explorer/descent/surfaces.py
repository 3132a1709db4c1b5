"""The error surfaces of the lecture, as rows of the table `surfaces`.

Products instead of powers: `x * x` overflows to inf where `x ** 2` raises, and works on floats and arrays alike, so one
formula serves the path and the picture. Learning rates were chosen by looking, so that in 300 steps from the surface's
own start each method shows what is typical of it; none is tuned to win.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from explorer.descent.ground import Domain, Gradient, Point, Surface, Value
from explorer.i18n import N_
from explorer.records.descent import Landmark
from explorer.tables import Tables

CONDITION = 25.0


def quadratic(x: Any, y: Any) -> Any:
    """An ill-conditioned bowl: its Hessian has the eigenvalues 1 and CONDITION."""
    return 0.5 * (x * x + CONDITION * y * y)


def quadratic_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `quadratic`."""
    return x, CONDITION * y


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


def rosenbrock(x: Any, y: Any) -> Any:
    """A curved valley with a nearly flat floor. Rosenbrock 1960."""
    a, b = 1.0 - x, y - x * x
    return a * a + 100.0 * b * b


def rosenbrock_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `rosenbrock`."""
    b = y - x * x
    return -2.0 * (1.0 - x) - 400.0 * x * b, 200.0 * b


def himmelblau(x: Any, y: Any) -> Any:
    """Four minima of the same value. Himmelblau 1972."""
    a, b = x * x + y - 11.0, x + y * y - 7.0
    return a * a + b * b


def himmelblau_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `himmelblau`."""
    a, b = x * x + y - 11.0, x + y * y - 7.0
    return 4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b


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


def _cliff(tanh: Callable[[Any], Any]) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], tuple[Any, Any]]]:
    def value(x: Any, y: Any) -> Any:
        a = x + 2.0
        return tanh(4.0 * x) + 0.01 * a * a + 0.3 * y * y

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        t = tanh(4.0 * x)
        return 4.0 * (1.0 - t * t) + 0.02 * (x + 2.0), 0.6 * y

    return value, gradient


plateau_cliff, plateau_cliff_gradient = _cliff(math.tanh)
_plateau_cliff_array, _plateau_cliff_gradient_array = _cliff(np.tanh)


def inflexion(x: Any, y: Any) -> Any:
    """An inflexion point from two directions at the origin: flat, yet no minimum; that one is at (-1, -1)."""
    return x * x * x * (0.25 * x + 1.0 / 3.0) + y * y * y * (0.25 * y + 1.0 / 3.0)


def inflexion_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of `inflexion`."""
    return x * x * (x + 1.0), y * y * (y + 1.0)


def _rates(gd: float, momentum: float, nesterov: float, adagrad: float, rmsprop: float, adam: float) -> dict[str, float]:
    return {"gd": gd, "momentum": momentum, "nesterov": nesterov, "adagrad": adagrad, "rmsprop": rmsprop, "adam": adam}


def _row(
    tables: Tables,
    name: str,
    title: str,
    about: str,
    formula: str,
    domain: Domain,
    start: Point,
    functions: tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]],
    rates: Mapping[str, float],
    landmarks: tuple[tuple[float, float, str], ...],
    arrays: tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]] | None = None,
) -> None:
    value, gradient = cast(Value, functions[0]), cast(Gradient, functions[1])
    many_values, many_gradients = arrays or functions
    marks = tuple(Landmark(x, y, value(x, y), kind) for x, y, kind in landmarks)
    row = Surface(
        name, title, formula, domain, start, value, gradient, many_values, many_gradients, rates, marks, about
    )  # fmt: skip
    tables.surfaces.add(name, row)


def register(tables: Tables) -> None:
    """Enter the built-in surfaces, by the same door as a plugin."""
    _row(
        tables, "quadratic", N_("Ill-conditioned bowl"),
        N_("25 times steeper along y than along x: plain gradient descent zigzags or crawls."),
        "f(x, y) = ½ (x² + 25 y²)", (-3.0, 3.0, -2.0, 2.0), (-2.6, 1.5),
        (quadratic, quadratic_gradient), _rates(0.05, 0.01, 0.01, 0.4, 0.03, 0.1),
        ((0.0, 0.0, "minimum"),),
    )  # fmt: skip
    _row(
        tables, "saddle", N_("Saddle"),
        N_("Down along y, up along x. The gradient vanishes in the middle, but nothing should stay there."),
        "f(x, y) = x² − y²", (-1.5, 1.5, -1.5, 1.5), (-1.0, 0.001),
        (saddle, saddle_gradient), _rates(0.02, 0.004, 0.004, 0.12, 0.008, 0.015),
        ((0.0, 0.0, "saddle"),),
    )  # fmt: skip
    _row(
        tables, "monkey_saddle", N_("Monkey saddle"),
        N_("Three valleys meet where gradient and curvature vanish together: a very flat saddle."),
        "f(x, y) = x³ − 3 x y²", (-1.5, 1.5, -1.5, 1.5), (1.2, 0.04),
        (monkey_saddle, monkey_saddle_gradient), _rates(0.02, 0.003, 0.003, 0.15, 0.012, 0.02),
        ((0.0, 0.0, "saddle"),),
    )  # fmt: skip
    _row(
        tables, "rosenbrock", N_("Rosenbrock's valley"),
        N_("A curved valley whose floor is nearly flat: the valley is found at once, its end slowly."),
        "f(x, y) = (1 − x)² + 100 (y − x²)²", (-2.0, 2.0, -1.0, 3.0), (-1.5, 2.5),
        (rosenbrock, rosenbrock_gradient), _rates(0.0005, 0.0006, 0.0006, 0.2, 0.02, 0.1),
        ((1.0, 1.0, "minimum"),),
    )  # fmt: skip
    _row(
        tables, "himmelblau", N_("Himmelblau's four minima"),
        N_("Four minima of the same value: which one is found depends on the start and on the method."),
        "f(x, y) = (x² + y − 11)² + (x + y² − 7)²", (-5.0, 5.0, -5.0, 5.0), (0.2, -3.8),
        (himmelblau, himmelblau_gradient), _rates(0.004, 0.002, 0.002, 0.6, 0.05, 0.15),
        (
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
    )  # fmt: skip
    _row(
        tables, "beale", N_("Beale's corner"),
        N_("Nearly flat in the middle, walls at the corners: one rate can hardly suit both."),
        "f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
        (-4.5, 4.5, -4.5, 4.5), (1.0, 1.5),
        (beale, beale_gradient), _rates(0.005, 0.002, 0.002, 0.4, 0.02, 0.08),
        ((3.0, 0.5, "minimum"), (0.0, 1.0, "saddle")),
    )  # fmt: skip
    _row(
        tables, "plateau_cliff", N_("Plateau with a cliff"),
        N_("Hardly any slope, then a sharp edge: slow first, then one step that is far too long."),
        "f(x, y) = tanh(4x) + 0.01 (x + 2)² + 0.3 y²", (-4.0, 3.0, -2.5, 2.5), (2.0, 1.5),
        (plateau_cliff, plateau_cliff_gradient), _rates(0.3, 0.06, 0.06, 0.3, 0.03, 0.05),
        ((-2.0000899633489926, 0.0, "minimum"),), (_plateau_cliff_array, _plateau_cliff_gradient_array),
    )  # fmt: skip
    _row(
        tables, "inflexion", N_("Inflexion from two sides"),
        N_("Flat in both directions at the origin, and yet no minimum: who has momentum gets across."),
        "f(x, y) = x⁴/4 + x³/3 + y⁴/4 + y³/3", (-2.0, 1.5, -2.0, 1.5), (1.2, 0.9),
        (inflexion, inflexion_gradient), _rates(0.1, 0.03, 0.03, 0.15, 0.01, 0.08),
        ((-1.0, -1.0, "minimum"), (0.0, 0.0, "inflexion")),
    )  # fmt: skip
