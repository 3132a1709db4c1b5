"""Fused layers give the numbers and gradients of the layers they stand for."""

import pytest
import torch
from torch import nn

from explorer.features.fused import FusedConv, PoolThenRectify, fits
from explorer.features.redirect import redirected
from explorer.zoo.efficientnet_lite0 import SameConv2d

SHAPES = [  # in, out, kernel, stride, padding, groups
    (3, 8, 3, 2, 0, 1),
    (3, 8, 3, 2, 1, 1),
    (3, 8, 7, 2, 3, 1),
    (1, 6, 2, 2, 0, 1),
    (3, 8, (3, 5), 2, (0, 1), 1),
    (3, 8, 11, 4, 2, 1),
    (5, 7, 1, 1, 0, 1),
    (5, 7, 1, 2, 0, 1),
    (5, 7, 3, 1, 1, 1),
    (5, 7, 3, 1, 3, 1),
    (6, 9, 3, 1, 1, 3),
    (6, 6, 5, 1, 2, 6),
    (6, 12, 3, 2, 1, 6),
    (5, 7, 3, 2, 1, 1),
]


def input_of(channels, size, seed=0):
    x = torch.randn((2, channels, *size), generator=torch.Generator().manual_seed(seed))
    return x.contiguous(memory_format=torch.channels_last).requires_grad_(True)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("size", [(23, 20), (24, 17)])
@pytest.mark.parametrize("top", [None, float("inf"), 0.4])
def test_numbers_and_gradients_are_torchs(shape, size, top):
    *head, groups = shape
    torch.manual_seed(1)
    convolution = nn.Conv2d(*head, groups=groups, bias=shape[1] != 9).requires_grad_(False)
    rectifier = {None: nn.Identity(), float("inf"): nn.ReLU(), 0.4: nn.Hardtanh(0.0, 0.4)}[top]
    found = []
    for module in (nn.Sequential(convolution, rectifier), FusedConv(convolution, top)):
        x = input_of(shape[0], size)
        y = module(x)
        (gradient,) = torch.autograd.grad((y * torch.linspace(-1, 2, y.numel()).view_as(y)).sum(), x)
        found.append((y, gradient))
    (y, gradient), (mine, other) = found
    assert torch.allclose(y, mine, atol=1e-5) and torch.allclose(gradient, other, atol=1e-4 * float(gradient.abs().max()))


@pytest.mark.parametrize(("kernel", "stride", "groups"), [(3, 2, 1), (5, 2, 6), (3, 1, 6), (2, 1, 1), (3, 3, 1), (1, 1, 1)])
@pytest.mark.parametrize("size", [(23, 20), (24, 17)])
def test_tensorflows_padding_too(kernel, stride, groups, size):
    for inputs in (3, 6) if groups == 1 else (6,):
        convolution = SameConv2d(inputs, 6, kernel, stride, groups).requires_grad_(False)
        found = []
        for module in (convolution, FusedConv(convolution)):
            x = input_of(inputs, size)
            y = module(x)
            found.append((y, torch.autograd.grad((y * torch.linspace(-1, 2, y.numel()).view_as(y)).sum(), x)[0]))
        assert torch.allclose(found[0][0], found[1][0], atol=1e-5) and torch.allclose(found[0][1], found[1][1], atol=1e-4)


def test_a_gradient_that_is_one_number_everywhere_is_spread_out():
    convolution = nn.Conv2d(4, 6, 1).requires_grad_(False)
    x = input_of(4, (9, 8))
    (gradient,) = torch.autograd.grad(FusedConv(convolution, float("inf"))(x)[:, 2].mean(), x)
    (want,) = torch.autograd.grad(convolution(x).relu()[:, 2].mean(), x)
    assert torch.allclose(gradient, want, atol=1e-7)


@pytest.mark.parametrize("ceil", [True, False])
def test_a_pool_may_come_before_the_rectifier(ceil):
    pool = nn.MaxPool2d(3, 2, ceil_mode=ceil)
    found = []
    for module in (nn.Sequential(nn.ReLU(), pool), PoolThenRectify(pool, nn.ReLU())):
        x = input_of(5, (22, 19))
        y = module(x)
        found.append((y, torch.autograd.grad(y.square().sum(), x)[0]))
    assert torch.equal(found[0][0], found[1][0]) and torch.equal(found[0][1], found[1][1])


def test_a_closed_rectifier_inside_can_be_opened():
    convolution = nn.Conv2d(3, 2, 1).requires_grad_(False)
    nn.init.constant_(convolution.weight, 1.0)
    nn.init.constant_(convolution.bias, -100.0)
    module = nn.Sequential(FusedConv(convolution, float("inf")))
    x = input_of(3, (5, 5))
    assert not torch.autograd.grad(module(x).sum(), x)[0].any()
    with redirected(module):
        y = module(x)
        assert not y.any() and (torch.autograd.grad(y.sum(), x)[0] > 0).all()
    assert not module[0].opened


def test_only_plain_convolutions_fit():
    assert fits(nn.Conv2d(3, 4, 3)) and not fits(nn.ReLU()) and not fits(nn.Conv2d(3, 4, 3, dilation=2))
    assert not fits(nn.Conv2d(3, 4, 3, padding="same")) and not fits(nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"))
