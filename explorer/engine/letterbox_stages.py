"""A network for letterboxed pictures that leaves the bars out of its first layers: the same numbers in less work.

A 16:9 picture fills 56 % of a square; what the first layers make of the bars is the same for every picture, but for the lines
next to the picture. So those layers run on the lines that the picture can change, and the maps of the bars, which were
computed once, are put around what comes out. A line is a row where the bars are above and below, else a column.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor, nn

from explorer.engine.prepare import Recipe
from explorer.zoo.darknet import DarknetNetwork, MaxPool
from explorer.zoo.darknet_cfg import Layer

POOLS = 2  # a stage ends after so many poolings: then its lines are fitted anew, before zeros at their ends reach the picture
PARTS = 2  # a stage works on its lines in so many parts, one after the other: half a map stays in the processor's cache
WORTH = 0.85  # a stage that would work on a larger share of its lines is none

Lines = tuple[int, int]  # from, up to


@dataclass(frozen=True)
class Stage:
    """Layers one after the other, by number. Of the `size` lines that they read, `given` depend on the picture; `reads` are
    needed to make all lines `makes` of the result that do. `parts`: (lines read, lines made) of each part."""

    layers: tuple[int, ...]
    size: int
    given: Lines
    reads: Lines
    makes: Lines
    parts: tuple[tuple[Lines, Lines], ...]


def stages(network: DarknetNetwork, given: Lines, size: int) -> tuple[Stage, ...]:
    """The stages for a picture that covers the lines `given` of `size`; () where there is nothing to leave out."""
    found: list[Stage] = []
    for layers in _chains(network.description.layers):
        low, high, left = *given, size
        for layer in layers:
            if layer.kind == "maxpool":
                if left % 2:
                    return tuple(found)
                low, high, left = low // 2, -(-high // 2), left // 2
            else:
                low, high = max(low - layer.padding, 0), min(high + layer.padding, left)
        reads = _read_by(layers, (low, high))
        if reads[0] < 0 or reads[1] > size or reads[1] - reads[0] > WORTH * size:
            return tuple(found)
        cuts = [low + (high - low) * number // PARTS for number in range(PARTS + 1)]
        parts = tuple((_read_by(layers, lines), lines) for lines in pairwise(cuts) if lines[0] < lines[1])
        found.append(Stage(tuple(layer.index for layer in layers), size, given, reads, (low, high), parts))
        given, size = (low, high), left
    return tuple(found)


def _chains(layers: Sequence[Layer]) -> list[list[Layer]]:
    """The layers from the picture on that are each read by the next alone, cut after every POOLS-th pooling."""
    readers = Counter(source for layer in layers for source in layer.sources)
    chains: list[list[Layer]] = []
    now: list[Layer] = []
    for layer in layers:
        convolves = layer.kind == "convolutional" and layer.stride == 1 and layer.kernel == 2 * layer.padding + 1
        pools = layer.kind == "maxpool" and layer.kernel == layer.stride == 2 and layer.padding < 2
        if layer.sources != (layer.index - 1,) or readers[layer.index - 1] != 1 or not (convolves or pools):
            break
        now.append(layer)
        if sum(one.kind == "maxpool" for one in now) == POOLS:
            chains.append(now)
            now = []
    return chains


def _read_by(layers: Sequence[Layer], lines: Lines) -> Lines:
    """The lines that must be read to make `lines`; below 0 where they lie outside."""
    low, high = lines
    for layer in reversed(layers):
        low, high = (2 * low, 2 * high) if layer.kind == "maxpool" else (low - layer.padding, high + layer.padding)
    return low, high


class Bars(nn.Module):
    """(1, 3, S, S) -> what each stage would make of it. A runtime may keep more digits in a network's last layers than in those
    before, so each map goes through one convolution more, which changes nothing."""

    def __init__(self, network: DarknetNetwork, plan: Sequence[Stage]) -> None:
        super().__init__()
        self.layers = network.layers
        self.plan = tuple(plan)
        self.same = nn.ModuleList(_same(network.description.layers[stage.layers[-1]].shape[0]) for stage in plan)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """All maps."""
        found = []
        for stage, same in zip(self.plan, self.same, strict=True):
            for number in stage.layers:
                x = self.layers[number](x)
            found.append(same(x))
        return tuple(found)


def _same(channels: int) -> nn.Conv2d:
    same = nn.Conv2d(channels, channels, 1, bias=False)
    same.weight = nn.Parameter(torch.eye(channels)[:, :, None, None], requires_grad=False)
    return same


class BetweenBars(nn.Module):
    """(1, h, w, 3) bytes, RGB, the part of a letterbox between its bars -> the network's answers.

    `bars`: what Bars gives for an empty letterbox. `axis`: 2 where lines are rows, 3 where they are columns.
    """

    factors: Tensor

    def __init__(
        self, network: DarknetNetwork, recipe: Recipe, plan: Sequence[Stage], bars: Sequence[Tensor], axis: int
    ) -> None:
        super().__init__()
        self.network = network
        self.plan = tuple(plan)
        self.axis = axis
        self.register_buffer("factors", recipe.factors)
        empty = recipe.border.permute(0, 2, 3, 1).repeat(1, recipe.size, recipe.size, 1)  # as its bytes: channels last
        levels = [(empty, axis - 1), *((bar, axis) for bar in bars)]
        wanted = [*(stage.reads for stage in plan), (0, bars[-1].shape[axis])]
        given = [plan[0].given, *(stage.makes for stage in plan)]
        for number, ((bar, at), (first, last), (low, high)) in enumerate(zip(levels, wanted, given, strict=True)):
            self.register_buffer(f"before{number}", bar.narrow(at, first, low - first).clone())
            self.register_buffer(f"after{number}", bar.narrow(at, high, last - high).clone())
        blocks = (copy.deepcopy(network.layers[number]) for stage in plan for number in stage.layers)
        self.blocks = nn.ModuleList(_unpadded(block, axis) for block in blocks)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """All heads."""
        parts, along = [x.float() * self.factors], self.axis - 1
        blocks = iter(self.blocks)
        for number, stage in enumerate(self.plan):
            x = self._between(number, parts, along)
            run = nn.Sequential(*(next(blocks) for _ in stage.layers))
            cuts = [x.narrow(along, low - stage.reads[0], high - low) for (low, high), _ in stage.parts]
            parts = [run(cut if number else cut.permute(0, 3, 1, 2)) for cut in cuts]
            along = self.axis
        return self.network.onwards({self.plan[-1].layers[-1]: self._between(len(self.plan), parts, along)})

    def _between(self, number: int, parts: list[Tensor], along: int) -> Tensor:
        before, after = (cast(Tensor, getattr(self, f"{name}{number}")) for name in ("before", "after"))
        return torch.cat([piece for piece in (before, *parts, after) if piece.shape[along]], along)


def _unpadded(block: Any, axis: int) -> nn.Module:
    """The same layer without padding along `axis`."""
    if not isinstance(block, MaxPool):
        padding = block.conv.padding
        block.conv.padding = (0, padding[1]) if axis == 2 else (padding[0], 0)
    return cast(nn.Module, block)
