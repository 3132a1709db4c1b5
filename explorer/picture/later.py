"""Frames whose pixels are made when somebody looks at them: of a film that is played fast most pictures are never seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.records.frame import RGB, Frame


class LaterFrame(Frame):
    """A Frame to everybody. `make` gives its pixels, once; it is called by the thread that looks at them first."""

    def __init__(self, make: Callable[[], RGB], seq: int = 0, time: float = 0.0, source: str = "") -> None:
        for name, value in (("_make", make), ("seq", seq), ("time", time), ("source", source)):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name != "rgb":
            raise AttributeError(name)
        made = Frame(self.__dict__.pop("_make")())  # what a Frame promises of its pixels is seen to there
        object.__setattr__(self, "rgb", made.rgb)
        return made.rgb

    def __reduce__(self) -> tuple[Any, ...]:
        return Frame, (self.rgb, self.seq, self.time, self.source)
