"""Points of one's own, from a file or from the clipboard."""

from __future__ import annotations

from typing import ClassVar

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter

MOST = 2000  # points of a surface


class PointsRequest(Request):
    """Read a table of points: numbers with commas, semicolons, tabs or blanks between them. Result: PointTable."""

    job: ClassVar[str] = "explorer.labs.points_file:read"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Points")
    path: str = parameter("", N_("File"), N_("A table: x, y and, for two classes, the class of each point."), hidden=True)
    text: str = parameter("", N_("Text"), N_("The table itself, in place of a file."), max_length=1_000_000, hidden=True)
    classes: bool = parameter(False, N_("Classes"), N_("The third column is the class of a point."), hidden=True)
