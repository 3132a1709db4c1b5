"""Pictures that are at hand, written as a film."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator, model_validator

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter

MOST_PICTURES = 4096
Played = Literal["once", "back"]


class FilmRequest(Request):
    """Write pictures to a .gif or .mp4 that plays them. Result: the path, str.

    `pictures`: (H, W, 3) uint8 RGB row by row, as bytes; `sizes`: the (width, height) of each, or (0, 0) for the bytes of a
    JPEG or PNG file. Smaller ones are enlarged to the last one's size, so that octaves grow in place.
    """

    job: ClassVar[str] = "explorer.labs.picture_film:write"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Write the film")
    path: str = parameter("dream.gif", N_("File"), N_("Where to write; the ending says what."), min_length=1)
    pictures: tuple[bytes, ...] = parameter(
        (), N_("Pictures"), N_("The pictures, in order."), hidden=True, max_length=MOST_PICTURES
    )
    sizes: tuple[tuple[int, int], ...] = parameter(
        (), N_("Sizes"), N_("Width and height of each picture."), hidden=True, max_length=MOST_PICTURES
    )
    fps: float = parameter(15.0, N_("Pictures a second"), N_("Speed of the film."), ge=1.0, le=60.0, step=1.0)
    pause: float = parameter(
        1.0, N_("Pause at the end"), N_("How long the last picture stands."), ge=0.0, le=10.0, step=0.1, unit=N_("s")
    )
    played: Played = parameter("once", N_("Played"), N_("Once, or there and back."))

    @field_validator("sizes")
    @classmethod
    def _real(cls, value: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        if any(width < 0 or height < 0 or (width == 0) != (height == 0) for width, height in value):
            raise ValueError("a picture has at least one pixel")
        return value

    @model_validator(mode="after")
    def _complete(self) -> FilmRequest:
        if len(self.pictures) != len(self.sizes):
            raise ValueError("every picture needs its size")
        if any(w and len(data) != 3 * w * h for data, (w, h) in zip(self.pictures, self.sizes, strict=True)):
            raise ValueError("a picture is width x height x 3 bytes")
        return self
