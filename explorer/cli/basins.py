"""`explorer basins` and `explorer stability`: where methods end, from every start and for every pair of their numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.output import rounded
from explorer.cli.running import runner
from explorer.cli.surface_flags import SKIPPED, shaped, surface_flags
from explorer.i18n import tr
from explorer.records.basins import STATUS
from explorer.requests.basins import BasinsRequest, StabilityRequest

if TYPE_CHECKING:
    from explorer.records.basins import Basins, EndMap, Stability
    from explorer.records.descent import Landmark

FORMULA = tr("An own surface in place of a named one, as in --formula 'x^2 + 10 y^2'.")
LIGHT = tr("Light ground in pictures.")


@click.command(
    help=tr("Colour every start by where methods end, as in: explorer basins himmelblau --optimizers gd,adam -o basins.png")
)
@click.argument("surface", required=False)
@click.option("--formula", default=None, help=FORMULA)
@request_flags(BasinsRequest, skip=SKIPPED)
@surface_flags
@click.option("--light", is_flag=True, help=LIGHT)
@output_option(tr("Picture (.png .jpg), table (.csv) or numbers (.npz)."))
@json_option()
def basins(
    surface: str | None, formula: str | None, light: bool, output: str | None, as_json: bool, **values: Any
) -> int:  # fmt: skip
    """`explorer basins SURFACE`, or `--formula`."""
    saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)
    request = build(BasinsRequest, shaped(values, surface, formula))
    with runner() as here:
        record: Basins = here.run(request)
    if output:
        _write(record, output, request, light)
    if as_json:
        out.line(shape(record))
        return 0
    from explorer.picture.basin_map import end_words, rules_words

    if rules_words(record.facts):
        out.text(rules_words(record.facts))
    titles = record.facts["titles"]
    for one in record.maps:
        title = str(titles[one.optimizer])
        out.text(tr(title))
        for end, count, steps in one.shares():
            out.text(f"  {count / one.ends.size:7.2%}  {end_words(end, record.ends)}  {steps:g}")
    return 0


@click.command(
    help=tr("Colour learning rate and momentum by how soon a method arrives, as in: explorer stability quadratic -o map.png")
)
@click.argument("surface", required=False)
@click.option("--formula", default=None, help=FORMULA)
@request_flags(StabilityRequest, skip=SKIPPED)
@surface_flags
@click.option("--light", is_flag=True, help=LIGHT)
@output_option(tr("Picture (.png .jpg), table (.csv) or numbers (.npz)."))
@json_option()
def stability(
    surface: str | None, formula: str | None, light: bool, output: str | None, as_json: bool, **values: Any
) -> int:  # fmt: skip
    """`explorer stability SURFACE`, or `--formula`."""
    saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)
    request = build(StabilityRequest, shaped(values, surface, formula))
    with runner() as here:
        record: Stability = here.run(request)
    if output:
        _write(record, output, request, light)
    told = stability_shape(record)
    if as_json:
        out.line(told)
        return 0
    from explorer.picture.basin_map import end_words, rules_words

    if rules_words(record.facts):
        out.text(rules_words(record.facts))
    for end, count, steps in record.map.shares():
        out.text(f"{count / record.map.ends.size:7.2%}  {end_words(end, record.ends)}  {steps:g}")
    if told["fastest"] is not None:
        out.text(tr("Fastest: {pair}, {steps} steps").format(pair=_pair(told, told["fastest"]), steps=told["fastest"]["steps"]))
    if record.curvatures is not None:
        low, high = record.curvatures
        out.text(tr("Curvatures at the minimum: {low:.6g}, {high:.6g}").format(low=low, high=high))
    for bound in told["bounds"]:
        out.text(f"{bound['name']} = {bound['at'][0]:.6g}")
    if told["best"] is not None:
        out.text(tr("Best by theory, on a quadratic: {pair}").format(pair=_pair(told, told["best"])))
    return 0


def _pair(told: dict[str, Any], one: dict[str, Any]) -> str:
    names = [name for name in told["axes"] if name]
    return ", ".join(f"{name} = {one[key]:.4g}" for name, key in zip(names, ("first", "second"), strict=False))


def _write(record: Basins | Stability, target: str, request: BasinsRequest | StabilityRequest, light: bool) -> None:
    from explorer.labs.basins_file import write

    write(record, Path(target), request.model_dump_json(), dark=not light)


def shape(record: Basins) -> dict[str, Any]:
    """{"surface", "formula", "domain", "grid", "steps", "rules": {"schedule", "noise", "seed", ...} (what differs from plain
    paths), "ends": [{"kind", "x", "y", "value", "exact"}], "maps": [{"optimizer", "by", "hyper", "size", "shares": [{"end",
    "kind", "count", "share", "steps"}]}]}: `end` a place in "ends", below zero a fate."""
    return {
        **_head(record.surface.name, record.surface.formula, record.facts, record.steps, record.grid),
        "ends": [_end(one) for one in record.ends],
        "maps": [_map(one, record.ends) for one in record.maps],
    }


def _head(name: str, formula: str, facts: dict[str, Any], steps: int, grid: int) -> dict[str, Any]:
    told = {"surface": name, "formula": formula, "domain": facts["domain"], "grid": grid, "steps": steps}
    return {**told, "rules": facts["rules"]}


def _end(one: Landmark) -> dict[str, Any]:
    return {"kind": one.kind, "x": one.x, "y": one.y, "value": one.value, "exact": one.exact}


def _map(one: EndMap, ends: tuple[Landmark, ...]) -> dict[str, Any]:
    shares = [
        {
            "end": end,
            "kind": ends[end].kind if end >= 0 else STATUS[end],
            "count": count,
            "share": rounded(count / one.ends.size),
            "steps": steps,
        }
        for end, count, steps in one.shares()
    ]
    return {"optimizer": one.optimizer, "by": one.by, "hyper": one.hyper, "size": list(one.ends.shape), "shares": shares}


def stability_shape(record: Stability) -> dict[str, Any]:
    """As `shape`, of one map, with "axes", "x", "y" (their values), "start", "minimum", "curvatures", "bounds" [{"name",
    "at": (rate at the lowest second value, at the highest)}], "best" by theory and "fastest" as measured {"first", "second"}.
    """
    fastest = None
    cell = record.fastest()
    if cell is not None:
        steps = int(record.map.steps[cell])
        fastest = {"first": float(record.x[cell[1]]), "second": float(record.y[cell[0]]), "steps": steps}
    best = None if record.best is None else {"first": record.best[0], "second": record.best[1]}
    bounds = [{"name": one.name, "at": [float(one.points[0, 0]), float(one.points[-1, 0])]} for one in record.bounds]
    return {
        **_head(record.surface.name, record.surface.formula, record.facts, record.steps, record.grid),
        "axes": [record.first, record.second],
        "x": [rounded(one) for one in record.x.tolist()],
        "y": [rounded(one) for one in record.y.tolist()],
        "start": list(record.start),
        "ends": [_end(one) for one in record.ends],
        "map": _map(record.map, record.ends),
        "minimum": record.minimum,
        "curvatures": None if record.curvatures is None else list(record.curvatures),
        "bounds": bounds,
        "best": best,
        "fastest": fastest,
    }
