"""Tile sheets: geometry by hand and by property; every pixel of a tile is found where the window looks for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.picture.colour import palette
from explorer.picture.grid import cells_of, enlarge, grid_for, mosaic_rgb, rearranged, sheet_of, tile_mask, tile_of
from explorer.records.picture import Grid, Mosaic


def test_two_by_two_by_hand():
    tiles = np.array([[[1, 2]], [[3, 4]], [[5, 6]]], np.uint8)
    grid = Grid(3, 1, 2, 2, 1)
    assert sheet_of(tiles, grid, 9).tolist() == [[1, 2, 9, 3, 4], [9, 9, 9, 9, 9], [5, 6, 9, 9, 9]]
    assert tile_mask(grid).tolist() == [[True, True, False, True, True], [False] * 5, [True, True, False, False, False]]


@given(st.integers(1, 70), st.integers(1, 9), st.integers(1, 9), st.integers(0, 3), st.integers(1, 12))
def test_every_pixel_is_where_the_geometry_says(count, height, width, gap, columns):
    grid = grid_for(count, height, width, gap=gap, columns=columns)
    tiles = np.random.default_rng(count).integers(0, 256, (count, height, width), dtype=np.uint8)
    sheet = sheet_of(tiles, grid)
    assert sheet.shape == (grid.height, grid.width)
    for index in {0, count // 2, count - 1}:
        top, left = grid.corner(index)
        assert np.array_equal(tile_of(sheet, grid, index), tiles[index])
        assert grid.find(top, left) == (index, 0, 0)
        assert grid.find(top + height - 1, left + width - 1) == (index, height - 1, width - 1)
    assert tile_mask(grid).sum() == count * height * width


@given(st.integers(1, 2048), st.integers(1, 60), st.integers(1, 60))
def test_a_chosen_grid_holds_all_and_is_not_absurd(count, height, width):
    grid = grid_for(count, height, width)
    assert 1 <= grid.columns <= count and grid.rows * grid.columns >= count > (grid.rows - 1) * grid.columns
    if count > 16 and 0.5 < width / height < 2:
        assert 0.4 < grid.width / grid.height < 5


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (4, 2), (16, 4), (64, 8), (96, 12)])
def test_round_numbers_fill_their_rows(count, columns):
    assert grid_for(count, 27, 27).columns == columns


def test_wrong_tiles_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        sheet_of(np.zeros((2, 3, 3), np.uint8), Grid(3, 3, 3, 2))
    with pytest.raises(ValueError, match="no grid"):
        grid_for(0, 3, 3)


def mosaic(sheet, grid, colour_map):
    empty = np.zeros(grid.count, np.float32)
    values = np.zeros((grid.count, grid.tile_h, grid.tile_w), np.float32)
    return Mosaic(grid, sheet, values, np.arange(grid.count), empty, empty, np.zeros(grid.count, np.int64), colour_map)


def test_a_saved_mosaic_has_the_palette_s_colours_and_quiet_gaps():
    grid = Grid(3, 2, 2, 2, 1)
    sheet = sheet_of(np.full((3, 2, 2), 255, np.uint8), grid)
    rgb = mosaic_rgb(mosaic(sheet, grid, "viridis"), background=(1, 2, 3))
    assert (rgb[tile_mask(grid)] == palette("viridis")[255]).all() and (rgb[~tile_mask(grid)] == (1, 2, 3)).all()
    large = mosaic_rgb(mosaic(sheet, grid, "viridis"), background=(1, 2, 3), longest=21)
    assert large.shape == (17, 17, 3), "two tiles of 2 x 4 pixels and a hairline between them"
    assert (
        (large[:8, :8] == palette("viridis")[255]).all()
        and (large[8] == (1, 2, 3)).all()
        and (large[9:, 9:] == (1, 2, 3)).all()
    )
    assert mosaic_rgb(mosaic(sheet, grid, "viridis"), longest=130).shape == (108, 108, 3)
    colours = sheet_of(np.full((3, 2, 2, 3), 7, np.uint8), grid)
    assert (mosaic_rgb(mosaic(colours, grid, ""))[tile_mask(grid)] == 7).all()
    assert (colours[~tile_mask(grid)] == 0).all(), "the record is not painted on"


def test_enlarging_keeps_pixels_square():
    assert enlarge(np.array([[1, 2]], np.uint8), 2).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]


def test_tiles_in_another_order_are_the_same_tiles():
    rng = np.random.default_rng(0)
    for gap, colour in ((0, ()), (1, ()), (2, (3,))):
        grid = Grid(7, 3, 4, 3, gap)
        tiles = rng.integers(1, 256, (7, 3, 4, *colour), dtype=np.uint8)
        order = np.array([4, 1, 0, 6, 5, 2, 3])
        numbers = np.zeros(7, np.float32)
        made = Mosaic(grid, sheet_of(tiles[order], grid), tiles.astype(np.float32), order, numbers, numbers,
                      np.zeros(7, np.int64), "" if colour else "viridis")  # fmt: skip
        assert cells_of(made).shape == (3, 3, 3, 4, *colour)
        natural = rearranged(made, np.arange(7))
        assert natural.order.tolist() == list(range(7)) and natural.sheet.shape == made.sheet.shape
        for channel in range(7):
            np.testing.assert_array_equal(tile_of(natural.sheet, grid, channel), tiles[channel])
        assert rearranged(made, order) is made
