"""A plane of inputs through a picture: which answer the network gives where, and its linear regions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from explorer.records.network import RunsOn

Ints = npt.NDArray[np.int32]
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class AnswerChange:
    """Where the answer changes: at `distance` levels from the picture, at (`right`, `down`), to class `index`."""

    distance: float
    right: float
    down: float
    index: int
    label: str


@dataclass(frozen=True, eq=False)
class Regions:
    """The inputs picture + right * `one` + down * `two`, `right` and `down` from -`extent` to `extent`.

    One level is a change of all pixels by one step of brightness (0..255) in the root mean square. Maps are (n, n), n odd, the
    picture in the middle; columns run with `right`, rows with `down`.
    `answer`: int32 class, -1 where there is none. `score`: float32, its probability. `pattern`: int32, the number of the
    activation pattern, counted from the middle outwards; equal numbers, equal linear piece; -1 where there is none.
    `step`: every so many-eth point was computed so far, the others repeat it; 1 when all are.
    `base`, `one`, `two`: (h, w, 3) float32, the picture in 0..255 RGB and what one level of each direction adds; reduced for
    showing, so that `point` gives a small picture of any place.
    `reach`: how far the linear piece goes that one enters on the way left, right, up, down, in levels, at most to the plane's
    edge; empty without patterns. `on_edge`: these are not all the picture's own: it lies where pieces meet (two values of a
    maximum are equal, or one is exactly zero). `nearest`: the nearest change of answer found in the plane. `switches`: how many
    units make the pattern.
    """

    answer: Ints
    score: F32
    pattern: Ints
    extent: float
    step: int
    base: F32
    one: F32
    two: F32
    labels: dict[int, str] = field(default_factory=dict)
    names: tuple[str, str] = ("", "")
    model: str = ""
    source: str = ""
    layer: str = ""
    switches: int = 0
    reach: tuple[float, ...] = ()
    on_edge: bool = False
    nearest: AnswerChange | None = None
    notes: tuple[str, ...] = ()
    runs_on: RunsOn = field(default_factory=RunsOn)

    @property
    def size(self) -> int:
        """Points along a side."""
        return int(self.answer.shape[0])

    @property
    def own_answer(self) -> int:
        """The picture's own class, -1 for none."""
        return int(self.answer[self.size // 2, self.size // 2])

    @property
    def seen(self) -> int:
        """Different patterns among the points."""
        return len(np.unique(self.pattern[self.pattern >= 0]))

    def levels(self, place: float) -> float:
        """A row or column (0 .. size - 1) in levels from the picture."""
        half = (self.size - 1) / 2
        return (place - half) / half * self.extent

    def point(self, right: float, down: float) -> npt.NDArray[np.uint8]:
        """(h, w, 3) uint8 RGB: the input at a place of the plane, clipped to what a screen shows."""
        shown = self.base + np.float32(right) * self.one + np.float32(down) * self.two
        out: npt.NDArray[np.uint8] = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
        return out

    def shares(self) -> list[tuple[int, float]]:
        """(class, share of the points), the largest first."""
        classes, counts = np.unique(self.answer[self.answer >= 0], return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return [(int(classes[at]), float(counts[at] / self.answer.size)) for at in order]
