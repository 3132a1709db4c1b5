"""A picture source as a person wants it played: mirrored, and only the part between two points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from explorer.i18n import N_
from explorer.picture.later import LaterFrame
from explorer.picture.normal import mirrored
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import Frame
from explorer.records.source import SourceInfo
from explorer.requests.source import SourceRequest

if TYPE_CHECKING:
    from explorer.picture.sources import Source

NEAR = 1e-6  # frames; a point that is meant to fall on a frame may be a rounding away from it


class Played:
    """Another source behind the same interface. `first` and `last` are the frames at the points, from 0; `last` is None
    where the end is not known. Stills and live sources have no points. Positions stay those of the whole source.

    Raises MediaError "source.points" where the points are in the wrong order or behind the end, and closes the source.
    """

    def __init__(self, source: Source, request: SourceRequest) -> None:
        self.source = source
        self.mirror = False
        self.first: int = 0
        self.last: int | None = None
        try:
            self.adopt(request)
        except MediaError:
            source.close()
            raise

    def adopt(self, request: SourceRequest) -> None:
        """Play it as `request` says from now on. Raises MediaError for points that cannot be, and then changes nothing."""
        first, last = self._points(request)
        self.mirror, self.first, self.last = request.mirror, first, last
        still = self.info.live or self.info.frames == 1
        self._times = (0.0, math.inf) if still else (request.start, request.end or math.inf)

    def _points(self, request: SourceRequest) -> tuple[int, int | None]:
        info = self.source.info
        ends = info.frames - 1 if info.frames else None
        if info.live or info.frames == 1 or not (request.start or request.end):
            return 0, ends
        values = {"name": info.name, "start": f"{request.start:g}", "end": f"{request.end:g}"}
        if request.end and request.end <= request.start:
            reason = N_("A part from {start} s to {end} s has no picture: the end must be behind the beginning.")
            raise MediaError(Trouble("source.points", reason, values, exit_code=2))
        if not info.fps:
            return 0, ends
        first = math.ceil(request.start * info.fps - NEAR)
        last = math.ceil(request.end * info.fps - NEAR) - 1 if request.end else ends
        if ends is not None and first > ends:
            values["length"] = f"{info.frames / info.fps:.4g}"
            reason = N_("{name} is over after {length} s: nothing can begin at {start} s.")
            raise MediaError(Trouble("source.points", reason, values, exit_code=2))
        if last is not None:
            last = max(first, last if ends is None else min(last, ends))
        return first, last

    @property
    def several(self) -> bool:
        """Whether there is more than one frame to play."""
        return self.last is None or self.last > self.first

    @property
    def info(self) -> SourceInfo:
        """The source's."""
        return self.source.info

    @property
    def index(self) -> int:
        """The source's."""
        return self.source.index

    @property
    def trouble(self) -> Trouble | None:
        """The source's."""
        return self.source.trouble

    @property
    def frozen_s(self) -> float:
        """Seconds for which a live picture has stayed the same; 0 for all others."""
        return float(getattr(self.source, "frozen_s", 0.0))

    def read(self) -> Frame | None:
        """The next frame, or None at the out point. Raises MediaError."""
        source = self.source
        if self.last is not None and source.index >= self.last and source.info.seekable:
            return None
        if source.index < self.first - 1 and source.info.seekable:
            return self._mirrored(source.seek(self.first))
        frame = source.read()
        if not source.info.seekable and not source.info.live:
            begins, ends = self._times
            while frame is not None and frame.time < begins - NEAR:
                frame = source.read()
            if frame is not None and frame.time >= ends - NEAR:
                return None
        return self._mirrored(frame)

    def seek(self, index: int) -> Frame | None:
        """The frame number `index` of the whole source, or the nearest between the points."""
        index = max(index, self.first)
        return self._mirrored(self.source.seek(index if self.last is None else min(index, self.last)))

    def close(self) -> None:
        """Close the source."""
        self.source.close()

    def _mirrored(self, frame: Frame | None) -> Frame | None:
        return frame if frame is None or not self.mirror else mirrored_frame(frame)


def mirrored_frame(frame: Frame) -> Frame:
    """The same frame with left and right exchanged."""
    return LaterFrame(lambda: mirrored(frame.rgb), frame.seq, frame.time, frame.source)
