"""One network over all pictures of a folder: rows, drawings, and a look at each on the way. The same as the command line's."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.i18n import N_
from explorer.jobs import Cancelled, Preview, Progress, Result, Work, find
from explorer.picture.findings import Findings
from explorer.picture.listing import natural, stills_in
from explorer.picture.overlay import draw_records
from explorer.picture.stills import read_rgb, write_png
from explorer.records.batch import BatchReport, BatchStep
from explorer.records.errors import BadRequestError, ExplorerError, MediaError, Trouble
from explorer.records.export import Place
from explorer.records.frame import Frame
from explorer.records.vision import Detections, Mask, TopK
from explorer.requests.batch import FILE_STEM, BatchRequest

if TYPE_CHECKING:
    from explorer.jobs import Step
    from explorer.records.frame import RGB

LOOK_S = 0.2  # between two pictures that are shown on the way
PICTURES = "pictures"
MOST_SIDE = 480  # of a picture that is shown on the way


class _Run:
    """What is known so far."""

    def __init__(self, request: BatchRequest, paths: list[Path], files: tuple[str, ...]) -> None:
        self.began = time.perf_counter()
        self.request, self.paths, self.files = request, paths, files
        self.looked = self.objects = 0
        self.skipped: list[tuple[str, Trouble]] = []

    def report(self, whole: bool = False) -> BatchReport:
        """The record of now."""
        seconds = time.perf_counter() - self.began
        skipped = tuple(self.skipped)
        return BatchReport(len(self.paths), self.looked, self.objects, skipped, self.files, seconds, whole)


def batch(request: BatchRequest, work: Work) -> Iterator[Step]:
    """Job: look at every picture, write the results. Result: BatchReport; a stopped one leaves what it has written."""
    paths = pictures_of(request.path)
    folder = Path(request.folder)
    files = tuple(str(folder / (FILE_STEM + ending)) for ending in request.write if ending != PICTURES)
    draws = PICTURES in request.write
    _check(request, paths, folder, draws)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        run = _Run(request, paths, (*files, str(folder)) if draws else files)
        with Findings(files) as found:
            yield from _all(run, work, found, folder if draws else None)
    except OSError as error:
        values = {"path": str(folder), "reason": error.strerror or str(error)}
        raise ExplorerError(Trouble("batch.write", N_("{path} could not be written: {reason}"), values, exit_code=4)) from None
    yield Result(run.report(whole=True))


def _all(run: _Run, work: Work, found: Findings, drawings: Path | None) -> Iterator[Step]:
    shown_at = 0.0
    total = len(run.paths)
    try:
        for number, path in enumerate(run.paths):
            work.token.check()
            yield Progress(number, total, path.name)
            try:
                rgb = read_rgb(path)
            except MediaError as error:
                run.skipped.append((path.name, error.trouble))
                continue
            frame = Frame(rgb, number, 0.0, path.name)
            record = yield from _answer(run.request, Work(work.engine, frame, work.token))
            found.write(rgb, (record,), Place(0, 0.0, path.name, (frame.width, frame.height)))
            run.looked += 1
            run.objects = found.objects
            now = time.perf_counter()
            due = now - shown_at >= LOOK_S or number + 1 == total
            if due or drawings is not None:
                drawn = draw_records(rgb, (record,))
                if drawings is not None:
                    write_png(drawings / f"{path.stem}.png", drawn)
                if due:
                    shown_at = now
                    yield Preview(BatchStep(_small(drawn), path.name, said(record), run.report()), number + 1, total)
            yield Progress(number + 1, total, path.name)
    except Cancelled:
        yield Preview(run.report())
        raise
    if not run.looked:
        raise MediaError(run.skipped[0][1])


def _answer(request: BatchRequest, work: Work) -> Generator[Step, None, Any]:
    """What the network says of the work's frame; the network's own progress (a download) goes on to whoever waits."""
    looking = request.looking
    for step in find(looking.job)(looking, work):
        if isinstance(step, Result):
            return step.record
        if isinstance(step, Progress) and step.text:
            yield step
    raise RuntimeError(f"job {looking.job} ended without a result")


def pictures_of(path: str) -> list[Path]:
    """The pictures of a folder, or of several lines, in the order a person expects. Raises MediaError."""
    lines = [Path(line) for line in path.split("\n") if line]
    if not lines:
        raise MediaError(Trouble("picture.none", N_("There is no picture to look at.")))
    if len(lines) == 1 and lines[0].is_dir():
        return stills_in(lines[0])
    return sorted(lines, key=lambda one: natural(one.name))


def _check(request: BatchRequest, paths: list[Path], folder: Path, draws: bool) -> None:
    if not request.folder:
        raise BadRequestError(Trouble("batch.nowhere", N_("Choose a folder for the results."), exit_code=2))
    if not request.write:
        raise BadRequestError(Trouble("batch.nothing", N_("Choose at least one kind of result."), exit_code=2))
    if draws and any(path.resolve().parent == folder.resolve() for path in paths):
        reason = N_("The drawn pictures would take the place of the pictures in {path}.")
        hint = N_("Choose another folder for the results.")
        raise BadRequestError(Trouble("batch.same-folder", reason, {"path": str(folder)}, hint, 2))


def said(record: Detections | Mask | TopK) -> str:
    """A record in a line: "cup 0.53, spoon 0.41", "31 %", "espresso 0.92"."""
    if isinstance(record, Detections):
        return ", ".join(f"{record.label(index)} {record.score[index]:.2f}" for index in range(len(record)))
    if isinstance(record, Mask):
        return f"{float((record.alpha > 0.5).mean()):.0%}"
    return ", ".join(f"{one.label} {one.score:.2f}" for one in record.top[:3])


def _small(rgb: RGB) -> RGB:
    """At most MOST_SIDE on its longer side; every so many pixels one."""
    step = max(1, -(-max(rgb.shape[:2]) // MOST_SIDE))
    return rgb[::step, ::step].copy()
