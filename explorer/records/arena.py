"""Two networks compared on one frame: their answers, what is common to them, what each of them costs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from explorer.records.attribution import Said
from explorer.records.network import RunsOn
from explorer.records.vision import ClassScore, Detections, Mask, TopK

KINDS = ("agreed", "moved", "rescored", "renamed", "only_a", "only_b")


@dataclass(frozen=True)
class Laps:
    """Milliseconds of the counted runs: one tuple of stages for each run, in order."""

    runs: tuple[tuple[tuple[str, float], ...], ...]

    @property
    def totals(self) -> tuple[float, ...]:
        """Of each run."""
        return tuple(sum(ms for _, ms in run) for run in self.runs)

    @property
    def median(self) -> float:
        """Of a whole run."""
        return float(np.median(self.totals)) if self.runs else 0.0

    @property
    def stages(self) -> tuple[tuple[str, float], ...]:
        """The median of each stage (their sum need not be the median of the whole)."""
        names = [name for name, _ in self.runs[0]] if self.runs else []
        return tuple((name, float(np.median([run[at][1] for run in self.runs]))) for at, name in enumerate(names))


@dataclass(frozen=True, eq=False)
class ArenaSideResult:
    """One side. `answer`: Detections, Mask or TopK; `weights`: which, in words.

    `parameters`: learnable numbers. `weights_bytes`: what they and the buffers take as they are held (float32).
    `maps_bytes`: all maps of one pass together at the runtime's precision, counted from their shapes; a runtime that lets them
    go early needs less. `pass_bytes`: by how much the process grew at most during its first pass here, measured; None where the
    system does not say.
    """

    model: str
    title: str
    weights: str
    runs_on: RunsOn
    answer: Detections | Mask | TopK
    laps: Laps
    parameters: int
    input_size: int
    weights_bytes: int
    maps_bytes: int
    pass_bytes: int | None
    notes: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Pair:
    """An object of A and the object of B that is the same, by their numbers; None where there is none.

    `kind`: one of KINDS: "agreed" (IoU at least 0.9, score within 0.05), "moved", "rescored" (same place, other score),
    "renamed" (another class), "only_a", "only_b". `iou`: their overlap; `change`: score of B minus score of A.
    """

    kind: str
    a: int | None
    b: int | None
    iou: float = 0.0
    change: float = 0.0


@dataclass(frozen=True, eq=False)
class ArenaResult:
    """`task`: "detect" (then `pairs`), "segment" (`iou` at one half, `difference`: mean of |A - B|) or "classify" (`scores`:
    every class among the best of either side, with its probability on both). `said`: the agreement in a sentence.
    """

    task: str
    a: ArenaSideResult
    b: ArenaSideResult
    said: Said
    pairs: tuple[Pair, ...] = ()
    iou: float | None = None
    difference: float | None = None
    scores: tuple[tuple[ClassScore, ClassScore], ...] = ()
    notes: tuple[Said, ...] = ()
    frame_seq: int = 0
    source: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def sides(self) -> tuple[ArenaSideResult, ArenaSideResult]:
        """A, B."""
        return self.a, self.b
