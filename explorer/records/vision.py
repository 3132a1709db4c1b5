"""What a network says about a picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from explorer.records.network import RunsOn, Timing


@dataclass(frozen=True)
class ClassScore:
    """One class: `score` is the softmax probability, 0..1."""

    index: int
    label: str
    score: float


@dataclass(frozen=True)
class TopK:
    """The best classes, highest score first."""

    top: tuple[ClassScore, ...]
    runs_on: RunsOn = field(default_factory=RunsOn)
    timing: Timing = field(default_factory=Timing)
    frame_seq: int = 0


@dataclass(frozen=True, eq=False)
class Detections:
    """Objects found in one frame, highest score first.

    `xyxy`: (N, 4) float32, left, top, right, bottom in pixels of the frame, clipped to it. `score`: (N,) float32, 0..1.
    `class_index`: (N,) int64 into `labels`, the class list of the network. `frame_hw`: the frame's height and width.
    `track`: (N,) int64, the number an object keeps from frame to frame, from 1; None where nobody follows objects.
    `masks`: (N, m, m) float32, 0..1, each stretched over its box (He et al. 2017); None for a network without masks.
    `unknown`: names among the classes asked for that this network does not have, and that were passed over.
    """

    xyxy: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    class_index: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    frame_hw: tuple[int, int]
    runs_on: RunsOn = field(default_factory=RunsOn)
    timing: Timing = field(default_factory=Timing)
    frame_seq: int = 0
    track: npt.NDArray[np.int64] | None = None
    masks: npt.NDArray[np.float32] | None = None
    unknown: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.xyxy.shape[0])

    def label(self, index: int) -> str:
        """Class name of object `index`."""
        return self.labels[int(self.class_index[index])]


@dataclass(frozen=True, eq=False)
class Mask:
    """A foreground mask. `alpha`: (H, W) float32, 0..1, in the frame's own size."""

    alpha: npt.NDArray[np.float32]
    runs_on: RunsOn = field(default_factory=RunsOn)
    timing: Timing = field(default_factory=Timing)
    frame_seq: int = 0
