"""Objects followed from frame to frame: a small filter predicts where each will be, an assignment says which box is whose.

After SORT (Bewley et al. 2016, arXiv:1602.00763) with the second chance for faint boxes of ByteTrack (Zhang et al. 2022,
arXiv:2110.06864). `step` takes the tracks as they were and gives the tracks as they are; nothing is changed in place.

    predict            every track moves on by its velocity
    first assignment   boxes as sure as the person asked for, by overlap (IoU) with the predictions, class by class
    second             tracks left over take fainter boxes: they live on, though the box is not shown
    birth              a box nobody claimed; it gets its number when it was seen HITS times in a row
    death              not seen for MOST_S seconds and MOST_FRAMES frames; without a number: missed once
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.vision.assignment import assign
from explorer.vision.boxes import F32, I64, iou_matrix

F64 = npt.NDArray[np.float64]

HITS = 3  # frames in a row before an object gets its number; at the start of a film the first is enough
MOST_S, MOST_FRAMES = 1.0, 3
SURE_IOU, FAINT_IOU = 0.3, 0.5  # least overlap of prediction and box in the first and the second assignment
GAP_S = 2.0  # a pause longer than this, and than five frames of before, is another scene
# Standard deviations as shares of the object's size L, the root of its area, so that they hold for near and far.
MEASURED = np.array([0.05, 0.05, 0.10, 0.10])  # of a box: centre / L, area / L^2, aspect ratio
PUSHED = np.array([5.0, 5.0, 5.0, 0.0])  # acceleration per s^2; the aspect ratio is taken as constant
UNKNOWN = np.array([3.0, 3.0, 3.0, 0.0])  # speed per s of an object seen once


@dataclass(frozen=True, eq=False)
class Tracks:
    """All objects followed now.

    `place`: (T, 4) float64: centre x, centre y, area, width / height, in pixels of the frame; `speed`: (T, 4) the same a
    second. The four do not depend on each other, so each has a filter of its own with a covariance of (place, speed):
    `pp`, `ps`, `ss`: (T, 4). `kind`: (T,) class. `number`: (T,), 0 until it is given. `hits`: (T,) frames seen in a row,
    `missed`: (T,) frames not seen since, `unseen`: (T,) the same in seconds.
    `time`: s of the frame; `step`: s since the one before; `given`: numbers given so far.
    """

    place: F64
    speed: F64
    pp: F64
    ps: F64
    ss: F64
    kind: I64
    number: I64
    hits: I64
    missed: I64
    unseen: F64
    time: float = 0.0
    step: float = 0.0
    given: int = 0
    frames: int = 0

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, which: npt.NDArray[np.bool_] | I64) -> Tracks:
        """Some of them."""
        return replace(self, **{name: getattr(self, name)[which] for name in _EACH})

    @property
    def xyxy(self) -> F64:
        """(T, 4) boxes."""
        return to_xyxy(self.place)


_EACH = ("place", "speed", "pp", "ps", "ss", "kind", "number", "hits", "missed", "unseen")  # arrays with a row a track


def nobody() -> Tracks:
    """No tracks yet."""
    empty, none = np.zeros((0, 4)), np.zeros(0, np.int64)
    return Tracks(empty, empty, empty, empty, empty, none, none, none, none, np.zeros(0))


def to_place(xyxy: npt.NDArray[np.floating]) -> F64:
    """(N, 4) boxes -> (N, 4) centre x, centre y, area, width / height."""
    boxes = np.asarray(xyxy, np.float64)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-3)
    return np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, sides.prod(1)[:, None], (sides[:, 0] / sides[:, 1])[:, None]], 1)


def to_xyxy(place: F64) -> F64:
    """The inverse of `to_place`."""
    area, aspect = np.maximum(place[:, 2], 1e-6), np.maximum(place[:, 3], 1e-6)
    half = np.stack([np.sqrt(area * aspect), np.sqrt(area / aspect)], 1) / 2
    return np.concatenate([place[:, :2] - half, place[:, :2] + half], 1)


def _scale(place: F64) -> F64:
    """(T, 4) pixels of one unit of MEASURED, PUSHED and UNKNOWN."""
    area = np.maximum(place[:, 2:3], 1e-6)
    side = np.sqrt(area)
    return np.concatenate([side, side, area, np.ones_like(area)], 1)


def predict(tracks: Tracks, seconds: float) -> Tracks:
    """Constant velocity for `seconds`; what pushes the object meanwhile is white noise of PUSHED (a Kalman filter's step).

    Who was not seen last time keeps its size, as in ByteTrack: an object that goes behind another one seems to shrink.
    """
    push = (PUSHED * _scale(tracks.place)) ** 2
    speed = tracks.speed.copy()
    speed[tracks.missed > 0, 2] = 0.0
    place = tracks.place + speed * seconds
    shrunk = place[:, 2] <= 0  # nothing shrinks to nothing: it keeps its size
    if shrunk.any():
        place[shrunk, 2], speed[shrunk, 2] = tracks.place[shrunk, 2], 0.0
    return replace(
        tracks,
        place=place,
        speed=speed,
        pp=tracks.pp + 2 * seconds * tracks.ps + seconds**2 * tracks.ss + push * seconds**4 / 4,
        ps=tracks.ps + seconds * tracks.ss + push * seconds**3 / 2,
        ss=tracks.ss + push * seconds**2,
    )


def correct(tracks: Tracks, who: I64, xyxy: npt.NDArray[np.floating]) -> Tracks:
    """The tracks `who` were seen at `xyxy`: place and speed move by the gain, as much as the prediction was unsure."""
    seen = to_place(xyxy)
    noise = (MEASURED * _scale(seen)) ** 2
    place, speed, pp, ps, ss = (array.copy() for array in (tracks.place, tracks.speed, tracks.pp, tracks.ps, tracks.ss))
    surprise = seen - place[who]
    gain_place, gain_speed = pp[who] / (pp[who] + noise), ps[who] / (pp[who] + noise)
    place[who] += gain_place * surprise
    speed[who] += gain_speed * surprise
    ss[who] -= gain_speed * ps[who]
    ps[who] *= 1 - gain_place
    pp[who] *= 1 - gain_place
    return replace(tracks, place=place, speed=speed, pp=pp, ps=ps, ss=ss)


def born(xyxy: npt.NDArray[np.floating], kind: I64, like: Tracks) -> Tracks:
    """New tracks at these boxes, at rest, added to `like`."""
    place = to_place(xyxy)
    scale, count = _scale(place), len(place)
    zeros, none = np.zeros((count, 4)), np.zeros(count, np.int64)
    fresh = (place, zeros, (MEASURED * scale) ** 2, zeros, (UNKNOWN * scale) ** 2, kind, none, none + 1, none, np.zeros(count))
    joined: dict[str, Any] = {name: np.concatenate([getattr(like, name), new]) for name, new in zip(_EACH, fresh, strict=True)}
    return replace(like, **joined)


def pairs(tracks: Tracks, xyxy: npt.NDArray[np.floating], kind: I64, least: float) -> tuple[I64, I64]:
    """Which track is which box: two arrays of the same length. The sum of the overlaps is as large as it can be."""
    iou = iou_matrix(tracks.xyxy, xyxy)
    iou[(tracks.kind[:, None] != kind[None, :]) | (iou < least)] = 0.0
    rows, columns = assign(iou)
    good = iou[rows, columns] > 0
    return rows[good], columns[good]


def step(before: Tracks, time: float, xyxy: F32, score: F32, kind: I64, sure: float) -> tuple[Tracks, I64]:
    """The next frame: boxes (N, 4) with scores and classes, those below `sure` only for the second assignment.

    The tracks as they are now, and (N,) numbers of the boxes, 0 for those without one. A frame that is not later than the one
    before, or much later, is another scene: numbering starts again.
    """
    seconds = time - before.time
    if before.frames and (seconds <= 0 or seconds > max(GAP_S, 5 * before.step)):
        before = replace(nobody(), step=max(seconds, 0.0))
    opening = not before.frames
    seconds = 0.0 if opening else seconds
    tracks = predict(before, seconds)
    found = np.full(len(xyxy), -1)
    strong = np.flatnonzero(score >= sure)
    rows, columns = pairs(tracks, xyxy[strong], kind[strong], SURE_IOU)
    found[strong[columns]] = rows
    rest = np.setdiff1d(np.arange(len(tracks)), rows)
    rest = rest[before.number[rest] > 0]  # a faint box makes nobody known
    faint = np.flatnonzero(score < sure)
    rows, columns = pairs(tracks.take(rest), xyxy[faint], kind[faint], FAINT_IOU)
    found[faint[columns]] = rest[rows]

    boxes = np.flatnonzero(found >= 0)
    tracks = correct(tracks, found[boxes], xyxy[boxes])
    missed, unseen, hits = tracks.missed + 1, tracks.unseen + seconds, tracks.hits.copy()
    hits[found[boxes]] += 1
    missed[found[boxes]], unseen[found[boxes]] = 0, 0.0
    hits[missed > 0] = 0
    fresh = strong[found[strong] < 0]
    found[fresh] = len(tracks) + np.arange(len(fresh))
    tracks = born(xyxy[fresh], kind[fresh], replace(tracks, missed=missed, unseen=unseen, hits=hits))

    number = tracks.number.copy()
    ready = np.flatnonzero((number == 0) & ((tracks.hits >= HITS) | opening))
    number[ready] = before.given + 1 + np.arange(len(ready))
    numbers = np.where(found >= 0, number[found] if len(number) else 0, 0)
    dead = np.where(number > 0, (tracks.missed > MOST_FRAMES) & (tracks.unseen > MOST_S), tracks.missed > 0)
    after = replace(
        tracks,
        number=number,
        time=time,
        step=before.step if opening else seconds,
        given=before.given + len(ready),
        frames=before.frames + 1,
    )
    return after.take(~dead), numbers.astype(np.int64)
