"""A short film made from one picture by moving a camera over it: turn, zoom, pan. The same picture gives the same frames."""

from __future__ import annotations

import math

import numpy as np

from explorer.picture.opencv import cv2
from explorer.records.frame import RGB

FPS = 25.0
FRAMES = 250
SIZE_720P = (1280, 720)


class Clip:
    """`frames` pictures of `width` x `height`; the last leads smoothly to the first. Frame k can be had without the others.

    The camera describes a closed curve over `rgb` (H, W, 3) while it zooms between `near` and `far` and rolls a few degrees;
    what lies outside the picture is its mirror image.
    """

    near, far = 0.55, 0.9  # part of the picture that is seen
    roll = 5.0  # degrees

    def __init__(self, rgb: RGB, size: tuple[int, int] = SIZE_720P, frames: int = FRAMES) -> None:
        self.width, self.height = size
        self.frames = frames
        self._rgb = rgb

    def frame(self, index: int) -> RGB:
        """(height, width, 3) uint8 RGB; `index` in 0..frames - 1."""
        turn = 2 * math.pi * index / self.frames
        tall, wide = self._rgb.shape[:2]
        seen = self.near + (self.far - self.near) * (0.5 + 0.5 * math.cos(turn))
        scale = seen * min(wide / self.width, tall / self.height)
        angle = math.radians(self.roll * math.sin(2 * turn))
        along, across = scale * math.cos(angle), scale * math.sin(angle)
        centre_x = wide / 2 + 0.5 * (wide - scale * self.width) * math.sin(turn)
        centre_y = tall / 2 + 0.5 * (tall - scale * self.height) * math.sin(2 * turn)
        # from a pixel of the frame to a point of the picture
        matrix = np.array(
            [
                [along, -across, centre_x - along * self.width / 2 + across * self.height / 2],
                [across, along, centre_y - across * self.width / 2 - along * self.height / 2],
            ]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(self._rgb, matrix, (self.width, self.height), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(moved, np.uint8)
