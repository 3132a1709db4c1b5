"""The learnable picture, resizing, octaves, the wobble, the gradient's bands."""

import numpy as np
import pytest
import torch

from explorer.features.canvas import (
    FourierCanvas,
    even_bands,
    octave_sizes,
    resized,
    roughness_gradient,
    to_rgb,
    to_tensor,
    wobble,
)


@pytest.mark.parametrize("size", [(32, 32), (31, 48)])
def test_the_start_is_faint_noise_around_grey_and_repeats(size):
    one, other = FourierCanvas(*size, seed=3), FourierCanvas(*size, seed=3)
    picture = one.rgb()
    assert picture.shape == (1, 3, *size)
    assert torch.equal(picture, other.rgb())
    assert not torch.equal(picture, FourierCanvas(*size, seed=4).rgb())
    assert 0.4 < picture.mean() < 0.6 and 0 < picture.std() < 0.15


def test_every_frequency_can_be_learnt():
    canvas = FourierCanvas(16, 16, seed=0)
    target = torch.rand((1, 3, 16, 16), generator=torch.Generator().manual_seed(1)) * 0.8 + 0.1
    optimizer = torch.optim.Adam([canvas.spectrum], lr=0.05)
    for _ in range(300):
        loss = (canvas.rgb() - target).square().mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    assert loss < 2e-3


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


def test_no_jitter_is_no_change_and_a_shift_is_a_shift():
    picture = torch.rand((1, 3, 20, 30), generator=torch.Generator().manual_seed(0))
    assert wobble(picture, 0, (1, 1, 1, 1)) is picture
    assert torch.allclose(wobble(picture, 8, (0, 0, 0, 0)), picture, atol=1e-5)
    moved = wobble(picture, 4, (0, 0, 1, -0.5))  # 4 pixels right, 2 up
    assert torch.allclose(moved[:, :, 2:, :26], picture[:, :, :18, 4:], atol=1e-4)


def test_a_turn_keeps_circles_round():
    y, x = torch.meshgrid(torch.arange(60.0) - 29.5, torch.arange(90.0) - 44.5, indexing="ij")
    disc = torch.sigmoid((400 - x * x - y * y) / 80)[None, None].expand(1, 3, -1, -1)
    turned = wobble(disc, 8, (1, 0, 0, 0))
    assert (turned - disc).abs().mean() < 0.005
    larger = wobble(disc, 8, (0, -1, 0, 0))
    assert larger.mean() > disc.mean() * 1.05


def test_roughness_is_the_gradient_of_squared_total_variation():
    picture = torch.rand((1, 3, 6, 7), generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    down, across = picture[:, :, 1:] - picture[:, :, :-1], picture[:, :, :, 1:] - picture[:, :, :, :-1]
    torch.autograd.backward((down.square().sum() + across.square().sum()) / 2)
    assert torch.allclose(roughness_gradient(picture.detach()), picture.grad, atol=1e-6)


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
