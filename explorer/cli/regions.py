"""`explorer regions`: where around a picture the answer, and the linear piece, stay the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.regions import RegionsRequest

if TYPE_CHECKING:
    from explorer.records.regions import Regions


@click.command(help=tr("Map the inputs around a picture, as in: explorer regions squeezenet1_1 cat.jpg -o regions.png"))
@click.argument("model")
@click.argument("picture", metavar="FILE")
@request_flags(RegionsRequest, skip=("model",))
@output_option(tr("Map (.png .jpg), table (.csv) or numbers (.npz)."))
@json_option()
def regions(picture: str, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer regions MODEL FILE`."""
    request = build(RegionsRequest, values)
    ending = saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)
    frame = still(picture)
    with runner() as here:
        record: Regions = here.run(request, frame)
    _save(record, output, ending)
    if as_json:
        out.line(shape(record))
    else:
        _tell(record)
    return 0


def shape(record: Regions) -> dict[str, Any]:
    """{"model", "extent", "size", "answers": [{"index", "label", "share"}], "pieces", "reach", "nearest", ...}."""
    near = record.nearest
    return {
        "model": record.model,
        "source": record.source,
        "directions": list(record.names),
        "extent": record.extent,
        "size": record.size,
        "answers": [
            {"index": index, "label": record.labels.get(index, str(index)), "share": out.rounded(share)}
            for index, share in record.shares()
        ],
        "pieces": record.seen,
        "switches": record.switches,
        "layer": record.layer,
        "reach": [out.rounded(one) for one in record.reach],
        "on_edge": record.on_edge,
        "nearest": None
        if near is None
        else {
            "distance": out.rounded(near.distance),
            "at": [out.rounded(near.right), out.rounded(near.down)],
            "index": near.index,
            "label": near.label,
        },
        "notes": list(record.notes),
        "runs_on": record.runs_on.short(),
    }


def _save(record: Regions, target: str | None, ending: str) -> None:
    if target and ending in saving.PICTURE:
        from explorer.picture.region_map import cell_size, region_map

        saving.picture(target, region_map(record, cell_size(record)), shape(record))
    elif target and ending in saving.TABLE:
        saving.table(target, ("row", "column", "right", "down", "answer", "score", "piece"), table(record))
    elif target:
        fields = ("answer", "score", "pattern", "base", "one", "two")
        saving.arrays(target, **{name: getattr(record, name) for name in fields})


def table(record: Regions) -> list[tuple[Any, ...]]:
    """A line a point."""
    places = [(row, column) for row in range(record.size) for column in range(record.size)]
    return [
        (
            row,
            column,
            record.levels(column),
            record.levels(row),
            int(record.answer[row, column]),
            float(record.score[row, column]),
            int(record.pattern[row, column]),
        )
        for row, column in places
    ]


def _tell(record: Regions) -> None:
    out.text(
        tr("Right: {right}; down: {down}; {extent:g} levels to each side").format(
            right=record.names[0], down=record.names[1], extent=record.extent
        )
    )
    for index, share in record.shares():
        out.text(f"{share:>7.1%}  {record.labels.get(index, str(index))}")
    if record.switches:
        text = tr("{pieces} linear pieces among {points} points, {switches:,} switches")
        out.text(text.format(pieces=record.seen, points=record.size**2, switches=record.switches))
    if record.on_edge:
        out.text(tr("The picture lies where linear pieces meet: values that are equal, or exactly zero."))
    if record.reach:
        left, right, up, down = record.reach
        text = tr("The linear piece reaches {left:.3g} left, {right:.3g} right, {up:.3g} up, {down:.3g} down (levels)")
        out.text(text.format(left=left, right=right, up=up, down=down))
    if record.nearest is not None:
        text = tr("The nearest other answer in this plane: {label}, {distance:.3g} levels away")
        out.text(text.format(label=record.nearest.label, distance=record.nearest.distance))
    for note in record.notes:
        out.text(note)
