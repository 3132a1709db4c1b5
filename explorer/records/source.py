"""What is known of an open picture source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceInfo:
    """A picture source as a person sees it.

    `name`: for people ("coffee", "Camera 0", "street.mp4"). `width`, `height` in pixels, 0 before the first frame. `fps`:
    nominal pictures a second, 0 where there is none. `frames`: how many, 0 when unknown (then hide the slider and let a clock
    run). `seekable`: one can go to a frame by its number. `live`: a camera.
    """

    name: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    frames: int = 0
    seekable: bool = False
    live: bool = False
