"""One moment of suppression: who is kept, who went, who meets whom, and with which scores."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from explorer.records.suppression import F32, SuppressionStep, SuppressionTrace, areas
from explorer.records.xray import CandidatesStage

WAITING, KEPT, GONE = 0, 1, 2


class Scene:
    """Step `at` of a trace over its boxes; nobody moves in it."""

    def __init__(self, trace: SuppressionTrace, boxes: CandidatesStage, at: int, followed: int | None = None) -> None:
        self.trace, self.boxes, self.followed = trace, boxes, followed
        self.at = min(max(at, 0), max(0, len(trace) - 1))

    @cached_property
    def step(self) -> SuppressionStep | None:
        """What happens, None where there is nobody."""
        return self.trace.step(self.at) if len(self.trace) else None

    @cached_property
    def state(self) -> npt.NDArray[np.int8]:
        """(N,) WAITING, KEPT or GONE; whoever nobody comes to before the limit went once the last step is done."""
        fate = self.trace.fate
        done = (fate >= 0) & (fate <= self.at)
        found = np.where(done, np.where(self.trace.kept, KEPT, GONE), WAITING).astype(np.int8)
        if self.over:
            found[fate < 0] = GONE
        return found

    @property
    def over(self) -> bool:
        """Whether this is the last step."""
        return self.at >= len(self.trace) - 1

    @cached_property
    def scores(self) -> F32:
        """(N,) the scores by now; 0 for a box that a rule threw out at once."""
        return self.trace.scores(self.at)

    @property
    def current(self) -> int:
        """The box that meets the others; -1 for none."""
        return self.step.by if self.step is not None else -1

    @property
    def met(self) -> int:
        """The box that it meets; -1 while it is only kept."""
        return self.step.row if self.step is not None and not self.step.keeps else -1

    def iou(self, row: int) -> float | None:
        """The overlap of a box with the current one, whatever their classes; None for the current one itself."""
        if self.current < 0 or row == self.current:
            return None
        inter, union = areas(self.boxes.xyxy[self.current], self.boxes.xyxy[row])
        return inter / union if union else 0.0
