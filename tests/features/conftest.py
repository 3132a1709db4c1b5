"""Toy networks whose numbers can be worked out on paper, behind the engine's own Network; one engine with real weights."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from explorer.engine.engine import Engine
from explorer.engine.network import Network
from explorer.engine.prepare import Recipe
from explorer.zoo.registry import NetworkSpec


def toy_engine(module, size=16, order="rgb", dream_layer="", **recipe):
    spec = NetworkSpec("toy", "Toy", "classify", "", lambda: module, size, dream_layer=dream_layer)
    network = Network(spec, module, Recipe(size=size, order=order, **recipe), weights="by hand")
    return SimpleNamespace(network=lambda request, token=None, on_progress=None: network, toy=network)


def seeded(make, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make().eval()


class Small(nn.Module):
    """Convolution, batch norm, ReLU, convolution, ReLU, mean, linear, softmax: one of each kind."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(8, 12, 3, stride=2)
        self.relu2 = nn.ReLU6()
        self.fc = nn.Linear(12, 5)
        self.softmax = nn.Softmax(1)
        with torch.no_grad():
            self.bn1.running_mean.uniform_(-0.3, 0.3)
            self.bn1.running_var.uniform_(0.5, 2.0)
            self.bn1.weight.uniform_(0.5, 2.0)
            self.bn1.bias.uniform_(-0.3, 0.3)

    def forward(self, x):
        x = self.relu2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        return self.softmax(self.fc(x.mean((2, 3))))


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Several test processes share two cores: threads would only wait for each other."""
    torch.set_num_threads(1)


@pytest.fixture
def toys():
    """Makes an engine that holds one toy network."""
    return toy_engine


@pytest.fixture
def small():
    return toy_engine(seeded(Small), size=24, mean=(0.4, 0.45, 0.5), std=(0.2, 0.25, 0.3))


@pytest.fixture(scope="session")
def real():
    """The engine with the published weights of the cache; missing weights fail."""
    return Engine(threads=1)
