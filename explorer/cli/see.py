"""What a network says about pictures: classify, detect, segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output, saving, shapes
from explorer.cli.flags import build, frames_option, json_option, output_option, request_flags
from explorer.cli.media import expand, fps_of, frames, is_video
from explorer.cli.running import Bar, Runner, runner
from explorer.i18n import tr
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest

if TYPE_CHECKING:
    from explorer.records.frame import RGB, Frame
    from explorer.requests.network import NetworkRequest

FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...")


@click.command(help=tr("Name what is in pictures or videos, as in: explorer classify efficientnet_lite0 cat.jpg"))
@click.argument("files", nargs=-1, required=True, metavar="[MODEL] FILE...")
@click.option("--model", default=None, help=tr("A network, or a saved model of 'explorer teach'; then only files follow."))
@request_flags(ClassifyRequest, skip=("model",))
@frames_option()
@output_option(tr("Table of all answers (.csv)."))
@json_option()
def classify(files: tuple[str, ...], output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer classify MODEL FILE...` or `explorer classify --model MODEL FILE...`."""
    if values["model"] is None:
        values["model"], *rest = files
        files = tuple(rest)
    if not files:
        raise click.UsageError(tr("Which pictures? Say the network first, then the files."))
    request = build(ClassifyRequest, values)
    saving.ending(output, saving.TABLE)
    names = expand(files)
    rows: list[tuple[Any, ...]] = []

    with runner() as here:

        def one(name: str) -> None:
            for index, frame in enumerate(frames(name, values["frames"])):
                record = here.run(request, frame)
                rows.extend((name, index, item.index, item.label, item.score) for item in record.top)
                _answer(shapes.top(record), name, names, index if is_video(name) else None, as_json, _top_text)

        code = here.each(names, one)
    if output:
        saving.table(output, ("file", "frame", "index", "label", "score"), rows)
    return code


