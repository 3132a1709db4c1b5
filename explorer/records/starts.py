"""Many starts at once: where each of them ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.i18n import N_
from explorer.records.descent import F64, I64, Landmark

# How a path can end; the number in `Swarm.fates` is the place in this list.
FATES = ("minimum", "saddle", N_("left the plot"), N_("not finite"), N_("running"), N_("does not fit"))
MINIMUM, STUCK, LEFT, NOT_FINITE, RUNNING, UNFIT = range(len(FATES))


@dataclass(frozen=True, eq=False)
class Swarm:
    """M methods from each of N starts.

    `starts`: (N, 2) float64; `ends`: (M, N, 2) float64, the last points; `fates`: (M, N) int64, places in FATES ("saddle": it
    rests at a known point that is no minimum); `targets`: (M, N) int64, the landmark it ended at, -1 where that is none of
    them; `steps`: (M, N) int64, the step from which that holds. `paths`: (M, N, P, 2) float32, thinned out evenly, the last
    point again and again behind the end. `facts`: "title", "titles" of the methods, "spread" (line, grid or cloud).
    """

    surface: str
    optimizers: tuple[str, ...]
    landmarks: tuple[Landmark, ...]
    starts: F64
    ends: F64
    fates: I64
    targets: I64
    steps: I64
    paths: npt.NDArray[np.float32]
    seed: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    def counts(self, method: int) -> dict[tuple[int, int], int]:
        """(fate, landmark) -> how many starts of one method end so, the fates in order of FATES."""
        found = Counter(zip(self.fates[method].tolist(), self.targets[method].tolist(), strict=True))
        return {key: found[key] for key in sorted(found)}
