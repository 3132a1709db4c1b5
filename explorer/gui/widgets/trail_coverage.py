"""How much of each pixel lines cover, and spreading that: outlines of a picture without stroking it again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

DARK, LIGHT = 0, 1  # the kinds of outlines
INK = (QColor(0, 0, 0), QColor(255, 255, 255))
UNITS = (0x01000000, 0x01010101)  # premultiplied pixels of INK at an opacity of 1 in 255


class Coverage:
    """How much of each pixel is covered, 0 to 255, with a rim of nothing; in memory of its own that is used again."""

    RIM = 8

    def __init__(self, size: QSize) -> None:
        self._wide = size.width() + 2 * self.RIM
        whole = np.zeros((size.height() + 2 * self.RIM, self._wide), np.uint8)
        self._flat, self._other = whole.reshape(-1), np.zeros(whole.size, np.uint8)
        self._inside = whole[self.RIM : -self.RIM, self.RIM : -self.RIM]
        self._second = self._other.reshape(whole.shape)[self.RIM : -self.RIM, self.RIM : -self.RIM]

    def clear(self) -> None:
        """Nothing is covered."""
        self._flat.fill(0)

    def add(self, image: QImage) -> None:
        """What a picture covers as well."""
        np.right_shift(pixels_of(image), 24, out=self._second, casting="unsafe")
        np.maximum(self._inside, self._second, out=self._inside)

    def grow(self, pixels: int) -> None:
        """Spread it by so many pixels, at most RIM: by squares and crosses in turn, which is nearly round."""
        a, b, w = self._flat, self._other, self._wide
        for number in range(min(pixels, self.RIM)):
            if number % 2 == 0:
                for by in (1, w):
                    np.maximum(a[:-by], a[by:], out=b[:-by])
                    np.maximum(b[: -2 * by], b[by:-by], out=a[by:-by])
            else:
                np.maximum(a[:-2], a[2:], out=b[1:-1])
                np.maximum(b[w:-w], a[: -2 * w], out=b[w:-w])
                np.maximum(b[w:-w], a[2 * w :], out=b[w:-w])
                np.maximum(a, b, out=a)

    def fill(self, image: QImage, kind: int) -> None:
        """Make a picture of it, in the INK of a kind."""
        np.multiply(self._inside, np.uint32(UNITS[kind]), out=pixels_of(image), dtype=np.uint32)


def pixels_of(image: QImage) -> npt.NDArray[np.uint32]:
    """(H, W): the pixels of a picture of 32 bits, to be read and written."""
    return np.frombuffer(image.bits(), np.uint32).reshape(image.height(), image.width())
