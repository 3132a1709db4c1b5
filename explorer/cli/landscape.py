"""`explorer landscape`: the loss of a network over a plane of its weights, and training that leaves the plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.landscape import DescentRequest, map_part

if TYPE_CHECKING:
    from explorer.records.descent import F64, Race
    from explorer.records.landscape import Descent, Landscape


@click.command(
    help=tr("Walk over the loss around a network's weights, as in: explorer landscape squeezenet1_1 cat.jpg -o loss.png")
)
@click.argument("model")
@click.argument("picture", metavar="[FILE]", default="coffee")
@request_flags(DescentRequest, skip=("model", "method"))
@click.option(
    "--descend",
    metavar="CLASS",
    default=None,
    help=tr("Also train in all weights, by a class of torch.optim as in --descend 'Adam(lr=0.001)'."),
)
@output_option(tr("Map (.png .jpg), table (.csv) or numbers (.npz)."))
@json_option()
def landscape(picture: str, descend: str | None, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer landscape MODEL [FILE]`."""
    path = build(DescentRequest, values if descend is None else {**values, "method": descend})
    ending = saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)
    frame = still(picture)
    with runner() as here:
        record: Landscape = here.run(map_part(path), frame)
        walked: Descent | None = here.run(path, frame) if descend is not None else None
    if output:
        _save(record, walked, output, ending)
    if as_json:
        out.line(shape(record, walked))
    else:
        _tell(record, walked)
    return 0


def race_of(record: Landscape, walked: Descent | None) -> Race:
    """Map and path as what the pictures of races draw."""
    from explorer.records.descent import Race

    runs = () if walked is None else (walked.run,)
    start = (0.0, 0.0) if walked is None else (float(walked.run.points[0, 0]), float(walked.run.points[0, 1]))
    facts = {"title": record.surface.facts["title"], "steps": 0 if walked is None else walked.run.steps}
    return Race(record.surface, runs, start, record.seed, facts)


def shape(record: Landscape, walked: Descent | None) -> dict[str, Any]:
    """{"model", "loss", "target", "origin", "extent", "x", "z", ..., "path": {"points", "values", "distance", "shadow"}}."""
    told = {
        "model": record.model,
        "source": record.source,
        "loss": record.loss,
        "target": record.target,
        "origin": _number(record.origin),
        "views": record.views,
        "directions": record.directions,
        "extent": record.extent,
        "weights": record.weights,
        "lengths": [out.rounded(one) for one in record.length],
        "seed": record.seed,
        "x": [out.rounded(one) for one in record.surface.x.tolist()],
        "z": [_numbers(row) for row in record.surface.z],
        "runs_on": record.runs_on.short(),
    }
    if walked is None:
        return told
    run = walked.run
    path = {
        "method": run.optimizer,
        "status": run.status,
        "weights": walked.weights,
        "points": [_numbers(point) for point in run.points],
        "values": _numbers(run.values),
        "shadow": _numbers(walked.shadow),
        "distance": _numbers(walked.distance),
        "evaluations": run.evaluations.tolist(),
    }
    return {**told, "path": path}


def _save(record: Landscape, walked: Descent | None, target: str, ending: str) -> None:
    surface = record.surface
    if ending in saving.PICTURE:
        from explorer.picture.plot import race_picture

        saving.picture(target, race_picture(race_of(record, walked)), shape(record, walked))
    elif ending in saving.TABLE and walked is not None:
        run = walked.run
        columns = (run.points[:, 0], run.points[:, 1], run.values, walked.shadow, walked.distance)
        rows = zip(run.numbers.tolist(), *(column.tolist() for column in columns), strict=True)
        saving.table(target, ("step", "x", "y", "loss", "loss_on_plane", "distance"), list(rows))
    elif ending in saving.TABLE:
        x, y = surface.x.tolist(), surface.y.tolist()
        cells = [(x[column], y[row], float(surface.z[row, column])) for row in range(len(y)) for column in range(len(x))]
        saving.table(target, ("x", "y", "loss"), cells)
    else:
        path = {} if walked is None else {
            "path_points": walked.run.points, "path_values": walked.run.values,
            "path_shadow": walked.shadow, "path_distance": walked.distance,
        }  # fmt: skip
        saving.arrays(target, x=surface.x, y=surface.y, z=surface.z, **path)


def _tell(record: Landscape, walked: Descent | None) -> None:
    low, high = math.nan, math.nan
    good = record.surface.z[~(record.surface.z != record.surface.z)]
    if good.size:
        low, high = float(good.min()), float(good.max())
    wanted = f" ({record.target})" if record.target else ""
    out.text(f"{tr(record.loss)}{wanted}: {record.origin:.4g}")
    text = tr("{low:.4g} to {high:.4g} over {count} places; 1 is as far as the {weights:,} weights are long")
    out.text(text.format(low=low, high=high, count=record.surface.z.size, weights=record.weights))
    if walked is not None and walked.run.steps >= 0:
        run = walked.run
        text = tr("{method}: {first:.4g} to {last:.4g} in {steps} steps, {distance:.3g} away from the plane, {status}")
        out.text(
            text.format(
                method=run.optimizer, first=run.values[0], last=run.values[-1], steps=run.steps,
                distance=walked.distance[-1], status=tr(run.status),
            )
        )  # fmt: skip


def _number(value: float) -> float | None:
    return out.rounded(value) if math.isfinite(value) else None


def _numbers(values: F64) -> list[float | None]:
    return [_number(value) for value in values.tolist()]
