"""Small networks nobody would publish: each breaks one assumption. And two whose numbers can be computed on paper."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from explorer.zoo.registry import NetworkSpec


class TwoFilters(nn.Module):
    """One picture 4 x 4, two filters 2 x 2 (sum of the patch; left minus right column), ReLU, sum over everything."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 2, bias=False)
        self.relu = nn.ReLU()
        self.head = nn.Linear(2, 2, bias=False)
        with torch.no_grad():
            self.conv.weight[0] = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
            self.conv.weight[1] = torch.tensor([[1.0, -1.0], [1.0, -1.0]])
            self.head.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))

    def forward(self, x):
        return self.head(self.relu(self.conv(x)).sum((2, 3)))


class Pair(nn.Module):
    """A layer that returns a tuple."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        y = self.a(x)
        return y, y * 2


class TupleOut(nn.Module):
    def __init__(self):
        super().__init__()
        self.pair = Pair()
        self.end = nn.Conv2d(2, 1, 1)

    def forward(self, x):
        one, two = self.pair(x)
        return self.end(one), two


class DictOut(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return {"out": self.conv(x), "aux": [x.mean()]}


class NoConvolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat = nn.Flatten()
        self.fc = nn.Linear(3 * 8 * 8, 5)

    def forward(self, x):
        return self.fc(self.flat(x))


class NoLayers(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class InPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.conv(x)).mean((2, 3))


class SharedReLU(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.relu = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 6, 1), nn.ReLU()

    def forward(self, x):
        return self.relu(self.two(self.relu(self.one(x))))


class DataDependent(nn.Module):
    """Runs `bright` only for a picture brighter than zero."""

    def __init__(self):
        super().__init__()
        self.dark, self.bright = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 1)

    def forward(self, x):
        return self.bright(x) if float(x.mean()) > 0 else self.dark(x)


class NoTensor(nn.Module):
    """Its only layer returns text."""

    class Words(nn.Module):
        def forward(self, x):
            return "picture"

    def __init__(self):
        super().__init__()
        self.words = self.Words()

    def forward(self, x):
        self.words(x)
        return x


class Deep(nn.Sequential):
    """Two thousand layers."""

    def __init__(self):
        super().__init__(*(nn.Identity() for _ in range(2000)))


class HalfStored(nn.Module):
    """Weights stored in float16, as many published files are."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1).half()

    def forward(self, x):
        return self.conv(x)


class Broken(nn.Module):
    """Raises when it runs."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        self.conv(x)
        raise ValueError("this network cannot run")


def spec(build, *, name="toy", task="classify", size=8, channels=3):
    """A row of the zoo for a toy."""
    return NetworkSpec(name=name, title=name, task=task, paper="", build=build, input_size=size, channels=channels)


@pytest.fixture(scope="session")
def toys():
    """The classes of this file by name, and `spec`."""
    here = {name: thing for name, thing in globals().items() if inspect.isclass(thing) and thing.__module__ == __name__}
    return SimpleNamespace(spec=spec, **here)


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A cache folder of the test's own."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def table(toys):
    """Makes a table of networks from (name, class) pairs."""
    from explorer.tables import Table

    def make(**networks):
        made = Table("network")
        for name, build in networks.items():
            made.add(name, toys.spec(build, name=name))
        return made

    return make
