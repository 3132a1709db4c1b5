"""The way that followed objects have come, for whoever draws it: the window and the recorder."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from explorer.records.vision import Detections

Trail = tuple[int, str, npt.NDArray[np.float32]]


class Trails:
    """Remembers for `seconds` where the middles of the numbered boxes were."""

    def __init__(self, seconds: float = 2.0) -> None:
        self.seconds = seconds
        self._ways: dict[int, deque[tuple[float, float, float]]] = {}
        self._names: dict[int, str] = {}
        self._newest: tuple[float, tuple[int, int]] | None = None

    def add(self, found: Detections, time: float) -> None:
        """Objects of the frame at `time` (s). Going back in time, another frame size, or nobody followed: all is forgotten."""
        if found.track is None or self._newest is None or time < self._newest[0] or found.frame_hw != self._newest[1]:
            self._ways.clear()
            self._names.clear()
        self._newest = None if found.track is None else (time, found.frame_hw)
        if found.track is None:
            return
        for index, number in enumerate(found.track.tolist()):
            if number <= 0:
                continue
            x0, y0, x1, y1 = found.xyxy[index].tolist()
            way = self._ways.setdefault(number, deque())
            if way and way[-1][0] == time:  # the same frame, with other thresholds
                way.pop()
            way.append((time, (x0 + x1) / 2, (y0 + y1) / 2))
            self._names[number] = found.label(index)
        for number, way in list(self._ways.items()):
            while way and time - way[0][0] > self.seconds:
                way.popleft()
            if not way:
                del self._ways[number], self._names[number]

    def lines(self) -> list[Trail]:
        """(number, class name, (M, 2) float32 points xy in pixels of the frame, oldest first) of each object; M >= 2."""
        return [
            (number, self._names[number], np.array([point[1:] for point in way], np.float32))
            for number, way in sorted(self._ways.items())
            if len(way) > 1
        ]
