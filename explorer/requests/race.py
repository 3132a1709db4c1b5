"""Optimizers on 2-D error surfaces."""

from __future__ import annotations

from typing import ClassVar

from pydantic import field_validator

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter

SIX = ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")


class SurfaceRequest(Request):
    """A surface sampled on a grid, for the contour. Result: SurfaceSamples."""

    job: ClassVar[str] = "explorer.descent.race:sample"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Surface")
    surface: str = parameter("saddle", N_("Surface"), N_("The error surface."), choices="surface")
    resolution: int = parameter(200, N_("Resolution"), N_("Grid points along each side."), ge=16, le=1024, step=8, more=True)


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
    steps: int = parameter(300, N_("Steps"), N_("How many steps each of them may take."), ge=1, le=100_000, step=1)
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
    seed: int = parameter(
        0, N_("Seed"), N_("Of the gradient noise, where a method has any."), ge=0, le=2**31 - 1, step=1, more=True
    )

    @field_validator("optimizers")
    @classmethod
    def _no_twins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("an optimizer is named twice")
        return value
