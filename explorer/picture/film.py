"""Video files, decoded by FFmpeg through PyAV.

The file is opened by us and handed over as an object, its format is forced to what its first bytes say, and any further file
or address the container asks for is refused: no protocol, list or pattern can reach anything else (reliability.md row 9).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from explorer.i18n import N_
from explorer.picture.limits import MAX_PIXELS
from explorer.picture.recognise import HEAD_BYTES, VIDEOS, kind_of
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import RGB

BAD_IN_A_ROW = 200  # packets; after that the rest of the file is not worth the time
SMALL_PIXELS = 1280 * 720  # decoded by one thread, some 600 a second: more cost a tenth more work, all in all
_FORMATS = {"mp4": "mov"}


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture as the decoder gave it. `rgb`, called once by the film's thread, makes its colours: as dear as decoding it.

    `time`: seconds. `height`, `width`: as it is shown.
    """

    picture: Any
    time: float
    turns: int
    converter: VideoReformatter

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.picture.width if self.turns % 2 else self.picture.height)

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.picture.height if self.turns % 2 else self.picture.width)

    def rgb(self) -> RGB:
        """(H, W, 3) uint8, in memory of its own."""
        # One converter for all pictures, in this thread: threads of its own are made anew and cost more than they save.
        made: Any = self.converter.reformat(self.picture, format="rgb24", interpolation=Interpolation.FAST_BILINEAR, threads=1)
        plane = made.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(made.height, plane.line_size)  # the array keeps the picture
        rgb: RGB = rows[:, : 3 * made.width].reshape(made.height, made.width, 3)
        return np.ascontiguousarray(np.rot90(rgb, self.turns) if self.turns else rgb)


