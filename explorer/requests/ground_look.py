"""What is shown of a surface beside its contour."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator

from explorer.i18n import N_
from explorer.requests.base import Request, parameter

View = Literal["2-D", "3-D", "both"]


class GroundLook(Request):
    """The choice of views and of what lies over them. No job: the window draws."""

    title: ClassVar[str] = N_("View of the surface")
    view: View = parameter("2-D", N_("View"), N_("The contour, the surface in space, or both."))
    slopes: bool = parameter(False, N_("Downhill arrows"), N_("Against the gradient: where gradient descent would go."))
    parabola: bool = parameter(
        False,
        N_("Newton's parabola"),
        N_("What has the same value, slope and curvature at the cursor: its level lines, its axes, and where it is level."),
    )
    numbers: bool = parameter(
        False, N_("Numbers at the cursor"), N_("Value, gradient, eigenvalues of the Hessian, Newton's target.")
    )
    ranges: dict[str, tuple[float, float]] = parameter(
        dict, N_("Ranges"), N_("From where to where the slider of each letter of an own formula goes."), hidden=True
    )

    @field_validator("ranges")
    @classmethod
    def _rising(cls, value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        if len(value) > 50 or any(not low < high or max(abs(low), abs(high)) > 1e9 for low, high in value.values()):
            raise ValueError("a range goes from a lower to a higher number")
        return value
