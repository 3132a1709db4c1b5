"""Files of what was found in frames, by their endings: films with it drawn in, JSON lines, tables, COCO annotations.

A film, an animation and a COCO file appear when they are complete. JSON lines and tables are written frame by frame: whatever
ends the recording, all frames so far are in them.
"""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from explorer.atomic import replacing
from explorer.i18n import N_
from explorer.picture.coco import Coco
from explorer.picture.opencv import cv2
from explorer.picture.overlay import draw_records
from explorer.picture.video import VideoWriter
from explorer.records.errors import MediaError, Trouble
from explorer.records.export import COCO, COLUMNS, ENDINGS, FILMS, LINES, TABLE, Place, described, table_rows
from explorer.records.frame import RGB
from explorer.records.trails import Trails
from explorer.records.vision import Detections
from explorer.requests.live import LiveLook

NOMINAL_FPS = 30.0


class Target(Protocol):
    """One file being written."""

    @property
    def part(self) -> Path | None:
        """Where its bytes are until it is finished, if somebody else could save them."""

    def write(self, drawn: RGB | None, records: Sequence[object], at: Place, seconds: float | None) -> None:
        """A frame; `drawn` for films, shown from `seconds` on."""

    def finish(self) -> None:
        """Put the complete file in its place."""

    def abandon(self, error: BaseException) -> bool:
        """Something failed: leave no half file; whether what was written so far could be kept."""


class _Rows(ABC):
    """Lines of text, each in the file as soon as it is known; `head` comes first."""

    head = ""

    def __init__(self, path: Path) -> None:
        self._stack = ExitStack()
        self.part: Path | None = self._stack.enter_context(replacing(path))
        self._out = open(self.part, "wb", buffering=0)  # noqa: SIM115 - closed by `finish`
        self._put(self.head)

    @abstractmethod
    def _text(self, records: Sequence[object], at: Place) -> str:
        """What is written of a frame."""

    def _put(self, text: str) -> None:
        data = text.encode()
        if data and self._out.write(data) != len(data):
            raise OSError(f"short write to {self.part}")

    def write(self, drawn: RGB | None, records: Sequence[object], at: Place, seconds: float | None) -> None:
        """The frame's lines."""
        self._put(self._text(records, at))

    def finish(self) -> None:
        """Put the file in its place."""
        self._out.close()
        self._stack.close()

    def abandon(self, error: BaseException) -> bool:
        """Keep the whole lines."""
        self.finish()
        return True


class _Lines(_Rows):
    def _text(self, records: Sequence[object], at: Place) -> str:
        return json.dumps(described(records, at, named=True), ensure_ascii=False) + "\n"


class _Table(_Rows):
    head = ",".join(COLUMNS) + "\n"

    def _text(self, records: Sequence[object], at: Place) -> str:
        return "".join(_row(row) for row in table_rows(records, at))


