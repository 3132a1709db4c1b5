"""What is shown of a race beside its paths."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import Request, parameter

Quantity = Literal["loss", "slope", "rate", "distance", "length"]


class RaceLook(Request):
    """The choice of curve and arrows. No job: the window draws."""

    title: ClassVar[str] = N_("Curve")
    quantity: Quantity = parameter("loss", N_("Curve"), N_("What the chart shows."))
    against: Literal["steps", "gradients"] = parameter(
        "steps", N_("Against"), N_("Steps, or what was asked of the surface, counted in gradients: a line search asks several.")
    )
    logarithmic: bool = parameter(True, N_("Logarithmic"), N_("Each line is ten times the one below, or as much more."))
    arrows: bool = parameter(
        False, N_("Memory at the heads"), N_("An arrow for the velocity, a rectangle for the root of the squared gradients.")
    )
