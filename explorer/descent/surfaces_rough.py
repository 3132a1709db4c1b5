"""Surfaces with many dents, a bent ravine, and a bowl that is only known through noisy samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from explorer.descent.finite_sum import F64, I64, FiniteSum
from explorer.descent.ground import Parameter, Points, Surface
from explorer.descent.surfaces_classic import defaults
from explorer.descent.surfaces_marks import everywhere, marks, rates, with_found
from explorer.i18n import N_
from explorer.records.descent import Landmark

TURN = 2.0 * math.pi
DEPTH = Parameter("depth", N_("Depth of the dents"), N_("How deep the dents in the bowl are."), 10.0, 0.0, 20.0)
SIDE = 2.3  # half the side of the dented plots


def rastrigin(values: Mapping[str, float], points: Points) -> Surface:
    """A bowl with a grid of dents. Rastrigin 1974."""
    depth = values["depth"]

    def with_(cos: Callable[[Any], Any], sin: Callable[[Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
        def value(x: Any, y: Any) -> Any:
            return 2.0 * depth + x * x + y * y - depth * (cos(TURN * x) + cos(TURN * y))

        def gradient(x: Any, y: Any) -> tuple[Any, Any]:
            return 2.0 * x + depth * TURN * sin(TURN * x), 2.0 * y + depth * TURN * sin(TURN * y)

        return value, gradient

    def bend(x: float) -> float:
        return 2.0 + depth * TURN * TURN * math.cos(TURN * x)

    def curvatures(x: F64, y: F64) -> tuple[F64, F64, F64]:
        xx, yy = (2.0 + depth * TURN * TURN * np.cos(TURN * one) for one in (x, y))
        return xx, np.zeros_like(xx), yy

    (value, gradient), arrays = with_(math.cos, math.sin), with_(np.cos, np.sin)
    turning = _turning_points(lambda x: float(gradient(x, 0.0)[0]), SIDE)
    kinds = {(True, True): "minimum", (False, False): "maximum"}
    places = [(x, y, kinds.get((bend(x) > 0, bend(y) > 0), "saddle")) for x in turning for y in turning]
    number = f"{depth:g}"
    return Surface(
        "rastrigin", N_("Rastrigin's egg box"),
        f"f(x, y) = {2 * depth:g} + x² + y² − {number} (cos 2πx + cos 2πy)", (-SIDE, SIDE, -SIDE, SIDE), (1.8, 1.3),
        value, gradient, *arrays, rates(0.002, 0.001, 0.001, 0.5, 0.05, 0.3),
        marks(value, *sorted(places, key=lambda place: (place[2], place[0] ** 2 + place[1] ** 2))),
        N_("Dents everywhere: whoever only goes downhill stays in the first one."),
        lambda x, y: (bend(x), 0.0, bend(y)), curvatures=curvatures, parameters=(DEPTH,), factory=rastrigin, chosen=values,
    )  # fmt: skip


def _turning_points(slope: Callable[[float], float], side: float) -> list[float]:
    """Where a function of one variable has no slope, by bisection to the last digit; 0 is one of them, exactly."""
    edges = [side * (index + 0.5) / 500.0 for index in range(500)]
    right = []
    for low, high in pairwise(edges):
        if slope(low) * slope(high) > 0.0:
            continue
        rising = slope(high) > slope(low)
        for _ in range(80):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if (slope(middle) > 0.0) == rising else (middle, high)
        right.append(0.5 * (low + high))
    return [-x for x in reversed(right)] + [0.0] + right


ACKLEY_DEPTH, WIDTH = 20.0, 0.2


def _ackley(cos: Callable[[Any], Any], exp: Callable[[Any], Any], sqrt: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def value(x: Any, y: Any) -> Any:
        funnel = ACKLEY_DEPTH * (1.0 - exp(-WIDTH * sqrt(0.5 * (x * x + y * y))))
        return funnel + math.e - exp(0.5 * (cos(TURN * x) + cos(TURN * y)))

    return value


ackley = _ackley(math.cos, math.exp, math.sqrt)


def ackley_gradient(x: float, y: float) -> tuple[float, float]:
    """Gradient of `ackley`; zero at the tip of the funnel, where there is a kink and no gradient."""
    root = math.sqrt(0.5 * (x * x + y * y))
    pull = ACKLEY_DEPTH * WIDTH * 0.5 * math.exp(-WIDTH * root) / root if root > 0.0 else 0.0
    wave = math.pi * math.exp(0.5 * (math.cos(TURN * x) + math.cos(TURN * y)))
    return x * pull + wave * math.sin(TURN * x), y * pull + wave * math.sin(TURN * y)


def ackley_gradients(x: F64, y: F64) -> tuple[F64, F64]:
    """The same on arrays."""
    root = np.sqrt(0.5 * (x * x + y * y))
    pull = ACKLEY_DEPTH * WIDTH * 0.5 * np.exp(-WIDTH * root) / np.where(root > 0.0, root, np.inf)
    wave = math.pi * np.exp(0.5 * (np.cos(TURN * x) + np.cos(TURN * y)))
    return x * pull + wave * np.sin(TURN * x), y * pull + wave * np.sin(TURN * y)


def ackley_curvature(x: float, y: float) -> tuple[float, float, float]:
    """Hessian of `ackley`. Raises ZeroDivisionError at the tip."""
    root = math.sqrt(0.5 * (x * x + y * y))
    pull = ACKLEY_DEPTH * WIDTH * 0.5 * math.exp(-WIDTH * root) / root
    fall = -pull * (WIDTH + 1.0 / root) / (2.0 * root)  # d pull / dx = fall x, d pull / dy = fall y
    cx, cy, sx, sy = math.cos(TURN * x), math.cos(TURN * y), math.sin(TURN * x), math.sin(TURN * y)
    wave = math.pi * math.exp(0.5 * (cx + cy))
    xx = pull + fall * x * x + wave * (TURN * cx - math.pi * sx * sx)
    yy = pull + fall * y * y + wave * (TURN * cy - math.pi * sy * sy)
    return xx, fall * x * y - math.pi * wave * sx * sy, yy


def ackley_curvatures(x: F64, y: F64) -> tuple[F64, F64, F64]:
    """The same on arrays; NaN at the tip."""
    with np.errstate(all="ignore"):
        root = np.sqrt(0.5 * (x * x + y * y))
        pull = ACKLEY_DEPTH * WIDTH * 0.5 * np.exp(-WIDTH * root) / root
        fall = -pull * (WIDTH + 1.0 / root) / (2.0 * root)
        cx, cy, sx, sy = np.cos(TURN * x), np.cos(TURN * y), np.sin(TURN * x), np.sin(TURN * y)
        wave = math.pi * np.exp(0.5 * (cx + cy))
        xx = pull + fall * x * x + wave * (TURN * cx - math.pi * sx * sx)
        yy = pull + fall * y * y + wave * (TURN * cy - math.pi * sy * sy)
        return xx, fall * x * y - math.pi * wave * sx * sy, yy


@lru_cache(maxsize=1)
def _ackley_landmarks() -> tuple[Landmark, ...]:
    return with_found(_ackley_surface((Landmark(0.0, 0.0, 0.0, "minimum"),)))


def _ackley_surface(landmarks: tuple[Landmark, ...]) -> Surface:
    return Surface(
        "ackley", N_("Ackley's funnel"), "f(x, y) = 20 (1 − exp(−0.2 √(½(x² + y²)))) + e − exp(½(cos 2πx + cos 2πy))",
        (-SIDE, SIDE, -SIDE, SIDE), (1.8, 1.3), ackley, ackley_gradient,
        _ackley(np.cos, np.exp, np.sqrt), ackley_gradients, rates(0.01, 0.004, 0.004, 0.4, 0.03, 0.2), landmarks,
        N_("A nearly flat dented plain around a narrow funnel whose tip is a kink: there the gradient jumps."),
        ackley_curvature, curvatures=ackley_curvatures,
        factory=lambda values, points: _ackley_surface(_ackley_landmarks()), ready=bool(landmarks),
    )  # fmt: skip


BEND = Parameter("bend", N_("Bend"), N_("How far the ravine swings to both sides."), 0.6, 0.0, 1.5)
SIDES = Parameter(
    "walls", N_("Steepness of the walls"), N_("Factor of the ravine's walls; its floor has 0.1."), 10.0, 1.0, 200.0, log=True
)
FLOOR, SWING = 0.1, 2.0


def ravine(values: Mapping[str, float], points: Points) -> Surface:
    """A winding ravine: steep walls, a floor that hardly falls."""
    bend, walls = values["bend"], values["walls"]

    def with_(cos: Callable[[Any], Any], sin: Callable[[Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
        def value(x: Any, y: Any) -> Any:
            off = y - bend * sin(SWING * x)
            return 0.5 * (FLOOR * x * x + walls * off * off)

        def gradient(x: Any, y: Any) -> tuple[Any, Any]:
            off = walls * (y - bend * sin(SWING * x))
            return FLOOR * x - SWING * bend * off * cos(SWING * x), off

        return value, gradient

    def curvature(x: float, y: float) -> tuple[float, float, float]:
        s, c = math.sin(SWING * x), math.cos(SWING * x)
        lean = SWING * bend * c
        return FLOOR + walls * (lean * lean + SWING * SWING * bend * s * (y - bend * s)), -walls * lean, walls

    def curvatures(x: F64, y: F64) -> tuple[F64, F64, F64]:
        s, c = np.sin(SWING * x), np.cos(SWING * x)
        lean = SWING * bend * c
        xx = FLOOR + walls * (lean * lean + SWING * SWING * bend * s * (y - bend * s))
        return xx, -walls * lean, np.full_like(xx, walls)

    (value, gradient), arrays = with_(math.cos, math.sin), with_(np.cos, np.sin)
    slower = min(10.0 / walls, 4.0)
    floor, side = math.sqrt(0.5 * FLOOR), math.sqrt(0.5 * walls)
    return Surface(
        "ravine", N_("Winding ravine"), f"f(x, y) = ½ (0.1 x² + {walls:g} (y − {bend:g} sin 2x)²)",
        (-4.0, 4.0, -2.5, 2.5), (-3.4, 1.6), value, gradient, *arrays,
        rates(0.06 * slower, 0.012 * slower, 0.012 * slower, 0.4, 0.02, 0.1),
        marks(value, (0.0, 0.0, "minimum")),
        N_("Steep walls, a floor that hardly falls: the gradient points across the ravine, not along it."),
        curvature,
        lambda x, y: (floor * x, side * (y - bend * math.sin(SWING * x))),
        lambda x, y: ((floor, 0.0), (-side * bend * SWING * math.cos(SWING * x), side)),
        curvatures=curvatures, parameters=(BEND, SIDES), factory=ravine, chosen=values,
    )  # fmt: skip


NOISE = Parameter("noise", N_("Noise"), N_("Standard deviation of the gradient of one term of the sum, along each axis."),
                  1.0, 0.0, 5.0)  # fmt: skip
STRETCH = Parameter("condition", N_("Condition number"), N_("How many times steeper the bowl is along y than along x."),
                    4.0, 1.0, 100.0, log=True)  # fmt: skip
BOWLS = 64


@lru_cache(maxsize=1)
def _pulls() -> F64:
    """(BOWLS, 2) float64 with mean 0 and standard deviation 1 along each axis: what the terms' gradients differ by."""
    pulls = np.random.default_rng(5).standard_normal((BOWLS, 2))
    pulls -= pulls.mean(axis=0)
    pulls /= pulls.std(axis=0)
    return pulls


