"""What happens without each channel: which of them carry an answer, and the answer before and after surgery."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.attribution import Box, TargetKind
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

RankedBy = Literal["probability", "logit"]


class AblateRequest(NetworkRequest):
    """Mute every channel of a layer in turn and rank them by how much the answer falls. Result: Ablation; previews partial.

    `target`, `class_index`, `box`: what is measured, as in AttributeRequest: a class, a detected box, the mask; None: the best.
    """

    job: ClassVar[str] = "explorer.features.ablation:ablate"
    title: ClassVar[str] = N_("Rank channels")
    needs_frame: ClassVar[bool] = True
    layer: str = parameter(
        "",
        N_("Layer"),
        N_("Whose channels are muted one by one. Empty: the last one with maps before the answer."),
        choices="layer",
    )
    target: TargetKind = parameter(
        "auto", N_("What to measure"), N_("The network's answer (a class, a box, a mask), or one unit inside it."), hidden=True
    )
    class_index: int | None = parameter(
        None, N_("Class"), N_("The number of the class. Empty: the best one."), ge=0, le=1_000_000, step=1, hidden=True
    )
    box: Box | None = parameter(None, N_("Box"), N_("Left, top, right, bottom in pixels of the picture."), hidden=True)
    unit: str = parameter(
        "", N_("Unit"), N_("A unit as LAYER:CHANNEL:Y:X, or a whole map as LAYER:CHANNEL."), hidden=True, max_length=600
    )
    by: RankedBy = parameter(
        "probability",
        N_("Rank by"),
        N_("The fall of the probability people know, or of the raw number behind it (logit)."),
    )
    together: int = parameter(
        5, N_("Together"), N_("How many of the first channels are also muted all at once."), ge=1, le=64, step=1
    )


class CompareRequest(NetworkRequest):
    """The network's answer to one picture without and with the surgery. Result: Comparison."""

    job: ClassVar[str] = "explorer.vision.compare:compare"
    title: ClassVar[str] = N_("Before and after")
    needs_frame: ClassVar[bool] = True
    top: int = parameter(5, N_("Classes shown"), N_("How many of the best classes to show."), ge=1, le=20, step=1)
    confidence: float = parameter(
        0.35, N_("Confidence"), N_("Objects with a lower score are not shown."), ge=0.01, le=1.0, step=0.01
    )