class Film:
    """A video file that gives its pictures in order.

    `fps`: nominal, 0 where the file does not say anything sensible. `frames`: how many the file claims, 0 when unknown.
    `width`, `height`: of the pictures as they are shown. Raises MediaError: not a video, damaged, index missing, too large.
    """

    def __init__(self, path: Path | str, threads: int = 0) -> None:
        self.path = Path(path)
        self.name = self.path.name
        self.index = -1
        self.damaged = 0
        self._file = _open(self.path)
        try:
            self._open_container(threads)
        except BaseException:
            self.close()
            raise

    def _open_container(self, threads: int) -> None:
        kind = kind_of(self._file.read(HEAD_BYTES))
        self._file.seek(0)
        if kind not in VIDEOS:
            raise MediaError(Trouble("media.not", N_("{name} is not a media file."), {"name": self.name}))
        try:
            self._container: Any = av.open(
                self._file, format=_FORMATS.get(kind, kind), io_open=_refuse, metadata_errors="replace"
            )
        except (av.FFmpegError, ValueError, OSError):
            raise self._unopened(kind) from None
        if not self._container.streams.video:
            raise MediaError(Trouble("video.none", N_("There is no picture track in {name}."), {"name": self.name}))
        stream = self._stream = self._container.streams.video[0]
        if stream.codec_context is None:
            raise MediaError(
                Trouble("video.codec", N_("{name} is of a kind that cannot be decoded here."), {"name": self.name})
            )
        stream.thread_type = "AUTO"
        if not threads and stream.codec_context.width * stream.codec_context.height <= SMALL_PIXELS:
            threads = 1
        if threads:
            stream.codec_context.thread_count = threads
        self.width, self.height = int(stream.codec_context.width), int(stream.codec_context.height)
        if self.width * self.height > MAX_PIXELS:
            values = {"name": self.name, "size": round(self.width * self.height / 1e6), "limit": MAX_PIXELS // 10**6}
            raise MediaError(
                Trouble("media.too-large", N_("{name} is too large: {size} Mpx (limit {limit})."), values, exit_code=4)
            )
        self._to_rgb = VideoReformatter()
        self.fps = _sane_rate(stream.average_rate or stream.guessed_rate)
        self.frames = self._count()
        self._packets = self._pictures()

    def _unopened(self, kind: str) -> MediaError:
        if kind == "mp4":
            reason = N_("{name} cannot be opened: its index is missing (incomplete file).")
            return MediaError(Trouble("video.index", reason, {"name": self.name}, N_("Copy or download it again.")))
        return MediaError(Trouble("media.damaged", N_("{name} is damaged and cannot be read."), {"name": self.name}))

    def _count(self) -> int:
        frames = int(self._stream.frames or 0)
        if frames <= 0 and self._stream.duration and self._stream.time_base and self.fps:
            frames = round(float(self._stream.duration * self._stream.time_base) * self.fps)
        return frames if 0 < frames < 10**8 else 0

    def read(self) -> tuple[RGB, float] | None:
        """The next picture and its time in seconds, or None at the end (then `trouble` says whether the file was whole)."""
        return _coloured(self.next())

    def next(self) -> Decoded | None:
        """As `read`, without making colours of it."""
        found = next(self._packets, None)
        if found is None:
            return None
        self.index += 1
        time = found.time if found.time is not None else self.index / (self.fps or 25.0)
        return self._decoded(found, float(time))

    def _decoded(self, picture: Any, time: float) -> Decoded:
        made = Decoded(picture, time, round(picture.rotation / 90) % 4, self._to_rgb)
        self.height, self.width = made.height, made.width
        return made

    def _pictures(self) -> Iterator[Any]:
        bad = 0
        packets = self._container.demux(self._stream)
        while bad < BAD_IN_A_ROW:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                found = packet.decode()
            except av.error.EOFError:
                return
            except (av.FFmpegError, ValueError):
                self.damaged += 1
                bad += 1
                continue
            for picture in found:
                bad = 0
                if not picture.is_corrupt and picture.width * picture.height <= MAX_PIXELS:
                    yield picture
                else:
                    self.damaged += 1

    @property
    def trouble(self) -> Trouble | None:
        """After the end: what was wrong with the file, or None. A cut file looks like a normal end to a decoder."""
        readable = self.index + 1
        if self._sought or (not self.damaged and (not self.frames or readable >= self.frames - 1)):
            return None
        total = max(self.frames, readable + self.damaged)
        values = {"name": self.name, "readable": readable, "total": total}
        return Trouble("video.damaged", N_("{name} is damaged: {readable} of {total} pictures can be read."), values)

    _sought = False

    def seek(self, index: int) -> tuple[RGB, float] | None:
        """The picture number `index` (from 0) and its time; None behind the end. Needs `fps` > 0."""
        return _coloured(self.find(index))

    def find(self, index: int) -> Decoded | None:
        """As `seek`, without making colours of it."""
        self._sought = True
        index = max(0, min(index, self.frames - 1) if self.frames else index)
        if index == 0:
            self.rewind()
            return self.next()
        if index == self.index + 1 and self.index >= 0:  # the next one needs no way back to a key frame
            return self.next()
        start = self._stream.start_time or 0
        half = 0.5 / self.fps
        target = index / self.fps
        try:
            self._container.seek(int(start + target / float(self._stream.time_base)), stream=self._stream, backward=True)
        except av.FFmpegError:
            self.rewind()
        self._packets = self._pictures()
        begin = float(start * self._stream.time_base)
        for picture in self._packets:
            if picture.time is None or picture.time - begin >= target - half:
                self.index = index
                return self._decoded(picture, float(picture.time if picture.time is not None else target))
        return None

    def rewind(self) -> None:
        """Back to the beginning. A container that cannot seek is opened again."""
        try:
            self._container.seek(self._stream.start_time or 0, stream=self._stream, backward=True)
            self._packets = self._pictures()
        except av.FFmpegError:
            self._container.close()
            self._file.seek(0)
            self._open_container(0)
        self.index, self.damaged = -1, 0

    def close(self) -> None:
        """Close decoder and file. May be called twice."""
        container = getattr(self, "_container", None)
        if container is not None:
            with contextlib.suppress(av.FFmpegError):
                container.close()
        self._file.close()

    def __enter__(self) -> Film:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _coloured(found: Decoded | None) -> tuple[RGB, float] | None:
    return None if found is None else (found.rgb(), found.time)


def _open(path: Path) -> BinaryIO:
    try:
        if not path.is_file():
            reason = N_("There is no file {name}.")
            raise MediaError(Trouble("media.missing", reason, {"name": str(path)}))
        return open(path, "rb")
    except (OSError, ValueError) as error:
        values = {"name": str(path), "reason": getattr(error, "strerror", None) or str(error)}
        raise MediaError(Trouble("media.unreadable", N_("{name} cannot be read: {reason}."), values)) from None


def _refuse(url: str, flags: int, options: dict[str, Any]) -> NoReturn:
    raise PermissionError(f"a video file may not open {url}")


def _sane_rate(rate: Any) -> float:
    value = float(rate) if rate else 0.0
    return round(value, 4) if math.isfinite(value) and 0.1 <= value <= 1000.0 else 0.0
