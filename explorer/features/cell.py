"""One unit of a layer: where it stands in the layer's output, and where the picture lies that it looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from explorer.features.layers import maps_of
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.engine.prepare import Geometry, Prepared
    from explorer.jobs import Work
    from explorer.records.frame import Frame


@dataclass(frozen=True)
class Cell:
    """The unit (`y`, `x`) of a map `map_hw` of one of `channels` channels, or of all of them (`channel` None).

    `index` picks its numbers out of the layer's output tensor, which is laid out as `layers.maps_of` reads it.
    """

    channel: int | None
    y: int
    x: int
    map_hw: tuple[int, int]
    channels: int
    index: tuple[Any, ...]


def cell_of(output: torch.Tensor, layer: str, channel: int | None, y: int | None, x: int | None) -> Cell:
    """The cell that a request names; None for `y` or `x` is the middle. Raises BadRequestError where there is no such cell."""
    count, height, width = maps_of(output, layer).shape
    y, x = height // 2 if y is None else y, width // 2 if x is None else x
    if channel is not None and channel >= count:
        raise BadRequestError(
            Trouble(
                "cell.channel",
                N_("Layer {layer} has {count} channels, counted from 0: there is no channel {channel}."),
                {"layer": layer, "count": count, "channel": channel},
                exit_code=2,
            )
        )
    if y >= height or x >= width:
        raise BadRequestError(
            Trouble(
                "cell.place",
                N_("The maps of layer {layer} have {rows} rows and {columns} columns: there is no row {y}, column {x}."),
                {"layer": layer, "rows": height, "columns": width, "y": y, "x": x},
                N_("Both are counted from 0."),
                exit_code=2,
            )
        )
    which: Any = slice(None) if channel is None else channel
    index = {4: (0, which, y, x), 3: (0, y, x), 2: (0, which)}[output.ndim]
    return Cell(channel, y, x, (height, width), count, index)


def frame_of(work: Work) -> Frame:
    """The picture of a job that needs one."""
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    return work.frame


def prepared_at(network: Network, frame: Frame, side: int | None) -> Prepared:
    """The frame as the network wants it, or at another side of the square."""
    if side in (None, network.recipe.size):
        return network.prepare(frame)
    return replace(network.recipe, size=side).prepare(frame.rgb, network.device)


def input_xyxy(where: Geometry) -> tuple[float, float, float, float]:
    """The network's square input in pixels of the frame; beyond the frame where its input has borders."""
    left, top = -where.left / where.scale_x, -where.top / where.scale_y
    return left, top, (where.size - where.left) / where.scale_x, (where.size - where.top) / where.scale_y
