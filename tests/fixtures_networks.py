"""Small networks nobody would publish: each breaks one assumption. And two whose numbers can be computed on paper.

`ODD` is the whole family by name; `odd(name)` its row of a zoo table, `odd_table()` the table for an Engine. Every job that
takes a network must get through all of them: a result, or an ExplorerError whose words a person can read.
"""

from __future__ import annotations

import inspect

import torch
from torch import nn

from explorer.tables import Table
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


class Lists(nn.Module):
    """A list of dicts, as detectors give."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.relu(self.conv(x))
        return [{"boxes": y.flatten(1)[:, :4], "labels": y.mean((1, 2, 3)).long()}]


class NanWeights(nn.Module):
    """One of its six kernels holds a NaN, one an infinity."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.relu = nn.ReLU()
        self.head = nn.Linear(6, 5)
        with torch.no_grad():
            self.conv.weight[2, 1, 0, 0] = float("nan")
            self.conv.weight[4, 0, 1, 1] = float("inf")

    def forward(self, x):
        return self.head(self.relu(self.conv(x)).mean((2, 3)))


class AllDead(nn.Module):
    """A ReLU that nothing passes: every gradient behind it is zero."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.relu = nn.ReLU()
        self.head = nn.Linear(4, 5)
        with torch.no_grad():
            self.conv.bias.fill_(-1e6)

    def forward(self, x):
        return self.head(self.relu(self.conv(x)).mean((2, 3)))


class Constant(nn.Module):
    """Its answer does not depend on the picture, so no gradient reaches it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.register_buffer("answer", torch.arange(5.0))

    def forward(self, x):
        self.conv(x)
        return self.answer.expand(len(x), 5)


class OneChannel(nn.Module):
    """Sees grey pictures; nothing piecewise linear in it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, stride=2)
        self.tanh = nn.Tanh()
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        return self.head(self.tanh(self.conv(x)).mean((2, 3)))


class FixedSize(nn.Module):
    """A flattened map: no other picture size fits."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3, padding=1)
        self.relu = nn.ReLU()
        self.fc = nn.Linear(2 * 8 * 8, 5)

    def forward(self, x):
        return self.fc(self.relu(self.conv(x)).flatten(1))


class SharedConvolution(nn.Module):
    """One convolution under two names, run three times."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.again = self.conv
        self.head = nn.Conv2d(3, 5, 1)

    def forward(self, x):
        return self.head(self.again(self.conv(self.conv(x)))).mean((2, 3))


class Recurrent(nn.Module):
    """A GRU over the rows of the picture: a tuple inside, three dimensions."""

    def __init__(self):
        super().__init__()
        self.rows = nn.GRU(24, 7, batch_first=True)
        self.head = nn.Linear(7, 5)

    def forward(self, x):
        steps, _ = self.rows(x.permute(0, 2, 1, 3).flatten(2))
        return self.head(steps[:, -1])


class Attention(nn.Module):
    """Patches as a sequence: maps without height and width."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 2, 2)
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        tokens = self.norm(self.patches(x).flatten(2).transpose(1, 2))
        mixed, _ = self.attention(tokens, tokens, tokens)
        return self.head((tokens + mixed).mean(1))


class LongConvolutions(nn.Sequential):
    """Six hundred and sixty-six times convolution, batch norm, ReLU in blocks of eighteen: two thousand layers and more."""

    def __init__(self, blocks=37, deep=18):
        super().__init__(
            nn.Conv2d(3, 4, 3, padding=1),
            *(
                nn.Sequential(
                    *(
                        layer
                        for _ in range(deep)
                        for layer in (nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU())
                    )
                )
                for _ in range(blocks)
            ),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(4, 5),
        )


class Volume(nn.Module):
    """A three-dimensional convolution over the three colours."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 2, (3, 3, 3))
        self.head = nn.Linear(2, 5)

    def forward(self, x):
        return self.head(self.conv(x[:, None]).mean((2, 3, 4)))


class Branches(nn.Module):
    """A skip that is added and two branches that are concatenated: 3 x 3 and 5 x 5, so the field is 7, then 9."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.stem_relu = nn.ReLU()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU()
        self.narrow = nn.Conv2d(4, 2, 3, padding=1)
        self.wide = nn.Conv2d(4, 2, 5, padding=2)
        self.pool = nn.MaxPool2d(2)
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        x = self.stem_relu(self.stem(x))
        x = self.relu(self.conv(x) + x)
        x = self.pool(torch.cat([self.narrow(x), self.wide(x)], 1))
        return self.head(self.mean(x).flatten(1))


def spec(build, *, name="toy", task="classify", size=8, channels=3):
    """A row of the zoo for a toy."""
    return NetworkSpec(name=name, title=name, task=task, paper="", build=build, input_size=size, channels=channels)


GREY = frozenset({"TwoFilters", "OneChannel"})  # they see one channel
RAISES = frozenset({"Broken"})  # it cannot run at all
ODD = {name: thing for name, thing in list(globals().items()) if inspect.isclass(thing) and issubclass(thing, nn.Module)}


def odd(name):
    """The row of one of them; all take pictures of 8 x 8, `TwoFilters` of 4 x 4."""
    return spec(ODD[name], name=name, size=4 if name == "TwoFilters" else 8, channels=1 if name in GREY else 3)


def odd_table(*names):
    """A table of networks for `Engine(networks=...)`: those named, or all."""
    table = Table("network")
    for name in names or ODD:
        table.add(name, odd(name))
    return table
