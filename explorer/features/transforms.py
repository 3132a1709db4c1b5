"""Random shifts, turns and scalings of what the network is shown, so that only what survives them can grow.

After Olah, Mordvintsev and Schubert (Distill 2017), whose border, jitter, scaling, turn and second jitter are five resamplings;
here one affine sampling does it all. Every picture of a batch has its own random numbers: its neighbours change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

GREY = 0.5


class Shaker:
    """The transforms of one dream. `pad`, `jitter`: pixels; `rotate`: degrees; `zoom`: share (0.05 is 5 percent).

    `seeds`: one a picture. The border is at most an eighth of the picture's shorter side, the jitter a quarter.
    """

    def __init__(self, pad: int, jitter: int, rotate: float, zoom: float, seeds: Sequence[int]) -> None:
        self.pad, self.jitter, self.rotate, self.zoom = pad, jitter, rotate, zoom
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def draw(self) -> torch.Tensor:
        """(B, 4) numbers in -1..1: turn, scale, right, down."""
        return torch.stack([torch.rand(4, generator=one) for one in self._generators]) * 2 - 1

    def __call__(self, picture: torch.Tensor, draw: torch.Tensor) -> torch.Tensor:
        """`picture` (B, 3, H, W) in 0..1, moved by `draw`, in a border of grey: (B, 3, H + 2 pad, W + 2 pad).

        Without a border what comes in from outside is the picture's own mirror image. Autograd follows it.
        """
        height, width = picture.shape[2:]
        pad, jitter = min(self.pad, min(height, width) // 8), min(self.jitter, min(height, width) // 4)
        if not (jitter or self.rotate or self.zoom):
            return F.pad(picture, [pad] * 4, value=GREY) if pad else picture
        angle = np.deg2rad(self.rotate) * draw[:, 0]
        scale = 1.0 + self.zoom * draw[:, 1]
        high, wide = height + 2 * pad, width + 2 * pad
        cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
        right, down = 2 * jitter * draw[:, 2] / width, 2 * jitter * draw[:, 3] / height
        rows = (cos * wide / width, -sin * high / width, right, sin * wide / height, cos * high / height, down)
        theta = torch.stack(rows, dim=1).reshape(-1, 2, 3).to(picture.device)
        places = F.affine_grid(theta, [len(picture), 3, high, wide], align_corners=False)
        if not pad:
            return F.grid_sample(picture, places, mode="bilinear", padding_mode="reflection", align_corners=False)
        return F.grid_sample(picture - GREY, places, mode="bilinear", padding_mode="zeros", align_corners=False) + GREY
