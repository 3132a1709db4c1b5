"""`explorer attribute`: why a network says what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.attribute_shapes import attribution_shape, curve_rows, trust_shape
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import Runner, runner
from explorer.i18n import tr
from explorer.requests.attribution import AttributeRequest, RandomiseRequest, TrustRequest
from explorer.requests.network import DetectRequest, LoadRequest

if TYPE_CHECKING:
    from explorer.records.attribution import AttributionSet, Randomisation, TrustCurves
    from explorer.records.frame import RGB, Frame

OWN = ("model", "methods", "class_index", "box", "unit")  # they have options of their own


@click.command(
    help=tr("Explain an answer, as in: explorer attribute squeezenet1_1 coffee --method gradcam --method saliency -o why.png")
)
@click.argument("model")
@click.argument("picture", metavar="FILE")
@click.option("--method", "methods", multiple=True, help=tr("A method; may be given several times. --method list names all."))
@click.option("--class", "class_name", default=None, metavar="NAME|INDEX", help=tr("The class to explain (default: the best)."))
@click.option(
    "--box", type=click.IntRange(0), default=None, metavar="N", help=tr("Object N of 'explorer detect', counted from 0.")
)
@click.option("--unit", default="", metavar="LAYER:CHANNEL[:Y:X]", help=tr("Explain a unit inside the network instead."))
@click.option("--trust", is_flag=True, help=tr("Measure deletion and insertion curves of each method."))
@click.option("--randomise", is_flag=True, help=tr("Explain again while the network's layers get random numbers."))
@request_flags(AttributeRequest, skip=OWN)
@request_flags(TrustRequest, skip=(*AttributeRequest.model_fields,))
@request_flags(RandomiseRequest, skip=(*AttributeRequest.model_fields,))
@output_option(tr("All methods on one sheet (.png .jpg), the curves (.csv) or the numbers (.npz)."))
@json_option()
def attribute(picture: str, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer attribute MODEL FILE`."""
    if "list" in values["methods"]:
        return _list_methods()
    values["methods"] = values["methods"] or AttributeRequest().methods
    ending = saving.ending(output, saving.PICTURE, saving.TABLE, saving.ARRAYS)
    if ending in saving.TABLE and not values["trust"]:
        raise click.UsageError(tr("A table holds curves: add --trust."))
    frame = still(picture)
    with runner() as here:
        if _foreign(values["methods"]):
            here.load_plugins()
        values["class_index"] = class_of(here, values)
        take_box(here, values, frame)
        found = here.run(build(AttributeRequest, values), frame)
        curves = here.run(build(TrustRequest, values), frame) if values["trust"] else None
        checks: tuple[Randomisation, ...] = ()
        if values["randomise"]:
            each = [build(RandomiseRequest, {**values, "methods": (name,)}) for name in dict.fromkeys(values["methods"])]
            checks = tuple(here.run(request, frame) for request in each)
    shape = attribution_shape(found, curves, checks)
    if output:
        _write(output, ending, frame.rgb, found, curves, checks, shape)
    if as_json:
        out.line(shape)
    else:
        _tell(found, curves, checks)
    return 0


def _foreign(names: tuple[str, ...]) -> bool:
    from explorer.features.attribution_methods import methods

    return any(name not in methods() for name in names)


def _list_methods() -> int:
    from explorer.features.attribution_methods import methods

    with runner() as here:
        here.load_plugins()
        for name in methods():
            row = methods()[name]
            out.text(f"{name:<22} {tr(row.title):<24} {tr(row.about)}")
    return 0


def class_of(here: Runner, values: dict[str, Any]) -> int | None:
    """The index of `--class`: a number, or a name of the network's classes."""
    wanted = values["class_name"]
    if wanted is None or wanted.isdigit():
        return None if wanted is None else int(wanted)
    classes = here.run(build(LoadRequest, values)).classes
    lower = [name.lower() for name in classes]
    if wanted.lower() in lower:
        return lower.index(wanted.lower())
    from difflib import get_close_matches

    near = get_close_matches(wanted.lower(), lower, n=3, cutoff=0.5) or [name for name in lower if wanted.lower() in name][:3]
    hint = tr("Did you mean {names}?").format(names=", ".join(near)) if near else ""
    raise click.UsageError((tr("The network has no class called {name}.").format(name=wanted) + " " + hint).strip())


def take_box(here: Runner, values: dict[str, Any], frame: Frame) -> None:
    """Put the object that `--box N` means into `values`, in pixels of the frame, with its class."""
    number = values.pop("box")
    if number is None:
        return
    detect = {key: value for key, value in values.items() if key in DetectRequest.model_fields}
    found = here.run(build(DetectRequest, detect), frame)
    if number >= len(found):
        raise click.UsageError(
            tr("There is no object {number}: {count} were found, counted from 0.").format(number=number, count=len(found))
        )
    values["box"] = tuple(float(edge) for edge in found.xyxy[number])
    values["target"] = "box"
    if values["class_index"] is None:
        values["class_index"] = int(found.class_index[number])


def _write(
    target: str,
    ending: str,
    rgb: RGB,
    found: AttributionSet,
    curves: TrustCurves | None,
    checks: tuple[Randomisation, ...],
    shape: dict[str, Any],
) -> None:
    if ending in saving.PICTURE:
        from explorer.picture.heat_sheet import heat_sheet

        saving.picture(target, heat_sheet(rgb, found, trust=curves, checks=checks), shape)
    elif ending in saving.TABLE and curves is not None:
        columns = ("method", "share", "deletion", "insertion", "random_deletion", "random_insertion")
        saving.table(target, columns, curve_rows(curves))
    else:
        arrays = {item.method: item.heat for item in found.items}
        for curve in curves.items if curves is not None else ():
            arrays[f"{curve.method}_curves"] = _stacked(curve)
        for check in checks:
            for number, stage in enumerate(check.stages):
                arrays[f"{check.original.method}_random_{number}"] = stage.attribution.heat
        saving.arrays(target, **arrays)


def _stacked(curve: Any) -> Any:
    import numpy as np

    return np.stack([curve.share, curve.deletion, curve.insertion, curve.random_deletion, curve.random_insertion])


def _tell(found: AttributionSet, curves: TrustCurves | None, checks: tuple[Randomisation, ...]) -> None:
    sure = "" if found.confidence is None else f"  {found.confidence:.2%}"
    out.text(f"{found.target.text()}{sure}  ({tr(found.measure)}: {found.score:.4g})")
    by_name = {} if curves is None else {curve.method: trust_shape(curve) for curve in curves.items}
    words = tr(
        "deletion {deletion:.2f} (chance {random_deletion:.2f}), insertion {insertion:.2f} (chance {random_insertion:.2f})"
    )
    for item in found.items:
        out.text(f"  {tr(item.title):<24} {item.seconds:6.2f} s  {item.why_layer.text() if item.why_layer else ''}".rstrip())
        for said in (*((item.empty,) if item.empty else ()), *item.notes):
            out.text(f"      {said.text()}")
        if item.method in by_name:
            out.text("      " + words.format(**by_name[item.method]["areas"]))
    for check in checks:
        for stage in check.stages:
            rank = "-" if stage.correlation is None else f"{stage.correlation:.2f}"
            said = tr("{title}: {layers} layers random, down to {layer}: rank correlation {rank}")
            out.text("  " + said.format(title=tr(check.original.title), layers=stage.layers, layer=stage.layer, rank=rank))
