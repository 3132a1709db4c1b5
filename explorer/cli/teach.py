"""`explorer teach`: a head of one's own classes on the frozen features of a classifier, from a folder of class folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.teach import TeachRequest

if TYPE_CHECKING:
    from explorer.records.teach import Taught

MODEL = (".safetensors",)


@click.command(help=tr("Teach a network your classes, as in: explorer teach PICTURES -o mine.safetensors"))
@click.argument("folder", metavar="FOLDER")
@request_flags(TeachRequest, skip=("folder", "surgery"))
@output_option(tr("The model (.safetensors), its facts as .json beside it; or a table of all pictures (.csv)."))
@json_option()
def teach(folder: str, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer teach FOLDER`: a folder of pictures for each class in it."""
    request = build(TeachRequest, {**values, "folder": folder})
    ending = saving.ending(output, MODEL, saving.TABLE)
    with runner() as here:
        record: Taught = here.run(request)
    if output and ending in MODEL:
        record.save(output)
    elif output:
        saving.table(output, ("picture", "class", "said", "score", "seen", "group"), table(record))
    if as_json:
        out.line(shape(record))
    else:
        _tell(record)
    return 0


def shape(record: Taught) -> dict[str, Any]:
    """{"classes": [{"name", "pictures", "tried", "right"}], "accuracy", "interval", "confusion", "unsure", "notes", ...}."""
    table_of = record.confusion
    return {
        "backbone": record.facts["backbone"]["name"],
        "layer": record.facts["backbone"]["layer"],
        "classes": [
            {"name": name, "pictures": count, "tried": int(table_of[index].sum()), "right": int(table_of[index, index])}
            for index, (name, count) in enumerate(zip(record.classes, record.counts, strict=True))
        ],
        "check": record.check,
        "folds": record.folds,
        "tried": record.tried,
        "right": record.right,
        "accuracy": None if record.accuracy is None else out.rounded(record.accuracy),
        "interval": None if record.interval is None else [out.rounded(one) for one in record.interval],
        "confusion": table_of.tolist(),
        "unsure": [record.paths[one] for one in record.unsure(5)],
        "steps": record.steps,
        "loss": out.rounded(float(record.curves.loss[-1])),
        "skipped": [{"file": name, "reason": reason} for name, reason in record.skipped],
        "notes": [note.text() for note in record.notes],
        "runs_on": record.runs_on.short(),
    }


def table(record: Taught) -> list[tuple[Any, ...]]:
    """A line a picture. `seen`: whether the head that told it had learnt from it."""
    said = record.said
    return [
        (
            record.paths[one],
            record.classes[int(record.label[one])],
            record.classes[int(said[one])],
            float(record.scores[one, said[one]]),
            not bool(record.held[one]),
            int(record.group[one]),
        )
        for one in range(len(record.paths))
    ]


def _tell(record: Taught) -> None:
    out.text(tr("Pictures of each class:"))
    wide = max(len(name) for name in record.classes)
    for name, count in zip(record.classes, record.counts, strict=True):
        out.text(f"{count:>6}  {name}")
    if record.accuracy is not None and record.interval is not None:
        how = (
            tr("each part told by heads that had not seen it, {folds} parts").format(folds=record.folds)
            if record.check == "folds"
            else tr("held out, never learnt from")
        )
        text = tr("{right} of {tried} pictures right: {accuracy:.1%} (95 %: {low:.0%} to {high:.0%}); {how}")
        low, high = record.interval
        out.text(text.format(right=record.right, tried=record.tried, accuracy=record.accuracy, low=low, high=high, how=how))
        out.text(tr("Rows: what it is. Columns: what was said."))
        out.text(" " * wide + "".join(f"{name[:12]:>14}" for name in record.classes))
        for name, row in zip(record.classes, record.confusion.tolist(), strict=True):
            out.text(f"{name:>{wide}}" + "".join(f"{count:>14}" for count in row))
    for note in record.notes:
        out.text(note.text())
