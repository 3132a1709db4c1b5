"""`explorer race`: optimizers over an error surface."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving, shapes
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.race_space import leave
from explorer.cli.running import runner
from explorer.cli.surface_flags import SKIPPED, shaped, surface_flags
from explorer.i18n import tr
from explorer.requests.race import RaceRequest, export_of, torch_part
from explorer.requests.starts import StartsRequest

if TYPE_CHECKING:
    from explorer.records.descent import Race


@click.command(
    help=tr("Let optimizers race, as in: explorer race saddle --optimizers gd,momentum,adam --start=-1,0.001 -o race.gif")
)
@click.argument("surface", required=False)
@click.option("--formula", default=None, help=tr("An own surface in place of a named one, as in --formula 'x^2 + 10 y^2'."))
@request_flags(RaceRequest, skip=SKIPPED)
@surface_flags
@click.option(
    "--frames", type=click.IntRange(2, 2000), default=120, show_default=True, help=tr("How many frames the animation has.")
)
@click.option(
    "--starts",
    type=click.Choice(("line", "grid", "cloud")),
    default=None,
    help=tr("Many starts at once; told is where they end."),
)
@click.option("--count", type=click.IntRange(2, 400), default=25, show_default=True, help=tr("How many starts."))
@click.option(
    "--reach", type=click.FloatRange(0.01, 1.0), default=0.8, show_default=True, help=tr("Share of the plot they cover.")
)
@click.option("--angle", type=click.FloatRange(0.0, 180.0), default=90.0, show_default=True, help=tr("Of a line of starts."))
@click.option(
    "--all-weights", is_flag=True, help=tr("Walk in all weights of the network that the surface is a plane of (mlp_plane).")
)
@click.option(
    "--torch",
    "torch",
    metavar="CLASS",
    multiple=True,
    help=tr("A class of torch.optim that races too, as in --torch 'SGD(lr=0.1, momentum=0.9)'; may be given several times."),
)
@output_option(tr("Animation (.gif .mp4), picture of the paths (.png .jpg .svg), table (.csv) or numbers (.npz)."))
@json_option()
def race(surface: str | None, formula: str | None, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer race SURFACE`, or `--formula`."""
    if values["torch"] and (values["starts"] is not None or values["all_weights"]):
        text = tr("Classes of torch.optim race from one start: --torch goes with neither --starts nor --all-weights.")
        raise click.UsageError(text)
    if values["starts"] is not None:
        return many(shaped(values, surface, formula), output, as_json)
    if values["all_weights"]:
        return leave(shaped(values, surface, formula), output, as_json)
    ending = saving.ending(output, saving.VIDEO, saving.PICTURE, saving.VECTOR, saving.TABLE, saving.ARRAYS)
    if output and ending in (*saving.TABLE, *saving.ARRAYS):
        values["kept"] = values["steps"] + 1  # every step, however many
    request = build(RaceRequest, shaped(values, surface, formula))
    with runner() as here:
        record: Race = here.run(request)
        if request.torch:
            record = record.joined(here.run(torch_part(request)))
    if output:
        from explorer.labs.race_file import write

        deque(write(record, export_of(request, output, frames=values["frames"])), maxlen=0)
    if as_json:
        out.line(shapes.race(record))
        return 0
    for run in record.runs:
        x, y = run.points[-1]
        out.text(f"{run.optimizer:<10}  ({x:+.6g}, {y:+.6g})  f = {run.values[-1]:.6g}  {run.taken:5d}  {tr(run.status)}")
    return 0


def many(values: dict[str, Any], output: str | None, as_json: bool) -> int:
    """`--starts`: where each method ends from each start."""
    ending = saving.ending(output, saving.TABLE, saving.ARRAYS)
    from explorer.records.starts import FATES

    request = build(StartsRequest, values)
    with runner() as here:
        record = here.run(request)
    if output and ending in saving.TABLE:
        saving.table(
            output, ("optimizer", "start_x", "start_y", "x", "y", "end", "landmark", "step"), shapes.start_rows(record)
        )
    elif output:
        saving.arrays(
            output, starts=record.starts, ends=record.ends, fates=record.fates, targets=record.targets, steps=record.steps
        )
    if as_json:
        out.line(shapes.starts(record))
        return 0
    for index, name in enumerate(record.optimizers):
        for (fate, target), count in record.counts(index).items():
            mark = record.landmarks[target] if target >= 0 else None
            place = f"  ({mark.x:+.4g}, {mark.y:+.4g})" if mark is not None else ""
            out.text(f"{name:<10}  {count:4d}  {tr(FATES[fate])}{place}")
    return 0
