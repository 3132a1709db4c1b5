"""What units stand for: the pictures that they like best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving, shapes
from explorer.cli.ending import say
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.units import BestRequest

if TYPE_CHECKING:
    from explorer.records.frame import RGB
    from explorer.records.units import BestPictures


@click.command(
    help=tr("Rank a folder's pictures for a unit, as in: explorer best squeezenet1_1 photos --layer features.6 --channel 5")
)
@click.argument("model")
@click.argument("folder", metavar="FOLDER")
@request_flags(BestRequest, skip=("model", "folder"))
@output_option(tr("Sheet of the crops (.png .jpg) or table of the ranking (.csv)."))
@json_option()
def best(output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer best MODEL FOLDER`."""
    request = build(BestRequest, values)
    ending = saving.ending(output, saving.PICTURE, saving.TABLE)
    if ending in saving.PICTURE and output and request.channel is None:
        raise click.UsageError(tr("A sheet shows the crops of one channel: give it with --channel."))
    with runner() as here:
        record: BestPictures = here.run(request)
    shape = shapes.best(record)
    if output and ending in saving.PICTURE:
        saving.picture(output, crop_sheet(record, request.crop), shape)
    elif output:
        rows = [(channel, rank, *row) for channel, rank, *row in _rows(record)]
        saving.table(output, ("channel", "rank", "file", "score", "row", "column"), rows)
    if as_json:
        out.line(shape)
    elif record.channel is None:
        for channel, row in enumerate(record.index):
            first = record.paths[int(row[0])] if row[0] >= 0 else "-"
            out.text(f"{channel:>5}  {float(record.score[channel, 0]):>10.4g}  {first}")
    else:
        for entry in record.entries:
            out.text(f"{entry.score:>10.4g}  {entry.path}")
    if record.unreadable:
        names = ", ".join(name for name, _ in record.unreadable[:5])
        say(tr("{count} files could not be read: {names}").format(count=len(record.unreadable), names=names))
    return 0


def _rows(record: BestPictures) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    channels = range(len(record.index)) if record.channel is None else (record.channel,)
    for channel in channels:
        for rank, number in enumerate(record.index[channel].tolist()):
            if number >= 0:
                place = record.place[channel, rank].tolist()
                rows.append((channel, rank, record.paths[number], float(record.score[channel, rank]), *place))
    return rows


def crop_sheet(record: BestPictures, side: int) -> RGB:
    """The crops side by side, best first, each in the middle of a square of `side` pixels."""
    import numpy as np

    from explorer.picture.grid import grid_for, sheet_of

    tiles = np.full((max(1, len(record.entries)), side, side, 3), 24, np.uint8)
    for tile, entry in zip(tiles, record.entries, strict=False):
        height, width = entry.crop.shape[:2]
        top, left = (side - height) // 2, (side - width) // 2
        tile[top : top + height, left : left + width] = entry.crop
    return sheet_of(tiles, grid_for(len(tiles), side, side, gap=2), 24)
