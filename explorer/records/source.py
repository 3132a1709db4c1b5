"""What is known of a picture source: one that is open, a camera that could be opened, a camera that was tried."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.records.errors import Trouble


@dataclass(frozen=True)
class SourceInfo:
    """A picture source as a person sees it.

    `name`: for people ("coffee", "Camera 0", "street.mp4"). `width`, `height` in pixels, 0 before the first frame. `fps`:
    nominal pictures a second, 0 where there is none. `frames`: how many, 0 when unknown (then hide the slider and let a clock
    run). `seekable`: one can go to a frame by its number. `live`: a camera or a network stream.
    """

    name: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    frames: int = 0
    seekable: bool = False
    live: bool = False


@dataclass(frozen=True)
class CameraMode:
    """A size in pixels and the highest rate (pictures a second, 0 unknown) that a camera offers for it."""

    width: int
    height: int
    rate: float = 0.0


@dataclass(frozen=True)
class CameraInfo:
    """A camera that could be opened. `index` is its number, `name` what its maker calls it, or "Camera 0".

    `modes`: what it offers, largest first; empty where the system tells that only of an open camera (a peek's report has
    them then). `known`: `name` is the maker's, so the camera can be found again by it under another number.
    """

    index: int
    name: str
    modes: tuple[CameraMode, ...] = ()
    known: bool = False


@dataclass(frozen=True)
class CameraList:
    """The cameras of this machine in the order of their numbers; `trouble` says why the list may be incomplete."""

    cameras: tuple[CameraInfo, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True)
class PeekReport:
    """What a camera really gave while it was tried.

    `width`, `height`: of its pictures in pixels. `rate`: pictures a second, measured, 0 before there are enough. `nominal`:
    what the driver claims. `brightness`: mean of all values, 0 black to 1 white. `still_s`: seconds for which the picture
    has not changed at all. `read_ms`: how long the newest picture was waited for. `modes`: what it offers, largest first,
    empty where that is not known. `notices`: what a person should look at: all black, frozen, another size than asked for.
    """

    width: int = 0
    height: int = 0
    rate: float = 0.0
    nominal: float = 0.0
    brightness: float = 0.0
    still_s: float = 0.0
    read_ms: float = 0.0
    modes: tuple[CameraMode, ...] = ()
    notices: tuple[Trouble, ...] = ()
