"""A plugin's picture source behind our interface: what it raises becomes a MediaError, what it hands over a Frame."""

from __future__ import annotations

import contextlib
import importlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

from explorer.i18n import N_
from explorer.picture.limits import MAX_PIXELS
from explorer.picture.normal import to_rgb
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import Frame
from explorer.records.source import SourceInfo
from explorer.requests.source import SourceRequest

log = logging.getLogger(__name__)
T = TypeVar("T")
FPS = 25.0  # of a source that does not say
MOST_FPS = 120.0  # a live source that never waits must not take a whole core
ODD = 5  # pictures that may be unusable in a row, as with a camera
LONGEST_S = 60.0  # from one frame to the next, in the source's own clock


class Foreign:
    """What a plugin's factory made. Of it only `read()` is needed: the next picture (a Frame, or an array as `to_rgb` takes
    it), or None at the end. `close()`, `seek(index)`, `info` (name, fps, frames, seekable, live) and `trouble` are asked if
    they are there."""

    def __init__(self, request: SourceRequest, seqs: Iterator[int]) -> None:
        self._name, _ = request.plugin
        factory = importlib.import_module("explorer.plugins.sources").source_named(self._name)
        self._seqs = seqs
        self._made: Any = self._safely(lambda: factory(request))
        self._last: float | None = None  # the newest time of the plugin's own clock
        self._clock = 0.0
        self._read_at = 0.0
        self.index = -1
        self.info = SourceInfo(self._name)
        try:
            self.info = self._safely(self._described)
        except MediaError:
            self.close()
            raise

    @property
    def trouble(self) -> Trouble | None:
        """The plugin's own notice."""
        found = self._safely(lambda: getattr(self._made, "trouble", None))
        return Trouble("source.notice", "{text}", {"text": self._safely(found.english)}) if isinstance(found, Trouble) else None

    def read(self) -> Frame | None:
        """The next picture. Raises MediaError."""
        if self.info.live:
            time.sleep(max(0.0, self._read_at + 1 / MOST_FPS - time.monotonic()))
            self._read_at = time.monotonic()
        return self._frame(self._made_read, self.index + 1)

    def seek(self, index: int) -> Frame | None:
        """Picture number `index`, if the plugin can."""
        return self._frame(lambda: self._made.seek(index), index) if self.info.seekable else None

    def close(self) -> None:
        """Close it; a fault here is only for the log."""
        with contextlib.suppress(MediaError):
            self._safely(lambda: getattr(self._made, "close", lambda: None)())

    def _made_read(self) -> object:
        return self._made.read()

    def _frame(self, get: Callable[[], object], index: int) -> Frame | None:
        for left in reversed(range(ODD)):
            try:
                frame = self._safely(lambda: self._normal(get()))
            except _Odd as odd:
                if left and get == self._made_read:
                    continue
                raise MediaError(odd.trouble) from None
            if frame is not None:
                self.index = index
                if not self.info.width:
                    self.info = self._safely(self._described)
                self.info = SourceInfo(**{**vars(self.info), "width": frame.width, "height": frame.height})
            return frame
        return None

    def _normal(self, got: object) -> Frame | None:
        if got is None:
            return None
        given = got if isinstance(got, Frame) else None
        array = np.asarray(got if given is None else given.rgb)
        if array.ndim >= 2 and array.shape[0] * array.shape[1] > MAX_PIXELS:
            values = {"shape": str(array.shape)}
            raise _Odd(Trouble("picture.shape", N_("A picture of the shape {shape} cannot be shown."), values))
        try:
            rgb = to_rgb(array)
        except MediaError as error:
            raise _Odd(error.trouble) from None
        return Frame(rgb, next(self._seqs), self._time(given), self.info.name)

    def _time(self, frame: Frame | None) -> float:
        """A clock that rises: the plugin's own as far as it does, else the nominal rate."""
        if self.info.live:
            return time.monotonic()
        step = 1 / self.info.fps if self.info.fps else 1 / FPS
        now = float(frame.time) if frame is not None else math.nan
        if self._last is not None and math.isfinite(now) and now > self._last:
            step = min(now - self._last, LONGEST_S)
        self._last = now if math.isfinite(now) else self._last
        self._clock += step
        return self._clock

    def _described(self) -> SourceInfo:
        """Its `info` with plain values, also where it is no SourceInfo."""
        said = getattr(self._made, "info", None)
        fps = float(getattr(said, "fps", 0.0) or 0.0)
        return SourceInfo(
            name=str(getattr(said, "name", "") or self._name),
            fps=fps if 0.01 <= fps <= 1000.0 else 0.0,
            frames=max(0, int(getattr(said, "frames", 0) or 0)),
            seekable=bool(getattr(said, "seekable", False)) and callable(getattr(self._made, "seek", None)),
            live=bool(getattr(said, "live", False)),
        )

    def _safely(self, act: Callable[[], T]) -> T:
        """Do something of the plugin's. Raises MediaError with the reason for whatever it raises, also SystemExit."""
        try:
            return act()
        except (KeyboardInterrupt, _Odd):
            raise  # a person's Ctrl+C
        except BaseException as error:
            log.exception("the source %s of a plugin failed", self._name)
            values = {"name": self._name, "reason": _reason(error)}
            raise MediaError(Trouble("source.failed", N_("The plugin source {name} failed: {reason}."), values)) from None


class _Odd(MediaError):
    """One picture that cannot be used."""


def _reason(error: BaseException) -> str:
    kind = type(error).__name__
    try:
        text = str(error).strip()
    except Exception:  # a plugin's error may not even have a text
        text = ""
    if isinstance(error, MediaError) and text:
        return text.rstrip(".")
    return f"{kind}: {text}".rstrip(".") if text else kind
