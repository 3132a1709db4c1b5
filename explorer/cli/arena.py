"""`explorer compare`: two networks, or one in two ways, on the same pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.ending import say
from explorer.cli.flags import build, json_option, output_option
from explorer.cli.media import still
from explorer.cli.operating import edits_of, surgery_options
from explorer.cli.output import rounded
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.arena import ArenaRequest, ArenaSide
from explorer.requests.base import parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.records.arena import ArenaResult, ArenaSideResult, Pair
    from explorer.records.frame import RGB

SIDE = ("weights", "device", "precision", "exact", "confidence", "overlap", "suppression")


def side_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--a and --b with the networks, then --a-exact, --b-exact and so on."""
    known = {info.name: info for info in parameters(ArenaSide)}
    for side in ("b", "a"):
        for name in reversed(SIDE):
            info = known[name]
            flag, text = f"--{side}-{name}", tr(info.help)
            if info.kind == "bool":
                command = click.option(flag, is_flag=True, help=text)(command)
                continue
            kind: click.ParamType[Any] = click.STRING
            if info.kind == "choice":
                kind = click.Choice(info.options)
            elif info.kind == "float":
                kind = click.FloatRange(info.low, info.high)
            command = click.option(flag, type=kind, default=None, help=text)(command)
    command = click.option("--b", "b_model", default=None, help=tr("The second network. Left out: the first one, exact."))(
        command
    )
    return click.option("--a", "a_model", default="yolov3_tiny", show_default=True, help=tr("The first network."))(command)


