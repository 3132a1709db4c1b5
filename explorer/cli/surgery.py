"""`explorer ablate` and `explorer kernel`: which channels carry an answer, and one kernel over a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving, shapes
from explorer.cli.attribute import class_of, take_box
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.ablation import AblateRequest
from explorer.requests.kernel import KernelRequest

if TYPE_CHECKING:
    from explorer.records.ablation import Ablation

SHOWN = 10


@click.command(
    help=tr("Which channels carry an answer, as in: explorer ablate squeezenet1_1 coffee --layer features.12 --class espresso")
)
@click.argument("model")
@click.argument("picture", metavar="FILE")
@click.option("--class", "class_name", default=None, metavar="NAME|INDEX", help=tr("The class to measure (default: the best)."))
@click.option(
    "--box", type=click.IntRange(0), default=None, metavar="N", help=tr("Object N of 'explorer detect', counted from 0.")
)
@click.option("--unit", default="", metavar="LAYER:CHANNEL[:Y:X]", help=tr("Measure a unit inside the network instead."))
@request_flags(AblateRequest, skip=("model", "class_index", "box", "unit"))
@output_option(tr("Table of all channels (.csv)."))
@json_option()
def ablate(picture: str, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer ablate MODEL FILE`."""
    saving.ending(output, saving.TABLE)
    frame = still(picture)
    with runner() as here:
        values["class_index"] = class_of(here, values)
        take_box(here, values, frame)
        record = here.run(build(AblateRequest, values), frame)
    if output:
        saving.table(output, ("rank", "channel", "probability", "probability_drop", "logit", "logit_drop"), rows(record))
    if as_json:
        out.line(shapes.ablation(record))
        return 0
    out.text(
        tr("{label}: {score:.2%} with all {count} channels of {layer}").format(
            label=record.label, score=record.probability, count=record.total, layer=record.layer
        )
    )
    for rank, channel, score, drop, _, _ in rows(record)[:SHOWN]:
        out.text(
            tr("{rank:3d}.  without channel {channel:4d}: {score:.2%} ({drop:+.2%})").format(
                rank=rank, channel=channel, score=score, drop=-drop
            )
        )
    out.text(tr("without the first {count} together: {score:.2%}").format(count=record.together_count, score=record.together))
    return 0


def rows(record: Ablation) -> list[tuple[int, int, float, float, float, float]]:
    """(rank, channel, probability, its drop, logit, its drop), the largest fall first."""
    found = zip(record.channels.tolist(), record.probabilities.tolist(), record.logits.tolist(), strict=True)
    return [
        (place + 1, channel, score, record.drop(place), logit, record.logit_drop(place))
        for place, (channel, score, logit) in enumerate(found)
    ]


@click.command(help=tr("Slide a kernel over a picture, as in: explorer kernel coffee --preset sobel_x -o edges.png"))
@click.argument("picture", metavar="FILE")
@click.option("--numbers", default=None, metavar="1,0,-1/2,0,-2/1,0,-1", help=tr("Your own kernel, row by row."))
@request_flags(KernelRequest, skip=("numbers", "rows", "columns"))
@output_option(tr("The answer as a picture (.png .jpg)."))
@json_option()
def kernel(picture: str, output: str | None, as_json: bool, numbers: str | None, **values: Any) -> int:
    """`explorer kernel FILE`."""
    saving.ending(output, saving.PICTURE)
    if numbers is not None:
        values |= {"preset": "numbers", **_matrix(numbers)}
    request = build(KernelRequest, values)
    frame = still(picture)
    with runner() as here:
        record = here.run(request, frame)
    if output:
        saving.picture(output, record.rgb, record.facts)
    if as_json:
        out.line(record.facts)
        return 0
    columns = record.facts["columns"]
    for start in range(0, len(record.facts["numbers"]), columns):
        out.text(" ".join(f"{number:9.4g}" for number in record.facts["numbers"][start : start + columns]))
    out.text(tr("answers from {low:.4g} to {high:.4g}").format(low=record.facts["low"], high=record.facts["high"]))
    return 0


def _matrix(text: str) -> dict[str, Any]:
    try:
        rows = [[float(number) for number in row.split(",")] for row in text.split("/")]
    except ValueError:
        rows = [[], [0.0]]
    if len({len(row) for row in rows}) != 1:
        raise click.UsageError(tr("--numbers are rows of one length, as in 1,0,-1/2,0,-2/1,0,-1."))
    return {"rows": len(rows), "columns": len(rows[0]), "numbers": tuple(number for row in rows for number in row)}
