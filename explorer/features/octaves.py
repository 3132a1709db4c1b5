"""Deep Dream on a picture: from a small version of it to the full size, what the network sees is drawn a little stronger.

After Mordvintsev, Olah and Tyka, "Inceptionism" (2015): octaves carry large forms into small ones, a random shift a step keeps
the network's own grid out of the picture. Large pictures are seen in tiles whose edges lie elsewhere in every step: each tile
is a picture by itself, the objective is their mean by area, and memory is that of one tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from explorer.features.ascent import Aim, NoGradientError
from explorer.features.canvas import blurred
from explorer.features.growing import BLUR_EVERY, HALVINGS, NotFiniteError
from explorer.features.sizes import even_bands, octave_sizes, resized, tiles_of
from explorer.requests.dream import DreamRequest

if TYPE_CHECKING:
    from explorer.jobs import CancelToken

SETTLING = 10  # steps after which those of an octave are half as long
SHORTEST = 48  # pixels; a smaller octave teaches nothing
LEAST_TILE = 64  # pixels; in a smaller tile deep layers see nothing but its edges


@dataclass
class Moment:
    """After a step: `picture` (1, 3, h, w) in 0..1, always finite; `value` as the network saw it before the step."""

    picture: torch.Tensor
    value: float
    octave: int
    octaves: int


class Dreamer:
    """Dreams with the settings of one request; its random numbers go on from one picture to the next.

    `mask`: (1, 1, H, W) in 0..1, stretched over every picture: where it is 0 nothing changes. None: everywhere.
    """

    def __init__(
        self, aim: Aim, request: DreamRequest, mask: torch.Tensor | None = None, token: CancelToken | None = None
    ) -> None:
        self.aim, self.request, self.mask, self.token = aim, request, mask, token
        self.tile = tile_side(request)
        self._generator = torch.Generator().manual_seed(request.seed)

    def sizes(self, height: int, width: int) -> list[tuple[int, int]]:
        """(height, width) of each octave of a picture, small to large."""
        return octave_sizes(height, width, max(height, width), self.request.octaves, self.request.octave_scale, SHORTEST)

    def dream(self, original: torch.Tensor, steps: int) -> Iterator[Moment]:
        """One Moment a step, `steps` of them an octave. Raises NotFiniteError, NoGradientError and whatever a pass raises."""
        sizes = self.sizes(*original.shape[2:])
        step_size = self.request.step_size * float(original.std(correction=0).clamp_min(0.05))
        detail = torch.zeros_like(resized(original, *sizes[0]))
        failures = 0
        for number, size in enumerate(sizes):
            ground = resized(original, *size)
            open_here = None if self.mask is None else resized(self.mask, *size)
            detail = resized(detail, *size)
            if open_here is not None:
                detail = detail * (open_here > 0)
            picture = self._put(ground, detail)
            taken = 0
            while taken < steps:
                if self.token is not None:
                    self.token.check()
                value, upwards = self._upwards(picture)
                if not bool(torch.isfinite(upwards).all()):
                    failures += 1
                    if failures > HALVINGS:
                        raise NotFiniteError
                    step_size /= 2
                    continue
                if open_here is not None:
                    upwards = upwards * open_here
                # Each octave settles: many steps refine what few have drawn, instead of drowning the picture.
                picture = self._put(ground, picture - ground + step_size / (1 + taken / SETTLING) * upwards)
                if self.request.blur and taken % BLUR_EVERY == BLUR_EVERY - 1:
                    picture = self._put(ground, self._blurred(picture - ground, open_here))
                taken += 1
                yield Moment(picture, value, number + 1, len(sizes))
            detail = picture - ground

    def _put(self, ground: torch.Tensor, detail: torch.Tensor) -> torch.Tensor:
        """The picture in 0..1; to keep colours the detail is the same in red, green and blue and stops where one is full."""
        if not self.request.keep_colours:
            return (ground + detail).clamp_(0.0, 1.0)
        low, high = -ground.amin(1, keepdim=True), 1.0 - ground.amax(1, keepdim=True)
        return ground + detail.mean(1, keepdim=True).clamp(low, high)

    def _blurred(self, detail: torch.Tensor, open_here: torch.Tensor | None) -> torch.Tensor:
        soft = blurred(detail, self.request.blur)
        return soft if open_here is None else soft * (open_here > 0)

    def _upwards(self, picture: torch.Tensor) -> tuple[float, torch.Tensor]:
        """The objective and where to go: the gradient with even bands, seen at a random shift."""
        height, width = picture.shape[2:]
        shift = [self._random(min(self.request.jitter, side // 4)) for side in (height, width)]
        value, gradient = self._gradient(torch.roll(picture, shift, (2, 3)))
        if self.request.keep_colours:
            gradient = gradient.mean(1, keepdim=True)
        return value, torch.roll(even_bands(gradient), [-step for step in shift], (2, 3))

    def _gradient(self, picture: torch.Tensor) -> tuple[float, torch.Tensor]:
        height, width = picture.shape[2:]
        phase = (self._random(self.tile), self._random(self.tile)) if 0 < self.tile < max(height, width) else (0, 0)
        tiles = tiles_of(height, width, self.tile, phase)
        if len(tiles) == 1:
            values, gradient = self.aim.gradient(picture)
            return float(values[0]), gradient
        total, whole, silent = 0.0, torch.zeros_like(picture), 0
        for down, across in tiles:
            part = picture[:, :, down, across].contiguous()
            share = part.shape[2] * part.shape[3] / (height * width)
            try:
                values, gradient = self.aim.gradient(part)
            except NoGradientError:
                silent += 1
                if silent == len(tiles):
                    raise
                continue
            total += share * float(values[0])
            whole[:, :, down, across] = share * gradient
        return total, whole

    def _random(self, reach: int) -> int:
        return int(torch.randint(-reach, reach + 1, (1,), generator=self._generator)) if reach else 0


def tile_side(request: DreamRequest) -> int:
    """The side of tiles in pixels, 0 for whole pictures."""
    return max(request.tile, LEAST_TILE) if request.tile else 0