@click.command(help=tr("Compare two networks on a picture, as in: explorer compare street.jpg --a yolov3_tiny --b yolov3"))
@click.argument("picture", metavar="FILE")
@side_options
@click.option("--confidence", type=click.FloatRange(0.01, 1.0), default=None, help=tr("The confidence of both sides."))
@click.option("--repeats", type=click.IntRange(1, 100), default=5, show_default=True, help=tr("Counted runs of each side."))
@click.option(
    "--match", type=click.FloatRange(0.1, 0.95), default=0.5, show_default=True, help=tr("Same object from this IoU.")
)
@surgery_options
@output_option(tr("Both answers side by side as a picture (.png .jpg), or a table of the objects or classes (.csv)."))
@json_option()
def compare(picture: str, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer compare FILE`. Surgery operates on the second side."""
    kind = saving.ending(output, saving.PICTURE, saving.TABLE)
    request = request_of(values)
    frame = still(picture)
    with runner() as here:
        for model in (request.a.model, request.b.model):
            if model not in here.engine.networks:
                here.load_plugins()
        record: ArenaResult = here.run(request, frame)
    if output is not None and kind in saving.TABLE:
        saving.table(output, *_table(record))
    elif output is not None:
        saving.picture(output, drawing(record, frame.rgb), summary(record))
    if as_json:
        out.line(summary(record))
    else:
        _tell(record)
    return 0


def request_of(values: dict[str, Any]) -> ArenaRequest:
    """The request of these options. Without a second network and without surgery: the first one against itself, exact."""
    edits = edits_of(values)
    sides: list[ArenaSide] = []
    for side in ("a", "b"):
        given = {name: values[f"{side}_{name}"] for name in SIDE if values[f"{side}_{name}"] not in (None, False)}
        if values["confidence"] is not None:
            given = {"confidence": values["confidence"], **given}
        model = values[f"{side}_model"] or values["a_model"]
        alone = side == "b" and values["b_model"] is None
        if alone:
            given = {**({"weights": values["a_weights"]} if values["a_weights"] else {}), **given}
            if not given.keys() & {"precision", "exact"}:
                given["exact"] = True
        made = build(ArenaSide, {"model": model, **given})
        sides.append(made.model_copy(update={"surgery": edits if side == "b" else ()}))
    return ArenaRequest(a=sides[0], b=sides[1], repeats=values["repeats"], match=values["match"])


def summary(record: ArenaResult) -> dict[str, Any]:
    """{"task", "said", "a": {...}, "b": {...}, and "pairs" with "counts", "iou" with "difference", or "scores"}."""
    found: dict[str, Any] = {"task": record.task, "source": record.source, "said": record.said.english()}
    found |= {"a": _side(record.a), "b": _side(record.b)}
    if record.task == "detect":
        found |= {"counts": record.counts, "pairs": [_pair(record, one) for one in record.pairs]}
    elif record.task == "segment":
        found |= {"iou": record.iou, "difference": record.difference}
    else:
        rows = record.scores
        found["scores"] = [{"label": a.label, "a": rounded(a.score), "b": rounded(b.score)} for a, b in rows]
    return {**found, "notes": [note.english() for note in record.notes]}


def _side(side: ArenaSideResult) -> dict[str, Any]:
    return {
        "model": side.model,
        "weights": side.weights,
        "runs_on": side.runs_on.short(),
        "threads": side.runs_on.threads,
        "edits": side.runs_on.edits,
        "agreement": side.runs_on.agreement,
        "median_ms": rounded(side.laps.median),
        "stages_ms": {name: rounded(ms) for name, ms in side.laps.stages},
        "runs_ms": [rounded(ms) for ms in side.laps.totals],
        "parameters": side.parameters,
        "weights_bytes": side.weights_bytes,
        "maps_bytes": side.maps_bytes,
        "pass_bytes": side.pass_bytes,
    }


def _pair(record: ArenaResult, pair: Pair) -> dict[str, Any]:
    from explorer.records.vision import Detections

    found: dict[str, Any] = {"kind": pair.kind}
    for name, side, at in zip("ab", record.sides, (pair.a, pair.b), strict=True):
        answer = side.answer
        if at is not None and isinstance(answer, Detections):
            box = [round(float(edge), 2) for edge in answer.xyxy[at]]
            found[name] = {"label": answer.label(at), "score": rounded(float(answer.score[at])), "xyxy": box}
    return {**found, **({"iou": rounded(pair.iou)} if len(found) == 3 else {})}


def _table(record: ArenaResult) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    if record.task == "classify":
        return ("class", "a", "b"), [(a.label, a.score, b.score) for a, b in record.scores]
    if record.task == "segment":
        return ("iou", "difference"), [(record.iou, record.difference)]
    rows = []
    for one in (_pair(record, pair) for pair in record.pairs):
        sides = [one.get(name, {"label": "", "score": "", "xyxy": [""] * 4}) for name in "ab"]
        rows.append(
            (
                one["kind"],
                *(cell for side in sides for cell in (side["label"], side["score"], *side["xyxy"])),
                one.get("iou", ""),
            )
        )
    names = [f"{column}_{name}" for name in "ab" for column in ("label", "score", "x0", "y0", "x1", "y1")]
    return ("kind", *names, "iou"), rows


def drawing(record: ArenaResult, rgb: RGB) -> RGB:
    """(H, 2 W + 8, 3) uint8: the answer of A, a white bar, the answer of B."""
    import numpy as np

    from explorer.picture.overlay import draw_detections, draw_mask, draw_top
    from explorer.records.vision import Detections, Mask

    made = []
    for side in record.sides:
        answer = side.answer
        if isinstance(answer, Detections):
            made.append(draw_detections(rgb, answer))
        else:
            made.append(draw_mask(rgb, answer) if isinstance(answer, Mask) else draw_top(rgb, answer))
    bar = np.full((rgb.shape[0], 8, 3), 255, np.uint8)
    return np.ascontiguousarray(np.concatenate([made[0], bar, made[1]], axis=1))


def _tell(record: ArenaResult) -> None:
    for name, side in zip("AB", record.sides, strict=True):
        ms = tr("median {ms} ms").format(ms=f"{side.laps.median:.1f}")
        grown = "" if side.pass_bytes is None else " · " + tr("grew by {mb} MB").format(mb=f"{side.pass_bytes / 1e6:.1f}")
        held = tr("weights {mb} MB").format(mb=f"{side.weights_bytes / 1e6:.1f}")
        out.text(f"{name}  {side.title} · {side.runs_on.short()} · {ms} · {held}{grown}")
    for pair in record.pairs:
        one = _pair(record, pair)
        sides = "  ".join(f"{name.upper()} {one[name]['label']} {one[name]['score']:.2f}" for name in "ab" if name in one)
        out.text(f"   {pair.kind:9} {sides}" + (f"  IoU {pair.iou:.3f}" if "iou" in one else ""))
    for first, second in record.scores:
        out.text(f"   {first.score:7.4f} {second.score:7.4f}  {first.label}")
    out.text(record.said.text())
    for note in record.notes:
        say(note.text())
