"""`explorer pieces`: the linear pieces of a random ReLU network with two inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.neural import LinearRegionsRequest

if TYPE_CHECKING:
    from explorer.records.neural import LinearRegions


@click.command(
    help=tr("Cut the plane into the pieces on which a random ReLU network is linear, as in: explorer pieces -o p.png")
)
@request_flags(LinearRegionsRequest)
@output_option(tr("Map (.png .jpg), table (.csv) or numbers (.npz)."))
@json_option()
def pieces(output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer pieces`."""
    request = build(LinearRegionsRequest, values)
    ending = saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)
    with runner() as here:
        record: LinearRegions = here.run(request)
    if output and ending in saving.PICTURE:
        from explorer.picture.pieces import pieces_map

        saving.picture(output, pieces_map(record), facts(record))
    elif output and ending in saving.TABLE:
        rows = zip(record.slopes.tolist(), record.offsets.tolist(), strict=True)
        saving.table(output, ("slope_x", "slope_y", "offset"), [(*slope, offset) for slope, offset in rows])
    elif output:
        saving.arrays(output, slopes=record.slopes, offsets=record.offsets, labels=record.labels, values=record.values)
    if as_json:
        out.line(shape(record))
    else:
        by_layer = " → ".join(map(str, record.by_layer))
        out.text(tr("{count} linear pieces; after each hidden layer {by}").format(count=record.count, by=by_layer))
    return 0


def facts(record: LinearRegions) -> dict[str, Any]:
    """{"sizes", "seed", "extent", "count", "by_layer"}."""
    return {
        "sizes": list(record.sizes),
        "seed": record.seed,
        "extent": record.extent,
        "count": record.count,
        "by_layer": list(record.by_layer),
    }


def shape(record: LinearRegions) -> dict[str, Any]:
    """The facts, and {"pieces": [{"slope", "offset", "outline"}]}."""
    rows = zip(record.slopes.tolist(), record.offsets.tolist(), record.polygons, strict=True)
    return {
        **facts(record),
        "pieces": [{"slope": slope, "offset": offset, "outline": outline.tolist()} for slope, offset, outline in rows],
    }
