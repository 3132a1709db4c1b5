"""Job: pictures written as a film. Knows no network: whoever has the pictures may ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from explorer.i18n import N_
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.frame import RGB
from explorer.requests.film import FilmRequest

ENDINGS = (".gif", ".mp4")


def write(request: FilmRequest, work: Work) -> Iterator[Step]:
    """Job of FilmRequest: the path written, str. A cancelled or failed one leaves the old file as it was."""
    from explorer.picture.video import VideoWriter

    path = Path(request.path)
    if path.suffix.lower() not in ENDINGS:
        values = {"ending": path.suffix.lower() or path.name, "endings": " ".join(ENDINGS)}
        raise BadRequestError(
            Trouble("film.ending", N_("A film cannot be written as {ending}; it can be {endings}."), values, exit_code=2)
        )
    if not request.pictures:
        raise BadRequestError(Trouble("film.empty", N_("There is no picture to make a film of."), {}, exit_code=2))
    last = _read(request, len(request.pictures) - 1)
    size = (int(last.shape[1]), int(last.shape[0]))
    order = list(range(len(request.pictures)))
    still = [order[-1]] * round(request.pause * request.fps)
    order += still + (order[-2:0:-1] if request.played == "back" else [])
    with VideoWriter(path, request.fps, size) as film:
        for number, index in enumerate(order):
            work.token.check()
            film.write(_fitted(_read(request, index), size))
            yield Progress(number + 1, len(order), "pictures")
    yield Result(str(path))


def _read(request: FilmRequest, index: int) -> RGB:
    data, (width, height) = request.pictures[index], request.sizes[index]
    if width == 0:
        from explorer.picture.stills import decode

        return decode(data, str(index + 1))
    rgb: RGB = np.frombuffer(data, np.uint8).reshape(height, width, 3)
    return rgb


def _fitted(rgb: RGB, size: tuple[int, int]) -> RGB:
    from explorer.picture.opencv import cv2

    if rgb.shape[:2] == size[::-1]:
        return rgb
    return np.ascontiguousarray(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
