"""What the live picture has drawn over it."""

from __future__ import annotations

from typing import ClassVar

from explorer.i18n import N_
from explorer.requests.base import Request, parameter


class LiveLook(Request):
    """The choice of what is drawn over a picture, and how. No job: the window draws."""

    title: ClassVar[str] = N_("Drawing")
    boxes: bool = parameter(True, N_("Boxes"), N_("A box around each object."))
    names: bool = parameter(True, N_("Names"), N_("The name of the class on each box."))
    scores: bool = parameter(True, N_("Scores"), N_("How sure the network is, on each box."))
    numbers: bool = parameter(True, N_("Numbers"), N_("The number of an object that is followed, on its box."))
    trails: bool = parameter(True, N_("Trails"), N_("The way that each followed object has come."))
    trail_s: float = parameter(
        2.0, N_("Length of trails"), N_("How far back a trail reaches."), ge=0.2, le=10.0, step=0.1, unit=N_("s")
    )
    fill: bool = parameter(True, N_("Fill"), N_("Masks are filled with the colour of their class."))
    opacity: float = parameter(
        0.4, N_("Strength of the fill"), N_("0: not seen, 1: hides the object."), ge=0.0, le=1.0, step=0.05
    )
    outline: bool = parameter(True, N_("Outline"), N_("A line along the border of each mask."))
    shade: float = parameter(
        0.65,
        N_("Darkness around the object"),
        N_("How much light is taken from what does not belong to the object. 0: none, 1: all."),
        ge=0.0,
        le=1.0,
        step=0.05,
    )
    answers: bool = parameter(
        True, N_("Answers in the picture"), N_("The best classes, or the share, written over the picture.")
    )
    line: float = parameter(
        3.0, N_("Line width"), N_("Of boxes, outlines and trails."), ge=1.0, le=8.0, step=0.5, unit=N_("px")
    )
    text: float = parameter(
        1.0, N_("Text size"), N_("Of labels, as a multiple of the usual size."), ge=0.5, le=3.0, step=0.1, unit=N_("x")
    )
    record: tuple[str, ...] = parameter(
        (".mp4",), N_("What to record"), N_("The kinds of files that Record writes."), hidden=True, max_length=8
    )
