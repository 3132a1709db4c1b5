"""A detector looked through."""

from __future__ import annotations

from typing import ClassVar

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import DetectRequest


class XrayRequest(DetectRequest):
    """Follow one picture through a detector, from pixels to boxes. Result: XrayRecord, in torch float32.

    Everything but the network acts on the last pass over the same frame. What is followed: `object`, a row of the result, if
    given; else the object nearest to `box`; else `cell`; else the best object, the best candidate, or the cell that says most.
    """

    job: ClassVar[str] = "explorer.vision.xray:xray"
    title: ClassVar[str] = N_("X-ray of a detector")
    needs_frame: ClassVar[bool] = True
    track: bool = parameter(False, N_("Follow objects"), N_("The X-ray looks at one picture: it follows nobody."), hidden=True)
    cell: tuple[int, int, int, int] | None = parameter(
        None, N_("Cell"), N_("Scale, row, column and anchor of the cell to follow, each counted from 0."), hidden=True
    )
    object: int | None = parameter(
        None, N_("Object"), N_("The object to follow, best first, counted from 0."), ge=0, le=999, step=1, hidden=True
    )
    box: tuple[float, float, float, float] | None = parameter(
        None,
        N_("Nearest box"),
        N_("Follow the object that overlaps this box most: left, top, right, bottom in frame pixels."),
        hidden=True,
    )
    class_index: int | None = parameter(
        None,
        N_("Class"),
        N_("The class whose maps are shown, by its number. Empty: that of the object that is followed."),
        ge=0,
        le=99_999,
        step=1,
        hidden=True,
    )
    stage: str = parameter("input", N_("Stage"), N_("The stage that the window shows."), hidden=True, max_length=40)