def noisy_bowl(values: Mapping[str, float], points: Points) -> Surface:
    """The mean of 64 bowls whose lowest points lie around the origin; a batch of them sees another slope than all."""
    noise, condition = values["noise"], values["condition"]
    pulls = noise * _pulls()

    def value(x: Any, y: Any) -> Any:
        return 0.5 * (x * x + condition * y * y)

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return x, condition * y

    def each(x: float, y: float, which: I64) -> F64:
        gradients: F64 = np.array([x, condition * y]) + pulls[which]
        return gradients

    return Surface(
        "noisy_bowl", N_("Bowl with noise"), f"f(x, y) = mean of 64 × [½ (x² + {condition:g} y²) + aᵢ x + bᵢ y]",
        (-3.0, 3.0, -2.0, 2.0), (-2.6, 1.5), value, gradient, value, gradient,
        rates(0.1 * 4.0 / max(condition, 4.0), 0.02, 0.02, 0.3, 0.03, 0.1), marks(value, (0.0, 0.0, "minimum")),
        N_("The mean of 64 tilted bowls whose tilts cancel. A batch of a few sees another slope: its size is the noise."),
        lambda x, y: (1.0, 0.0, condition), curvatures=everywhere(1.0, 0.0, condition), terms=FiniteSum(BOWLS, each),
        parameters=(NOISE, STRETCH), factory=noisy_bowl, chosen=values,
    )  # fmt: skip


def surfaces() -> tuple[Surface, ...]:
    """The presets of this file; Ackley's landmarks are looked for when it is asked for."""
    return (
        rastrigin(defaults(DEPTH), ()),
        _ackley_surface(()),
        ravine(defaults(BEND, SIDES), ()),
        noisy_bowl(defaults(NOISE, STRETCH), ()),
    )
