"""A formula that a person wrote, as a surface like any other: value, exact gradient and Hessian, landmarks, rates, text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.descent.formula_code import arrays, floats, when_called
from explorer.descent.formula_landmarks import landmarks
from explorer.descent.formula_parse import parse
from explorer.descent.formula_print import latex, plain, rich, shown
from explorer.descent.formula_rules import Algebra
from explorer.descent.formula_tokens import GREEK, FormulaError
from explorer.descent.formula_tree import Node
from explorer.descent.ground import Domain, Parameter, Point, Surface
from explorer.i18n import N_
from explorer.records.descent import F64

NAME = "formula"
DOMAIN: Domain = (-3.0, 3.0, -3.0, 3.0)
LOW, HIGH = -10.0, 10.0  # of a slider; a value beyond is no error
_parsed = lru_cache(maxsize=16)(parse)
LETTERS = {name: letter for letter, name in GREEK.items()}


def formula_surface(text: str, values: Mapping[str, float] | None = None, domain: Domain | None = None) -> Surface:
    """The surface of a formula. `values` of its sliders by name (1 where none is given; names it lacks are left alone).

    Raises FormulaError. The last few are remembered, so that dragging a rate does not search for landmarks again.
    """
    parsed = _parsed(text)
    chosen = tuple((name, float((values or {}).get(name, 1.0))) for name in parsed.parameters)
    if not all(math.isfinite(value) for _, value in chosen):
        raise FormulaError(text, 0, N_("A slider has a value that is no number."))
    return _surface(text, chosen, domain or DOMAIN)


@lru_cache(maxsize=16)
def _surface(text: str, chosen: tuple[tuple[str, float], ...], domain: Domain) -> Surface:
    parsed, values = _parsed(text), dict(chosen)
    root, across, up, *second = _slopes(text, chosen)
    value_of, gradient_of, hessian_of = floats((root,)), floats((across, up)), when_called(floats, second)
    values_of, gradients_of, hessians_of = arrays((root,)), when_called(arrays, (across, up)), when_called(arrays, second)
    all_of = arrays((root, across, up, *second))

    def value(x: float, y: float) -> float:
        z = value_of(x, y)[0]
        return z if math.isfinite(z) else math.nan

    def gradient(x: float, y: float) -> Point:
        gx, gy = gradient_of(x, y)
        return gx, gy

    def gradients(x: F64, y: F64) -> tuple[F64, F64]:
        gx, gy = gradients_of(x, y)
        return gx, gy

    def curvature(x: float, y: float) -> tuple[float, float, float]:
        xx, xy, yy = hessian_of(x, y)
        return xx, xy, yy

    def curvatures(x: F64, y: F64) -> tuple[F64, F64, F64]:
        xx, xy, yy = hessians_of(x, y)
        return xx, xy, yy

    def remade(new: Mapping[str, float], points: object) -> Surface:
        return formula_surface(text, new, domain)

    return Surface(
        NAME,
        N_("Own formula"),
        f"f(x, y) = {plain(parsed.tree)}",
        domain,
        _start(all_of, domain),
        value,
        gradient,
        lambda x, y: values_of(x, y)[0],
        gradients,
        _rates(all_of, domain),
        landmarks(value, all_of, domain),
        N_("Gradient and Hessian are exact, by the rules of differentiation. Landmarks were found numerically, not proven."),
        curvature,
        curvatures=curvatures,
        parameters=tuple(_slider(name) for name in parsed.parameters),
        factory=remade,
        chosen=values,
        facts=facts(text),
    )


@lru_cache(maxsize=16)
def _slopes(text: str, chosen: tuple[tuple[str, float], ...]) -> tuple[Node, ...]:
    """f, f_x, f_y, f_xx, f_xy, f_yy; sliders that are not `chosen` stay letters."""
    algebra = Algebra()
    root = algebra.bound(_parsed(text).tree, dict(chosen))
    across, up = algebra.slope(root, "x"), algebra.slope(root, "y")
    return root, across, up, algebra.slope(across, "x"), algebra.slope(across, "y"), algebra.slope(up, "y")


def _slider(name: str) -> Parameter:
    return Parameter(name, LETTERS.get(name, name), N_("A number in the formula."), 1.0, LOW, HIGH)


@lru_cache(maxsize=16)
def facts(text: str) -> Mapping[str, Any]:
    """What a window or a command shows of a formula: "text", "rich" (HTML of Qt), "latex", "parameters", and its derivatives

    "slope": {"x", "y", "xx", "xy", "yy"} -> {"text", "rich", "latex"}, with the sliders as letters.
    """
    parsed = _parsed(text)
    nodes = dict(zip(("x", "y", "xx", "xy", "yy"), _slopes(text, ())[1:], strict=True))
    return {
        "text": plain(parsed.tree),
        "rich": rich(parsed.tree, "<i>f</i>(<i>x</i>, <i>y</i>) = "),
        "latex": latex(parsed.tree),
        "parameters": list(parsed.parameters),
        "slope": {name: {"text": shown(node), "rich": rich(node), "latex": latex(node)} for name, node in nodes.items()},
    }


def _start(all_of: Any, domain: Domain) -> Point:
    """Left above the middle, or the nearest point to that at which value and gradient exist."""
    x0, x1, y0, y1 = domain
    wanted = (x0 + 0.15 * (x1 - x0), y0 + 0.8 * (y1 - y0))
    share = np.linspace(0.025, 0.975, 20)
    x, y = (one.ravel() for one in np.meshgrid(x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
    x, y = np.append(x, wanted[0]), np.append(y, wanted[1])
    z, gx, gy = all_of(x, y)[:3]
    away = np.where(np.isfinite(z) & np.isfinite(gx) & np.isfinite(gy), np.hypot(x - wanted[0], y - wanted[1]), np.inf)
    best = int(np.argmin(away))
    return (float(x[best]), float(y[best])) if math.isfinite(away[best]) else wanted


def _rates(all_of: Any, domain: Domain) -> dict[str, float]:
    """Learning rates from the surface itself: 1/L for the slope's own length, a share of the plot for scaled steps.

    L: a curvature that nine tenths of the plot stay below; a rate of 2/L diverges where the curvature is L.
    """
    x0, x1, y0, y1 = domain
    share = np.linspace(0.02, 0.98, 17)
    x, y = np.meshgrid(x0 + share * (x1 - x0), y0 + share * (y1 - y0))
    _, gx, gy, xx, xy, yy = all_of(x, y)
    diagonal = math.hypot(x1 - x0, y1 - y0)
    with np.errstate(all="ignore"):
        bend = np.abs(xx + yy) / 2 + np.hypot((xx - yy) / 2, xy)
        steep = np.hypot(gx, gy) / diagonal
    bend, steep = bend[np.isfinite(bend)], steep[np.isfinite(steep)]
    curved, slanted = (float(np.quantile(one, 0.9)) if len(one) else 0.0 for one in (bend, steep))
    # Where there is no curvature, a step is a fiftieth of the plot; elsewhere the first one is not a third of it.
    bound = slanted / 0.02 if curved < 0.01 * slanted else max(curved, slanted / 0.3)
    bound = bound if 1e-12 < bound < 1e12 else 1.0
    rate = _two_digits(1.0 / bound)
    scaled = _two_digits(diagonal)
    return {
        "gd": rate,
        "momentum": _two_digits(0.2 / bound),
        "nesterov": _two_digits(0.2 / bound),
        "adagrad": 0.05 * scaled,
        "rmsprop": 0.004 * scaled,
        "adam": 0.015 * scaled,
    }


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")
