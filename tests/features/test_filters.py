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
