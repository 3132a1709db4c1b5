"""A detector looked through: one picture on its way from pixels to boxes, as named stages that point at each other.

A stage is of one kind, and a kind says how it is drawn; `XrayRecord` only knows their order. A one-stage detector has input,
features, grid, objectness, classes, decode, candidates, suppression, result; one with region proposals adds its own: proposals
as CandidatesStage, aligned regions as MapsStage. The stages of cells are in xray_cells.py. All boxes are xyxy; "input pixels"
are those of the square picture that the network sees, "frame pixels" those of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from explorer.records.attribution import Said
from explorer.records.frame import RGB
from explorer.records.network import RunsOn, Timing
from explorer.records.suppression import SuppressionTrace
from explorer.records.vision import Detections

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Cell = tuple[int, int, int, int]
"""Scale, row, column, anchor, each counted from 0."""


def label_of(labels: tuple[str, ...], index: int) -> str:
    """The name of class `index`, its number where it has no name."""
    return labels[index] if 0 <= index < len(labels) else str(index)


def bad_count(values: npt.NDArray[np.floating]) -> int:
    """How many are NaN or infinite."""
    return int(values.size - np.isfinite(values).sum())


@dataclass(frozen=True, eq=False)
class Link:
    """Which rows of stage `to` belong to the rows of this one: (N,) int64 row numbers, or (N, 4) cells; -1 for none."""

    to: str
    rows: I64


@dataclass(frozen=True, eq=False)
class Stage:
    """One station. `name`: unique in its record; `title`: an English message key; `about`: what happens here, a sentence.

    `empty`: why there is nothing to see, where there is nothing.
    """

    kind: ClassVar[str] = ""
    name: str
    title: str
    about: Said
    empty: Said | None = field(default=None, kw_only=True)
    links: tuple[Link, ...] = field(default=(), kw_only=True)

    def link(self, to: str) -> I64 | None:
        """The rows of `to` that belong to mine, None where nobody says so."""
        return next((link.rows for link in self.links if link.to == to), None)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything that is drawn, as numbers; what an NPZ of this stage holds."""
        return {f"link_{link.to}": link.rows for link in self.links}

    def facts(self) -> dict[str, Any]:
        """The rest, as JSON knows it."""
        return {"stage": self.name, "kind": self.kind, **({"empty": self.empty.english()} if self.empty else {})}


