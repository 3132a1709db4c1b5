"""A network from a Darknet description: one builder for YOLOv3, YOLOv3-tiny and whatever cfg a person opens.

Layer numbers are Darknet's: layer 8 of the cfg is the module `layers.8`; a convolution has the parts `conv`, `bn`, `act`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.zoo.darknet_cfg import Description, Layer, parse


@dataclass(frozen=True)
class Head:
    """How to read one raw map (N, len(anchors) * (5 + classes), H, W): per anchor x, y, w, h, objectness, classes, all raw.

    `anchors`: (width, height) in pixels of the network's input; `stride`: input pixels per cell. A cell (i, j) says:
    x = (j + sigmoid(tx)) * stride, y = (i + sigmoid(ty)) * stride, w = anchor_w * exp(tw), h = anchor_h * exp(th);
    `scale_xy` widens sigmoid(t) to scale_xy * sigmoid(t) - (scale_xy - 1) / 2 (1 in YOLOv3). `layer`: Darknet's layer number.
    """

    layer: int
    anchors: tuple[tuple[float, float], ...]
    classes: int
    stride: int
    scale_xy: float = 1.0


class MaxPool(nn.Module):
    """Darknet's max pooling: `padding` pixels in all, the smaller half left and top.

    The padding repeats the edge: every window that reaches beyond the edge holds the edge too, so the maximum is the same
    as with minus infinity.
    """

    def __init__(self, kernel: int, stride: int, padding: int) -> None:
        super().__init__()
        self.kernel, self.stride, self.padding = kernel, stride, padding

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, (H + padding - kernel) // stride + 1, ...)."""
        before = self.padding // 2
        after = [max(0, self._span(size) - before - size) for size in x.shape[-2:]]
        if before or any(after):
            x = F.pad(x, (before, after[1], before, after[0]), mode="replicate")
        return F.max_pool2d(x, self.kernel, self.stride)

    def _span(self, size: int) -> int:
        """Pixels that the windows need, padding included."""
        return ((size + self.padding - self.kernel) // self.stride) * self.stride + self.kernel

    def extra_repr(self) -> str:
        """For print(module)."""
        return f"kernel={self.kernel}, stride={self.stride}, padding={self.padding}"


class Route(nn.Module):
    """Puts maps of earlier layers side by side; `part` = (k, n) takes the k-th of n shares of the channels of each."""

    def __init__(self, part: tuple[int, int]) -> None:
        super().__init__()
        self.part = part

    def forward(self, *maps: Tensor) -> Tensor:
        """(N, Ci, H, W) each -> (N, sum of Ci / n, H, W)."""
        index, of = self.part
        if of > 1:
            maps = tuple(map_.chunk(of, dim=1)[index] for map_ in maps)
        return torch.cat(maps, dim=1)


class Shortcut(nn.Module):
    """A residual connection: the sum of two maps of one shape, then an activation."""

    def __init__(self, activation: str) -> None:
        super().__init__()
        self.act = activation_module(activation)

    def forward(self, x: Tensor, earlier: Tensor) -> Tensor:
        """(N, C, H, W) twice -> (N, C, H, W)."""
        return cast(Tensor, self.act(x + earlier))


def activation_module(name: str) -> nn.Module:
    """A fresh activation, never shared, never in place."""
    kinds = {"relu": nn.ReLU, "logistic": nn.Sigmoid, "mish": nn.Mish, "swish": nn.SiLU, "linear": nn.Identity}
    return nn.LeakyReLU(0.1) if name == "leaky" else kinds[name]()


def convolution(layer: Layer) -> nn.Sequential:
    """conv, batch norm where the layer has one, activation."""
    names = dict(layer.tensors)
    normed = "bn.weight" in names
    filters, inputs, *_ = names["conv.weight"]
    block = nn.Sequential()
    block.add_module(
        "conv",
        nn.Conv2d(
            inputs * layer.groups,
            filters,
            layer.kernel,
            layer.stride,
            layer.padding,
            groups=layer.groups,
            bias=not normed,
        ),
    )
    if normed:
        block.add_module("bn", nn.BatchNorm2d(filters, eps=1e-6))  # Darknet's epsilon
    if layer.activation != "linear":
        block.add_module("act", activation_module(layer.activation))
    return block


def module_of(layer: Layer) -> nn.Module:
    """The module of one layer."""
    match layer.kind:
        case "convolutional":
            return convolution(layer)
        case "maxpool":
            return MaxPool(layer.kernel, layer.stride, layer.padding)
        case "upsample":
            return nn.Upsample(scale_factor=layer.stride, mode="nearest")
        case "route":
            return Route(layer.part)
        case "shortcut":
            return Shortcut(layer.activation)
        case _:
            return nn.Identity()  # [dropout] does nothing when it looks; [yolo] is read by `heads`


class DarknetNetwork(nn.Module):
    """(N, channels, H, W) -> one raw map a head, in the order of the description (coarse first in YOLOv3).

    `description` keeps the checked layers; `heads[k]` says how to read output k.
    """

    def __init__(self, description: Description) -> None:
        super().__init__()
        self.description = description
        self.layers = nn.ModuleList(module_of(layer) for layer in description.layers)
        self.heads = tuple(
            Head(head.index, head.anchors, head.classes, description.height // head.shape[1], head.scale_xy)
            for head in description.heads
        )
        last_use = {source: layer.index for layer in description.layers for source in layer.sources}
        self._done_after = [[s for s, last in last_use.items() if last == i] for i in range(len(self.layers))]

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Every layer once; a map is let go after the last layer that reads it."""
        return self.onwards({-1: x})

    def onwards(self, maps: dict[int, Tensor]) -> tuple[Tensor, ...]:
        """The layers behind the last of `maps` (layer number -> its output, -1: the picture), which has all that they read."""
        found = []
        begin = max(maps) + 1
        for layer, module in list(zip(self.description.layers, self.layers, strict=True))[begin:]:
            maps[layer.index] = module(*(maps[source] for source in layer.sources))
            if layer.kind == "yolo":
                found.append(maps[layer.index])
            for source in self._done_after[layer.index]:
                del maps[source]
        return tuple(found)


def from_cfg(text: str) -> DarknetNetwork:
    """Build the network of a cfg text with random numbers. Raises CfgError."""
    return DarknetNetwork(parse(text))
