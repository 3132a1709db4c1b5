"""Optimizers from many starts at once."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.race import RaceRequest


class StartsRequest(RaceRequest):
    """Every method of a race from many starts. Result: Swarm."""

    job: ClassVar[str] = "explorer.descent.starts:starts"
    title: ClassVar[str] = N_("Many starts")
    starts: Literal["line", "grid", "cloud"] = parameter(
        "grid",
        N_("Starts"),
        N_("A line through the start, a grid over the plot, or a cloud around the start, cast by the seed."),
    )
    count: int = parameter(25, N_("Count"), N_("How many starts; a grid takes the nearest square."), ge=2, le=400, step=1)
    reach: float = parameter(0.8, N_("Reach"), N_("Share of the plot that the starts cover."), ge=0.01, le=1.0, step=0.01)
    angle: float = parameter(
        90.0, N_("Angle of the line"), N_("0: along x, 90: along y."), ge=0.0, le=180.0, step=1.0, unit=N_("°"), more=True
    )
