"""Kernels as tiles: the numbers are the weights, the colours are red, green, blue."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.jobs import Work, result_of
from explorer.records.errors import ExplorerError
from explorer.requests.look import FiltersRequest


def filters(engine, **fields):
    return result_of(FiltersRequest(**fields), Work(engine=engine))


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_first_layer_tiles_are_rgb_whatever_the_network_eats(toys, order):
    conv = nn.Conv2d(3, 2, 2)
    with torch.no_grad():
        conv.weight.zero_()
        conv.weight[0, 0 if order == "rgb" else 2] = torch.tensor([[1.0, 0.5], [0.0, -1.0]])  # red
        conv.weight[1, 1] = 0.25  # green
    mosaic = filters(toys(nn.Sequential(conv), order=order))
    assert mosaic.colour_map == "" and mosaic.facts["rgb"] is True
    assert mosaic.values[0, :, :, 0].tolist() == [[1.0, 0.5], [0.0, -1.0]]
    assert not mosaic.values[0, :, :, 1:].any()
    top, left = mosaic.grid.corner(0)
    tile = mosaic.sheet[top : top + 2, left : left + 2]
    assert tile[0, 0].tolist() == [255, 128, 128] and tile[1, 1].tolist() == [1, 128, 128] and tile[1, 0].tolist() == [128] * 3
    top, left = mosaic.grid.corner(1)
    assert mosaic.sheet[top, left].tolist() == [128, 255, 128]  # each tile has its own range by default
    assert mosaic.low.tolist() == [-1.0, -0.25] and mosaic.high.tolist() == [1.0, 0.25]
    layer = filters(toys(nn.Sequential(conv), order=order), scale="layer")
    assert layer.sheet[top, left].tolist() == [128, 160, 128]


def test_deeper_kernels_are_slices_of_one_input_channel(small):
    weight = small.toy.module.conv2.weight
    mosaic = filters(small, layer="conv2", input_channel=3)
    assert mosaic.values.shape == (12, 3, 3) and mosaic.colour_map == "diverging"
    np.testing.assert_array_equal(mosaic.values, weight[:, 3].numpy())
    assert mosaic.facts["input_channels"] == 8 and mosaic.facts["shape"] == [12, 8, 3, 3]
    for tile in range(12):
        top, left = mosaic.grid.corner(tile)
        drawn = mosaic.sheet[top : top + 3, left : left + 3].astype(int) - 128
        assert (np.sign(drawn) == np.sign(np.round(mosaic.values[tile] / mosaic.high[tile] * 127))).all()


def test_a_grey_first_layer_is_a_slice(toys):
    mosaic = filters(toys(nn.Sequential(nn.Conv2d(1, 4, 3)), order="grey"))
    assert mosaic.values.shape == (4, 3, 3) and mosaic.facts["rgb"] is False


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"layer": "conv2", "input_channel": 8}, "filters.input-channel"),
        ({"layer": "relu1"}, "filters.not-convolution"),
        ({"layer": "conv9"}, "layer.unknown"),
    ],
)
def test_what_cannot_be_shown_is_explained(small, fields, code):
    with pytest.raises(ExplorerError) as caught:
        filters(small, **fields)
    assert caught.value.trouble.code == code
    assert "{" not in str(caught.value)


def test_a_network_without_convolutions_says_so(toys):
    with pytest.raises(ExplorerError) as caught:
        filters(toys(nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 4))))
    assert caught.value.trouble.code == "filters.none"


def test_nan_kernels_are_drawn_and_counted(toys):
    conv = nn.Conv2d(3, 2, 2)
    with torch.no_grad():
        conv.weight[1, 0, 0, 0] = float("nan")
    mosaic = filters(toys(nn.Sequential(conv)))
    assert mosaic.bad.tolist() == [0, 1]


@pytest.mark.weights
def test_squeezenet_first_layer_is_its_weights_in_rgb(real):
    mosaic = filters(real)
    weight = real.network(FiltersRequest()).module.features[0].weight
    assert mosaic.values.shape == (64, 3, 3, 3)
    np.testing.assert_array_equal(mosaic.values, weight[:, [2, 1, 0]].permute(0, 2, 3, 1).numpy())  # it eats BGR


def test_one_kernel_by_all_its_inputs(small):
    weight = small.toy.module.conv2.weight
    mosaic = filters(small, layer="conv2", view="inputs", kernel=7)
    np.testing.assert_array_equal(mosaic.values, weight[7].numpy())
    assert mosaic.grid.count == 8 and mosaic.facts["kernel"] == 7 and mosaic.facts["kernels"] == 12
    with pytest.raises(ExplorerError) as caught:
        filters(small, layer="conv2", view="inputs", kernel=12)
    assert caught.value.trouble.code == "filters.kernel"


def test_one_first_layer_kernel_is_its_three_colours(toys):
    conv = nn.Conv2d(3, 2, 2)
    mosaic = filters(toys(nn.Sequential(conv), order="bgr"), view="inputs", kernel=1)
    np.testing.assert_array_equal(mosaic.values, conv.weight[1].detach()[[2, 1, 0]].numpy())
    assert mosaic.facts["inputs"] == ["red", "green", "blue"] and mosaic.colour_map == "diverging"


@pytest.mark.parametrize("sort", ["l1", "l2"])
def test_kernels_stand_in_the_order_of_their_norm(small, sort):
    weight = small.toy.module.conv2.weight.flatten(1)
    norms = weight.abs().sum(1) if sort == "l1" else weight.square().sum(1).sqrt()
    mosaic = filters(small, layer="conv2", sort=sort, input_channel=5)
    assert mosaic.order.tolist() == norms.argsort(descending=True).tolist()
    np.testing.assert_allclose(mosaic.stats.l1 if sort == "l1" else mosaic.stats.l2, norms.numpy(), rtol=1e-5)
    first = mosaic.order[0]
    drawn = mosaic.sheet[:3, :3].astype(int) - 128
    assert (np.sign(drawn) == np.sign(np.round(mosaic.values[first] / mosaic.high[first] * 127))).all()
    slices = small.toy.module.conv2.weight[4].flatten(1)
    inputs = filters(small, layer="conv2", view="inputs", kernel=4, sort=sort)
    norms = slices.abs().sum(1) if sort == "l1" else slices.square().sum(1).sqrt()
    assert inputs.order.tolist() == norms.argsort(descending=True).tolist()


def test_rgb_kernels_are_sorted_too(toys):
    conv = nn.Conv2d(3, 3, 2)
    with torch.no_grad():
        for at, size in enumerate((1.0, 3.0, 2.0)):
            conv.weight[at] = size
    mosaic = filters(toys(nn.Sequential(conv)), sort="l2", scale="layer")
    assert mosaic.order.tolist() == [1, 2, 0]
    corners = [mosaic.grid.corner(tile) for tile in range(3)]
    assert [int(mosaic.sheet[y, x, 0]) for y, x in corners] == [255, 213, 170]


def test_the_statistics_are_of_the_whole_kernels_whatever_slice_is_shown(small):
    weight = small.toy.module.conv2.weight.numpy().astype(np.float64)
    mosaic = filters(small, layer="conv2", input_channel=3)
    np.testing.assert_allclose(mosaic.stats.mean, weight.mean((1, 2, 3)), atol=1e-7)
    np.testing.assert_allclose(mosaic.stats.std, weight.std((1, 2, 3)), rtol=1e-5)
    assert mosaic.facts["whole"]["l1"] == pytest.approx(np.abs(weight).sum(), rel=1e-5)
    assert mosaic.facts["whole"]["min"] == weight.min() and mosaic.stats.size == 72


def test_spectra_as_tiles(small):
    mosaic = filters(small, layer="conv2", input_channel=2, spectrum=True)
    kernels = small.toy.module.conv2.weight[:, 2].numpy()
    strength = np.abs(np.fft.fftshift(np.fft.fft2(kernels, s=(32, 32)), axes=(1, 2)))
    np.testing.assert_allclose(mosaic.values, 20 * np.log10(np.maximum(strength, strength.max() * 1e-3)), atol=1e-3)
    assert mosaic.colour_map == "magma" and mosaic.facts["spectrum"] and mosaic.grid.tile_w == 32
    assert filters(small, spectrum=True).values.shape == (8, 32, 32)  # RGB kernels: the energy of their three colours


def test_a_fixed_range_and_gamma(small):
    mosaic = filters(small, layer="conv2", range=(-0.1, 0.05), gamma=2.0)
    assert set(mosaic.high.tolist()) == {np.float32(0.1)} and set(mosaic.low.tolist()) == {np.float32(-0.1)}
    value, index = mosaic.values[0, 0, 0], int(mosaic.sheet[0, 0])
    want = 128.5 + 127 * np.sign(value) * min(abs(value) / 0.1, 1) ** 0.5
    assert abs(index + 0.5 - want) <= 0.51
    rgb = filters(small, range=(-2.0, 2.0))
    assert rgb.sheet[rgb.sheet > 0].min() > 100 and float(rgb.high[0]) == 2.0
    with pytest.raises(ValueError, match="smaller than the second"):
        FiltersRequest(range=(1.0, 1.0))
