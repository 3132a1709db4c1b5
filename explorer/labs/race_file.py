"""Job: a race written to a file. Joins descent (the paths) and picture (the frames), which do not know each other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.atomic import write_bytes, write_text
from explorer.descent.race import race
from explorer.i18n import N_
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.descent import Race
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.base import changed
from explorer.requests.race import RaceExportRequest, TorchRaceExportRequest, torch_part

FILMS, PICTURES, DRAWINGS, TABLES, ARRAYS = (".gif", ".mp4"), (".png", ".jpg", ".jpeg"), (".svg",), (".csv",), (".npz",)
ENDINGS = (*FILMS, *PICTURES, *DRAWINGS, *TABLES, *ARRAYS)


def export(request: RaceExportRequest, work: Work) -> Iterator[Step]:
    """Job of RaceExportRequest and TorchRaceExportRequest: the path written, str.

    A cancelled or failed export leaves the old file as it was.
    """
    path = Path(request.path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        values = {"ending": ending or path.name, "endings": " ".join(ENDINGS)}
        raise BadRequestError(
            Trouble("race.ending", N_("A race cannot be written as {ending}; it can be {endings}."), values, exit_code=2)
        )
    if ending in (*TABLES, *ARRAYS):
        request = changed(request, kept=request.steps + 1)  # every step, however many
    record: Race | None = None
    for step in _runs(request, work):
        if isinstance(step, Result):
            record = step.record if record is None else record.joined(step.record)
        else:
            yield step
    assert record is not None
    yield from write(record, request)
    yield Result(str(path))


def _runs(request: RaceExportRequest, work: Work) -> Iterator[Step]:
    """Steps of the race, and of the one of torch.optim where it can run."""
    yield from race(request, work)
    if isinstance(request, TorchRaceExportRequest) and request.torch:
        from explorer.engine import torch_race  # not above: a child without torch writes files too

        yield from torch_race.race(torch_part(request), work)


def write(record: Race, request: RaceExportRequest) -> Iterator[Progress]:
    """Write `record` to the path of `request`, as what its ending says; the same record and request, the same bytes."""
    path = Path(request.path)
    ending = path.suffix.lower()
    if ending in TABLES:
        write_text(path, table(record))
    elif ending in ARRAYS:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays(record))
        write_bytes(path, buffer.getvalue())
    elif ending in DRAWINGS:
        from explorer.picture.race_svg import race_svg

        write_text(path, race_svg(record, request.width, request.height, dark=request.dark))
    elif ending in PICTURES:
        _write_picture(request, record, path)
    else:
        yield from _write_film(request, record, path)


def table(record: Race) -> str:
    """CSV text `optimizer,step,x,y,value`, exact to the last bit."""
    from explorer.picture.plot import csv_rows

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(csv_rows(record))
    return out.getvalue()


def arrays(record: Race) -> dict[str, npt.NDArray[Any]]:
    """Named arrays: x, y, z of the surface; of each run its _points, _values, _evaluations and _rates."""
    found: dict[str, npt.NDArray[Any]] = {"x": record.surface.x, "y": record.surface.y, "z": record.surface.z}
    for name in ("points", "values", "evaluations", "rates"):
        found.update({f"{run.optimizer}_{name}": getattr(run, name) for run in record.runs})
    return found


def _write_picture(request: RaceExportRequest, record: Race, path: Path) -> None:
    from explorer.picture import plot, stills

    rgb = plot.race_picture(record, size=(request.width, request.height), dark=request.dark)
    recipe = request.model_dump_json(exclude={"path"})
    stills.write_picture(path, rgb, {"Software": "Explorer", "explorer-request": recipe})


def _write_film(request: RaceExportRequest, record: Race, path: Path) -> Iterator[Progress]:
    from explorer.picture import plot, video

    size = (request.width, request.height)
    with video.VideoWriter(path, request.fps, size) as film:
        for index, rgb in enumerate(plot.race_frames(record, request.frames, size, dark=request.dark)):
            film.write(rgb)
            yield Progress(index + 1, request.frames, "frames")
