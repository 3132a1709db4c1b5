"""The loss of a network over a plane of its weights, and training that leaves that plane."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

WeightDirections = Literal["filter", "random"]


class LandscapeRequest(NetworkRequest):
    """The loss over two directions of the weights, around the loaded ones. Result, and previews: Landscape."""

    job: ClassVar[str] = "explorer.features.landscape:landscape"
    title: ClassVar[str] = N_("Loss landscape")
    needs_frame: ClassVar[bool] = True
    directions: WeightDirections = parameter(
        "filter",
        N_("Directions"),
        N_(
            "Both are random. filter: for every filter as long as that filter's weights, so that networks can be compared; "
            "random: as long as all weights together."
        ),
    )
    extent: float = parameter(
        0.5,
        N_("Extent"),
        N_("How far the plane reaches to each side; 1 is as far as the weights are long."),
        ge=0.001,
        le=10.0,
        step=0.01,
        log=True,
    )
    size: int = parameter(
        25, N_("Points a side"), N_("How finely the plane is looked at; every point is one pass."), ge=9, le=129, step=8
    )
    views: int = parameter(
        4,
        N_("Views"),
        N_("Of the picture, mirrored and shifted by the seed; the loss is their mean."),
        ge=1,
        le=32,
        step=1,
    )
    target: int = parameter(
        -1,
        N_("Class"),
        N_("The class that the loss wants, by its number; -1 is what the network itself says of the picture."),
        ge=-1,
        le=99_999,
        step=1,
    )
    seed: int = parameter(0, N_("Seed"), N_("Of the directions and the views."), ge=0, le=2**31 - 1, step=1)


class DescentRequest(LandscapeRequest):
    """Training in all weights from a point of the plane, by a class of torch.optim. Result, and previews: Descent."""

    job: ClassVar[str] = "explorer.features.descent_path:descend"
    title: ClassVar[str] = N_("Path in all weights")
    method: str = parameter(
        "SGD(lr=0.01, momentum=0.9)",
        N_("Method"),
        N_("A class of torch.optim with its options, as in Adam(lr=0.001)."),
        min_length=1,
        max_length=300,
    )
    steps: int = parameter(40, N_("Steps"), N_("How many it takes."), ge=1, le=2000, step=1)
    start: tuple[float, float] | None = parameter(
        None,
        N_("Start"),
        N_("Where it begins, in shares of the extent, -1 to 1. Empty: at the highest of four places. Click the map to set it."),
    )


def map_part(request: DescentRequest) -> LandscapeRequest:
    """The plane on which a path is seen."""
    return LandscapeRequest.model_validate(request.model_dump(include=set(LandscapeRequest.model_fields)))
