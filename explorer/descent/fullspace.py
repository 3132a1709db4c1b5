"""The space of all weights in which a 2-D surface is a plane, and paths that leave the plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Space:
    """All weights of a small network, and a plane in them.

    `origin`: (P,) float64, the weights at (0, 0) of the plane; `directions`: (2, P), what one unit of x and of y adds.
    `value`, `gradient`: the loss at weights (P,) and its gradient (P,). They need not be at right angles.
    """

    origin: F64
    directions: F64
    value: Callable[[F64], float]
    gradient: Callable[[F64], F64]

    def lift(self, x: float, y: float) -> F64:
        """The weights (P,) at the plane's (x, y)."""
        there: F64 = self.origin + x * self.directions[0] + y * self.directions[1]
        return there

    def project(self, weights: F64) -> tuple[F64, F64]:
        """The plane's nearest points (K, 2) to `weights` (K, P), and the distances from it (K,)."""
        away = weights - self.origin
        plane = np.asarray(np.linalg.solve(self.directions @ self.directions.T, self.directions @ away.T).T, dtype=np.float64)
        distance: F64 = np.sqrt(np.square(away - plane @ self.directions).sum(axis=1))
        return plane, distance
