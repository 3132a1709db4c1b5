"""A plane of weights and what happens on it and beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.records.descent import F64, SurfaceSamples, Trajectory
from explorer.records.network import RunsOn


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss at weights θ + x d₁ + y d₂, x and y from -`extent` to `extent`.

    `surface`: on as fine a grid as is complete so far, (0, 0) in its middle, NaN where the loss is no number. `step`: every
    so many-eth point of the wanted grid; 1 when it is complete. `loss`: what is measured, an English key; `target`: the class
    it wants, "" where it wants the network's own answer. `origin`: the loss of the network as it is. `weights`: how many
    numbers vary with the plane; `length`: |d₁|, |d₂| and the length of those weights, all in the Euclidean norm.
    """

    surface: SurfaceSamples
    step: int
    extent: float
    loss: str
    origin: float
    target: str
    views: int
    directions: str
    weights: int
    length: tuple[float, float, float]
    seed: int
    model: str
    source: str = ""
    runs_on: RunsOn = field(default_factory=RunsOn)


@dataclass(frozen=True, eq=False)
class Descent:
    """Training that started on the plane and left it.

    `run`: `points` are the nearest points of the plane, `values` the loss where the path really is. `distance`: (K + 1,)
    float64, how far that is from the plane, in lengths of the weights; `shadow`: (K + 1,) the loss at `points`.
    """

    run: Trajectory
    distance: F64
    shadow: F64
    model: str
    weights: int
    seed: int
    loss: str = ""
    runs_on: RunsOn = field(default_factory=RunsOn)
