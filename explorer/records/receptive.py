"""What a unit sees of a picture, and which cells see a pixel of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Receptive:
    """The receptive field of the unit (`y`, `x`) of a map `map_hw` of `layer`, in its `channel` (None: all channels).

    `box`: the theoretical field, (left, top, right, bottom) in pixels of the network's input of `input_hw`, right and bottom
    exclusive, cut at the input's edges; None where the unit depends on no pixel. `pixels`: how many pixels of the box it really
    depends on (fewer with dilation). `frame_box`: the box in pixels of the frame, cut at its edges. `heat`: (H, W) float32,
    the absolute gradient of the unit with respect to the input, summed over the colours; all zero outside the box.
    `value`: the unit's own value. `central`: share of the heat in the middle of the box (half its height and width), `side`:
    side in input pixels of a square as large as the fewest pixels that hold 95 % of the heat; both 0 without heat.
    `bad`: heat values that were not finite (drawn as 0). `samples`: random pictures averaged, 0 for the picture itself.
    `rule`: (first, last, jump) down and across, by formula: any unit (y, x) of the layer sees at most the rows y * jump + first
    to y * jump + last; None where there is no such formula. `input_xyxy`: the part of the frame that the network saw, in
    pixels of the frame. `facts`: model, source, kind.
    """

    layer: str
    channel: int | None
    y: int
    x: int
    map_hw: tuple[int, int]
    input_hw: tuple[int, int]
    frame_hw: tuple[int, int]
    input_xyxy: tuple[float, float, float, float]
    box: Box | None
    frame_box: tuple[float, float, float, float] | None
    pixels: int
    heat: npt.NDArray[np.float32]
    value: float
    central: float = 0.0
    side: float = 0.0
    bad: int = 0
    samples: int = 0
    rule: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    frame_seq: int = 0

    def guess(self, y: int, x: int) -> Box | None:
        """The box of another unit of the layer by the formula, before it is probed; None where there is no formula."""
        if self.rule is None:
            return None
        spans = []
        for place, (first, last, jump), length in zip((y, x), self.rule, self.input_hw, strict=True):
            spans.append((max(math.floor(place * jump + first), 0), min(math.ceil(place * jump + last) + 1, length)))
        (top, bottom), (left, right) = spans
        return (left, top, right, bottom) if left < right and top < bottom else None

    @property
    def silent(self) -> bool:
        """Whether there is no heat: the unit is shut for this picture, or depends on nothing."""
        return not self.heat.any()

    @property
    def whole(self) -> bool:
        """Whether the box is the whole input."""
        height, width = self.input_hw
        return self.box == (0, 0, width, height)


@dataclass(frozen=True)
class LayerCells:
    """The cells of a layer that see the pixel: `box` (left, top, right, bottom) in cells of its map `map_hw`, right and bottom
    exclusive, or None for none; `count` of them of `of`.
    """

    layer: str
    kind: str
    map_hw: tuple[int, int]
    box: Box | None
    count: int

    @property
    def of(self) -> int:
        """All cells of the map."""
        return self.map_hw[0] * self.map_hw[1]


@dataclass(frozen=True, eq=False)
class SeenBy:
    """Who sees one pixel. `pixel_xy`: the place in the frame; `input_xy`: (column, row) of the network's input pixel there.

    `layers`: every layer with a map, in the order they run. `cells`: (h, w) bool, those of `layer` that see it.
    """

    pixel_xy: tuple[float, float]
    input_xy: tuple[int, int]
    layer: str
    cells: npt.NDArray[np.bool_]
    layers: tuple[LayerCells, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    frame_seq: int = 0
