"""Looking into a network: filters and activations."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import field_validator

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

ColourMap = Literal["viridis", "cividis", "magma", "grey", "diverging"]
Scale = Literal["map", "layer"]
KernelView = Literal["kernels", "inputs"]
KernelSort = Literal["natural", "l1", "l2", "sparsity"]
MapSort = Literal["natural", "mean", "max", "variance", "sparsity"]
GAMMA_HELP = N_("A value at the place t of the range is drawn at t^(1/gamma): above 1 lifts faint values, below 1 dims them.")
RANGE_HELP = N_(
    "Colours run from the first number to the second in every tile, for every picture. Own: these two, not the line above."
)


def _in_order(ends: tuple[float, float] | None) -> tuple[float, float] | None:
    if ends is not None and not ends[0] < ends[1]:
        raise ValueError("the first number must be smaller than the second")
    return ends


def _scale() -> Any:
    return parameter("map", N_("Range"), N_("Stretch colours over each tile's own values, or over the whole layer's."))


def _range() -> Any:
    return parameter(None, N_("Fixed range"), RANGE_HELP, step=0.01, more=True)


def _gamma() -> Any:
    return parameter(1.0, N_("Gamma"), GAMMA_HELP, ge=0.2, le=5.0, step=0.05, log=True, more=True)


class FiltersRequest(NetworkRequest):
    """The kernels of a convolution as tiles: RGB where it sees RGB, else one slice of each. Result: Mosaic."""

    job: ClassVar[str] = "explorer.features.filters:filters"
    title: ClassVar[str] = N_("Filters")
    layer: str = parameter("", N_("Layer"), N_("A convolution. Empty: the first one."), choices="convolution")
    view: KernelView = parameter(
        "kernels",
        N_("Show"),
        N_("All kernels, by one input channel of each; or one kernel, by all its input channels."),
    )
    input_channel: int = parameter(
        0,
        N_("Input channel"),
        N_("Which slice of each kernel to show where the layer sees more than three channels."),
        ge=0,
        le=4095,
        step=1,
    )
    kernel: int = parameter(0, N_("Kernel"), N_("Which kernel to show all slices of, counted from 0."), ge=0, le=65535, step=1)
    sort: KernelSort = parameter(
        "natural",
        N_("Order"),
        N_("As the layer numbers them, or by norm: L1 is the sum of |w|, L2 the root of the sum of w^2; sparsity after Hoyer."),
    )
    spectrum: bool = parameter(
        False,
        N_("Spectrum"),
        N_("The frequencies a kernel lets through, in dB: 20 log10 of the magnitude of its Fourier transform at 32 x 32."),
    )
    scale: Scale = _scale()
    range: tuple[float, float] | None = _range()
    gamma: float = _gamma()

    _ordered = field_validator("range")(_in_order)


class ActivationsRequest(NetworkRequest):
    """All channels of a layer for the current picture. Result: Mosaic."""

    job: ClassVar[str] = "explorer.features.activations:activations"
    title: ClassVar[str] = N_("Activations")
    needs_frame: ClassVar[bool] = True
    layer: str = parameter("", N_("Layer"), N_("The layer to look at. Empty: the first one."), choices="layer")
    colour_map: ColourMap = parameter(
        "viridis", N_("Colours"), N_("A perceptually even colour map; the diverging one is centred on zero.")
    )
    scale: Scale = _scale()
    range: tuple[float, float] | None = _range()
    gamma: float = _gamma()
    sort: MapSort = parameter(
        "natural",
        N_("Order"),
        N_("As the layer numbers them, or the largest first: mean, maximum, variance, or sparsity after Hoyer."),
    )
    input_size: int | None = parameter(
        None,
        N_("Input size"),
        N_("Side of the square that the picture is brought to. Empty: the network's own size; smaller needs less memory."),
        ge=16,
        le=4096,
        step=16,
        unit=N_("pixels"),
        more=True,
    )
    pinned: tuple[int, ...] = parameter(
        (), N_("Pinned channels"), N_("These channels come first."), hidden=True, max_length=65536
    )
    live_values: int = parameter(
        0,
        N_("Values of a live picture"),
        N_("A layer with more numbers is sent as means of squares; 0 sends every number."),
        ge=0,
        le=100_000_000,
        step=1,
        hidden=True,
    )
    detail: int | None = parameter(
        None,
        N_("Channel in full"),
        N_("This channel is sent with every number all the same."),
        ge=0,
        le=65535,
        step=1,
        hidden=True,
    )

    _ordered = field_validator("range")(_in_order)
