"""The numbers behind one number."""

from __future__ import annotations

from typing import ClassVar

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

MOST_CELLS = 65535


class NumbersRequest(NetworkRequest):
    """How one number of a layer came about: its window, kernel, products, sum, bias, activation. Result: Numbers."""

    job: ClassVar[str] = "explorer.features.numbers:numbers"
    title: ClassVar[str] = N_("Numbers")
    needs_frame: ClassVar[bool] = True
    layer: str = parameter("", N_("Layer"), N_("The layer of the number. Empty: the first one."), choices="layer")
    channel: int | None = parameter(
        None,
        N_("Channel"),
        N_("Its channel, counted from 0. Empty: the one with the largest value there."),
        ge=0,
        le=MOST_CELLS,
        step=1,
    )
    y: int | None = parameter(
        None, N_("Row"), N_("Its row in the map, counted from 0. Empty: the middle."), ge=0, le=MOST_CELLS, step=1
    )
    x: int | None = parameter(
        None, N_("Column"), N_("Its column in the map, counted from 0. Empty: the middle."), ge=0, le=MOST_CELLS, step=1
    )
    input_size: int | None = parameter(
        None,
        N_("Side of the input"),
        N_("Side of the square that the picture is brought to."),
        ge=16,
        le=4096,
        step=1,
        hidden=True,
    )
