"""`explorer race mlp_plane --all-weights`: the same methods in all weights of the network that the surface is a plane of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.neural import FullSpaceRequest

if TYPE_CHECKING:
    from explorer.records.neural import FullRace

COLUMNS = ("optimizer", "step", "x", "y", "loss", "loss_on_plane", "distance")


def leave(values: dict[str, Any], output: str | None, as_json: bool) -> int:
    """Run it, write what `output` says, tell the rest."""
    ending = saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)
    request = build(FullSpaceRequest, values)
    with runner() as here:
        record: FullRace = here.run(request)
    if output and ending in saving.PICTURE:
        from explorer.picture.plot import race_picture

        saving.picture(output, race_picture(record.shadows()), shape(record))
    elif output and ending in saving.TABLE:
        saving.table(output, COLUMNS, rows(record))
    elif output:
        arrays = {f"{path.optimizer}_{name}": getattr(path, name) for path in record.paths for name in ("points", "values")}
        away = {f"{path.optimizer}_{name}": getattr(path, name) for path in record.paths for name in ("distance", "shadow")}
        saving.arrays(output, **arrays, **away)
    if as_json:
        out.line(shape(record))
        return 0
    for path in record.paths:
        text = tr("{first:.4g} to {last:.4g} in all {weights} weights, {distance:.3g} from the plane, below it {shadow:.4g}")
        said = {"first": path.values[0], "last": path.values[-1], "distance": path.distance[-1], "shadow": path.shadow[-1]}
        out.text(f"{path.optimizer:<10}  {text.format(weights=record.weights, **said)}")
    return 0


def rows(record: FullRace) -> list[tuple[Any, ...]]:
    """A line a step of each path."""
    found: list[tuple[Any, ...]] = []
    for path in record.paths:
        columns = (path.points[:, 0], path.points[:, 1], path.values, path.shadow, path.distance)
        steps = zip(*(column.tolist() for column in columns), strict=True)
        found += [(path.optimizer, number, *step) for number, step in enumerate(steps)]
    return found


def shape(record: FullRace) -> dict[str, Any]:
    """{"surface", "weights", "start", "paths": [{"optimizer", "points", "values", "shadow", "distance", ...}]}."""
    paths = [
        {
            "optimizer": path.optimizer,
            "points": path.points.tolist(),
            "values": path.values.tolist(),
            "shadow": path.shadow.tolist(),
            "distance": path.distance.tolist(),
            "halted": path.halted,
            "hyper": path.hyper,
        }
        for path in record.paths
    ]
    return {"surface": record.surface.name, "weights": record.weights, "start": list(record.start), "paths": paths}
