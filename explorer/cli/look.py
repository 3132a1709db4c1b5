"""What a network sees: filters and activations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving, shapes
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.look import ActivationsRequest, FiltersRequest

if TYPE_CHECKING:
    from explorer.records.picture import Mosaic

LONGEST = 1600  # pixels: small tiles are enlarged by whole factors up to about this


@click.command(help=tr("Show the filters of a convolution, as in: explorer filters squeezenet1_1 -o filters.png"))
@click.argument("model")
@request_flags(FiltersRequest, skip=("model",))
@output_option(tr("Sheet of tiles (.png .jpg), table (.csv) or numbers (.npz)."))
@json_option()
def filters(output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer filters MODEL`."""
    request = build(FiltersRequest, values)
    ending = _ending(output)
    with runner() as here:
        record = here.run(request)
    return _deliver(record, output, ending, as_json)


@click.command(help=tr("Show all channels of a layer, as in: explorer activations efficientnet_lite0 cat.jpg -o maps.png"))
@click.argument("model")
@click.argument("picture", metavar="FILE")
@request_flags(ActivationsRequest, skip=("model",))
@output_option(tr("Sheet of maps (.png .jpg), table (.csv) or numbers (.npz)."))
@json_option()
def activations(picture: str, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer activations MODEL FILE`."""
    request = build(ActivationsRequest, values)
    ending = _ending(output)
    frame = still(picture)
    with runner() as here:
        record = here.run(request, frame)
    return _deliver(record, output, ending, as_json)


def _ending(output: str | None) -> str:
    return saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)


def _deliver(record: Mosaic, target: str | None, ending: str, as_json: bool) -> int:
    shape = shapes.mosaic(record)
    if target and ending in saving.PICTURE:
        from explorer.picture.grid import mosaic_rgb

        saving.picture(target, mosaic_rgb(record, longest=LONGEST), shape)
    elif target and ending in saving.TABLE:
        saving.table(target, ("tile", "channel", "mean", "low", "high", "not_finite"), _rows(record))
    elif target:
        saving.arrays(target, values=record.values, order=record.order, low=record.low, high=record.high)
    if as_json:
        out.line(shape)
    else:
        out.text(tr("{title}: {tiles} tiles").format(title=shape["title"], tiles=shape["tiles"]))
    return 0


def _rows(record: Mosaic) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for tile, channel in enumerate(record.order.tolist()):
        values = record.values[channel]
        extent = (float(values.mean()), float(values.min()), float(values.max()))
        rows.append((tile, channel, *extent, int(record.bad[channel])))
    return rows
