"""Sheets of many small tiles: the arithmetic and the pasting, in numpy. No cv2 here: the window imports it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from explorer.picture.colour import paint
from explorer.records.frame import RGB
from explorer.records.picture import Grid, Mosaic

U8 = npt.NDArray[np.uint8]


def grid_for(count: int, tile_h: int, tile_w: int, *, gap: int = 1, aspect: float = 1.4, columns: int | None = None) -> Grid:
    """A Grid for `count` >= 1 tiles whose sheet comes near `aspect` (width : height), with few empty places.

    Of the column counts near the wished aspect, one that fills the last row is preferred (64 tiles: 8 x 8, not 9 + 1).
    """
    if count < 1 or tile_h < 1 or tile_w < 1:
        raise ValueError(f"no grid for {count} tiles of {tile_h} x {tile_w}")
    if columns is not None:
        return Grid(count, tile_h, tile_w, max(1, min(columns, count)), gap)

    def cost(candidate: int) -> float:
        grid = Grid(count, tile_h, tile_w, candidate, gap)
        empty = grid.rows * candidate - count
        return abs(math.log(grid.width / grid.height / aspect)) + 4.0 * empty / count

    ideal = math.sqrt(count * aspect * (tile_h + gap) / (tile_w + gap))
    low, high = max(1, int(ideal / 2)), min(count, math.ceil(ideal * 2))
    return Grid(count, tile_h, tile_w, min(range(low, high + 1), key=cost) if low <= high else count, gap)


def sheet_of(tiles: U8, grid: Grid, background: int = 0) -> U8:
    """Paste (count, h, w) or (count, h, w, 3) uint8 tiles into one sheet (grid.height, grid.width[, 3]), row by row."""
    if tiles.shape[:3] != (grid.count, grid.tile_h, grid.tile_w):
        raise ValueError(f"tiles {tiles.shape} do not fit {grid}")
    colour = tiles.shape[3:]
    pitch_h, pitch_w = grid.tile_h + grid.gap, grid.tile_w + grid.gap
    places = np.full((grid.rows * grid.columns, pitch_h, pitch_w, *colour), background, np.uint8)
    places[: grid.count, : grid.tile_h, : grid.tile_w] = tiles
    rows = places.reshape(grid.rows, grid.columns, pitch_h, pitch_w, *colour).swapaxes(1, 2)
    sheet = rows.reshape(grid.rows * pitch_h, grid.columns * pitch_w, *colour)
    return np.ascontiguousarray(sheet[: grid.height, : grid.width])


def tile_of(sheet: U8, grid: Grid, index: int) -> U8:
    """A view of tile `index` (its place in the sheet, not its channel)."""
    top, left = grid.corner(index)
    return sheet[top : top + grid.tile_h, left : left + grid.tile_w]


def enlarge(picture: U8, factor: int) -> U8:
    """Every pixel as a `factor` x `factor` square: pictures of data stay crisp."""
    return np.ascontiguousarray(picture.repeat(factor, axis=0).repeat(factor, axis=1))


def mosaic_rgb(mosaic: Mosaic, background: tuple[int, int, int] = (24, 26, 30), longest: int = 0) -> RGB:
    """(H, W, 3) uint8 RGB of a Mosaic as it is saved: palette applied, gaps in `background`.

    `longest` > 0: tiles are enlarged by a whole number so that the longer side reaches about that many pixels; the lines
    between them stay thin: a sixth of an enlarged pixel, enough to tell 3 x 3 kernels apart.
    """
    grid, sheet = mosaic.grid, mosaic.sheet
    rgb = paint(sheet, mosaic.colour_map) if mosaic.colour_map else sheet.copy()
    factor = longest // max(rgb.shape[:2]) if longest else 1
    if factor > 1:
        tiles = np.stack([enlarge(tile_of(rgb, grid, index), factor) for index in range(grid.count)])
        grid = Grid(grid.count, grid.tile_h * factor, grid.tile_w * factor, grid.columns, max(grid.gap, factor // 6))
        rgb = sheet_of(tiles, grid)
    rgb[~tile_mask(grid)] = background
    return rgb


def cells_of(mosaic: Mosaic) -> U8:
    """The sheet as (rows, tile_h, columns, tile_w[, 3]), gaps left out."""
    grid, colour = mosaic.grid, mosaic.sheet.shape[2:]
    pitch_h, pitch_w = grid.tile_h + grid.gap, grid.tile_w + grid.gap
    full = np.zeros((grid.rows * pitch_h, grid.columns * pitch_w, *colour), np.uint8)
    full[: grid.height, : grid.width] = mosaic.sheet
    return full.reshape(grid.rows, pitch_h, grid.columns, pitch_w, *colour)[:, : grid.tile_h, :, : grid.tile_w]


def rearranged(mosaic: Mosaic, order: npt.NDArray[np.int64]) -> Mosaic:
    """The same mosaic with its tiles in another order; `order` holds every channel once."""
    if np.array_equal(order, mosaic.order):
        return mosaic
    grid = mosaic.grid
    tiles = cells_of(mosaic).swapaxes(1, 2).reshape(-1, grid.tile_h, grid.tile_w, *mosaic.sheet.shape[2:])
    place = np.empty_like(mosaic.order)
    place[mosaic.order] = np.arange(grid.count)
    return replace(mosaic, sheet=sheet_of(tiles[place[order]], grid), order=order)


def tile_mask(grid: Grid) -> npt.NDArray[np.bool_]:
    """(grid.height, grid.width) bool: True on tiles, False on gaps and empty places."""
    ones = np.ones((grid.count, grid.tile_h, grid.tile_w), np.uint8)
    return sheet_of(ones, grid).astype(bool)
