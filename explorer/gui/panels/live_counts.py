"""How many objects of each class there are now, and have been since the start."""

from __future__ import annotations

from collections import Counter

from explorer.records.vision import Detections


class Counts:
    """`now` and `so_far`: class name -> number. `by_track`: so far counts objects with a number of their own; else the most
    that were seen at once, because the same object cannot be told from another one.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin again."""
        self.now: Counter[str] = Counter()
        self.so_far: Counter[str] = Counter()
        self.by_track = False
        self._seen: set[tuple[str, int]] = set()
        self._labels: tuple[str, ...] = ()

    def add(self, found: Detections) -> None:
        """The objects of a new picture. Another network, or following switched on or off, begins again."""
        by_track = found.track is not None
        if by_track != self.by_track or found.labels != self._labels:
            self.forget()
            self.by_track, self._labels = by_track, found.labels
        names = [found.label(number) for number in range(len(found))]
        self.now = Counter(names)
        if found.track is None:
            self.so_far |= self.now
            return
        for name, number in zip(names, found.track.tolist(), strict=True):
            if number > 0 and (name, number) not in self._seen:
                self._seen.add((name, number))
                self.so_far[name] += 1
