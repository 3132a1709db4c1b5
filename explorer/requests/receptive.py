"""What a unit sees of the picture, and what sees a pixel of it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

Over = Literal["picture", "random"]
MOST_CELLS = 65535


def _input_size() -> Any:
    return parameter(
        None,
        N_("Side of the input"),
        N_("Side of the square that the picture is brought to."),
        ge=16,
        le=4096,
        step=1,
        hidden=True,
    )


class ReceptiveRequest(NetworkRequest):
    """The receptive field of one unit, theoretical (a box) and effective (heat). Result: Receptive."""

    job: ClassVar[str] = "explorer.features.receptive:receptive"
    title: ClassVar[str] = N_("Receptive field")
    needs_frame: ClassVar[bool] = True
    layer: str = parameter("", N_("Layer"), N_("The layer of the unit. Empty: the first one."), choices="layer")
    channel: int | None = parameter(
        None,
        N_("Channel"),
        N_("Its channel, counted from 0. Empty: all channels of the place together."),
        ge=0,
        le=MOST_CELLS,
        step=1,
    )
    y: int | None = parameter(
        None, N_("Row"), N_("Row of the unit in its map, counted from 0. Empty: the middle."), ge=0, le=MOST_CELLS, step=1
    )
    x: int | None = parameter(
        None, N_("Column"), N_("Column of the unit in its map, counted from 0. Empty: the middle."), ge=0, le=MOST_CELLS, step=1
    )
    over: Over = parameter(
        "picture",
        N_("Heat over"),
        N_(
            "picture: the gradient for this picture. random: the mean over random pictures, the unit's habit (Luo et al. 2016)."
        ),
    )
    samples: int = parameter(
        16, N_("Random pictures"), N_("How many random pictures the mean is taken over."), ge=1, le=256, step=1, more=True
    )
    seed: int = parameter(
        0, N_("Seed"), N_("The same seed gives the same random pictures."), ge=0, le=2**31 - 1, step=1, more=True
    )
    input_size: int | None = _input_size()


class SeenByRequest(NetworkRequest):
    """Which cells of every layer see one pixel of the picture. Result: SeenBy."""

    job: ClassVar[str] = "explorer.features.receptive:seen_by"
    title: ClassVar[str] = N_("Seen by")
    needs_frame: ClassVar[bool] = True
    layer: str = parameter(
        "", N_("Layer"), N_("The layer whose cells are shown one by one. Empty: the first one."), choices="layer"
    )
    pixel_x: float = parameter(
        0.0, N_("Pixel x"), N_("Place in the picture, from its left edge."), ge=0.0, le=1e6, step=1, unit=N_("px")
    )
    pixel_y: float = parameter(
        0.0, N_("Pixel y"), N_("Place in the picture, from its upper edge."), ge=0.0, le=1e6, step=1, unit=N_("px")
    )
    input_size: int | None = _input_size()
