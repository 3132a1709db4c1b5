"""Error surfaces and the paths of optimizers over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Landmark:
    """A known point of a surface. `kind`: "minimum", "saddle", "maximum" or "inflexion"."""

    x: float
    y: float
    value: float
    kind: str


@dataclass(frozen=True, eq=False)
class SurfaceSamples:
    """A surface on a grid.

    `x`: (W,), `y`: (H,) float64 axes; `z`: (H, W) float64, NaN where undefined, z[i, j] = f(x[j], y[i]).
    """

    name: str
    x: F64
    y: F64
    z: F64
    landmarks: tuple[Landmark, ...] = ()
    formula: str = ""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The whole path of one optimizer, computed before it is animated.

    `points`: (K + 1, 2) float64, the start and the point after each step; `values`: (K + 1,) float64 = f(points);
    `gradients`: (K + 1, 2) float64 at the points. `state`: name -> (K + 1, 2) float64, the method's memory after each step
    (velocity, second moment), zero before the first. `status`: "running" (budget used up), "converged", "left the plot",
    "not finite"; `status_step` is the step at which that was first true, else K.
    """

    optimizer: str
    points: F64
    values: F64
    gradients: F64
    state: dict[str, F64] = field(default_factory=dict)
    hyper: dict[str, float] = field(default_factory=dict)
    status: str = "running"
    status_step: int = 0

    @property
    def steps(self) -> int:
        """Steps taken."""
        return len(self.points) - 1


@dataclass(frozen=True, eq=False)
class Race:
    """Several optimizers from one start on one surface."""

    surface: SurfaceSamples
    runs: tuple[Trajectory, ...]
    start: tuple[float, float]
    seed: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
