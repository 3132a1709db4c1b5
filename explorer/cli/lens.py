"""One unit under the lens: what it sees of a picture, and how its number came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.numbers import NumbersRequest
from explorer.requests.receptive import ReceptiveRequest, SeenByRequest

if TYPE_CHECKING:
    from explorer.records.frame import RGB, Frame
    from explorer.records.numbers import Numbers, Softmax, Window
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


@click.command(
    help=tr(
        "Work out one number of a layer, as in: "
        "explorer numbers squeezenet1_1 cat.jpg --layer features.0 --channel 5 --y 10 --x 12"
    )
)
@click.argument("model")
@click.argument("picture", metavar="FILE")
@request_flags(NumbersRequest, skip=("model", "input_size"))
@output_option(tr("The windows and kernels of all input channels (.npz), or the sum of each (.csv)."))
@json_option()
def numbers(picture: str, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer numbers MODEL FILE`."""
    request = build(NumbersRequest, values)
    ending = saving.ending(output, saving.ARRAYS, saving.TABLE)
    frame = still(picture)
    with runner() as here:
        record: Numbers = here.run(request, frame)
    window = record.worked.window
    if output and ending in saving.TABLE:
        saving.table(output, ("channel", "sum"), _channel_rows(window))
    elif output:
        _save(output, record)
    if as_json:
        out.line(numbers_shape(record))
    else:
        for line in _lines(record):
            out.text(line)
    return 0


def _save(target: str, record: Numbers) -> None:
    import numpy as np

    window, value = record.worked.window, np.array(record.value)
    if window is None:
        saving.arrays(target, value=value)
    else:
        named = {"values": window.values, "weights": window.weights, "inside": window.inside, "sums": window.sums}
        saving.arrays(target, value=value, channels=window.channels, rows=window.rows, columns=window.columns, **named)


def _channel_rows(window: Window | None) -> list[tuple[Any, ...]]:
    """Input channels by the size of their sum, the largest first."""
    return [] if window is None else [(int(window.channels[at]), float(window.sums[at])) for at in window.order()]


def numbers_shape(record: Numbers) -> dict[str, Any]:
    """{"layer", "channel", "y", "x", "value", "total", "difference", "how", "formula", "terms", "window", "channels", ...}.

    "window" is the slice with the largest sum; "channels" all slices by the size of their sums.
    """
    worked, window = record.worked, record.worked.window
    shape: dict[str, Any] = {
        **{name: getattr(record, name) for name in ("layer", "kind", "channel", "y", "x", "value")},
        "map": list(record.map_hw),
        "total": worked.total,
        "difference": record.difference,
        "before": record.before,
        "how": worked.how,
        "formula": worked.formula.format(**worked.values),
        "terms": {term.name: term.value for term in worked.terms},
        "parts": [{"layer": part.layer, "channel": part.channel, "value": part.value} for part in worked.parts],
        "window": None,
        "channels": [{"channel": channel, "sum": total} for channel, total in _channel_rows(window)],
        "softmax": _softmax_shape(record.probability or worked.softmax),
        **record.facts,
    }
    if window is not None:
        shape["window"] = {
            "channel": int(window.channels[window.chosen]),
            "rows": window.rows,
            "columns": window.columns,
            "values": window.values[window.chosen],
            "inside": window.inside,
            "kernel": window.weights[window.chosen] if window.weights.size else None,
            "winner": window.winner,
        }
    return shape


def _softmax_shape(made: Softmax | None) -> dict[str, Any] | None:
    if made is None:
        return None
    return {"index": made.index, "logit": made.logits[made.index], "sum": made.total, "probability": made.probability}


def _lines(record: Numbers) -> list[str]:
    worked = record.worked
    where = tr("{layer}, channel {channel}, row {y}, column {x}").format(
        layer=record.layer, channel=record.channel, y=record.y, x=record.x
    )
    lines = [f"{where} = {record.value:.7g}", tr(worked.formula).format(**worked.values)]
    lines += [f"  {term.name if term.symbol else tr(term.name)} = {term.value:.7g}" for term in worked.terms]
    outside = tr("input")
    lines += [f"  {part.layer or outside} [{part.channel}] = {part.value:.7g}" for part in worked.parts]
    if worked.window is not None and worked.window.weights.size:
        for channel, total in _channel_rows(worked.window)[:8]:
            lines.append("  " + tr("input channel {channel}: {sum}").format(channel=channel, sum=f"{total:.7g}"))
    if worked.total is not None:
        lines.append(
            tr("worked out: {total}, apart by {difference}").format(
                total=f"{worked.total:.9g}", difference=f"{record.difference:.1e}"
            )
        )
    made = record.probability
    if made is not None:
        lines.append(
            tr("softmax: exp({logit} - {peak}) / {sum} = {share}").format(
                logit=f"{made.logits[made.index]:.5g}",
                peak=f"{made.peak:.5g}",
                sum=f"{made.total:.5g}",
                share=f"{made.probability:.5g}",
            )
        )
    return lines
