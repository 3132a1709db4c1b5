"""Jobs: a basin map or a stability map written to a file. Joins descent (the maps) and picture (the sheet)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from explorer.atomic import write_bytes, write_text
from explorer.descent.basins import basins
from explorer.descent.stability import stability
from explorer.i18n import N_
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.basins import Basins, Stability, pairs, rows
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.basins import BasinsExportRequest, StabilityExportRequest

PICTURES, TABLES, ARRAYS = (".png", ".jpg", ".jpeg"), (".csv",), (".npz",)
COLUMNS = ("optimizer", "x", "y", "end", "kind", "end_x", "end_y", "steps")


def export(request: BasinsExportRequest | StabilityExportRequest, work: Work) -> Iterator[Step]:
    """Job of both export requests: the path written, str. A cancelled or failed export leaves the old file as it was."""
    path = Path(request.path)
    check(path)
    record: Basins | Stability | None = None
    job = basins(request, work) if isinstance(request, BasinsExportRequest) else stability(request, work)
    for step in job:
        if isinstance(step, Progress):
            yield step
        elif isinstance(step, Result):
            record = step.record
    assert record is not None
    write(record, path, request.model_dump_json(exclude={"path", "dark"}), dark=request.dark)
    yield Result(str(path))


def check(path: Path) -> None:
    """Raise BadRequestError for an ending that nothing is written as."""
    ending = path.suffix.lower()
    if ending not in (*PICTURES, *TABLES, *ARRAYS):
        values = {"ending": ending or path.name, "endings": " ".join((*PICTURES, *TABLES, *ARRAYS))}
        text = N_("A map cannot be written as {ending}; it can be {endings}.")
        raise BadRequestError(Trouble("basins.ending", text, values, exit_code=2))


def write(record: Basins | Stability, path: Path, recipe: str, *, dark: bool = True) -> None:
    """Write `record` as what the ending says; the same record, the same bytes."""
    ending = path.suffix.lower()
    if ending in TABLES:
        write_text(path, table(record))
    elif ending in ARRAYS:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays(record))
        write_bytes(path, buffer.getvalue())
    else:
        from explorer.picture import stills
        from explorer.picture.basin_sheet import basins_sheet, stability_sheet

        sheet = basins_sheet(record, dark=dark) if isinstance(record, Basins) else stability_sheet(record, dark=dark)
        stills.write_picture(path, sheet, {"Software": "Explorer", "explorer-request": recipe})


def table(record: Basins | Stability) -> str:
    """CSV: a line a start, or a line a pair of numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if isinstance(record, Basins):
        writer.writerow(COLUMNS)
        writer.writerows(rows(record))
    else:
        writer.writerow((record.first, record.second or "-", "end", "kind", "steps"))
        writer.writerows(pairs(record))
    return out.getvalue()


def arrays(record: Basins | Stability) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    """Named arrays: axes, "ends" (a number of `places`, or below zero), "steps", "places" (x, y, value), "kinds"."""
    places = np.array([(one.x, one.y, one.value) for one in record.ends], dtype=np.float64).reshape(-1, 3)
    found: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {
        "x": record.x, "y": record.y, "places": places, "kinds": np.array([one.kind for one in record.ends], dtype="U9"),
    }  # fmt: skip
    for one in record.maps if isinstance(record, Basins) else (record.map,):
        found[f"{one.optimizer}_ends"], found[f"{one.optimizer}_steps"] = one.ends, one.steps
    return found
