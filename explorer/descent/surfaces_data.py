"""Surfaces from data: a line fitted by least squares, and logistic regression, on points that a person may draw."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.descent.finite_sum import F64, I64, FiniteSum
from explorer.descent.ground import Curvature, Gradient, Parameter, Point, Points, Surface, Value, refusal
from explorer.descent.network import sigmoid
from explorer.descent.surfaces_classic import defaults
from explorer.descent.surfaces_marks import everywhere, marks, rates
from explorer.i18n import N_
from explorer.records.descent import Landmark

LARGEST = 1e6  # of a coordinate of a point


def checked(points: Points, length: int) -> F64:
    """The points as (n, length) float64. Raises BadRequestError."""
    if any(len(point) != length for point in points):
        text = N_("Every point needs {count} numbers: x, y and the class 0 or 1.") if length == 3 else N_(
            "Every point needs {count} numbers: x and y."
        )  # fmt: skip
        raise refusal("surface.points", text, {"count": length})
    data = np.array(points, dtype=np.float64)
    if np.abs(data).max() > LARGEST:
        raise refusal("surface.far", N_("A point lies beyond {limit}."), {"limit": LARGEST})
    if length == 3 and not np.isin(data[:, 2], (0.0, 1.0)).all():
        raise refusal("surface.class", N_("The class of a point is 0 or 1."), {})
    return data


def _tuples(data: F64) -> Points:
    return tuple(tuple(row) for row in data.tolist())


@lru_cache(maxsize=1)
def line_points() -> Points:
    """Twelve points about the line y = 0.8 x - 0.5."""
    rng = np.random.default_rng(1)
    x = np.linspace(-1.5, 2.5, 12)
    points = np.stack([x, 0.8 * x - 0.5 + 0.4 * rng.standard_normal(12)], axis=1)
    return _tuples(np.asarray(np.round(points, 3), dtype=np.float64))


def least_squares(values: Mapping[str, float], points: Points) -> Surface:
    """The mean squared error of the line y = slope x + intercept, over slope and intercept: a bowl, exactly.

    Where all points stand above one another the lowest places are a line, and none of them is a landmark.
    """
    chosen = points or line_points()
    data = checked(chosen, 2)
    u, v = data.T
    count = len(u)
    middle, square = float(u.mean()), float((u * u).mean())
    spread = square - middle * middle
    level = float(v.mean())
    one_place = spread > 1e-12 * max(square, 1e-300)
    slope = float(((u - middle) * (v - level)).mean()) / spread if one_place else 0.0
    offset = level - slope * middle
    lowest = float(np.square(v - slope * u - offset).mean())

    def value(x: Any, y: Any) -> Any:
        a, b = x - slope, y - offset
        return lowest + spread * a * a + (b + middle * a) * (b + middle * a)

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        a, b = x - slope, y - offset
        return 2.0 * (square * a + middle * b), 2.0 * (middle * a + b)

    def each(x: float, y: float, which: I64) -> F64:
        off = 2.0 * (x * u[which] + y - v[which])
        return np.stack([off * u[which], off], axis=1)

    share = 1.0 / math.sqrt(count)

    def residuals(x: float, y: float) -> list[float]:
        off: list[float] = (share * (x * u + y - v)).tolist()
        return off

    fixed = [(a * share, share) for a in u.tolist()]
    tall = max(1.0, 2.0 * float(v.std()))
    wide = max(0.5, tall / math.sqrt(spread)) if spread > 1e-6 else 2.0
    deep = tall + abs(middle) * wide
    steepest = square + 1.0 + math.hypot(square - 1.0, 2.0 * middle)  # the larger eigenvalue of the Hessian
    return Surface(
        "least_squares", N_("Line through points (least squares)"), "f(x, y) = mean of (x uᵢ + y − vᵢ)²: x slope, y intercept",
        (slope - wide, slope + wide, offset - deep, offset + deep), (slope - 0.8 * wide, offset + 0.7 * deep),
        value, gradient, value, gradient,
        rates(1.0 / steepest, 0.2 / steepest, 0.2 / steepest, 0.3 * wide, 0.02 * wide, 0.05 * wide),
        marks(value, (slope, offset, "minimum")) if one_place else (),
        N_("Mean squared error of a straight line over its slope and its intercept. The points can be drawn."),
        lambda x, y: (2.0 * square, 2.0 * middle, 2.0),
        residuals, lambda x, y: fixed, everywhere(2.0 * square, 2.0 * middle, 2.0), terms=FiniteSum(count, each),
        factory=least_squares, drawn=True, points=chosen,
    )  # fmt: skip


RIDGE = Parameter(
    "ridge", N_("Weight decay"),
    N_("Factor of ½ |w|², which keeps the weights small. Without it there is no minimum where a line separates the classes."),
    0.02, 0.0, 1.0,
)  # fmt: skip
BIAS = Parameter("bias", N_("Bias"), N_("The third weight, which stays as it is."), 0.0, -10.0, 10.0)


@lru_cache(maxsize=1)
def class_points() -> Points:
    """Forty points of two classes, two clouds that overlap."""
    rng = np.random.default_rng(4)
    one, other = rng.normal((0.8, 0.4), 0.7, (20, 2)), rng.normal((-0.7, -0.5), 0.7, (20, 2))
    rows = np.concatenate([np.insert(one, 2, 1.0, axis=1), np.insert(other, 2, 0.0, axis=1)])
    return _tuples(np.round(rows, 3))


def _loss(margin: F64) -> F64:
    """log(1 + exp(-m)) without overflow."""
    answer: F64 = np.maximum(-margin, 0.0) + np.log1p(np.exp(-np.abs(margin)))
    return answer


def logistic(values: Mapping[str, float], points: Points) -> Surface:
    """The loss of logistic regression over its two weights: convex, yet no bowl."""
    chosen = points or class_points()
    data = checked(chosen, 3)
    ridge, bias = values["ridge"], values["bias"]
    sign = 2.0 * data[:, 2] - 1.0
    u, v, shift = sign * data[:, 0], sign * data[:, 1], sign * bias
    uu, uv, vv = u * u, u * v, v * v

    def value(x: float, y: float) -> float:
        return float(_loss(x * u + y * v + shift).mean()) + 0.5 * ridge * (x * x + y * y)

    def gradient(x: float, y: float) -> tuple[float, float]:
        wrong = sigmoid(-(x * u + y * v + shift))
        return ridge * x - float(wrong @ u) / len(u), ridge * y - float(wrong @ v) / len(u)

    def curvature(x: float, y: float) -> tuple[float, float, float]:
        right = sigmoid(x * u + y * v + shift)
        weight = right * (1.0 - right) / len(u)
        return float(weight @ uu) + ridge, float(weight @ uv), float(weight @ vv) + ridge

    def values_(x: F64, y: F64) -> F64:
        total = sum((_loss(x * a + y * b + c) for a, b, c in zip(u, v, shift, strict=True)), start=np.zeros(np.shape(x)))
        return total / len(u) + 0.5 * ridge * (x * x + y * y)

    def gradients(x: F64, y: F64) -> tuple[F64, F64]:
        gx, gy = ridge * x, ridge * y
        for a, b, c in zip(u, v, shift, strict=True):
            wrong = sigmoid(-(x * a + y * b + c)) / len(u)
            gx, gy = gx - a * wrong, gy - b * wrong
        return gx, gy

    def curvatures(x: F64, y: F64) -> tuple[F64, F64, F64]:
        xx, xy, yy = np.full(np.shape(x), ridge), np.zeros(np.shape(x)), np.full(np.shape(x), ridge)
        for a, b, c in zip(u, v, shift, strict=True):
            right = sigmoid(x * a + y * b + c)
            weight = right * (1.0 - right) / len(u)
            xx, xy, yy = xx + weight * a * a, xy + weight * a * b, yy + weight * b * b
        return xx, xy, yy

    def each(x: float, y: float, which: I64) -> F64:
        wrong = sigmoid(-(x * u[which] + y * v[which] + shift[which]))
        return np.stack([ridge * x - wrong * u[which], ridge * y - wrong * v[which]], axis=1)

    steepest = 0.25 * float((uu + vv).mean()) + ridge + 1e-9  # no curvature is larger
    side = 8.0 / max(0.5, math.sqrt(float((uu + vv).mean())))
    lowest = _lowest(value, gradient, curvature)
    if lowest is not None:
        side = max(side, 1.25 * max(abs(lowest[0]), abs(lowest[1])))
    return Surface(
        "logistic", N_("Logistic regression on points"),
        "f(x, y) = mean of log(1 + exp(∓(x uᵢ + y vᵢ + b))) + ½ λ (x² + y²)",
        (-side, side, -side, side), (-0.8 * side, 0.7 * side), value, gradient, values_, gradients,
        rates(1.0 / steepest, 0.2 / steepest, 0.2 / steepest, 0.1 * side, 0.01 * side, 0.03 * side),
        () if lowest is None else (Landmark(*lowest, value(*lowest), "minimum", exact=False),),
        N_("How badly a line through two classes of points separates them, over its two weights. The points can be drawn."),
        curvature, curvatures=curvatures, terms=FiniteSum(len(u), each),
        parameters=(RIDGE, BIAS), factory=logistic, chosen=values, drawn=True, points=chosen,
    )  # fmt: skip


FAR = 100.0  # a weight beyond this is on its way to infinity


def _lowest(value: Value, gradient: Gradient, curvature: Curvature) -> Point | None:
    """The minimum of a convex function by Newton's method with shortened steps; None where it is at infinity."""
    x = y = 0.0
    for _ in range(100):
        (gx, gy), (xx, xy, yy), here = gradient(x, y), curvature(x, y), value(x, y)
        determinant = xx * yy - xy * xy
        if not determinant > 1e-14 * (xx + yy) ** 2:
            return None
        dx, dy = (xy * gy - yy * gx) / determinant, (xy * gx - xx * gy) / determinant
        if math.hypot(dx, dy) < 1e-12 * (1.0 + math.hypot(x, y)):
            return x, y
        part = 1.0
        while part > 1e-6 and value(x + part * dx, y + part * dy) > here:
            part *= 0.5
        x, y = x + part * dx, y + part * dy
        if math.hypot(x, y) > FAR:
            return None
    return (x, y) if math.hypot(*gradient(x, y)) < 1e-9 else None


def surfaces() -> tuple[Surface, ...]:
    """The surfaces from data, on their own points."""
    return least_squares({}, ()), logistic(defaults(RIDGE, BIAS), ())
