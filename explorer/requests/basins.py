"""Where methods end: from every start of a grid, and for every pair of their hyper-parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import field_validator

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.race import BATCH, CLIP, NOISE, SCHEDULE, SEED, SHAPE, SurfaceRequest

MEMORIES = ("momentum", "beta1", "beta", "rho")  # what a stability map shows upwards, the first that a method has


def axes_of(free: Iterable[str]) -> tuple[str, ...]:
    """Which of a method's hyper-parameters can be an axis: the learning rate (or what comes first) first, its memory next."""
    names = list(free)
    first = "lr" if "lr" in names else (names[0] if names else "")
    rest = [name for name in names if name != first]
    return (first, *sorted(rest, key=lambda name: MEMORIES.index(name) if name in MEMORIES else len(MEMORIES)))


RULES = ("schedule", "shape", "noise", "batch", "clip", "seed")  # the fields that hold for all methods, as in a race
HYPER = parameter(dict, N_("Hyper-parameters"), N_("Per method, as in adam: {lr: 0.1, beta1: 0.9}."), hidden=True)
MOST_METHODS = 4


class BasinsRequest(SurfaceRequest):
    """Every start of a grid walked to its end by up to four methods. Result: Basins; previews are coarser ones."""

    job: ClassVar[str] = "explorer.descent.basins:basins"
    title: ClassVar[str] = N_("Basins of attraction")
    optimizers: tuple[str, ...] = parameter(
        ("gd", "adam"), N_("Methods"), N_("Whose basins are shown side by side, at most four."), choices="optimizer",
        min_length=1, max_length=MOST_METHODS,
    )  # fmt: skip
    rate: float = parameter(
        1.0, N_("Learning rate factor"), N_("Multiplies every method's own learning rate on this surface."),
        ge=0.001, le=1000.0, step=0.01, log=True,
    )  # fmt: skip
    steps: int = parameter(300, N_("Steps"), N_("How many steps each path may take."), ge=1, le=100_000, step=1)
    grid: int = parameter(
        256, N_("Starts along each side"), N_("The map has the square of this many starts."), ge=16, le=512, step=16
    )
    hyper: dict[str, dict[str, float]] = HYPER
    schedule: str = SCHEDULE
    shape: dict[str, float] = SHAPE
    noise: float = NOISE
    batch: int = BATCH
    clip: float = CLIP
    seed: int = SEED

    @field_validator("optimizers")
    @classmethod
    def _no_twins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("an optimizer is named twice")
        return value


class StabilityRequest(SurfaceRequest):
    """One method from one start, for every pair of two hyper-parameters. Result: Stability; previews are coarser ones."""

    job: ClassVar[str] = "explorer.descent.stability:stability"
    title: ClassVar[str] = N_("Stability map")
    optimizer: str = parameter("momentum", N_("Method"), N_("Whose numbers are tried."), choices="optimizer")
    second: str = parameter(
        "", N_("Second axis"), N_("The hyper-parameter upwards, as in beta2. Empty: the method's memory."), hidden=True
    )
    span: float = parameter(
        2.0,
        N_("Span"),
        N_("How many powers of ten the learning rate reaches to each side of the middle."),
        ge=0.1,
        le=6.0,
        step=0.1,
    )
    steps: int = parameter(500, N_("Steps"), N_("How many steps each path may take."), ge=1, le=100_000, step=1)
    grid: int = parameter(
        128, N_("Values along each side"), N_("The map has the square of this many pairs."), ge=16, le=512, step=16
    )
    start: tuple[float, float] | None = parameter(
        None, N_("Start"), N_("Where every path begins. Empty: the surface's own start."), hidden=True
    )
    minimum: int = parameter(
        0, N_("Minimum"), N_("Which minimum the bounds are about, by its number from 1. 0: the one that most pairs reach."),
        ge=0, le=999, step=1, more=True,
    )  # fmt: skip
    hyper: dict[str, dict[str, float]] = HYPER
    schedule: str = SCHEDULE
    shape: dict[str, float] = SHAPE
    noise: float = NOISE
    batch: int = BATCH
    clip: float = CLIP
    seed: int = SEED


class BasinsExportRequest(BasinsRequest):
    """A basin map written to a file: .png a picture, .csv a line a start, .npz arrays. Result: the path, str."""

    job: ClassVar[str] = "explorer.labs.basins_file:export"
    title: ClassVar[str] = N_("Export the basins")
    path: str = parameter("basins.png", N_("File"), N_("Where to write; the ending says what."), min_length=1)
    dark: bool = parameter(True, N_("Dark"), N_("Dark or light ground."))


class StabilityExportRequest(StabilityRequest):
    """A stability map written to a file: .png a picture, .csv a line a pair, .npz arrays. Result: the path, str."""

    job: ClassVar[str] = "explorer.labs.basins_file:export"
    title: ClassVar[str] = N_("Export the stability map")
    path: str = parameter("stability.png", N_("File"), N_("Where to write; the ending says what."), min_length=1)
    dark: bool = parameter(True, N_("Dark"), N_("Dark or light ground."))
