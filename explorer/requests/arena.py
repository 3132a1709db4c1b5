"""Two networks on one picture, or one network in two ways."""

from __future__ import annotations

from typing import ClassVar

from explorer.i18n import N_
from explorer.requests.base import Request, parameter
from explorer.requests.network import DetectRequest, Precision


class ArenaSide(DetectRequest):
    """One side of a comparison: any network that sees. What its task does not read of these is ignored."""

    title: ClassVar[str] = N_("One side of a comparison")
    job: ClassVar[str] = ""  # only the arena asks
    model: str = parameter("yolov3_tiny", N_("Network"), N_("A detector, a segmenter or a classifier."), choices="network")
    precision: Precision = parameter(
        "auto",
        N_("Precision"),
        N_("auto takes bfloat16 only where its agreement with float32 was measured and is good enough."),
    )
    exact: bool = parameter(False, N_("Exact"), N_("Run in torch float32, the reference, whatever it costs."))
    top: int = parameter(5, N_("Classes shown"), N_("How many of the best classes to show."), ge=1, le=20, step=1, hidden=True)
    track: bool = parameter(False, N_("Follow objects"), N_("One picture is compared: nobody is followed."), hidden=True)


class ArenaRequest(Request):
    """Run two networks of one task on the same frame, in turns, and compare answers, times and memory. Result: ArenaResult."""

    job: ClassVar[str] = "explorer.vision.arena:arena"
    title: ClassVar[str] = N_("Compare two networks")
    needs_frame: ClassVar[bool] = True
    a: ArenaSide = parameter(ArenaSide(), "A", N_("The first network."), hidden=True)
    b: ArenaSide = parameter(ArenaSide(exact=True), "B", N_("The second network."), hidden=True)
    repeats: int = parameter(
        5,
        N_("Runs"),
        N_("How often each side runs, in turns, after one run that is not counted; the median is shown."),
        ge=1,
        le=100,
        step=1,
    )
    match: float = parameter(
        0.5,
        N_("Same object from"),
        N_("Two boxes mean the same object if their intersection over union is at least this."),
        ge=0.1,
        le=0.95,
        step=0.05,
    )
    any_class: bool = parameter(
        True,
        N_("Other names too"),
        N_("Boxes left over may mean the same object under another name; they are listed as renamed."),
        more=True,
    )
    again: int = parameter(
        0, N_("Again"), N_("Another number measures anew what was measured on this frame."), ge=0, le=2**31, step=1, hidden=True
    )
