"""`explorer xray`: one picture through a detector, every stage as a picture and as numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.ending import say
from explorer.cli.flags import build, json_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import runner
from explorer.i18n import N_, tr
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.xray import XrayRequest

if TYPE_CHECKING:
    from explorer.records.frame import Frame
    from explorer.records.xray import XrayRecord


class CellType(click.ParamType[Any]):
    """`0,5,6,1`: scale, row, column, anchor; the anchor may be left out (0)."""

    name = "scale,row,column,anchor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Four whole numbers, or a usage error."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(int(item) for item in str(value).split(","))
        except ValueError:
            numbers = ()
        if len(numbers) not in (3, 4):
            self.fail(tr("'{value}' is not SCALE,ROW,COLUMN,ANCHOR, as in 0,5,6,1.").format(value=value), param, ctx)
        return (*numbers, 0)[:4]


@click.command(help=tr("Follow a picture through a detector, as in: explorer xray yolov3_tiny street.jpg -o xray/"))
@click.argument("model")
@click.argument("picture", metavar="FILE")
@request_flags(XrayRequest, skip=("model", "cell", "object", "class_index", "stage", "track", "exact", "precision"))
@click.option("--cell", type=CellType(), default=None, help=tr("The cell to follow, each number counted from 0."))
@click.option("--object", "number", type=click.IntRange(1), default=None, help=tr("The object to follow, 1 is the best one."))
@click.option("--class", "class_name", default=None, help=tr("Whose maps to show: the name of a class, or its number."))
@click.option("-o", "--output", type=click.Path(file_okay=False), default=None, metavar="FOLDER", help=tr("Where to write."))
@json_option()
def xray(picture: str, output: str | None, as_json: bool, number: int | None, class_name: str | None, **values: Any) -> int:
    """`explorer xray MODEL FILE`."""
    values["object"] = None if number is None else number - 1
    request = build(XrayRequest, values)
    frame = still(picture)
    with runner() as here:
        if class_name is not None:
            request = build(
                XrayRequest, {**dict(request), **values, "class_index": _class_of(here.engine, request, class_name)}
            )
        record: XrayRecord = here.run(request, frame)
        shape = summary(record)
        if output is not None:
            shape["files"] = write(record, frame, Path(output), dict(shape))
    if as_json:
        out.line(shape)
    else:
        _tell(record)
    return 0


def _class_of(engine: Any, request: XrayRequest, name: str) -> int:
    """The number of a class by its name or number. Raises BadRequestError with near names."""
    classes: tuple[str, ...] = engine.network(request).info.classes
    if name.isdecimal():
        return int(name)
    if name in classes:
        return classes.index(name)
    from difflib import get_close_matches

    near = ", ".join(get_close_matches(name, classes, n=3)) or ", ".join(classes[:5])
    said, hint = N_("{network} knows no class called {name}."), N_("It has, among others: {some}.")
    raise BadRequestError(Trouble("xray.class", said, {"network": request.model, "name": name, "some": near}, hint, 2))


def summary(record: XrayRecord) -> dict[str, Any]:
    """{"model", "source", "cell", "candidate", "object", "class_index", "stages": [...], "notes", "runs_on"}."""
    return {
        "model": record.model,
        "source": record.source,
        "cell": None if record.cell is None else list(record.cell),
        "candidate": record.candidate,
        "object": record.object,
        "class_index": record.class_index,
        "stages": [stage.facts() for stage in record.stages],
        "notes": [note.english() for note in record.notes],
        "runs_on": record.runs_on.short(),
    }


def write(record: XrayRecord, frame: Frame, folder: Path, facts: dict[str, Any]) -> list[str]:
    """`01-input.png`, `01-input.npz`, ... and `index.json`; the names in order."""
    from explorer.atomic import write_text
    from explorer.picture.xray_sheet import stage_picture

    folder.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    for number, stage in enumerate(record.stages, 1):
        name = f"{number:02d}-{stage.name}"
        saving.picture(str(folder / f"{name}.png"), stage_picture(stage, record, frame.rgb), stage.facts())
        saving.arrays(str(folder / f"{name}.npz"), **stage.arrays())
        names += [f"{name}.png", f"{name}.npz"]
    text = json.dumps(out.plain({**facts, **saving.surgery_facts(), "labels": record.labels, "files": names}), indent=1)
    write_text(str(folder / "index.json"), text)
    return [*names, "index.json"]


def _tell(record: XrayRecord) -> None:
    from explorer.records.xray_cells import TermsStage

    for number, stage in enumerate(record.stages, 1):
        out.text(f"{number}  {tr(stage.title)}: {stage.about.text()}")
        if stage.empty is not None:
            out.text(f"   {stage.empty.text()}")
        table = stage.table if isinstance(stage, TermsStage) else None
        if table is not None:
            scale, row, column, _ = table.cell
            place = tr("scale {scale}, row {row}, column {column}").format(scale=scale, row=row, column=column)
            out.text(f"   {place} · {table.title.text()}")
            for term in table.lines:
                out.text(f"   {term.symbol:>6} = {term.formula} = {term.filled} = {term.value:.6g} {term.unit}".rstrip())
    for note in record.notes:
        say(note.text())
