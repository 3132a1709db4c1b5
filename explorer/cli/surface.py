"""`explorer surface`: an error surface, named or written as a formula, with what is known of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import Point, build, json_option, output_option, request_flags
from explorer.cli.running import runner
from explorer.cli.surface_flags import SKIPPED, shaped, surface_flags
from explorer.i18n import N_, tr
from explorer.records.probe import SHAPES
from explorer.requests.race import ProbeRequest, SurfaceRequest, surface_part

if TYPE_CHECKING:
    from explorer.records.descent import SurfaceSamples
    from explorer.records.probe import Probe

KINDS = (N_("minimum"), N_("saddle"), N_("maximum"), N_("inflexion"))


@click.command(
    help=tr("Show a surface: a formula in x and y, or a name, as in: explorer surface 'x^2 + a y^2' --set a=10 -o bowl.png")
)
@click.argument("formula")
@request_flags(SurfaceRequest, skip=SKIPPED)
@surface_flags
@click.option("--at", type=Point(), help=tr("Value, slope, curvature and Newton's jump at this point: x,y."))
@output_option(tr("Picture (.png .jpg), table (.csv) or numbers (.npz)."))
@json_option()
def surface(formula: str, at: tuple[float, float] | None, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer surface FORMULA`."""
    ending = saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)
    named = _is_name(formula)
    request = build(SurfaceRequest, shaped(values, formula if named else None, None if named else formula))
    closer = None if at is None else ProbeRequest(**surface_part(request), at=at)
    with runner() as here:
        record: SurfaceSamples = here.run(request)
        probe: Probe | None = here.run(closer) if closer else None
    if output:
        save(record, output, ending)
    if as_json:
        out.line(shape(record) | ({"probe": probe_shape(probe)} if probe else {}))
    else:
        _tell(record)
        if probe:
            _tell_probe(probe)
    return 0


def _is_name(text: str) -> bool:
    """Whether `text` names a surface; a plugin's may be meant where it could not be a formula."""
    from explorer.descent.formula_parse import parse
    from explorer.descent.formula_tokens import FormulaError
    from explorer.descent.ground import known

    if text in known().surfaces:
        return True
    if not text.isidentifier():
        return False
    try:
        return bool(set(parse(text).parameters) & {text})  # a lone word is no surface worth drawing: a name misspelt
    except FormulaError:
        return len(text) > 2


def shape(record: SurfaceSamples) -> dict[str, Any]:
    """{"surface", "formula", "domain", "low", "high", "holes", "points", "landmarks": [{"x", "y", "value", "kind", "exact",
    "eigenvalues"}], and of an own formula "parameters", "gradient", "hessian", "latex"}."""
    import numpy as np

    finite = record.z[np.isfinite(record.z)]
    bends = record.facts.get("eigenvalues", [None] * len(record.landmarks))
    told: dict[str, Any] = {
        "surface": record.name,
        "formula": record.formula,
        "domain": [float(record.x[0]), float(record.x[-1]), float(record.y[0]), float(record.y[-1])],
        "low": float(finite.min()) if len(finite) else None,
        "high": float(finite.max()) if len(finite) else None,
        "holes": int(record.z.size - len(finite)),
        "points": int(record.z.size),
        "landmarks": [
            {"x": mark.x, "y": mark.y, "value": mark.value, "kind": mark.kind, "exact": mark.exact, "eigenvalues": bend}
            for mark, bend in zip(record.landmarks, bends, strict=True)
        ],
    }
    told["parameters"] = record.facts.get("values", {})
    if "slope" in record.facts:
        slopes = {name: one["text"] for name, one in record.facts["slope"].items()}
        told["gradient"] = [slopes["x"], slopes["y"]]
        told["hessian"] = [[slopes["xx"], slopes["xy"]], [slopes["xy"], slopes["yy"]]]
        told["latex"] = record.facts["latex"]
    return told


