"""Job: a race written to a file. Joins descent (the paths) and picture (the frames), which do not know each other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from explorer.atomic import write_text
from explorer.descent.race import race
from explorer.i18n import N_
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.descent import Race
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.base import changed
from explorer.requests.race import RaceExportRequest

FILMS, PICTURES, DRAWINGS, TABLES = (".gif", ".mp4"), (".png", ".jpg", ".jpeg"), (".svg",), (".csv",)
ENDINGS = (*FILMS, *PICTURES, *DRAWINGS, *TABLES)


def export(request: RaceExportRequest, work: Work) -> Iterator[Step]:
    """Job of RaceExportRequest: the path written, str. A cancelled or failed export leaves the old file as it was."""
    path = Path(request.path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        values = {"ending": ending or path.name, "endings": " ".join(ENDINGS)}
        raise BadRequestError(
            Trouble("race.ending", N_("A race cannot be written as {ending}; it can be {endings}."), values, exit_code=2)
        )
    if ending in TABLES:
        request = changed(request, kept=request.steps + 1)  # every step, however many
    record = None
    for step in race(request, work):
        if isinstance(step, Result):
            record = step.record
    assert isinstance(record, Race)
    if ending in TABLES:
        write_text(path, table(record))
    elif ending in DRAWINGS:
        from explorer.picture.race_svg import race_svg

        write_text(path, race_svg(record, request.width, request.height, dark=request.dark))
    elif ending in PICTURES:
        _write_picture(request, record, path)
    else:
        yield from _write_film(request, record, path)
    yield Result(str(path))


def table(record: Race) -> str:
    """CSV text `optimizer,step,x,y,value`, exact to the last bit."""
    from explorer.picture.plot import csv_rows

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(csv_rows(record))
    return out.getvalue()


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
