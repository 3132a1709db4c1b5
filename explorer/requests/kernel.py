"""A kernel on the current picture: chosen, worked out, edited by hand, or taken from a layer."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

Preset = Literal[
    "sobel_x", "sobel_y", "laplacian", "gaussian", "gabor", "sharpen", "emboss", "box", "identity", "numbers", "filter"
]
Normalise = Literal["none", "sum", "absolute"]
Colours = Literal["grey", "colour"]
Display = Literal["signed", "absolute", "plain"]
LONGEST_KERNEL = 15  # both sides


class KernelRequest(NetworkRequest):
    """Slide a kernel over the picture. Result: Picture, facts `rows`, `columns`, `numbers`, `low`, `high`.

    Correlation, as networks do it: the kernel is not turned round. Padding mirrors the picture without doubling its edge.
    `numbers`, `rows`, `columns`: the kernel of the preset "numbers", row by row. "filter": the slice for input channel
    `input_channel` of kernel `channel` of `layer` of the network.
    """

    job: ClassVar[str] = "explorer.features.kernel:kernel"
    title: ClassVar[str] = N_("Kernel")
    needs_frame: ClassVar[bool] = True
    preset: Preset = parameter("sobel_x", N_("Kernel"), N_("A known kernel, your own numbers, or a filter of the network."))
    size: int = parameter(
        3, N_("Size"), N_("Rows and columns of a known kernel."), ge=3, le=LONGEST_KERNEL, step=2, unit=N_("px")
    )
    sigma: float = parameter(
        1.0, N_("Width"), N_("Standard deviation of Gaussian and Gabor."), ge=0.2, le=8.0, step=0.1, unit=N_("px")
    )
    wavelength: float = parameter(
        4.0, N_("Wavelength"), N_("Distance of the stripes of a Gabor kernel."), ge=2.0, le=30.0, step=0.1, unit=N_("px")
    )
    angle: float = parameter(
        0.0,
        N_("Angle"),
        N_("Across which direction the stripes of a Gabor kernel run: 0 answers to upright edges."),
        ge=-180.0,
        le=180.0,
        step=5.0,
        unit=N_("°"),
    )
    phase: float = parameter(
        90.0,
        N_("Phase"),
        N_("Where the stripes of a Gabor kernel begin: 0 answers to lines, 90 to edges."),
        ge=-180.0,
        le=180.0,
        step=5.0,
        unit=N_("°"),
    )
    normalise: Normalise = parameter(
        "none",
        N_("Normalise"),
        N_("Divide the numbers by their sum (brightness stays), or by the sum of their sizes (the answer stays in -1..1)."),
    )
    colours: Colours = parameter(
        "grey", N_("Picture"), N_("Slide over the grey picture, or over red, green and blue one by one.")
    )
    display: Display = parameter(
        "signed",
        N_("Shown as"),
        N_("Signed: middle grey is zero. Absolute: the size of the answer. Plain: as a picture, cut at black and white."),
    )
    layer: str = parameter("", N_("Layer"), N_("A convolution. Empty: the first one."), choices="convolution")
    channel: int = parameter(0, N_("Filter"), N_("Which kernel of the layer, counted from 0."), ge=0, le=65535, step=1)
    input_channel: int = parameter(
        0, N_("Input channel"), N_("Which slice of the kernel, counted from 0."), ge=0, le=65535, step=1
    )
    rows: int = parameter(0, N_("Rows"), N_("Rows of your own numbers."), ge=0, le=LONGEST_KERNEL, step=1, hidden=True)
    columns: int = parameter(0, N_("Columns"), N_("Columns of your own numbers."), ge=0, le=LONGEST_KERNEL, step=1, hidden=True)
    numbers: tuple[float, ...] = parameter(
        (), N_("Numbers"), N_("Your own kernel, row by row."), hidden=True, max_length=LONGEST_KERNEL**2
    )

    @model_validator(mode="after")
    def _whole(self) -> KernelRequest:
        if len(self.numbers) != self.rows * self.columns:
            raise ValueError("numbers must be rows x columns many")
        if self.preset == "numbers" and not self.numbers:
            raise ValueError("a kernel of your own needs its numbers")
        return self
