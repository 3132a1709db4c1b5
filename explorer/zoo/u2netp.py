"""U2-Net-p: what stands out in a picture (Qin et al. 2020, arXiv:2005.09007), the small one with 1.1 million numbers.

A U-Net whose every block is itself a small U-Net. A residual U-block (RSU) of height 4 on its input x:

    x -> in ------------------------------------------------- + -> out
          \\-> 1 -------------------------------> (., .) -> 1d /
               \\pool-> 2 ---------------> (., .) -> 2d up
                        \\pool-> 3 -> (., .) -> 3d up
                                 \\-> 4 (dilated) /

The outer U has six such blocks down and five up; each of the last six gives a map at its own size ("side output"), all are
brought to the input's size and a 1 x 1 convolution fuses them. Names are the authors', so their published file loads as it is.
Weights from the ONNX file have the batch norms folded into the convolutions; there the batch norms are the identity.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RebnConv(nn.Module):
    """Convolution 3 x 3, batch norm, ReLU. (N, inputs, H, W) -> (N, outputs, H, W)."""

    def __init__(self, inputs: int, outputs: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv_s1 = nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation)
        self.bn_s1 = nn.BatchNorm2d(outputs)
        self.relu_s1 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, normalise, cut."""
        return cast(Tensor, self.relu_s1(self.bn_s1(self.conv_s1(x))))


def enlarge(x: Tensor, like: Tensor) -> Tensor:
    """`x` bilinearly at the height and width of `like`."""
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


class Rsu(nn.Module):
    """A residual U-block of `height` levels; the lowest is dilated. (N, inputs, H, W) -> (N, outputs, H, W)."""

    def __init__(self, height: int, inputs: int, middle: int, outputs: int) -> None:
        super().__init__()
        self.height = height
        self.rebnconvin = RebnConv(inputs, outputs)
        self.rebnconv1 = RebnConv(outputs, middle)
        for level in range(2, height):
            self.add_module(f"pool{level - 1}", nn.MaxPool2d(2, stride=2, ceil_mode=True))
            self.add_module(f"rebnconv{level}", RebnConv(middle, middle))
        self.add_module(f"rebnconv{height}", RebnConv(middle, middle, dilation=2))
        for level in range(height - 1, 0, -1):
            self.add_module(f"rebnconv{level}d", RebnConv(2 * middle, outputs if level == 1 else middle))

    def forward(self, x: Tensor) -> Tensor:
        """Down, across, up, plus the input."""
        start: Tensor = self.rebnconvin(x)
        downs = [self.rebnconv1(start)]
        for level in range(2, self.height):
            pooled = self.get_submodule(f"pool{level - 1}")(downs[-1])
            downs.append(self.get_submodule(f"rebnconv{level}")(pooled))
        up: Tensor = self.get_submodule(f"rebnconv{self.height}")(downs[-1])
        for level in range(self.height - 1, 0, -1):
            across = downs[level - 1]
            if up.shape[2:] != across.shape[2:]:
                up = enlarge(up, across)
            up = self.get_submodule(f"rebnconv{level}d")(torch.cat([up, across], dim=1))
        return up + start


class RsuDilated(nn.Module):
    """RSU-4F: where the map is too small to pool, dilation grows instead, 1, 2, 4, 8. Shapes as in Rsu."""

    def __init__(self, inputs: int, middle: int, outputs: int) -> None:
        super().__init__()
        self.rebnconvin = RebnConv(inputs, outputs)
        self.rebnconv1 = RebnConv(outputs, middle)
        self.rebnconv2 = RebnConv(middle, middle, dilation=2)
        self.rebnconv3 = RebnConv(middle, middle, dilation=4)
        self.rebnconv4 = RebnConv(middle, middle, dilation=8)
        self.rebnconv3d = RebnConv(2 * middle, middle, dilation=4)
        self.rebnconv2d = RebnConv(2 * middle, middle, dilation=2)
        self.rebnconv1d = RebnConv(2 * middle, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Wider and wider, back again, plus the input."""
        start: Tensor = self.rebnconvin(x)
        one = self.rebnconv1(start)
        two = self.rebnconv2(one)
        three = self.rebnconv3(two)
        up = self.rebnconv4(three)
        up = self.rebnconv3d(torch.cat([up, three], dim=1))
        up = self.rebnconv2d(torch.cat([up, two], dim=1))
        up = self.rebnconv1d(torch.cat([up, one], dim=1))
        return cast(Tensor, up + start)


class U2NetP(nn.Module):
    """(N, 3, 320, 320) -> seven maps (N, 1, H, W) in 0..1: the fused one, then the six side outputs, finest first."""

    def __init__(self) -> None:
        super().__init__()
        middle, width = 16, 64
        self.stage1 = Rsu(7, 3, middle, width)
        self.pool12 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.stage2 = Rsu(6, width, middle, width)
        self.pool23 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.stage3 = Rsu(5, width, middle, width)
        self.pool34 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.stage4 = Rsu(4, width, middle, width)
        self.pool45 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.stage5 = RsuDilated(width, middle, width)
        self.pool56 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.stage6 = RsuDilated(width, middle, width)
        self.stage5d = RsuDilated(2 * width, middle, width)
        self.stage4d = Rsu(4, 2 * width, middle, width)
        self.stage3d = Rsu(5, 2 * width, middle, width)
        self.stage2d = Rsu(6, 2 * width, middle, width)
        self.stage1d = Rsu(7, 2 * width, middle, width)
        for level in range(1, 7):
            self.add_module(f"side{level}", nn.Conv2d(width, 1, 3, padding=1))
        self.outconv = nn.Conv2d(6, 1, 1)
        self.sigmoid = nn.ModuleList(nn.Sigmoid() for _ in range(7))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Down six stages, up five, one map each, all fused."""
        one = self.stage1(x)
        two = self.stage2(self.pool12(one))
        three = self.stage3(self.pool23(two))
        four = self.stage4(self.pool34(three))
        five = self.stage5(self.pool45(four))
        six = self.stage6(self.pool56(five))
        ups = [six]
        for across, stage in ((five, self.stage5d), (four, self.stage4d), (three, self.stage3d), (two, self.stage2d)):
            ups.append(stage(torch.cat([enlarge(ups[-1], across), across], dim=1)))
        ups.append(self.stage1d(torch.cat([enlarge(ups[-1], one), one], dim=1)))
        sides: list[Tensor] = []
        for level, up in enumerate(reversed(ups), start=1):
            side = self.get_submodule(f"side{level}")(up)
            sides.append(side if level == 1 else enlarge(side, sides[0]))
        fused = self.outconv(torch.cat(sides, dim=1))
        return tuple(sigmoid(map_) for sigmoid, map_ in zip(self.sigmoid, [fused, *sides], strict=True))
