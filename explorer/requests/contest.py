"""A fair race of optimizers, the lesson of the turned valley, and tasks made from real races."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter
from explorer.requests.race import SIX, SurfaceRequest

Objective = Literal["target", "loss"]
Scope = Literal["all", "rate"]
CONTENDERS = ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
TASKS = 24  # tasks of one seed; the window goes round


class ContestRequest(SurfaceRequest):
    """Several optimizers with the same budget in gradients, each tuned by the same search. Result: Contest."""

    job: ClassVar[str] = "explorer.descent.contest:contest"
    title: ClassVar[str] = N_("Fair race")
    optimizers: tuple[str, ...] = parameter(
        SIX, N_("Optimizers"), N_("Who takes part."), choices="optimizer", min_length=1, max_length=64, hidden=True
    )
    start: tuple[float, float] | None = parameter(
        None, N_("Start"), N_("Around which all of them begin. Empty: the surface's own start."), hidden=True
    )
    budget: int = parameter(
        500, N_("Budget in gradients"), N_("What every method may ask of the surface, in every run; a step that would go "
        "beyond it does not count."), ge=10, le=20_000, step=10, log=True,
    )  # fmt: skip
    trials: int = parameter(
        32, N_("Trials"), N_("Sets of hyper-parameters that are tried for each method, by the same rule for all. 0: nobody "
        "is tuned, each runs with its own numbers for this surface."), ge=0, le=2000, step=1,
    )  # fmt: skip
    scope: Scope = parameter(
        "all", N_("What is tuned"), N_("all: every hyper-parameter that is a number; rate: only the learning rate (or the "
        "step length), the rest as it stands."),
    )  # fmt: skip
    objective: Objective = parameter(
        "target", N_("What counts"), N_("target: gradients until the loss is down to the target; loss: the loss at the end "
        "of the budget."),
    )  # fmt: skip
    share: float = parameter(
        1e-3, N_("Height at the target"), N_("Share of the start's height above the lowest known minimum that is left at the "
        "target. Where no minimum is known: above the lowest of the plot, and at least a half."), ge=1e-9, le=0.9, step=1e-3,
        log=True,
    )  # fmt: skip
    target: float | None = parameter(
        None,
        N_("Target loss"),
        N_("The loss itself, in place of a share of the height."),
        hidden=True,
        ge=-1e12,
        le=1e12,
        step=0.001,
    )
    seeds: int = parameter(
        20, N_("Seeds"), N_("Runs of each tuned method that are reported; the same for all, none of them used for tuning."),
        ge=1, le=200, step=1,
    )  # fmt: skip
    tuning_seeds: int = parameter(
        5, N_("Seeds for tuning"), N_("Runs that every trial is judged by."), ge=1, le=20, step=1, more=True
    )
    noise: float = parameter(
        0.1, N_("Gradient noise"), N_("Standard deviation of the noise on every gradient, the same for all methods."),
        ge=0.0, le=100.0, step=0.01,
    )  # fmt: skip
    batch: int = parameter(
        0, N_("Batch size"), N_("Terms that each gradient is taken from, on a surface made of data. 0: all of them."),
        ge=0, le=100_000, step=1, more=True,
    )  # fmt: skip
    spread: float = parameter(
        0.05, N_("Spread of the starts"), N_("Each seed begins somewhere else within this share of the plot's diagonal "
        "around the start, the same place for all methods. 0: at the start itself."), ge=0.0, le=0.5, step=0.01, more=True,
    )  # fmt: skip
    hyper: dict[str, dict[str, float]] = parameter(
        dict, N_("Hyper-parameters"), N_("That are given and not tuned, as in adam: {beta1: 0.9}."), hidden=True
    )
    seed: int = parameter(0, N_("Seed"), N_("Of the search, the starts and the noise."), ge=0, le=2**31 - 1, step=1, more=True)

    @field_validator("optimizers")
    @classmethod
    def _no_twins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("an optimizer is named twice")
        return value


class TurnedRequest(Request):
    """The fair race on a bowl that is turned step by step. Result: Turned."""

    job: ClassVar[str] = "explorer.descent.contest_turned:turned"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Turned valley")
    optimizers: tuple[str, ...] = parameter(
        CONTENDERS, N_("Optimizers"), N_("Who takes part."), choices="optimizer", min_length=1, max_length=64, hidden=True
    )
    condition: float = parameter(
        100.0, N_("Condition number"), N_("How many times steeper the bowl is along one axis than along the other."),
        ge=1.0, le=10_000.0, step=1.0, log=True,
    )  # fmt: skip
    angles: int = parameter(7, N_("Angles"), N_("How many, evenly from 0° to 45°."), ge=2, le=46, step=1)
    budget: int = parameter(
        500, N_("Budget in gradients"), N_("What every method may ask of the surface, in every run; a step that would go "
        "beyond it does not count."), ge=10, le=20_000, step=10, log=True,
    )  # fmt: skip
    trials: int = parameter(
        32, N_("Trials"), N_("Sets of hyper-parameters that are tried for each method at each angle."), ge=1, le=2000, step=1
    )
    scope: Scope = parameter(
        "all", N_("What is tuned"), N_("all: every hyper-parameter that is a number; rate: only the learning rate (or the "
        "step length), the rest as it stands."),
    )  # fmt: skip
    seeds: int = parameter(
        10, N_("Seeds"), N_("Runs of each tuned method that are reported; the same for all, none of them used for tuning."),
        ge=1, le=200, step=1,
    )  # fmt: skip
    tuning_seeds: int = parameter(
        5, N_("Seeds for tuning"), N_("Runs that every trial is judged by."), ge=1, le=20, step=1, more=True
    )
    noise: float = parameter(
        0.0, N_("Gradient noise"), N_("Standard deviation of the noise on every gradient, the same for all methods."),
        ge=0.0, le=100.0, step=0.01, more=True,
    )  # fmt: skip
    spread: float = parameter(
        0.04, N_("Spread of the starts"), N_("Each seed begins somewhere else within this share of the plot's diagonal "
        "around the start, the same place for all methods. 0: at the start itself."), ge=0.0, le=0.5, step=0.01, more=True,
    )  # fmt: skip
    seed: int = parameter(0, N_("Seed"), N_("Of the search, the starts and the noise."), ge=0, le=2**31 - 1, step=1, more=True)

    @field_validator("optimizers")
    @classmethod
    def _no_twins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("an optimizer is named twice")
        return value


class TaskRequest(Request):
    """A question about a race, with the answer that running it gives. Result: Task."""

    job: ClassVar[str] = "explorer.descent.contest_tasks:task"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Task")
    number: int = parameter(1, N_("Task"), N_("Which one, from 1."), ge=1, le=TASKS, step=1)
    resolution: int = parameter(200, N_("Resolution"), N_("Grid points along each side."), ge=16, le=1024, step=8, hidden=True)
    seed: int = parameter(0, N_("Seed"), N_("Another one makes other tasks."), ge=0, le=2**31 - 1, step=1)


class ContestExportRequest(ContestRequest):
    """A fair race written to a file: .json is its card, .png the card as a picture, .txt its words, .csv the curves.

    Result: the path, str. `card`: the text of a card that is already there, so that nothing has to be run again.
    """

    job: ClassVar[str] = "explorer.labs.contest_file:export"
    title: ClassVar[str] = N_("Save the card")
    path: str = parameter("card.json", N_("File"), N_("Where to write; the ending says what."), min_length=1)
    dark: bool = parameter(False, N_("Dark"), N_("Dark or light ground."))
