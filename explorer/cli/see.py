"""What a network says about pictures: classify, detect, segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import saving, shapes
from explorer.cli.flags import Names, build, frames_option, json_option, output_option, request_flags
from explorer.cli.media import is_video
from explorer.cli.watching import Boxes, Classes, Masks, Overlay, Watch
from explorer.i18n import tr
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest

if TYPE_CHECKING:
    from explorer.records.export import Place
    from explorer.records.network import NetworkInfo

FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...")


@click.command(help=tr("Name what is in pictures or videos, as in: explorer classify efficientnet_lite0 cat.jpg"))
@click.argument("files", nargs=-1, required=True, metavar="[MODEL] FILE...")
@click.option("--model", default=None, help=tr("A network, or a saved model of 'explorer teach'; then only files follow."))
@request_flags(ClassifyRequest, skip=("model",))
@frames_option()
@output_option(
    tr("A table of all answers (.csv), one JSON object a frame (.jsonl), or the answers drawn (.png .jpg .mp4 .gif)."),
    several=True,
)
@json_option()
def classify(files: tuple[str, ...], outputs: tuple[str, ...], as_json: bool, **values: Any) -> int:
    """`explorer classify MODEL FILE...` or `explorer classify --model MODEL FILE...`."""
    if values["model"] is None:
        values["model"], *rest = files
        files = tuple(rest)
    if not files:
        raise click.UsageError(tr("Which pictures? Say the network first, then the files."))
    tables = [name for name in outputs if saving.ending(name, *Classes.endings) in saving.TABLE]
    others = [name for name in outputs if name not in tables]
    watch = Watch(build(ClassifyRequest, values), files, others, Classes, as_json)
    rows: list[tuple[Any, ...]] = []

    def shape(record: Any, name: str, at: Place) -> dict[str, Any]:
        return {**({"frame": at.frame} if is_video(name) else {}), **shapes.top(record)}

    def keep(name: str, at: Place, record: Any) -> None:
        rows.extend((name, at.frame, one.index, one.label, one.score) for one in record.top)

    watch.shape, watch.limit, watch.each = shape, values["frames"], keep
    code = watch.run()
    for table in tables:
        saving.table(table, ("file", "frame", "index", "label", "score"), rows)
    return code


@click.command(help=tr("Find objects, as in: explorer detect street.mp4 --model yolov3_tiny -o out.mp4"))
@FILES
@request_flags(DetectRequest, skip=("only",))
@click.option(
    "--only", "--classes", "only", type=Names(), default=(), help=tr("Only these classes, as in: --only person,bicycle,car")
)
@click.option("--trails", is_flag=True, help=tr("Follow objects and draw the way that each has come."))
@frames_option()
@output_option(
    tr(
        "The boxes drawn (.png .jpg .mp4 .gif), one JSON object a frame (.jsonl), a table (.csv), or COCO annotations (.json); "
        "may be given several times. A folder for the drawings of several files."
    ),
    several=True,
)
@json_option()
def detect(files: tuple[str, ...], outputs: tuple[str, ...], as_json: bool, trails: bool, **values: Any) -> int:
    """`explorer detect FILE...`."""
    from explorer.requests.live import LiveLook

    request = build(DetectRequest, {**values, "track": values["track"] or trails})
    watch = Watch(request, files, outputs, Boxes, as_json)
    watch.limit, watch.look = values["frames"], LiveLook(trails=trails)
    watch.check = (lambda info: known_classes(request.only, info)) if request.only else None
    return watch.run()


@click.command(help=tr("Separate the main object from the background, as in: explorer segment cat.jpg -o mask.png"))
@FILES
@request_flags(SegmentRequest)
@frames_option()
@click.option("--overlay", is_flag=True, help=tr("Draw the mask over the picture instead of the mask alone."))
@output_option(
    tr(
        "The mask (.png .jpg .mp4 .gif), the numbers (.npz), one JSON object a frame (.jsonl), a table (.csv), or COCO "
        "annotations (.json); may be given several times. A folder for the masks of several files."
    ),
    several=True,
)
@json_option()
def segment(files: tuple[str, ...], outputs: tuple[str, ...], as_json: bool, overlay: bool, **values: Any) -> int:
    """`explorer segment FILE...`."""
    watch = Watch(build(SegmentRequest, values), files, outputs, Overlay if overlay else Masks, as_json)
    watch.limit = values["frames"]
    return watch.run()


def known_classes(only: tuple[str, ...], info: NetworkInfo) -> None:
    """Raise BadRequestError with near names if the network has no class called as one of `only`."""
    from difflib import get_close_matches

    from explorer.i18n import N_
    from explorer.records.errors import BadRequestError, Trouble

    for name in only:
        if name not in info.classes:
            near = get_close_matches(name, info.classes, n=3, cutoff=0.5)
            values = {"name": name, "network": info.title, "near": ", ".join(near), "count": len(info.classes)}
            hint = N_("Did you mean {near}?") if near else N_("It has {count} classes.")
            raise BadRequestError(Trouble("class.unknown", N_("{network} has no class called {name}."), values, hint, 2))
