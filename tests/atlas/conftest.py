"""A toy network behind an engine, a place for what is kept on disk, and an album of three photographs."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from explorer.engine.network import Network
from explorer.engine.prepare import Recipe
from explorer.features import unit_store
from explorer.picture.stills import write_png
from explorer.requests.units import AtlasRequest
from explorer.zoo.registry import NetworkSpec


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setattr(unit_store, "folder", lambda: tmp_path / "store")


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def make_toy():
    """Makes the engine of `toy`."""
    return toy_engine


@pytest.fixture
def toy():
    return toy_engine()


def toy_engine():
    """An engine with conv1 (6 units of red, green and blue), relu1, conv2 (5 units of 6 inputs) and fc (4 units)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        module = nn.Sequential()
        module.add_module("conv1", nn.Conv2d(3, 6, 3, padding=1))
        module.add_module("relu1", nn.ReLU())
        module.add_module("conv2", nn.Conv2d(6, 5, 3, stride=2))
        module.add_module("pool", nn.AdaptiveAvgPool2d(1))
        module.add_module("flat", nn.Flatten())
        module.add_module("fc", nn.Linear(5, 4))
    spec = NetworkSpec("toy", "Toy <net>", "classify", "", lambda: module, 24)
    network = Network(spec, module, Recipe(size=24), weights="by hand", classes=("ant", "bee", "cat & dog", "<b>"))
    return SimpleNamespace(network=lambda request, token=None, on_progress=None: network, toy=network)


@pytest.fixture(scope="session")
def album(tmp_path_factory, coffee, chelsea, astronaut):
    folder = tmp_path_factory.mktemp("pictures") / "album"
    for frame in (coffee, chelsea, astronaut):
        write_png(folder / f"{frame.source}.png", frame.rgb)
    return folder


@pytest.fixture
def asked(tmp_path):
    """A small AtlasRequest into the test's own folder."""

    def make(**fields):
        small = {"layers": ("conv1", "conv2"), "out": str(tmp_path / "atlas"), "size": 32, "steps": 3}
        return AtlasRequest.model_validate({**small, **fields})

    return make