def probe_shape(probe: Probe) -> dict[str, Any]:
    """{"at", "value", "gradient", "hessian": [[xx, xy], [xy, yy]], "eigenvalues", "directions", "target", "shape", "exact"}."""
    xx, xy, yy = probe.hessian
    return {
        "at": list(probe.at),
        "value": probe.value,
        "gradient": list(probe.gradient),
        "hessian": [[xx, xy], [xy, yy]],
        "eigenvalues": list(probe.eigenvalues),
        "directions": [list(one) for one in probe.directions],
        "target": list(probe.target) if probe.target else None,
        "shape": probe.shape,
        "exact": probe.exact,
    }


def save(record: SurfaceSamples, target: str, ending: str) -> None:
    """Write the surface as what `ending` says."""
    if ending in saving.PICTURE:
        from explorer.picture.plot import race_picture
        from explorer.records.descent import Race

        start = (float(record.x[0]), float(record.y[0]))
        saving.picture(target, race_picture(Race(record, (), start, facts={"title": _title(record)})), shape(record))
    elif ending in saving.TABLE:
        rows = (
            (float(x), float(y), float(record.z[row, column]))
            for row, y in enumerate(record.y)
            for column, x in enumerate(record.x)
        )
        saving.table(target, ("x", "y", "value"), rows)
    else:
        marks = [(mark.x, mark.y, mark.value) for mark in record.landmarks]
        import numpy as np

        saving.arrays(target, x=record.x, y=record.y, z=record.z, landmarks=np.array(marks, dtype=np.float64).reshape(-1, 3))


def _title(record: SurfaceSamples) -> str:
    return str(record.facts.get("title", record.name))


def _tell(record: SurfaceSamples) -> None:
    facts = shape(record)
    out.text(record.formula)
    if facts["parameters"]:
        out.text("  ".join(f"{name} = {value:g}" for name, value in facts["parameters"].items()))
    x0, x1, y0, y1 = facts["domain"]
    out.text(tr("Domain: x from {x0:g} to {x1:g}, y from {y0:g} to {y1:g}").format(x0=x0, x1=x1, y0=y0, y1=y1))
    if facts["low"] is None:
        out.text(tr("The surface has no value anywhere here."))
    else:
        out.text(tr("Values from {low:.6g} to {high:.6g}").format(low=facts["low"], high=facts["high"]))
    if facts["holes"]:
        text = tr("Holes: {holes} of {points} points have no value")
        out.text(text.format(holes=facts["holes"], points=facts["points"]))
    for label, names in (("∂f", ("x", "y")), ("∂²f", ("xx", "xy", "yy"))):
        for name in names if "slope" in record.facts else ():
            below = "".join(f"∂{letter}" for letter in name) if name in ("x", "y", "xy") else f"∂{name[0]}²"
            out.text(f"{label}/{below} = {record.facts['slope'][name]['text']}")
    if any(not mark["exact"] for mark in facts["landmarks"]):
        out.text(tr("Landmarks, found numerically and not proven:"))
    width = max(len(tr(kind)) for kind in KINDS)
    for mark in facts["landmarks"]:
        bend, kind = mark["eigenvalues"], mark["kind"]
        words = tr("eigenvalues of the Hessian {low:.6g}, {high:.6g}")
        told = words.format(low=bend[0], high=bend[1]) if bend and math.isfinite(bend[0]) else tr("no Hessian here")
        out.text(f"{tr(kind):<{width}}  ({mark['x']:.8g}, {mark['y']:.8g})  f = {mark['value']:.8g}  {told}")


def _tell_probe(probe: Probe) -> None:
    (x, y), (gx, gy), (low, high) = probe.at, probe.gradient, probe.eigenvalues
    out.text(f"f({x:g}, {y:g}) = {probe.value:.8g}  ∇f = ({gx:.8g}, {gy:.8g})  λ = {low:.8g}, {high:.8g}")
    out.text(tr(SHAPES[probe.shape]))
    if probe.target:
        out.text(tr("Newton's step leads to ({x:.8g}, {y:.8g}).").format(x=probe.target[0], y=probe.target[1]))
