"""One sampling for border, shift, turn and scaling; each picture of a batch moves by its own numbers."""

import pytest
import torch

from explorer.features.transforms import Shaker


def picture(height=20, width=30, seed=0):
    return torch.rand((1, 3, height, width), generator=torch.Generator().manual_seed(seed))


def still(*numbers):
    return torch.tensor([numbers], dtype=torch.float32)


def test_nothing_asked_is_nothing_done():
    one = picture()
    assert Shaker(0, 0, 0.0, 0.0, [0])(one, still(1, 1, 1, 1)) is one


def test_no_movement_is_no_change():
    assert torch.allclose(Shaker(0, 5, 5.0, 0.05, [0])(picture(), still(0, 0, 0, 0)), picture(), atol=1e-5)


def test_a_shift_is_a_shift():
    moved = Shaker(0, 4, 0.0, 0.0, [0])(picture(), still(0, 0, 1, -0.5))  # 4 pixels right, 2 up
    assert torch.allclose(moved[:, :, 2:, :26], picture()[:, :, :18, 4:], atol=1e-4)


@pytest.mark.parametrize("moves", [(0, 0.0, 0.0), (4, 3.0, 0.05)])
def test_the_border_is_grey_and_at_most_an_eighth(moves):
    padded = Shaker(3, *moves, [0])(picture(40, 48), still(0, 0, 0, 0))
    assert padded.shape == (1, 3, 46, 54)
    assert torch.allclose(padded[:, :, 3:-3, 3:-3], picture(40, 48), atol=1e-5)
    assert torch.allclose(padded[:, :, :2], torch.full((1, 3, 2, 54), 0.5), atol=1e-5)
    assert Shaker(64, *moves, [0])(picture(40, 48), still(0, 0, 0, 0)).shape == (1, 3, 50, 58)


def test_a_turn_keeps_circles_round():
    y, x = torch.meshgrid(torch.arange(60.0) - 29.5, torch.arange(90.0) - 44.5, indexing="ij")
    disc = torch.sigmoid((400 - x * x - y * y) / 80)[None, None].expand(1, 3, -1, -1).contiguous()
    turned = Shaker(0, 8, 20.0, 0.05, [0])(disc, still(1, 0, 0, 0))
    assert (turned - disc).abs().mean() < 0.005
    larger = Shaker(4, 8, 20.0, 0.05, [0])(disc, still(0, -1, 0, 0))
    assert larger[:, :, 4:-4, 4:-4].mean() > disc.mean() * 1.05


def test_a_picture_does_not_depend_on_its_neighbours():
    alone, together = Shaker(4, 4, 5.0, 0.05, [7]), Shaker(4, 4, 5.0, 0.05, [3, 7])
    for _ in range(3):
        one, two = alone.draw(), together.draw()
        assert torch.equal(one[0], two[1]) and not torch.equal(two[0], two[1])
    pair = torch.cat([picture(40, 48, 1), picture(40, 48, 2)])
    assert torch.allclose(together(pair, two)[1:], alone(pair[1:], one), atol=1e-6)
