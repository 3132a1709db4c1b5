"""Darknet's descriptions: shapes and arithmetic by hand, refusals with the layer's number."""

import math

import pytest
import torch
import torch.nn.functional as F

from explorer.zoo import yolov3, yolov3_tiny
from explorer.zoo.darknet import MaxPool, from_cfg
from explorer.zoo.darknet_cfg import CfgError, parse

NET = "[net]\nwidth=8\nheight=8\nchannels=3\n"
CONV = "[convolutional]\nfilters=4\nsize=3\nstride=1\npad=1\nactivation=leaky\n"


def test_a_convolution_by_hand():
    net = from_cfg(
        "[net]\nwidth=4\nheight=4\nchannels=1\n[convolutional]\nfilters=1\nsize=3\nstride=1\npad=1\nactivation=leaky\n"
    )
    with torch.no_grad():
        net.layers[0].conv.weight.fill_(1.0)
        net.layers[0].conv.bias.fill_(-5.0)
        out = net.layers[0](torch.ones(1, 1, 4, 4))
    corner, edge, middle = 4 - 5, 6 - 5, 9 - 5
    assert out[0, 0, 0, 0] == pytest.approx(0.1 * corner)  # leaky: a tenth of what is below zero
    assert out[0, 0, 0, 1] == edge
    assert out[0, 0, 1, 1] == middle


def test_route_shortcut_and_upsample_by_hand():
    text = NET + CONV + CONV + "[shortcut]\nfrom=-2\nactivation=linear\n[route]\nlayers=-1,0\n[upsample]\nstride=2\n"
    net = from_cfg(text)
    layers = net.description.layers
    assert [layer.shape for layer in layers] == [(4, 8, 8), (4, 8, 8), (4, 8, 8), (8, 8, 8), (8, 16, 16)]
    assert layers[2].sources == (1, 0)
    assert layers[3].sources == (2, 0)
    a, b = torch.rand(1, 4, 8, 8), torch.rand(1, 4, 8, 8)
    assert torch.equal(net.layers[2](a, b), a + b)
    assert torch.equal(net.layers[3](a, b), torch.cat([a, b], 1))
    assert torch.equal(net.layers[4](a)[..., ::2, 1::2], a)


def test_route_takes_a_share_of_the_channels():
    net = from_cfg(NET + CONV + "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n")
    x = torch.rand(1, 4, 8, 8)
    assert torch.equal(net.layers[1](x), x[:, 2:])


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, 2, 1), (2, 1, 1), (5, 1, 4), (13, 1, 12), (3, 2, 2), (2, 2, 0)])
@pytest.mark.parametrize("side", [13, 14])
def test_max_pooling_equals_padding_with_minus_infinity(kernel, stride, padding, side):
    x = torch.randn(1, 2, side, side)
    left = padding // 2
    wide = F.pad(x, (left, padding + stride, left, padding + stride), value=-math.inf)
    size = (side + padding - kernel) // stride + 1
    expected = F.max_pool2d(wide, kernel, stride)[..., :size, :size]
    assert torch.equal(MaxPool(kernel, stride, padding)(x), expected)


def test_the_description_of_yolov3_has_the_published_shape():
    found = parse(yolov3.CFG)
    assert len(found.layers) == 107
    assert [layer.index for layer in found.heads] == [82, 94, 106]
    assert sum(layer.kind == "shortcut" for layer in found.layers) == 1 + 2 + 8 + 8 + 4
    assert sum(layer.kind == "convolutional" for layer in found.layers) == 75
    assert len(parse(yolov3_tiny.CFG).layers) == 24


def test_only_maps_still_needed_are_kept():
    net = from_cfg(yolov3_tiny.CFG)
    let_go = sorted(source for done in net._done_after for source in done)
    assert let_go == [*range(-1, 16), *range(17, 23)]  # all but the heads' own outputs


BAD = {
    "route to itself": (NET + CONV + "[route]\nlayers=1\n", 1, "not an earlier layer"),
    "route to a later layer": (NET + CONV + "[route]\nlayers=5\n", 1, "not an earlier layer"),
    "route before the first": (NET + CONV + "[route]\nlayers=-4\n", 1, "not an earlier layer"),
    "route to half a layer": (NET + CONV + "[route]\nlayers=0.5\n", 1, "not an earlier layer"),
    "too many filters": (NET + CONV.replace("filters=4", "filters=1000000000"), 0, "outside"),
    "not a number": (NET + CONV.replace("filters=4", "filters=four"), 0, "not a whole number"),
    "unknown layer": (NET + CONV + "[lstm]\n", 1, "not supported"),
    "unknown activation": (NET + CONV.replace("leaky", "elu"), 0, "activation"),
    "shortcut of two shapes": (
        NET + CONV + CONV.replace("filters=4", "filters=8") + "[shortcut]\nfrom=0\n",
        2,
        "different shape",
    ),
    "route of two sizes": (NET + CONV + "[maxpool]\nsize=2\nstride=2\n[route]\nlayers=0,1\n", 2, "different size"),
    "no picture left": (NET + "[convolutional]\nsize=9\n", 0, "nothing is left"),
    "groups": (NET + CONV.replace("size=3", "size=3\ngroups=2"), 0, "do not divide"),
    "yolo channels": (NET + CONV + "[yolo]\nmask=0\nanchors=1,2\nclasses=80\n", 1, "needs 85 channels"),
    "yolo mask": (NET + CONV + "[yolo]\nmask=3\nanchors=1,2\nclasses=80\n", 1, "mask"),
    "yolo anchors": (NET + CONV + "[yolo]\nmask=0\nanchors=1,nan\nclasses=80\n", 1, "makes no sense"),
    "no net": (CONV, -1, "[net]"),
    "no layers": (NET, -1, "no layers"),
    "rubbish line": (NET + CONV + "hello\n", 0, "neither"),
    "open bracket": (NET + "[convolutional\n", 0, "without"),
    "too much to hold": (NET + CONV.replace("filters=4", "filters=65536") * 2, 1, "numbers"),
    "too long": ("#" * (1 << 20) + "\n" + NET, -1, "longer"),
    "too many layers": (NET + "[dropout]\n" * 1200, -1, "layers"),
}


@pytest.mark.parametrize(("text", "layer", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_description_is_refused_with_its_layer(text, layer, reason):
    with pytest.raises(CfgError) as caught:
        parse(text)
    assert caught.value.layer == layer, caught.value
    assert reason in caught.value.reason
    assert "{" not in caught.value.reason


def test_comments_blank_lines_spaces_and_no_final_newline_are_fine():
    text = "# YOLO\n\n[net] ; the input\nwidth = 8\nheight=8\nchannels=3\n" + CONV.replace("=", " = ").rstrip("\n")
    assert parse(text).layers[0].shape == (4, 8, 8)
