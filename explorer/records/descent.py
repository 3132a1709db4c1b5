"""Error surfaces and the paths of optimizers over them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Landmark:
    """A known point of a surface. `kind`: "minimum", "saddle", "maximum" or "inflexion".

    `exact`: known from the formula; False: found by Newton's method from a grid, which may have missed others.
    """

    x: float
    y: float
    value: float
    kind: str
    exact: bool = True


@dataclass(frozen=True, eq=False)
class SurfaceSamples:
    """A surface on a grid.

    `x`: (W,), `y`: (H,) float64 axes; `z`: (H, W) float64, NaN where undefined, z[i, j] = f(x[j], y[i]).
    `facts`: "title" (English key), "values" of the surface's parameters, "eigenvalues" (low, high) of the Hessian at each
    landmark, None where there are none; "levels": how they are spaced; "rates": method -> the learning rate that suits it here;
    "points" of a surface from data; of an own formula also what descent/formula.py says.
    """

    name: str
    x: F64
    y: F64
    z: F64
    landmarks: tuple[Landmark, ...] = ()
    formula: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def _no_floats() -> F64:
    return np.zeros(0)


def _no_numbers() -> I64:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The whole path of one optimizer, computed before it is animated.

    `points`: (K + 1, 2) float64, the start and the point after each step; `values`: (K + 1,) float64 = f(points);
    `gradients`: (K + 1, 2) float64, exact, at the points. `state`: name -> (K + 1, 2) float64, the method's memory after each
    step (velocity, second moment), zero before the first. `status`: "running" (budget used up), "converged", "left the plot",
    "not finite", "does not fit"; `status_step` is the index of the point at which that was first true, else K.

    `numbers`: (K + 1,) int64, the step that each point stands after: 0, 1, 2, ... unless a long path was thinned out.
    `rates`: (K + 1,) float64, the learning rate (or the step length a line search found) of the step that led to each point,
    the first one twice; NaN where a method has none. `evaluations`: (K + 1,) int64, what was asked of the surface up to each
    point, in gradients (explorer/descent/oracle.py counts). `changes`: (step, hyper-parameter, new value), as they were made
    under way. `snapshots`: indices of the points at which a cycle of the schedule ended.
    """

    optimizer: str
    points: F64
    values: F64
    gradients: F64
    state: dict[str, F64] = field(default_factory=dict)
    hyper: dict[str, float] = field(default_factory=dict)
    status: str = "running"
    status_step: int = 0
    numbers: I64 = field(default_factory=_no_numbers)
    rates: F64 = field(default_factory=_no_floats)
    evaluations: I64 = field(default_factory=_no_numbers)
    changes: tuple[tuple[int, str, float], ...] = ()
    snapshots: tuple[int, ...] = ()

    @property
    def steps(self) -> int:
        """Index of the last point; the steps taken, unless the path was thinned out."""
        return len(self.points) - 1

    @property
    def taken(self) -> int:
        """Steps taken."""
        return self.number_at(self.steps)

    def number_at(self, index: int) -> int:
        """The step that the point `index` stands after; one more than the last where the path broke off there."""
        if not len(self.numbers):
            return index
        last = len(self.numbers) - 1
        return int(self.numbers[min(index, last)]) + max(0, index - last)


@dataclass(frozen=True)
class Term:
    """One term of one step, for people.

    `symbol`: how it is made ("v ← β v + g"); `numbers`: the same with this step's numbers, "" where there is nothing to put
    in; `text`: what it is (an English message key). `kind`: "arrow" (x, y is a direction in the plane), "axes" (a number for
    each axis, as a square's sides) or "number" (x alone).
    """

    symbol: str
    text: str
    x: float
    y: float = 0.0
    kind: str = "arrow"
    numbers: str = ""


@dataclass(frozen=True)
class StepTerms:
    """One step of one method taken apart. `step` counts from 1; `before`, `after`: (x, y); the last term is their difference.

    `terms` is empty and `after` is `before` where the path had ended earlier (`status`: how).
    """

    optimizer: str
    step: int
    before: tuple[float, float]
    after: tuple[float, float]
    terms: tuple[Term, ...]
    rate: float
    evaluations: int
    status: str = "running"


@dataclass(frozen=True, eq=False)
class Race:
    """Several optimizers from one start on one surface."""

    surface: SurfaceSamples
    runs: tuple[Trajectory, ...]
    start: tuple[float, float]
    seed: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    def joined(self, other: Race) -> Race:
        """This race with the runs of another from the same start on the same surface."""
        facts = dict(self.facts)
        for key in ("titles", "rates"):
            facts[key] = {**self.facts.get(key, {}), **other.facts.get(key, {})}
        return replace(self, runs=(*self.runs, *other.runs), facts=facts)
