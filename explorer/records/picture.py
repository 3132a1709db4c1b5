"""Pictures that a job made: a dream, a sheet of tiles, an overlay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.records.frame import RGB
from explorer.records.statistics import Histogram, Statistics


@dataclass(frozen=True, eq=False)
class Picture:
    """`rgb`: (H, W, 3) uint8 RGB, C-contiguous. `facts`: what to print beside it, JSON-compatible.

    `film`: the pictures of a film in order, each a JPEG file of the size of `rgb`, which is the last of them; () for a picture.
    """

    rgb: RGB
    facts: dict[str, Any] = field(default_factory=dict)
    film: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Grid:
    """The pure geometry of a tile sheet, known to the child that fills it and the window that points into it.

    `count` tiles of `tile_h` x `tile_w` pixels in `columns` columns, `gap` pixels between tiles (none outside), row by row.
    """

    count: int
    tile_h: int
    tile_w: int
    columns: int
    gap: int = 1

    @property
    def rows(self) -> int:
        """Rows of tiles; the last may be incomplete."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """Height of the sheet in pixels."""
        return self.rows * (self.tile_h + self.gap) - self.gap

    @property
    def width(self) -> int:
        """Width of the sheet in pixels."""
        return self.columns * (self.tile_w + self.gap) - self.gap

    def corner(self, index: int) -> tuple[int, int]:
        """(top, left) pixel of tile `index`."""
        row, column = divmod(index, self.columns)
        return row * (self.tile_h + self.gap), column * (self.tile_w + self.gap)

    def find(self, y: float, x: float) -> tuple[int, int, int] | None:
        """(tile, row in tile, column in tile) of the sheet pixel at (y, x); None on a gap or outside."""
        row, inner_y = divmod(int(y // 1), self.tile_h + self.gap)
        column, inner_x = divmod(int(x // 1), self.tile_w + self.gap)
        index = row * self.columns + column
        if not (0 <= column < self.columns and row >= 0 and index < self.count):
            return None
        if inner_y >= self.tile_h or inner_x >= self.tile_w:
            return None
        return index, inner_y, inner_x


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Many small maps or kernels as one sheet.

    `sheet`: (grid.height, grid.width) uint8 palette indices, or (..., 3) uint8 RGB for RGB kernels (`colour_map` is then "").
    `values`: (count, h, w) or (count, h, w, 3) float32, the numbers behind the tiles, in natural channel order: channel
    `order[k]` is drawn as tile k. `low`, `high`: (count,) float32, the value range of each tile's palette.
    A diverging map is centred: index 128 is zero. NaN and inf are drawn as index 0 and counted in `bad`: (count,) int64.
    `gamma`: see picture.levels.Levels. `stats`: of each channel, whatever is drawn of it (of a kernel: all its slices);
    `histogram`: of all numbers.

    `reduced` > 1: a large layer for a live view. Tiles and `values` are then means of `reduced` x `reduced` numbers (fewer at
    the border), and one number that is not finite makes its mean so; `bad`, `stats`, `histogram` and `detail` are still of
    every number. `detail`: (channel, (H, W) float32), one map with all its numbers.
    """

    grid: Grid
    sheet: npt.NDArray[np.uint8]
    values: npt.NDArray[np.float32]
    order: npt.NDArray[np.int64]
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    bad: npt.NDArray[np.int64]
    colour_map: str
    title: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    frame_seq: int = 0
    gamma: float = 1.0
    stats: Statistics | None = None
    histogram: Histogram | None = None
    reduced: int = 1
    detail: tuple[int, npt.NDArray[np.float32]] | None = None

    def exact(self, channel: int) -> npt.NDArray[np.float32] | None:
        """All numbers of a channel, (h, w) or (h, w, 3) float32; None where only their means were sent."""
        if self.reduced == 1:
            whole: npt.NDArray[np.float32] = self.values[channel]
            return whole
        return self.detail[1] if self.detail is not None and self.detail[0] == channel else None