@click.command(help=tr("Find objects, as in: explorer detect street.mp4 --model yolov3_tiny -o out.mp4"))
@FILES
@request_flags(DetectRequest)
@frames_option()
@output_option(tr("The boxes drawn (.png .jpg .mp4 .gif), or as a table (.csv); a folder for several files."))
@json_option()
def detect(files: tuple[str, ...], output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer detect FILE...`."""
    return _watch(build(DetectRequest, values), files, output, as_json, values["frames"], Boxes)


@click.command(help=tr("Separate the main object from the background, as in: explorer segment cat.jpg -o mask.png"))
@FILES
@request_flags(SegmentRequest)
@frames_option()
@click.option("--overlay", is_flag=True, help=tr("Draw the mask over the picture instead of the mask alone."))
@output_option(tr("The mask (.png .jpg .mp4 .gif), or the numbers as .npz; a folder for several files."))
@json_option()
def segment(files: tuple[str, ...], output: str | None, as_json: bool, overlay: bool, **values: Any) -> int:
    """`explorer segment FILE...`."""
    drawn = Overlay if overlay else Masks
    return _watch(build(SegmentRequest, values), files, output, as_json, values["frames"], drawn)


class Boxes:
    """Detections: shape, text, drawing, and rows of a table."""

    endings = (saving.PICTURE, saving.VIDEO, saving.TABLE)
    columns = ("frame", "label", "score", "x0", "y0", "x1", "y1")

    @staticmethod
    def shape(record: Any, index: int) -> dict[str, Any]:
        """The JSON object."""
        return shapes.detections(record, index)

    @staticmethod
    def text(shape: dict[str, Any]) -> str:
        """One line for a person."""
        found = ", ".join(f"{item['label']} {item['score']:.2f}" for item in shape["detections"])
        return f"{shape['frame']:5d}  " + (found or tr("nothing found"))

    @staticmethod
    def draw(frame: Frame, record: Any) -> RGB:
        """Boxes on their own frame."""
        from explorer.picture.overlay import draw_detections

        return draw_detections(frame.rgb, record)

    @staticmethod
    def rows(record: Any, index: int) -> list[tuple[Any, ...]]:
        """Rows of the table."""
        return [
            (index, record.label(item), float(record.score[item]), *(float(edge) for edge in record.xyxy[item]))
            for item in range(len(record))
        ]


class Masks:
    """A mask as a grey picture: white is the object."""

    endings = (saving.PICTURE, saving.VIDEO, saving.ARRAYS)
    columns = ()

    @staticmethod
    def shape(record: Any, index: int) -> dict[str, Any]:
        """The JSON object."""
        return shapes.mask(record, index)

    @staticmethod
    def text(shape: dict[str, Any]) -> str:
        """One line for a person."""
        return f"{shape['frame']:5d}  " + tr("object covers {share:.1%}").format(share=shape["share"])

    @staticmethod
    def draw(frame: Frame, record: Any) -> RGB:
        """Grey, 255 where the object is."""
        import numpy as np

        grey = np.rint(np.clip(record.alpha, 0, 1) * 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)

    @staticmethod
    def rows(record: Any, index: int) -> list[tuple[Any, ...]]:
        """The alpha of the frame: kept for the NPZ."""
        return [(index, record.alpha)]


class Overlay(Masks):
    """A mask over its picture."""

    @staticmethod
    def draw(frame: Frame, record: Any) -> RGB:
        """The mask tinted over the frame."""
        from explorer.picture.overlay import draw_mask

        return draw_mask(frame.rgb, record)


def _watch(
    request: NetworkRequest,
    files: tuple[str, ...],
    output_name: str | None,
    as_json: bool,
    limit: int | None,
    kind: type[Boxes] | type[Masks],
) -> int:
    """Run `request` on every frame of every file; answers go out as they come, drawings into the output."""
    names = expand(files)
    wanted = dict(zip(names, saving.targets(output_name, names, ".png", *kind.endings), strict=True))

    with runner() as here:

        def one(name: str) -> None:
            rows: list[tuple[Any, ...]] = []
            target = wanted[name]
            ending = saving.ending(target, *kind.endings)
            with ExitStack() as stack:
                write = _drawer(stack, target, ending, name)
                for index, (frame, record) in enumerate(_answers(here, request, name, limit)):
                    _answer(kind.shape(record, index), name, names, None, as_json, kind.text)
                    if write is not None:
                        write(kind.draw(frame, record))
                    elif target is not None:
                        rows += kind.rows(record, index)
            if target is not None and write is None:
                _numbers(target, ending, kind, rows)

        return here.each(names, one)


def _answers(here: Runner, request: NetworkRequest, name: str, limit: int | None) -> Iterator[tuple[Frame, Any]]:
    """(frame, record) in order; a video is decoded ahead of the network."""
    from explorer.jobs import Work
    from explorer.vision.stream import watch

    if not is_video(name):
        for frame in frames(name, limit):
            yield frame, here.run(request, frame)
        return
    bar = Bar(name)
    try:
        for index, answer in enumerate(watch(request, frames(name, limit), Work(here.engine, token=here.token))):
            bar.show(index + 1, limit or 0)
            yield answer
    finally:
        bar.done()


def _drawer(stack: ExitStack, target: str | None, ending: str, name: str) -> Callable[[RGB], None] | None:
    """What takes the drawn frames: a video writer, a picture writer, or None where numbers are wanted."""
    if target is None or ending in saving.TABLE + saving.ARRAYS:
        return None
    if ending in saving.PICTURE:
        path = target
        return lambda rgb: saving.picture(path, rgb, {"source": name})
    film = saving.Film(target, fps_of(name))
    stack.enter_context(film)
    return film.write


def _numbers(target: str, ending: str, kind: type[Boxes] | type[Masks], rows: list[tuple[Any, ...]]) -> None:
    if ending in saving.TABLE:
        saving.table(target, kind.columns, rows)
        return
    import numpy as np

    saving.arrays(target, frame=np.array([row[0] for row in rows]), alpha=np.stack([row[1] for row in rows]))


def _answer(
    shape: dict[str, Any], name: str, names: list[str], index: int | None, as_json: bool, text: Callable[[dict[str, Any]], str]
) -> None:
    """One answer on standard output. With several files each line says which; a classified video's lines say which frame."""
    which: dict[str, Any] = {"file": name} if len(names) > 1 else {}
    if index is not None:
        which["frame"] = index
    if as_json:
        output.line({**which, **shape})
    else:
        lead = f"{name}: " if len(names) > 1 else ""
        output.text(lead + text({**which, **shape}))


def _top_text(shape: dict[str, Any]) -> str:
    lines = [f"{item['score']:7.2%}  {item['label']}" for item in shape["top"]]
    return "\n".join(["", *lines]) if "file" in shape else "\n".join(lines)
