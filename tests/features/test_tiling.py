"""Palette indices and the sheet, by hand and against a plain loop."""

import numpy as np
import pytest
import torch

from explorer.features.tiling import BAD, ZERO, grid_for, lay_out, paint
from explorer.records.picture import Grid


def test_a_map_is_stretched_from_index_1_to_255():
    maps = torch.tensor([[[0.0, 1.0], [2.0, 4.0]]])
    painted = paint(maps, diverging=False, per_map=True)
    assert painted.indices.tolist() == [[[1, 65], [128, 255]]]  # 1 + 254 * v / 4, rounded: 1, 64.5 -> 65, 128, 255
    assert painted.low.tolist() == [0.0] and painted.high.tolist() == [4.0]


def test_the_range_of_the_layer_is_that_of_all_maps():
    maps = torch.tensor([[[0.0, 1.0]], [[-3.0, 7.0]]])
    layer, own = paint(maps, False, per_map=False), paint(maps, False, per_map=True)
    assert layer.low.tolist() == [-3.0, -3.0] and layer.high.tolist() == [7.0, 7.0]
    assert own.indices.tolist() == [[[1, 255]], [[1, 255]]]
    assert layer.indices[0, 0].tolist() == [1 + round(254 * 0.3), 1 + round(254 * 0.4)]


def test_a_diverging_palette_has_zero_in_its_middle():
    painted = paint(torch.tensor([[[-2.0, 0.0, 1.0, 4.0]]]), diverging=True, per_map=True)
    assert painted.indices.flatten().tolist() == [ZERO - 63, ZERO, ZERO + 32, 255]  # 127 steps a side
    assert painted.low.item() == -4.0 and painted.high.item() == 4.0


@pytest.mark.parametrize("diverging", [True, False])
def test_nan_and_inf_are_counted_and_spoil_nothing(diverging):
    maps = torch.tensor([[[1.0, float("nan"), 3.0, float("inf")]], [[2.0, 2.0, 2.0, -float("inf")]], [[float("nan")] * 4]])
    painted = paint(maps, diverging, per_map=True)
    assert painted.bad.tolist() == [2, 1, 4]
    assert (painted.indices == BAD).tolist() == (~torch.isfinite(maps)).tolist()
    assert torch.isfinite(painted.low).all() and torch.isfinite(painted.high).all()
    assert painted.most.tolist() == [3.0, 2.0, 0.0]


def test_flat_and_huge_maps_have_an_index():
    flat = paint(torch.full((2, 3, 3), 5.0), False, True).indices
    assert flat.unique().tolist() == [1]
    assert paint(torch.zeros(1, 2, 2), True, True).indices.unique().tolist() == [ZERO]
    huge = paint(torch.tensor([[[-3e38, 3e38]]]), False, True).indices
    assert ((huge >= 1) & (huge <= 255)).all()


def test_a_large_offset_costs_no_steps():
    maps = 1e6 + torch.linspace(0, 1, 17)[None, None]
    assert len(paint(maps, False, True).indices.unique()) == 17


@pytest.mark.parametrize(
    ("count", "h", "w", "columns", "gap"),
    [(7, 3, 5, 3, 1), (6, 4, 4, 3, 1), (1, 2, 2, 1, 1), (5, 1, 1, 5, 0), (13, 2, 3, 4, 2)],
)
def test_every_pixel_of_the_sheet_is_where_the_grid_says(count, h, w, columns, gap):
    grid = Grid(count, h, w, columns, gap)
    tiles = torch.from_numpy(np.random.default_rng(0).integers(1, 256, (count, h, w), dtype=np.uint8))
    sheet = lay_out(tiles, grid)
    assert tuple(sheet.shape) == (grid.height, grid.width) and sheet.is_contiguous()
    for y in range(grid.height):
        for x in range(grid.width):
            found = grid.find(y, x)
            assert int(sheet[y, x]) == (0 if found is None else int(tiles[found]))


def test_colour_tiles_are_laid_out_alike():
    grid = Grid(5, 3, 2, 2, 1)
    tiles = torch.from_numpy(np.random.default_rng(0).integers(1, 256, (5, 3, 2, 3), dtype=np.uint8))
    sheet = lay_out(tiles, grid)
    for channel in range(3):
        assert torch.equal(sheet[..., channel], lay_out(tiles[..., channel].contiguous(), grid))


def test_numbers_become_a_strip_without_gaps():
    assert grid_for(10, 1, 1) == Grid(10, 1, 1, 10, 0)
    wrapped = grid_for(1000, 1, 1)
    assert wrapped.gap == 0 and wrapped.rows * wrapped.columns >= 1000 and wrapped.width > wrapped.height
    assert grid_for(64, 13, 13).gap == 1
