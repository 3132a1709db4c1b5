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

FIGURES = ("mean", "std", "min", "max", "l1", "l2", "sparsity", "zero_share", "not_finite")
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
@request_flags(ActivationsRequest, skip=("model", "live_values", "detail"))
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
        saving.table(target, ("tile", "channel", *FIGURES, "low", "high"), _rows(record))
    elif target:
        saving.arrays(target, values=record.values, order=record.order, low=record.low, high=record.high, **_figures(record))
    if as_json:
        out.line(shape)
    else:
        for line in _words(shape):
            out.text(line)
    return 0


def _words(shape: dict[str, Any]) -> list[str]:
    figures = {name: f"{value:.4g}" for name, value in shape["statistics"].items() if name != "sparsity"}
    said = [
        tr("{title}: {tiles} tiles").format(title=shape["title"], tiles=shape["tiles"]),
        tr("mean {mean}, standard deviation {std}, from {min} to {max}").format(**figures),
    ]
    if shape["dead"]:
        said.append(tr("silent: {count}").format(count=len(shape["dead"])))
    if shape["not_finite"]:
        said.append(tr("NaN or infinite: {count}").format(count=len(shape["not_finite"])))
    return said


def _figures(record: Mosaic) -> dict[str, Any]:
    """The statistics of every channel and the histogram of all numbers, as arrays."""
    import numpy as np

    stats, histogram = record.stats, record.histogram
    assert stats is not None and histogram is not None
    table = [stats.figures(channel) for channel in range(len(stats))]
    edges = np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)
    columns = {name: np.array([row[name] for row in table]) for name in FIGURES}
    return {**columns, "histogram": histogram.counts, "histogram_edges": edges}


def _rows(record: Mosaic) -> list[tuple[Any, ...]]:
    """One line a tile, as it is drawn: the figures of its channel, and what the ends of its colours stand for."""
    stats = record.stats
    assert stats is not None
    rows: list[tuple[Any, ...]] = []
    for tile, channel in enumerate(record.order.tolist()):
        figures = stats.figures(channel)
        ends = (float(record.low[channel]), float(record.high[channel]))
        rows.append((tile, channel, *(figures[name] for name in FIGURES), *ends))
    return rows
