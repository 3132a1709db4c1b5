"""Why the network says what it says: which methods, about what, and how."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator, model_validator

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

TargetKind = Literal["auto", "class", "unit", "box", "mask"]
Baseline = Literal["black", "grey", "mean", "blur"]
Fill = Literal["blur", "grey"]
MOST_METHODS = 16
Box = tuple[float, float, float, float]


class AttributeRequest(NetworkRequest):
    """Explain one number of the network by the picture. Result: AttributionSet; previews have the methods done so far.

    `target`: "auto" takes what the network is made for: a classifier's class, a detector's box, a segmenter's mask.
    `class_index`: of the class, or of the box; None: the best one. `box`: left, top, right, bottom in pixels of the frame;
    None: the strongest object, or the whole mask. `unit`: "LAYER:CHANNEL" or "LAYER:CHANNEL:Y:X", counted from 0.
    """

    job: ClassVar[str] = "explorer.features.attribution:attribute"
    title: ClassVar[str] = N_("Explain")
    needs_frame: ClassVar[bool] = True
    methods: tuple[str, ...] = parameter(
        ("gradcam", "saliency", "integrated_gradients", "occlusion"),
        N_("Methods"),
        N_("Which explanations to make, side by side."),
        choices="attribution",
        min_length=1,
        max_length=MOST_METHODS,
    )
    target: TargetKind = parameter(
        "auto", N_("What to explain"), N_("The network's answer (a class, a box, a mask), or one unit inside it."), hidden=True
    )
    class_index: int | None = parameter(
        None, N_("Class"), N_("The number of the class. Empty: the best one."), ge=0, le=1_000_000, step=1, hidden=True
    )
    box: Box | None = parameter(
        None, N_("Box of the object"), N_("Left, top, right, bottom in pixels of the picture."), hidden=True
    )
    unit: str = parameter(
        "", N_("Unit"), N_("A unit as LAYER:CHANNEL:Y:X, or a whole map as LAYER:CHANNEL."), hidden=True, max_length=600
    )
    layer: str = parameter(
        "",
        N_("CAM layer"),
        N_("Whose maps the CAM methods weigh. Empty: chosen by the network's architecture, and explained."),
        choices="layer",
    )
    samples: int = parameter(
        16,
        N_("Samples"),
        N_("SmoothGrad: over how many noisy copies of the picture the gradient is averaged."),
        ge=1,
        le=256,
        step=1,
        more=True,
        group=N_("SmoothGrad"),
    )
    noise: float = parameter(
        0.15,
        N_("Noise"),
        N_("SmoothGrad: the noise's standard deviation, as a share of the range of the picture's values."),
        ge=0.0,
        le=1.0,
        step=0.01,
        more=True,
        group=N_("SmoothGrad"),
    )
    steps: int = parameter(
        32,
        N_("Steps"),
        N_("Integrated gradients: at how many points between baseline and picture the gradient is taken."),
        ge=2,
        le=512,
        step=1,
        more=True,
        group=N_("Integrated gradients"),
    )
    baseline: Baseline = parameter(
        "black",
        N_("Baseline"),
        N_("What counts as nothing: black, middle grey, the picture's mean colour, or the picture blurred."),
        more=True,
        group=N_("Integrated gradients"),
    )
    patch: int = parameter(
        0,
        N_("Patch"),
        N_("Occlusion: side of the covered square in pixels of the network's input. 0: a sixth of it."),
        ge=0,
        le=512,
        step=1,
        unit=N_("px"),
        more=True,
        group=N_("Occlusion"),
    )
    stride: int = parameter(
        0,
        N_("Stride"),
        N_("Occlusion: how far the square moves. 0: half of its side."),
        ge=0,
        le=512,
        step=1,
        unit=N_("px"),
        more=True,
        group=N_("Occlusion"),
    )
    maps: int = parameter(
        128,
        N_("Maps tried"),
        N_("Score-CAM and Ablation-CAM: how many of the layer's maps are tried, the strongest first."),
        ge=1,
        le=4096,
        step=1,
        log=True,
        more=True,
        group=N_("Score-CAM, Ablation-CAM"),
    )
    seed: int = parameter(0, N_("Seed"), N_("The same seed gives the same result."), ge=0, le=2**31 - 1, step=1, more=True)

    @field_validator("box")
    @classmethod
    def _upright(cls, box: Box | None) -> Box | None:
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            raise ValueError("a box is left, top, right, bottom with left < right and top < bottom")
        return box

    @model_validator(mode="after")
    def _complete(self) -> AttributeRequest:
        if self.unit:
            parse_unit(self.unit)
        elif self.target == "unit":
            raise ValueError("a unit is named as LAYER:CHANNEL or LAYER:CHANNEL:Y:X")
        return self


class TrustRequest(AttributeRequest):
    """Remove and insert the picture in the order of each method's heat. Result: TrustCurves; previews: those done so far."""

    job: ClassVar[str] = "explorer.features.attribution_trust:trust"
    title: ClassVar[str] = N_("Measure trust")
    points: int = parameter(
        24, N_("Points of the curve"), N_("At how many shares of the picture the network is asked."), ge=4, le=100, step=1
    )
    fill: Fill = parameter(
        "blur", N_("Removed becomes"), N_("What stands where the picture is removed: the picture blurred, or its mean colour.")
    )
    block: int = parameter(
        0,
        N_("Block"),
        N_("Side of the squares that go at once, in pixels of the network's input. 0: a twenty-eighth of it."),
        ge=0,
        le=128,
        step=1,
        unit=N_("px"),
        more=True,
    )


class RandomiseRequest(AttributeRequest):
    """Give the network random numbers, layer by layer from the top, and explain again. Result: Randomisation.

    Uses the first of `methods`. Previews have the stages done so far.
    """

    job: ClassVar[str] = "explorer.features.attribution_random:randomise"
    title: ClassVar[str] = N_("Randomise the network")
    stages: int = parameter(
        6, N_("Stages"), N_("In how many steps the layers get random numbers, from the last to the first."), ge=1, le=32, step=1
    )


def parse_unit(text: str) -> tuple[str, int, int | None, int | None]:
    """(layer, channel, y, x) of "LAYER:CHANNEL" or "LAYER:CHANNEL:Y:X". Raises ValueError with a sentence."""
    layer, *numbers = text.split(":")
    if not layer or len(numbers) not in (1, 3) or not all(number.strip().isdigit() for number in numbers):
        raise ValueError("a unit is named as LAYER:CHANNEL or LAYER:CHANNEL:Y:X, as in features.9:12:6:6")
    channel, *place = (int(number) for number in numbers)
    return layer, channel, *(place or (None, None))
