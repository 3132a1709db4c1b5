"""One unit under the lens: what it sees of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.receptive import ReceptiveRequest, SeenByRequest

if TYPE_CHECKING:
    from explorer.records.frame import RGB, Frame
    from explorer.records.receptive import Receptive, SeenBy

BOX = (255, 255, 255)
SHADOW = (0, 0, 0)


@click.command(
    help=tr(
        "Show what a unit sees of a picture, or with --pixel who sees a pixel, as in: "
        "explorer receptive squeezenet1_1 cat.jpg --layer features.7 --y 10 --x 12 -o heat.png"
    )
)
@click.argument("model")
@click.argument("picture", metavar="FILE")
@request_flags(ReceptiveRequest, skip=("model", "input_size"))
@click.option(
    "--pixel",
    type=(float, float),
    default=None,
    metavar="X Y",
    help=tr("The reverse: which cells of every layer see this pixel."),
)
@output_option(tr("Box and heat over the picture (.png .jpg), or the numbers (.npz)."))
@json_option()
def receptive(picture: str, output: str | None, as_json: bool, pixel: tuple[float, float] | None, **values: Any) -> int:
    """`explorer receptive MODEL FILE`."""
    if pixel is not None:
        return _reverse(build(SeenByRequest, {**values, "pixel_x": pixel[0], "pixel_y": pixel[1]}), picture, output, as_json)
    request = build(ReceptiveRequest, values)
    ending = saving.ending(output, saving.PICTURE, saving.ARRAYS)
    frame = still(picture)
    with runner() as here:
        record: Receptive = here.run(request, frame)
    shape = field_shape(record)
    if output and ending in saving.PICTURE:
        saving.picture(output, drawn(record, frame), shape)
    elif output:
        import numpy as np

        box = np.array(record.box if record.box is not None else (0, 0, 0, 0))
        saving.arrays(output, heat=record.heat, box=box, input_xyxy=np.array(record.input_xyxy))
    if as_json:
        out.line(shape)
    else:
        out.text(_said(record))
    return 0


def _reverse(request: SeenByRequest, picture: str, target: str | None, as_json: bool) -> int:
    saving.ending(target, saving.ARRAYS)
    frame = still(picture)
    with runner() as here:
        record: SeenBy = here.run(request, frame)
    if target:
        saving.arrays(target, cells=record.cells)
    shape = seen_shape(record)
    if as_json:
        out.line(shape)
    else:
        for layer in record.layers:
            out.text(tr("{layer}: {count} of {all} cells").format(layer=layer.layer, count=layer.count, all=layer.of))
    return 0


def field_shape(record: Receptive) -> dict[str, Any]:
    """{"layer", "channel", "y", "x", "map", "box", "frame_box", "pixels", "value", "heat", "central", "side", ...}."""
    return {
        "layer": record.layer,
        "channel": record.channel,
        "y": record.y,
        "x": record.x,
        "map": list(record.map_hw),
        "input": list(record.input_hw),
        "box": None if record.box is None else list(record.box),
        "frame_box": None if record.frame_box is None else [round(edge, 2) for edge in record.frame_box],
        "pixels": record.pixels,
        "value": out.rounded(record.value),
        "heat": out.rounded(float(record.heat.sum(dtype="float64"))),
        "central": out.rounded(record.central),
        "side": out.rounded(record.side),
        "not_finite": record.bad,
        "samples": record.samples,
        **record.facts,
    }


def seen_shape(record: SeenBy) -> dict[str, Any]:
    """{"pixel": [x, y], "input": [column, row], "layers": [{"layer", "map", "box", "cells", "of"}]}."""
    layers = [
        {
            "layer": one.layer,
            "kind": one.kind,
            "map": list(one.map_hw),
            "box": None if one.box is None else list(one.box),
            "cells": one.count,
            "of": one.of,
        }
        for one in record.layers
    ]
    return {"pixel": list(record.pixel_xy), "input": list(record.input_xy), "layers": layers, **record.facts}


def _said(record: Receptive) -> str:
    where = tr("{layer}, row {y}, column {x}").format(layer=record.layer, y=record.y, x=record.x)
    if record.box is None:
        return where + ": " + tr("depends on no pixel of the picture")
    left, top, right, bottom = record.box
    text = tr("can see {width} x {height} pixels of the network's input, from {left}, {top}").format(
        width=right - left, height=bottom - top, left=left, top=top
    )
    if record.silent:
        return f"{where}: {text}; " + tr("its gradient is zero for this picture")
    return f"{where}: {text}; " + tr("95 % of its gradient in {pixels} pixels").format(pixels=round(record.side**2))


def drawn(record: Receptive, frame: Frame) -> RGB:
    """The heat and the box over the frame."""
    import numpy as np

    from explorer.picture.colour import paint, to_index

    height, width = frame.rgb.shape[:2]
    left, top, right, bottom = record.input_xyxy
    rows = np.floor((np.arange(height) + 0.5 - top) / (bottom - top) * record.input_hw[0]).astype(np.int64)
    columns = np.floor((np.arange(width) + 0.5 - left) / (right - left) * record.input_hw[1]).astype(np.int64)
    inside = ((rows >= 0) & (rows < record.input_hw[0]))[:, None] & ((columns >= 0) & (columns < record.input_hw[1]))[None]
    peak = float(record.heat.max()) or 1.0
    share = np.sqrt(record.heat / peak)[np.ix_(rows.clip(0, len(record.heat) - 1), columns.clip(0, record.input_hw[1] - 1))]
    share = np.where(inside, share, 0.0)[..., None]
    hot = paint(to_index(np.asarray(share[..., 0], np.float32), 0.0, 1.0), "magma")
    ground = frame.rgb.astype(np.float32) * np.where(inside[..., None], 0.6, 0.3)
    made = np.ascontiguousarray((ground * (1 - share) + hot * share).round().astype(np.uint8))
    if record.frame_box is not None:
        for grow, colour in ((1, SHADOW), (0, BOX)):
            _frame(made, record.frame_box, grow, colour)
    return made


def _frame(rgb: RGB, box: tuple[float, float, float, float], grow: int, colour: tuple[int, int, int]) -> None:
    height, width = rgb.shape[:2]
    left, top = max(round(box[0]) - grow, 0), max(round(box[1]) - grow, 0)
    right, bottom = min(round(box[2]) - 1 + grow, width - 1), min(round(box[3]) - 1 + grow, height - 1)
    rgb[top : bottom + 1, [left, right]] = colour
    rgb[[top, bottom], left : right + 1] = colour
