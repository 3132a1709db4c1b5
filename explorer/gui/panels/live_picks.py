"""Which object a person points at, and which one is pinned: followed from picture to picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.gui.panels.live_draw import Marks
from explorer.records.vision import Detections

SAME = 0.3  # a box of the next picture that overlaps less (intersection over union) is another object
LOST_S = 3.0  # an object that nobody numbers is looked for so long at its last place


@dataclass
class Target:
    """An object as it was seen last: class name, number (0: none), box in pixels of the picture, when (s of the source)."""

    label: str
    track: int
    box: tuple[float, float, float, float]
    seen: float


class Picks:
    """`pointed` and `pinned` are numbers of objects in the record shown now, or None."""

    def __init__(self) -> None:
        self.pointed: int | None = None
        self.pinned: int | None = None
        self._point: Target | None = None
        self._pin: Target | None = None

    @property
    def marks(self) -> Marks:
        """For the drawing."""
        return Marks(self.pointed, self.pinned)

    @property
    def chosen(self) -> int | None:
        """The one that is told about: pointed at, else pinned."""
        return self.pinned if self.pointed is None else self.pointed

    @property
    def has_pin(self) -> bool:
        """Whether an object is pinned, seen just now or not."""
        return self._pin is not None

    def point(self, found: Detections | None, number: int | None, now: float = 0.0) -> bool:
        """Point at an object of `found`; whether that is news."""
        number = number if found is not None and number is not None and 0 <= number < len(found) else None
        news, self.pointed = number != self.pointed, number
        self._point = None if number is None or found is None else _target(found, number, now)
        return news

    def pin(self, found: Detections, number: int, now: float = 0.0) -> None:
        """Pin an object, or let the pinned one go."""
        if self.pinned == number:
            self.unpin()
        else:
            self.pinned, self._pin = number, _target(found, number, now)

    def unpin(self) -> None:
        """Nothing is pinned."""
        self.pinned = self._pin = None

    def forget(self) -> None:
        """Another picture source, another task."""
        self.unpin()
        self.pointed = self._point = None

    def follow(self, found: Detections | None, now: float) -> None:
        """Find the same objects in the next record."""
        if found is None:
            self.pointed = self.pinned = None
            return
        self.pointed = None if self._point is None else same_object(found, self._point)
        self._point = None if self.pointed is None else _target(found, self.pointed, now)
        if self._pin is None:
            return
        self.pinned = same_object(found, self._pin)
        if self.pinned is not None:
            self._pin = _target(found, self.pinned, now)
        elif not self._pin.track and not 0 <= now - self._pin.seen <= LOST_S:
            self._pin = None


def _target(found: Detections, number: int, now: float) -> Target:
    x0, y0, x1, y1 = (float(edge) for edge in found.xyxy[number])
    track = 0 if found.track is None else int(found.track[number])
    return Target(found.label(number), max(0, track), (x0, y0, x1, y1), now)


def same_object(found: Detections, target: Target) -> int | None:
    """The object of `found` that is the target: by its number if it has one, else the box of its class that overlaps most."""
    if not len(found):
        return None
    if target.track and found.track is not None:
        at = np.flatnonzero(found.track == target.track)
        return int(at[0]) if len(at) else None
    x0, y0, x1, y1 = target.box
    box = found.xyxy
    wide = np.clip(np.minimum(box[:, 2], x1) - np.maximum(box[:, 0], x0), 0, None)
    tall = np.clip(np.minimum(box[:, 3], y1) - np.maximum(box[:, 1], y0), 0, None)
    both = wide * tall
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) + (x1 - x0) * (y1 - y0)
    share = both / np.maximum(area - both, 1e-6)
    share[[found.label(number) != target.label for number in range(len(found))]] = 0
    best = int(share.argmax())
    return best if share[best] >= SAME else None
