"""Looking into a network: filters and activations."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

ColourMap = Literal["viridis", "cividis", "magma", "grey", "diverging"]
Scale = Literal["map", "layer"]


class FiltersRequest(NetworkRequest):
    """The kernels of a convolution as tiles: RGB where it sees RGB, else one input channel's slices. Result: Mosaic."""

    job: ClassVar[str] = "explorer.features.filters:filters"
    title: ClassVar[str] = N_("Filters")
    layer: str = parameter("", N_("Layer"), N_("A convolution. Empty: the first one."), choices="convolution")
    input_channel: int = parameter(
        0,
        N_("Input channel"),
        N_("Which slice of each kernel to show where the layer sees more than three channels."),
        ge=0,
        le=4095,
        step=1,
    )
    scale: Scale = parameter(
        "map", N_("Range"), N_("Stretch colours over each tile's own values, or over the whole layer's."), more=True
    )


class ActivationsRequest(NetworkRequest):
    """All channels of a layer for the current picture. Result: Mosaic."""

    job: ClassVar[str] = "explorer.features.activations:activations"
    title: ClassVar[str] = N_("Activations")
    needs_frame: ClassVar[bool] = True
    layer: str = parameter("", N_("Layer"), N_("The layer to look at. Empty: the first one."), choices="layer")
    colour_map: ColourMap = parameter(
        "viridis", N_("Colours"), N_("A perceptually even colour map; the diverging one is centred on zero.")
    )
    scale: Scale = parameter("map", N_("Range"), N_("Stretch colours over each map's own values, or over the whole layer's."))
