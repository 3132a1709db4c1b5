"""Optimizers on 2-D error surfaces."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import field_validator

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter

Levels = Literal["balanced", "linear", "logarithmic"]
SIX = ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
# What holds for all methods of a race, and of a map of many starts: one declaration for both
SCHEDULE = parameter(
    "constant",
    N_("Schedule"),
    N_("How the learning rate goes along the race, the same for all methods."),
    choices="schedule",
)
SHAPE = parameter(dict, N_("Shape of the schedule"), N_("Its parameters, as in {period: 50, growth: 2}."), hidden=True)
NOISE = parameter(
    0.0,
    N_("Gradient noise"),
    N_("Standard deviation of the noise on every gradient, the same for all methods."),
    ge=0.0,
    le=100.0,
    step=0.01,
    more=True,
)
BATCH = parameter(
    0,
    N_("Batch size"),
    N_("Terms that each gradient is taken from, on a surface made of data. 0: all of them."),
    ge=0,
    le=100_000,
    step=1,
    more=True,
)
CLIP = parameter(
    0.0,
    N_("Longest gradient"),
    N_("First-order methods get longer ones shortened to this (clipping). 0: as they are."),
    ge=0.0,
    le=1e6,
    step=0.1,
    more=True,
)
SEED = parameter(0, N_("Seed"), N_("Of the gradient noise, where there is any."), ge=0, le=2**31 - 1, step=1, more=True)


class SurfaceRequest(Request):
    """A surface sampled on a grid, for the contour. Result: SurfaceSamples."""

    job: ClassVar[str] = "explorer.descent.race:sample"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Surface")
    surface: str = parameter("saddle", N_("Surface"), N_("The error surface."), choices="surface")
    values: dict[str, float] = parameter(
        dict, N_("Parameters"), N_("Values of the surface's own parameters, as in {condition: 100, rotation: 45}."), hidden=True
    )
    points: tuple[tuple[float, ...], ...] = parameter(
        (), N_("Points"), N_("What a surface from data is made of: (x, y) or (x, y, class) each."), max_length=2000, hidden=True
    )
    formula: str = parameter(
        "", N_("Formula"), N_("An own surface in x and y, as x^2 + a y^2, in place of a named one."), hidden=True
    )
    domain: tuple[float, float, float, float] | None = parameter(
        None, N_("Domain"), N_("The part that is shown: x from, x to, y from, y to. Empty: the surface's own."), hidden=True
    )
    levels: Levels = parameter(
        "balanced",
        N_("Levels"),
        N_("How heights become bands: half of the plot on each side of the middle one, equal steps, or ever wider ones."),
        more=True,
    )
    resolution: int = parameter(200, N_("Resolution"), N_("Grid points along each side."), ge=16, le=1024, step=8, more=True)

    @field_validator("domain")
    @classmethod
    def _rectangle(cls, value: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if value is not None and not (value[0] < value[1] and value[2] < value[3] and max(map(abs, value)) <= 1e6):
            raise ValueError("the domain is x from, x to, y from, y to, each pair rising, at most a million")
        if value is not None and min(value[1] - value[0], value[3] - value[2]) < 1e-9 * max(1.0, *map(abs, value)):
            raise ValueError("the domain is too small")
        return value


class ProbeRequest(SurfaceRequest):
    """What a surface is like at one point. Result: Probe."""

    job: ClassVar[str] = "explorer.descent.probe:probe"
    title: ClassVar[str] = N_("Value, slope and curvature")
    at: tuple[float, float] = parameter((0.0, 0.0), N_("Point"), N_("Where: x, y."))


class SlopesRequest(SurfaceRequest):
    """The gradient on a coarse grid, for arrows. Result: SlopeField."""

    job: ClassVar[str] = "explorer.descent.probe:slopes"
    title: ClassVar[str] = N_("Gradient field")
    columns: int = parameter(24, N_("Columns"), N_("Arrows beside each other."), ge=2, le=200, step=1)
    rows: int = parameter(18, N_("Rows"), N_("Arrows one above the other."), ge=2, le=200, step=1)


def surface_part(request: SurfaceRequest) -> dict[str, Any]:
    """The fields of `request` that say which surface it is about: those of every SurfaceRequest."""
    return {name: getattr(request, name) for name in SurfaceRequest.model_fields}


class RaceRequest(SurfaceRequest):
    """Several optimizers from one start. Result: Race."""

    job: ClassVar[str] = "explorer.descent.race:race"
    title: ClassVar[str] = N_("Optimizers")
    optimizers: tuple[str, ...] = parameter(
        SIX, N_("Optimizers"), N_("Who takes part."), choices="optimizer", min_length=1, max_length=64
    )
    start: tuple[float, float] | None = parameter(
        None, N_("Start"), N_("Where all of them begin. Empty: the surface's own start. Click the contour to move it.")
    )
    steps: int = parameter(300, N_("Steps"), N_("How many steps each of them may take."), ge=1, le=1_000_000, step=1)
    rate: float = parameter(
        1.0,
        N_("Learning rate factor"),
        N_("Multiplies every method's own learning rate on this surface."),
        ge=0.001,
        le=1000.0,
        step=0.01,
        log=True,
    )
    hyper: dict[str, dict[str, float]] = parameter(
        dict, N_("Hyper-parameters"), N_("Per method, as in adam: {lr: 0.1, beta1: 0.9}."), hidden=True
    )
    schedule: str = SCHEDULE
    shape: dict[str, float] = SHAPE
    changes: tuple[tuple[int, str, str, float], ...] = parameter(
        (), N_("Changes under way"), N_("(step, method, hyper-parameter, new value), as made while it ran."),
        max_length=1000, hidden=True,
    )  # fmt: skip
    noise: float = NOISE
    batch: int = BATCH
    clip: float = CLIP
    budget: int = parameter(
        0,
        N_("Budget in gradients"),
        N_("Everybody stops after so many gradients, whatever a step costs. 0: steps are counted instead."),
        ge=0,
        le=1_000_000,
        step=1,
        more=True,
    )
    kept: int = parameter(
        100_000,
        N_("Points kept"),
        N_("Of each path; longer paths are thinned out evenly."),
        ge=2,
        le=1_000_001,
        step=1,
        hidden=True,
    )
    torch: tuple[str, ...] = parameter(
        (),
        N_("Classes of torch.optim"),
        N_("That race too, with their options, as in SGD(lr=0.1, momentum=0.9). They run in the engine (TorchRaceRequest)."),
        max_length=16,
        hidden=True,
    )
    seed: int = SEED

    @field_validator("optimizers")
    @classmethod
    def _no_twins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("an optimizer is named twice")
        return value


class TorchRaceRequest(RaceRequest):
    """The classes of torch.optim in `torch` on the same surface from the same start. Result: Race, of these alone."""

    job: ClassVar[str] = "explorer.engine.torch_race:race"
    place: ClassVar[Place] = "engine"
    title: ClassVar[str] = N_("Race of torch.optim")


def torch_part(request: RaceRequest) -> TorchRaceRequest:
    """The same race for the classes of torch.optim it names."""
    return TorchRaceRequest.model_validate(request.model_dump(include=set(RaceRequest.model_fields)))


class StepRequest(RaceRequest):
    """One step of one method taken apart. Result: StepTerms."""

    job: ClassVar[str] = "explorer.descent.lesson:explain"
    title: ClassVar[str] = N_("Step by step")
    optimizer: str = parameter("gd", N_("Method"), N_("Whose step."), choices="optimizer")
    step: int = parameter(1, N_("Step"), N_("Which step, from 1."), ge=1, le=1_000_000, step=1)


class RaceExportRequest(RaceRequest):
    """A race written to a file: .gif and .mp4 play it, .png and .svg show its end, .csv and .npz have every step.

    Without the classes of torch.optim, which run elsewhere (TorchRaceExportRequest). Result: the path, str.
    """

    job: ClassVar[str] = "explorer.labs.race_file:export"
    title: ClassVar[str] = N_("Export the race")
    path: str = parameter("race.gif", N_("File"), N_("Where to write; the ending says what."), min_length=1)
    frames: int = parameter(120, N_("Frames"), N_("How many pictures the animation has."), ge=2, le=2000, step=1)
    fps: float = parameter(25.0, N_("Pictures a second"), N_("Speed of the animation."), ge=1.0, le=60.0, step=1.0)
    width: int = parameter(960, N_("Width"), N_("Width of the picture."), ge=320, le=3840, step=2, unit=N_("px"))
    height: int = parameter(600, N_("Height"), N_("Height of the picture."), ge=240, le=2160, step=2, unit=N_("px"))
    dark: bool = parameter(True, N_("Dark"), N_("Dark or light ground."))


class TorchRaceExportRequest(RaceExportRequest):
    """The same file with the classes of torch.optim in it: written where torch is. Result: the path, str."""

    place: ClassVar[Place] = "engine"


def export_of(race: RaceRequest, path: str, **fields: Any) -> RaceExportRequest:
    """The request that writes `race` to `path`, with its classes of torch.optim where it has any."""
    kind = TorchRaceExportRequest if race.torch else RaceExportRequest
    given = race.model_dump(include=set(RaceRequest.model_fields))
    return kind.model_validate({**given, **fields, "path": path})
