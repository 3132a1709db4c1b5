"""ResNet-18 against its paper, written once more without modules; and what torchvision's published files need to load."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from explorer.weights.rows import rows
from explorer.zoo.registry import build_seeded, networks

GOLDEN = Path(__file__).parent.parent / "golden" / "zoo.json"


def norm(x, state, name):
    return F.batch_norm(
        x, state[name + ".running_mean"], state[name + ".running_var"], state[name + ".weight"], state[name + ".bias"]
    )


def by_hand(x, state):
    """ResNet-18 of table 1 in the paper as plain function calls on a state dict."""
    x = F.max_pool2d(F.relu(norm(F.conv2d(x, state["conv1.weight"], None, 2, 3), state, "bn1")), 3, 2, 1)
    for stage in (1, 2, 3, 4):
        for block in (0, 1):
            at = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            y = F.relu(norm(F.conv2d(x, state[at + ".conv1.weight"], None, stride, 1), state, at + ".bn1"))
            y = norm(F.conv2d(y, state[at + ".conv2.weight"], None, 1, 1), state, at + ".bn2")
            if stride == 2:
                x = norm(F.conv2d(x, state[at + ".downsample.0.weight"], None, 2), state, at + ".downsample.1")
            x = F.relu(y + x)
    return F.linear(x.mean((2, 3)), state["fc.weight"], state["fc.bias"])


def lively(name):
    """The network with statistics that do something: a fresh batch norm only passes its input on."""
    module = build_seeded(networks()[name], 3)
    noise = torch.Generator().manual_seed(0)
    for key, tensor in module.state_dict().items():
        if key.endswith("running_mean"):
            tensor.normal_(generator=noise)
        elif key.endswith("running_var"):
            tensor.uniform_(0.5, 2.0, generator=noise)
    return module


@pytest.mark.parametrize("side", [224, 75])
def test_resnet18_is_what_the_paper_says(side):
    module = lively("resnet18")
    x = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.allclose(module(x), by_hand(x, module.state_dict()), rtol=1e-4, atol=1e-4)


def test_resnet50_has_its_stride_in_the_3x3():
    module = networks()["resnet50"].build
    with torch.device("meta"):
        block = module().layer2[0]
    assert [block.conv1.stride, block.conv2.stride, block.conv3.stride] == [(1, 1), (2, 2), (1, 1)]


@pytest.mark.parametrize(
    ("name", "first", "last", "count"),
    [
        ("resnet18", "conv1.weight", "fc.bias", 122),
        ("resnet50", "conv1.weight", "fc.bias", 320),
        ("alexnet", "features.0.weight", "classifier.6.bias", 16),
    ],
)
def test_the_tensors_are_torchvisions(name, first, last, count):
    """Names and number as in the published files; the golden list was compared with torchvision's own classes."""
    tensors = json.loads(GOLDEN.read_text())[name]["tensors"]
    assert (tensors[0], tensors[-1], len(tensors)) == (first, last, count)


@pytest.mark.parametrize(("name", "crop"), [("resnet18", 256), ("resnet50", 232), ("alexnet", 256)])
def test_the_published_rows(name, crop):
    row = rows()[name]
    assert row.architecture == name and row.licence == "BSD-3-Clause"
    assert (row.input_size, row.crop_from, row.channel_order, row.resize) == (224, crop, "rgb", "centre-crop")
    assert row.source.sha256 == row.source.url.rpartition("-")[2].removesuffix(".pth") and len(row.source.sha256) == 8
    parameters = json.loads(GOLDEN.read_text())[name]["parameters"]
    assert 4 * parameters < row.download_size < 1.01 * 4 * parameters + 100_000
