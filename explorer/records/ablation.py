"""What channels carry, and what surgery changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.records.vision import ClassScore, Detections, Mask, TopK

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ablation:
    """Channels of `layer`, the one whose absence costs most first. All arrays are (N,), sorted together.

    `channels`: int64. `probabilities`, `logits`: what the answer is with that one channel muted; `probability` and `logit` are
    those of the network with all channels, `together` the probability with the first `together_count` muted all at once (NaN
    while not yet known). For a unit, which has no probability, both are its activation. `label`: class, object, mask or unit
    that is measured, translated; `kind`: "class", "box", "mask", "unit". `ranked_by`: "probability" or "logit". `total`: how
    many channels the layer has; a preview has fewer ranked.
    """

    layer: str
    kind: str
    label: str
    class_index: int | None
    probability: float
    logit: float
    channels: npt.NDArray[np.int64]
    probabilities: F64
    logits: F64
    total: int
    ranked_by: str = "probability"
    together: float = float("nan")
    together_count: int = 0
    xyxy: tuple[float, float, float, float] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    frame_seq: int = 0

    def drop(self, place: int) -> float:
        """How much the probability falls without the channel at `place` of the ranking; negative where it rises."""
        return self.probability - float(self.probabilities[place])

    def logit_drop(self, place: int) -> float:
        """The same for the logit."""
        return self.logit - float(self.logits[place])


@dataclass(frozen=True, eq=False)
class Comparison:
    """One picture, one network without (`before`) and with its surgery (`after`): TopK, Detections or Mask, both float32.

    `scores`: for TopK, the classes of both sides with their scores before and after, best before first.
    """

    before: TopK | Detections | Mask
    after: TopK | Detections | Mask
    scores: tuple[tuple[ClassScore, ClassScore], ...] = ()
    frame_seq: int = 0
