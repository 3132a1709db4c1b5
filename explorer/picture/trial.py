"""What a camera really gives: the measurements of a try. No OpenCV here, so the window's side may use it too."""

from __future__ import annotations

from collections import deque

import numpy as np

from explorer.i18n import N_
from explorer.records.errors import Trouble
from explorer.records.frame import RGB
from explorer.records.source import CameraMode, PeekReport
from explorer.requests.source import SourceRequest

SMALL = (160, 90)  # the largest picture of a peek, pixels
RATE_S = 2.0  # the rate is measured over so long
BLACK = 0.03  # mean of 0..1 below which a picture is black; a dark lecture room is about 0.1
SETTLE_S = 0.7  # a camera's first pictures are dark until its exposure has settled
STILL_S = 2.0  # no sensor repeats itself to the last bit for so long
SLOW = 0.8  # part of the wished rate below which it is said


class Trial:
    """Takes pictures as they come and says what they are like; `request` is what was asked for."""

    def __init__(self, request: SourceRequest, modes: tuple[CameraMode, ...] = ()) -> None:
        self._request = request
        self.modes = modes
        self._times: deque[float] = deque()
        self._first = 0.0
        self._changed_at = 0.0
        self._size = (0, 0)
        self._small: RGB | None = None

    def take(self, rgb: RGB, now: float) -> RGB:
        """One picture, (H, W, 3) uint8 RGB, that came at `now` seconds; returns it small."""
        if not self._times:
            self._first = self._changed_at = now
        self._times.append(now)
        while self._times[0] < now - RATE_S:
            self._times.popleft()
        small = small_of(rgb)
        if self._small is None or not np.array_equal(small, self._small):
            self._changed_at = now
        self._small, self._size = small, (rgb.shape[1], rgb.shape[0])
        return small

    def report(self, now: float, nominal: float = 0.0, read_ms: float = 0.0) -> PeekReport:
        """All that is known at `now`."""
        span = self._times[-1] - self._times[0] if self._times else 0.0
        rate = round((len(self._times) - 1) / span, 1) if span > 0.2 else 0.0
        brightness = float(self._small.mean()) / 255.0 if self._small is not None else 0.0
        still = round(max(0.0, now - self._changed_at), 1) if self._times else 0.0
        width, height = self._size
        notices = self._notices(now, rate, brightness, still)
        return PeekReport(width, height, rate, nominal, round(brightness, 4), still, round(read_ms, 1), self.modes, notices)

    def _notices(self, now: float, rate: float, brightness: float, still: float) -> tuple[Trouble, ...]:
        found = []
        age = now - self._first
        if self._times and age >= SETTLE_S and brightness < BLACK:
            found.append(
                Trouble("camera.black", N_("The picture is black: is the lens covered?"), {}, N_("Open the camera's shutter."))
            )
        elif still >= STILL_S:
            found.append(Trouble("camera.still", N_("The picture has not changed for {seconds} s."), {"seconds": round(still)}))
        wished = self._request.rate
        if wished and rate and age >= RATE_S and rate < SLOW * wished:
            reason = N_("It gives {rate} pictures a second, not {wished}.")
            values = {"rate": f"{rate:g}", "wished": f"{wished:g}"}
            found.append(Trouble("camera.slow", reason, values, N_("More light or a smaller size helps.")))
        given = size_given(self._request, self._size)
        return tuple([*found, given] if given else found)


def size_given(request: SourceRequest, size: tuple[int, int]) -> Trouble | None:
    """What to say where a camera gives another size (width, height) in pixels than it was asked for."""
    wished = (request.width, request.height)
    if request.kind != "camera" or 0 in wished or 0 in size or wished == size:
        return None
    values = {"given": f"{size[0]} × {size[1]}", "wished": f"{wished[0]} × {wished[1]}"}
    return Trouble("camera.given", N_("The camera gives {given}, not {wished}."), values)


def small_of(rgb: RGB) -> RGB:
    """A copy that fits into SMALL, each pixel the mean of four of a coarse grid; not enlarged."""
    height, width = rgb.shape[:2]
    step = max(1, -(-width // SMALL[0]), -(-height // SMALL[1]))
    if step == 1:
        return rgb.copy()
    rows, columns = height // step, width // step
    if not rows or not columns:
        return np.ascontiguousarray(rgb[::step, ::step])
    half = step // 2
    total = np.zeros((rows, columns, 3), np.uint16)
    for down in (0, half):
        for right in (0, half):
            total += rgb[down::step, right::step][:rows, :columns]
    return ((total + 2) // 4).astype(np.uint8)
