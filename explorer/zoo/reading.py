"""What a detector's numbers mean: the boxes of its raw maps, in the form that every detector shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidate objects before suppression, in any order.

    `xyxy`: (N, 4) float32, left, top, right, bottom in pixels of the network's input. `score`: (N,) float32, 0..1.
    `class_index`: (N,) int64 into the network's class list. `masks`: (N, m, m) float32, 0..1, each stretched over its box;
    None for a network without masks. `origin`: (N, 4) int64, of a detector with anchors who said it: head, anchor, row and
    column of the cell; else None.
    """

    xyxy: F32
    score: F32
    class_index: I64
    masks: F32 | None = None
    origin: I64 | None = None

    def __len__(self) -> int:
        return len(self.score)

    def take(self, which: npt.NDArray[np.bool_] | I64) -> Candidates:
        """Some of them."""
        masks = None if self.masks is None else self.masks[which]
        origin = None if self.origin is None else self.origin[which]
        return Candidates(self.xyxy[which], self.score[which], self.class_index[which], masks, origin)
