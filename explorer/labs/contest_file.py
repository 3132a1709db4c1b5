"""Job: a fair race written to a file. Joins descent (the runs) and picture (the card as a picture)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from explorer.atomic import write_text
from explorer.descent.contest import contest
from explorer.i18n import N_
from explorer.jobs import Result, Step, Work
from explorer.records.contest import Contest
from explorer.records.contest_card import card_text, lines
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.contest import ContestExportRequest

CARDS, PICTURES, TEXTS, TABLES = (".json",), (".png", ".jpg", ".jpeg"), (".txt",), (".csv",)
CARD = "explorer-card"  # the text of a picture that holds its card
ENDINGS = (*CARDS, *PICTURES, *TEXTS, *TABLES)


def export(request: ContestExportRequest, work: Work) -> Iterator[Step]:
    """Job of ContestExportRequest: the path written, str. The race is run again, which gives the same to the last bit."""
    ending = Path(request.path).suffix.lower()
    if ending not in ENDINGS:
        values = {"ending": ending or Path(request.path).name, "endings": " ".join(ENDINGS)}
        raise BadRequestError(
            Trouble(
                "contest.ending", N_("A fair race cannot be written as {ending}; it can be {endings}."), values, exit_code=2
            )
        )
    for step in contest(request, work):
        if isinstance(step, Result):
            write(step.record, Path(request.path), request.dark)
            yield Result(request.path)
        else:
            yield step


def write(record: Contest, path: Path, dark: bool = False) -> None:
    """Write `record` as what the ending of `path` says: card, picture, words or the curves as a table."""
    ending = path.suffix.lower()
    if ending in CARDS:
        write_text(path, card_text(record))
    elif ending in TEXTS:
        write_text(path, "\n".join(lines(record)) + "\n")
    elif ending in TABLES:
        write_text(path, table(record))
    else:
        from explorer.picture.contest_plot import contest_picture
        from explorer.picture.stills import write_picture

        write_picture(path, contest_picture(record, dark=dark), {"Software": "Explorer", CARD: card_text(record)})


def read_card(path: Path) -> str:
    """The text of a card, from its file or out of the picture that carries it. Raises OSError, BadRequestError."""
    if path.suffix.lower() == ".png":
        from explorer.picture.png_text import png_texts

        return png_texts(path).get(CARD, "")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def table(record: Contest) -> str:
    """CSV text `optimizer,gradients,low,median,high`, exact to the last bit."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("optimizer", "gradients", "low", "median", "high"))
    for one in record.contenders:
        columns = (record.grid.astype(int).tolist(), one.low.tolist(), one.median.tolist(), one.high.tolist())
        rows.writerows((one.optimizer, *values) for values in zip(*columns, strict=True))
    return out.getvalue()
