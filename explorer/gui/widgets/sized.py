"""The base of what paints itself in whatever room there is: a comfortable size, and the least that can still be read."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget


class Sized(QWidget):
    """`comfortable` and `least`: width and height in pixels."""

    comfortable: ClassVar[tuple[int, int]] = (320, 240)
    least: ClassVar[tuple[int, int]] = (160, 120)

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(*self.comfortable)

    def minimumSizeHint(self) -> QSize:
        """Still readable."""
        return QSize(*self.least)
