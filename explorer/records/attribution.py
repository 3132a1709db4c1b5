"""Why the network says what it says: heats over the picture, curves of trust, what is left of a heat in a random network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.i18n import tr
from explorer.records.network import RunsOn
from explorer.records.vision import ClassScore

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """A sentence for people: an English message key and the values of its places. Translated where it is shown."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)

    def english(self) -> str:
        """For logs and files."""
        return self.template.format(**self.values)

    def text(self) -> str:
        """In the language in use; values that are message keys themselves are translated too."""
        values = {name: tr(value) if isinstance(value, str) else value for name, value in self.values.items()}
        return tr(self.template).format(**values)


@dataclass(frozen=True, eq=False)
class Attribution:
    """What one method answers.

    `heat`: (h, w) float32 over the whole frame (`frame_hw`), in the frame's own size or, for frames longer than 1024 pixels,
    evenly reduced; 0 where the network saw nothing. Without `signed` the numbers are >= 0; with it a positive number speaks
    for the target, a negative one against it. All zero, with the reason in `empty`, where there is nothing to draw.
    `method`: its name in the table, `title` its English message key. `layer`, `why_layer`: whose maps a CAM used, "" and
    None for methods that use none. `score`: the number that was explained (see AttributionSet.measure). `notes`: what a
    person should know about this heat. `facts`: JSON-compatible numbers of the method (completeness, samples, baseline).
    """

    method: str
    title: str
    heat: F32
    signed: bool
    frame_hw: tuple[int, int]
    score: float
    seconds: float = 0.0
    layer: str = ""
    why_layer: Said | None = None
    empty: Said | None = None
    notes: tuple[Said, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def reach(self) -> float:
        """The largest absolute number of the heat: the end of its colour scale."""
        return float(np.abs(self.heat).max()) if self.heat.size else 0.0


@dataclass(frozen=True, eq=False)
class AttributionSet:
    """The answers of several methods about one target on one picture, in the order asked for.

    `kind`: "class", "unit", "box" or "mask"; `target` says it in words. `class_index`: of the class or the box, else None;
    `xyxy`: the box in pixels of the frame. `measure`: what `Attribution.score` counts. `confidence`: the same as the network
    would say it, 0..1 (None for a unit). `top`: the best classes of a classifier. `layers`: the layers whose maps a CAM can
    use, in the order they run; `default_layer`: the one chosen by itself.
    """

    items: tuple[Attribution, ...]
    kind: str
    target: Said
    measure: str
    score: float
    confidence: float | None = None
    class_index: int | None = None
    xyxy: tuple[float, float, float, float] | None = None
    top: tuple[ClassScore, ...] = ()
    layers: tuple[str, ...] = ()
    default_layer: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    runs_on: RunsOn = field(default_factory=RunsOn)
    frame_seq: int = 0


@dataclass(frozen=True, eq=False)
class TrustCurve:
    """How well a heat's order of importance holds: what the network still says while the picture goes or comes.

    `share`: (K,) float64 of the picture removed (deletion) or shown (insertion), 0..1; the other four: (K,) float64, the
    confidence (for a unit its activation) at each share. `random_*` is the same with blocks in random order. The areas under
    the curves: a heat that means something deletes faster than chance and inserts faster than chance.
    """

    method: str
    title: str
    share: F64
    deletion: F64
    insertion: F64
    random_deletion: F64
    random_insertion: F64
    empty: Said | None = None

    def area(self, values: F64) -> float:
        """The area under one of the four curves, by trapezoids; the mean height over the picture."""
        steps = np.diff(self.share)
        return float(((values[1:] + values[:-1]) / 2 * steps).sum())

    @property
    def areas(self) -> dict[str, float]:
        """All four areas by name."""
        names = ("deletion", "insertion", "random_deletion", "random_insertion")
        return {name: self.area(getattr(self, name)) for name in names}


@dataclass(frozen=True, eq=False)
class TrustCurves:
    """One curve a method. `measure`: what the curves count; `fill`, `block`: what stood in for removed blocks, their side."""

    items: tuple[TrustCurve, ...]
    target: Said
    measure: str
    fill: str
    block: int
    facts: dict[str, Any] = field(default_factory=dict)
    frame_seq: int = 0


@dataclass(frozen=True, eq=False)
class RandomStage:
    """The heat after all layers from the top down to `layer` have got random numbers; `layers` of them so far.

    `correlation`: Spearman's rank correlation of the absolute heat with the one of the trained network, -1..1; None where a
    heat is empty or the same everywhere.
    """

    layer: str
    layers: int
    attribution: Attribution
    correlation: float | None


@dataclass(frozen=True, eq=False)
class Randomisation:
    """Adebayo's check: a heat that stays the same while the network forgets everything shows the picture, not the network."""

    original: Attribution
    stages: tuple[RandomStage, ...]
    target: Said
    facts: dict[str, Any] = field(default_factory=dict)
    frame_seq: int = 0
