"""Bytes and tensors, resizing, octaves, tiles, the gradient's bands."""

import numpy as np
import pytest
import torch

from explorer.features.sizes import even_bands, octave_sizes, resized, tiles_of, to_rgb, to_tensor


def test_bytes_survive_the_round_trip():
    rgb = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    frozen = rgb.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(to_rgb(to_tensor(frozen)), rgb)
    assert to_rgb(torch.full((1, 3, 2, 2), 7.0)).max() == 255


def test_octaves_grow_to_the_wished_size_and_never_vanish():
    assert octave_sizes(400, 600, 300, 3, 2.0, 48) == [(50, 75), (100, 150), (200, 300)]
    assert octave_sizes(400, 600, 300, 9, 2.0, 48) == [(50, 75), (100, 150), (200, 300)]
    assert octave_sizes(1, 1, 64, 4, 1.4, 100) == [(64, 64)]
    assert octave_sizes(4000, 2, 100, 4, 1.4, 48) == [(100, 1)]


def test_resizing_keeps_flat_pictures_flat():
    flat = torch.full((1, 3, 40, 30), 0.25)
    assert torch.allclose(resized(flat, 7, 90), torch.full((1, 3, 7, 90), 0.25))
    assert resized(flat, 40, 30) is flat


def test_bands_come_out_equally_strong():
    generator = torch.Generator().manual_seed(0)
    coarse = torch.nn.functional.interpolate(torch.randn((1, 3, 8, 8), generator=generator), size=(64, 64), mode="bilinear")
    fine = torch.randn((1, 3, 64, 64), generator=generator) * 100
    even = even_bands(coarse + fine)
    assert abs(even.abs().mean() - 1) < 1e-5

    def share(picture):
        return torch.nn.functional.avg_pool2d(picture, 8).std() / picture.std()

    assert share(even) > 3 * share(coarse + fine)
    assert not even_bands(torch.zeros(1, 3, 32, 32)).any()


@pytest.mark.parametrize("side", [64, 100, 333])
@pytest.mark.parametrize("phase", [(0, 0), (1, 63), (50, 99), (31, 332)])
def test_tiles_cover_every_pixel_once_and_none_is_too_large_or_a_sliver(side, phase):
    seen = np.zeros((300, 517), int)
    for down, across in tiles_of(300, 517, side, phase):
        seen[down, across] += 1
        for cut, length in ((down, 300), (across, 517)):
            assert min(side // 3, length) <= cut.stop - cut.start <= max(side, 0) or cut == slice(0, length)
    assert (seen == 1).all()


def test_no_tiles_where_the_picture_fits():
    assert tiles_of(30, 40, 64, (5, 5)) == tiles_of(30, 40, 0) == [(slice(0, 30), slice(0, 40))]