@dataclass(frozen=True, eq=False)
class PictureStage(Stage):
    """The picture as the network sees it. input = frame * scale + offset, per axis, pixel edges.

    `rgb`: (S, S, 3) uint8. `inside`: where the frame lies in it, input pixels. `scale`, `offset`: (x, y).
    """

    kind: ClassVar[str] = "picture"
    rgb: RGB
    frame_hw: tuple[int, int]
    scale: tuple[float, float]
    offset: tuple[float, float]

    @property
    def inside(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the frame, input pixels."""
        height, width = self.frame_hw
        return (*self.to_input(0, 0), *self.to_input(width, height))

    def to_input(self, x: float, y: float) -> tuple[float, float]:
        """A place of the frame in input pixels."""
        return x * self.scale[0] + self.offset[0], y * self.scale[1] + self.offset[1]

    def to_frame(self, x: float, y: float) -> tuple[float, float]:
        """A place of the input in frame pixels: the way back."""
        return (x - self.offset[0]) / self.scale[0], (y - self.offset[1]) / self.scale[1]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The picture, and the way."""
        way = {"scale": np.array(self.scale), "offset": np.array(self.offset), "frame_hw": np.array(self.frame_hw)}
        return {**super().arrays(), "rgb": self.rgb, **way}

    def facts(self) -> dict[str, Any]:
        """Size and way."""
        size = self.rgb.shape[0]
        return {**super().facts(), "input_size": size, "scale": list(self.scale), "offset": list(self.offset)}


@dataclass(frozen=True, eq=False)
class Maps:
    """The maps of one scale. `values`: (N, H, W) float32; each number stands for `stride` x `stride` input pixels.

    `layer`: whose output it is or comes from. `ends`: the range of the colours where it is fixed (probabilities: 0, 1).
    """

    layer: str
    stride: float
    values: F32
    ends: tuple[float, float] | None = None

    @property
    def size(self) -> str:
        """ "13 × 13"."""
        return f"{self.values.shape[1]} × {self.values.shape[2]}"

    def mean(self) -> F32:
        """(H, W) mean over the maps, NaN where one of them is."""
        with np.errstate(invalid="ignore"):
            found: F32 = self.values.mean(0)
        return found


@dataclass(frozen=True, eq=False)
class MapsStage(Stage):
    """Maps over the input, a group for each scale.

    `each`: what one map of a scale is: "channel" or "anchor". `class_index`: whose probability it is, None for none;
    `best`: for each scale (A, H, W) int16, the class with the largest probability; () where that says nothing.
    """

    kind: ClassVar[str] = "maps"
    scales: tuple[Maps, ...]
    each: str
    class_index: int | None = None
    best: tuple[npt.NDArray[np.int16], ...] = ()

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """`scale0`, `scale1`, ... and `best0`, ..."""
        maps = {f"scale{at}": one.values for at, one in enumerate(self.scales)}
        return {**super().arrays(), **maps, **{f"best{at}": one for at, one in enumerate(self.best)}}

    def facts(self) -> dict[str, Any]:
        """Layers, sizes, strides."""
        scales = [
            {"layer": one.layer, "stride": one.stride, "shape": list(one.values.shape), "not_finite": bad_count(one.values)}
            for one in self.scales
        ]
        return {**super().facts(), "scales": scales, "class_index": self.class_index}


@dataclass(frozen=True, eq=False)
class CandidatesStage(Stage):
    """Boxes that say "here is something", best first.

    `xyxy`: (N, 4) float32 input pixels; `frame_xyxy`: the same in frame pixels, clipped. `score`: (N,) float32, 0..1;
    `class_index`: (N,) int64 into `labels`.
    """

    kind: ClassVar[str] = "candidates"
    xyxy: F32
    frame_xyxy: F32
    score: F32
    class_index: I64
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.score)

    def label(self, row: int) -> str:
        """Class name of a candidate."""
        return label_of(self.labels, int(self.class_index[row]))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All of it but the names."""
        names = ("xyxy", "frame_xyxy", "score", "class_index")
        return {**super().arrays(), **{name: getattr(self, name) for name in names}}

    def facts(self) -> dict[str, Any]:
        """How many."""
        return {**super().facts(), "count": len(self)}


@dataclass(frozen=True, eq=False)
class SuppressionStage(Stage):
    """What became of the candidates, row by row as in CandidatesStage.

    `kept`: (N,) bool. `by`: (N,) int64, the candidate that removed it, or lowered its score most; -1 where nobody did.
    `overlap`: (N,) float32, the intersection over union with that one. `after`: (N,) float32, the score afterwards, 0 for a box
    that went. `method`: "greedy", "linear" or "gaussian"; `threshold`, `sigma`, `per_class`: how. `traces`: step by step, by
    this method, then by each of the others.
    """

    kind: ClassVar[str] = "suppression"
    kept: npt.NDArray[np.bool_]
    by: I64
    overlap: F32
    after: F32
    method: str
    threshold: float
    sigma: float
    per_class: bool
    traces: tuple[SuppressionTrace, ...] = ()

    @property
    def steps(self) -> SuppressionTrace | None:
        """Step by step, by the method asked for."""
        return self.traces[0] if self.traces else None

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All of it but the settings, and the columns of the steps."""
        names = ("kept", "by", "overlap", "after")
        steps = self.steps.arrays() if self.steps is not None else {}
        return {**super().arrays(), **{name: getattr(self, name) for name in names}, **steps}

    def facts(self) -> dict[str, Any]:
        """How many stay, and the settings."""
        how = {"method": self.method, "threshold": self.threshold, "sigma": self.sigma, "per_class": self.per_class}
        steps = self.steps.facts() if self.steps is not None else []
        return {**super().facts(), "kept": int(self.kept.sum()), "of": len(self.kept), **how, "steps": steps}


@dataclass(frozen=True, eq=False)
class BoxesStage(Stage):
    """The answer: what `explorer detect` says of the frame."""

    kind: ClassVar[str] = "boxes"
    detections: Detections

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Boxes in frame pixels, scores, classes."""
        found = self.detections
        return {**super().arrays(), "xyxy": found.xyxy, "score": found.score, "class_index": found.class_index}

    def facts(self) -> dict[str, Any]:
        """How many."""
        return {**super().facts(), "count": len(self.detections)}


S = TypeVar("S", bound=Stage)


@dataclass(frozen=True, eq=False)
class XrayRecord:
    """A detector looked through on one frame.

    What is followed through all stages: `cell`, `candidate` (row of the candidates), `object` (row of the result), each None
    where there is none. `class_index`: whose maps the stage of classes shows. `notes`: what a person should know.
    """

    model: str
    title: str
    stages: tuple[Stage, ...]
    labels: tuple[str, ...] = ()
    cell: Cell | None = None
    candidate: int | None = None
    object: int | None = None
    class_index: int | None = None
    notes: tuple[Said, ...] = ()
    frame_seq: int = 0
    source: str = ""
    runs_on: RunsOn = field(default_factory=RunsOn)
    timing: Timing = field(default_factory=Timing)

    def stage(self, name: str) -> Stage | None:
        """The stage called `name`, None if this detector has none."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def first(self, kind: type[S]) -> S | None:
        """The first stage of a kind."""
        return next((stage for stage in self.stages if isinstance(stage, kind)), None)