def _row(values: Sequence[Any]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()


class _Annotations:
    part: Path | None = None

    def __init__(self, path: Path) -> None:
        self._path, self._coco = path, Coco()

    def write(self, drawn: RGB | None, records: Sequence[object], at: Place, seconds: float | None) -> None:
        """The frame's image and annotations."""
        self._coco.add(records, at)

    def finish(self) -> None:
        """Write the file."""
        try:
            self._coco.write(self._path)
        finally:
            self._coco.close()

    def abandon(self, error: BaseException) -> bool:
        """What is known so far is complete in itself."""
        try:
            self.finish()
        except OSError:
            return False
        return True


class _Film:
    """As large as its first frame; others are fitted in with dark bars."""

    def __init__(self, path: Path, fps: float) -> None:
        self._path, self._fps = path, fps
        self._writer: VideoWriter | None = None

    @property
    def part(self) -> Path | None:
        """The part file of an MP4: fragments, so that it plays up to its end wherever that is."""
        return self._writer.part if self._writer is not None and self._path.suffix.lower() == ".mp4" else None

    def write(self, drawn: RGB | None, records: Sequence[object], at: Place, seconds: float | None) -> None:
        """The frame as it was drawn."""
        if drawn is None:
            return
        if self._writer is None:
            size = drawn.shape[1], drawn.shape[0]
            self._writer = VideoWriter(self._path, self._fps, size, fast=True).__enter__()
        self._writer.write(fitted(drawn, self._writer.size), seconds)

    def finish(self) -> None:
        """Complete the film; without a frame there is none."""
        if self._writer is not None:
            self._writer.__exit__(None, None, None)

    def abandon(self, error: BaseException) -> bool:
        """No film."""
        if self._writer is not None:
            self._writer.__exit__(type(error), error, error.__traceback__)
        return False


Drawing = Callable[[RGB, Sequence[object]], RGB]


class Findings:
    """Several files of the same frames. Raises MediaError for an unknown ending, before anything is opened.

    `draw` makes the frames of films, else the records are drawn as `look` says. `ours`: nobody else wants the frames that are
    given, so they are drawn into.
    """

    def __init__(
        self,
        paths: Sequence[Path | str],
        fps: float = NOMINAL_FPS,
        look: LiveLook | None = None,
        *,
        draw: Drawing | None = None,
        ours: bool = False,
    ) -> None:
        self.paths = tuple(Path(path) for path in paths)
        for path in self.paths:
            check_ending(path)
        self._look = look or LiveLook()
        self._draw = draw
        self._ours = ours
        self._trails = Trails(self._look.trail_s)
        self._films = any(path.suffix.lower() in FILMS for path in self.paths)
        self.frames = self.objects = 0
        self._targets: list[tuple[Path, Target]] = []
        try:
            for path in self.paths:
                self._targets.append((path, _target(path, fps)))
        except BaseException as error:
            self.abandon(error)
            raise

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """(part file, its final name) of those that can be saved if this process dies."""
        return tuple((str(target.part), str(path)) for path, target in self._targets if target.part is not None)

    def write(self, rgb: RGB | None, records: Sequence[object], at: Place, seconds: float | None = None) -> None:
        """One frame and what was said of it; drawn once for all films, shown from `seconds` on (None: by the rate).

        Without `rgb` films do without the frame.
        """
        found = [record for record in records if isinstance(record, Detections)]
        drawn: RGB | None = None
        if self._films and rgb is not None:
            if found and self._look.trails:
                self._trails.add(found[0], at.time)
            drawn = self._draw(rgb, records) if self._draw else self._drawn(rgb, records)
        for _, target in self._targets:
            target.write(drawn, records, at, seconds)
        self.frames += 1
        self.objects += sum(len(one) for one in found)

    def _drawn(self, rgb: RGB, records: Sequence[object]) -> RGB:
        return draw_records(rgb, records, self._look, self._trails.lines(), into=self._ours and rgb.flags.writeable)

    def finish(self) -> None:
        """Complete all files. If one cannot be, the others are, then its error is raised."""
        failed: BaseException | None = None
        while self._targets:
            _, target = self._targets.pop(0)
            try:
                target.finish()
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def abandon(self, error: BaseException) -> tuple[str, ...]:
        """Something failed: films go, lines and tables keep what they have. Returns the files that are there."""
        kept = []
        while self._targets:
            path, target = self._targets.pop(0)
            try:
                if target.abandon(error):
                    kept.append(str(path))
            except Exception:  # one that cannot even be left does not hold the others
                continue
        return tuple(kept)

    def __enter__(self) -> Findings:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None:
            self.finish()
        else:
            self.abandon(error)


def check_ending(path: Path | str) -> None:
    """Raise MediaError if nothing is written with this ending."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        values = {"ending": ending or "?", "known": " ".join(ENDINGS)}
        text = N_("A recording cannot be written as {ending}.")
        raise MediaError(Trouble("record.ending", text, values, N_("It can be {known}."), 2))


def _target(path: Path, fps: float) -> Target:
    ending = path.suffix.lower()
    if ending == LINES:
        return _Lines(path)
    if ending == TABLE:
        return _Table(path)
    return _Annotations(path) if ending == COCO else _Film(path, fps)


def fitted(rgb: RGB, size: tuple[int, int]) -> RGB:
    """`rgb` scaled to fit `size` (width, height), centred on black."""
    width, height = size
    if rgb.shape[:2] == (height, width):
        return rgb
    scale = min(width / rgb.shape[1], height / rgb.shape[0])
    small = cv2.resize(
        rgb, (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))), interpolation=cv2.INTER_AREA
    )
    whole = np.zeros((height, width, 3), np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    whole[top : top + small.shape[0], left : left + small.shape[1]] = small
    return whole
