"""Convolutions of frozen networks whose gradient goes to the picture alone: what torch does for training is left out.

A layer here keeps only what the way back needs (the output of its rectifier, never its input), rectifies in place, multiplies
1 x 1 convolutions as matrices, and goes back through stride-1 convolutions as through forward ones with turned kernels; through
strided ones with few input channels (the first of a network) as through one small convolution and a pixel shuffle. Numbers are
those of torch up to float rounding: tests/features/test_fused.py.
"""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import nn

from explorer.features.redirect import redirect
from explorer.zoo.efficientnet_lite0 import SameConv2d

_LAST = torch.channels_last
FEW = 4  # input channels up to which a strided convolution goes back by pixel shuffle


class FusedConv(nn.Module):
    """`convolution`, then min(max(x, 0), top) where `top` is not None. `opened`: the rectifier lets gradients in (redirect.py).

    For plain zero-padded convolutions (see `fits`) of float32 on a CPU, in channels-last order.
    """

    def __init__(self, convolution: nn.Conv2d, top: float | None = None) -> None:
        super().__init__()
        self.weight = nn.Parameter(convolution.weight.detach(), requires_grad=False)
        bias = None if convolution.bias is None else nn.Parameter(convolution.bias.detach(), requires_grad=False)
        self.bias = bias
        self.stride = _two(convolution.stride)
        self.padding = _two(convolution.padding)
        self.same = isinstance(convolution, SameConv2d)
        self.groups = convolution.groups
        self.top = top
        self.opened = False
        one = self.weight.shape[2:] == (1, 1) and self.padding == (0, 0) and self.stride == (1, 1)
        self.point = one and self.groups == 1
        self.turned = _turned(self.weight, self.groups) if self.stride == (1, 1) and not self.point else None
        few = self.groups == 1 and self.weight.shape[1] <= FEW and self.stride == (2, 2)
        self.phases = _phases(self.weight) if few else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, out, H', W') of (B, in, H, W)."""
        top = None if self.opened else self.top
        y = cast(torch.Tensor, cast(Any, _Through).apply(x, self, top))
        return redirect(y, self.top) if self.opened and self.top is not None else y

    def rims(self, size: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
        """Zeros before and after the rows, and the columns, of an input of `size`."""
        if not self.same:
            return (self.padding[0], self.padding[0]), (self.padding[1], self.padding[1])
        found = []
        for length, kernel, step in zip(size, self.weight.shape[2:], self.stride, strict=True):
            missing = max((-(-length // step) - 1) * step + kernel - length, 0)
            found.append((missing // 2, missing - missing // 2))
        return found[0], found[1]

    def ahead(self, x: torch.Tensor) -> torch.Tensor:
        """The convolution alone."""
        if not self.point:
            (top, bottom), (left, right) = self.rims((x.shape[2], x.shape[3]))
            if top == bottom and left == right:
                return F.conv2d(x, self.weight, self.bias, self.stride, (top, left), 1, self.groups)
            return F.conv2d(F.pad(x, (left, right, top, bottom)), self.weight, self.bias, self.stride, 0, 1, self.groups)
        count, _, height, width = x.shape
        rows, matrix = x.permute(0, 2, 3, 1).reshape(count * height * width, -1), self.weight.flatten(1).t()
        y = rows @ matrix if self.bias is None else torch.addmm(self.bias, rows, matrix)
        return y.view(count, height, width, -1).permute(0, 3, 1, 2)

    def back(self, gradient: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
        """The gradient with respect to an input of `size` (height, width)."""
        count, _, height, width = gradient.shape
        if self.point:
            rows = gradient.permute(0, 2, 3, 1).reshape(count * height * width, -1)
            return (rows @ self.weight.flatten(1)).view(count, height, width, -1).permute(0, 3, 1, 2)
        rims = self.rims(size)
        around = [kernel - 1 - before for kernel, (before, _) in zip(self.weight.shape[2:], rims, strict=True)]
        if self.turned is not None and min(around) >= 0 and all(before == after for before, after in rims):
            return F.conv2d(gradient, self.turned, None, 1, around, 1, self.groups)
        (top, left) = (rims[0][0], rims[1][0])
        if self.phases is not None:
            return self._shuffled(gradient, size, top, left)
        wide = [length + sum(rim) for length, rim in zip(size, rims, strict=True)]  # as if the zeros were part of the input
        spare = [
            length - kernel - (out - 1) * step
            for length, kernel, out, step in zip(wide, self.weight.shape[2:], (height, width), self.stride, strict=True)
        ]
        whole = F.conv_transpose2d(gradient, self.weight, None, self.stride, 0, spare, self.groups)
        return whole[:, :, top : top + size[0], left : left + size[1]]

    def _shuffled(self, gradient: torch.Tensor, size: tuple[int, int], top: int, left: int) -> torch.Tensor:
        """Each of the four places within a step of two is a small convolution; all four are one, then shuffled into place."""
        assert self.phases is not None
        places = F.conv2d(gradient, self.phases, None, 1, self.phases.shape[2] - 1)
        count, _, height, width = places.shape
        inside = self.weight.shape[1]
        apart = places.permute(0, 2, 3, 1).view(count, height, width, 2, 2, inside).permute(0, 1, 3, 2, 4, 5)
        spread = apart.reshape(count, 2 * height, 2 * width, inside).permute(0, 3, 1, 2)
        part = spread[:, :, top : top + size[0], left : left + size[1]]
        missing = (size[0] - part.shape[2], size[1] - part.shape[3])
        return F.pad(part, [0, missing[1], 0, missing[0]]) if any(missing) else part


class _Through(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, layer: FusedConv, top: float | None) -> torch.Tensor:
        ctx.layer, ctx.top, ctx.size = layer, top, tuple(x.shape[2:])
        y = layer.ahead(x)
        if top is not None:
            y = y.relu_() if top == float("inf") else y.clamp_(0.0, top)
            ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (gradient,) = gradients
        if ctx.top is not None:
            (y,) = ctx.saved_tensors
            gradient = rectified(gradient, y, ctx.top)
        return ctx.layer.back(gradient.contiguous(memory_format=_LAST), ctx.size), None, None


class PoolThenRectify(nn.Module):
    """A max pool before the rectifier that stood before it: the same numbers and gradients, a fourth of the rectifying."""

    def __init__(self, pool: nn.MaxPool2d, rectifier: nn.Module) -> None:
        super().__init__()
        self.pool = pool
        self.rectifier = rectifier

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, H', W') of (B, C, H, W)."""
        return cast(torch.Tensor, self.rectifier(self.pool(x)))


def rectified(gradient: torch.Tensor, y: torch.Tensor, top: float) -> torch.Tensor:
    """`gradient` where the rectified `y` is between its ends, 0 elsewhere."""
    aten = torch.ops.aten
    endless = top == float("inf")
    return cast(
        torch.Tensor, aten.threshold_backward(gradient, y, 0) if endless else aten.hardtanh_backward(gradient, y, 0.0, top)
    )


def fits(convolution: nn.Module) -> bool:
    """Whether FusedConv can stand for it."""
    return (
        type(convolution) in (nn.Conv2d, SameConv2d)
        and isinstance(convolution, nn.Conv2d)
        and convolution.padding_mode == "zeros"
        and not isinstance(convolution.padding, str)
        and convolution.dilation == (1, 1)
        and convolution.weight.dtype == torch.float32
    )


def _two(value: Any) -> tuple[int, int]:
    return (int(value[0]), int(value[1]))


def _turned(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """(in, out / groups, h, w): the kernels turned half a turn, inputs and outputs changed over within each group."""
    out, inside, height, width = weight.shape
    grouped = weight.detach().flip(2, 3).view(groups, out // groups, inside, height, width).transpose(1, 2)
    return grouped.reshape(groups * inside, out // groups, height, width).contiguous(memory_format=_LAST)


def _phases(weight: torch.Tensor) -> torch.Tensor:
    """(4 * in, out, r, r): for each of the four places within a step and each input channel, the taps that reach it.

    Place (a, b) of step (i, j) receives from output (i - m, j - n) through tap (a + 2m, b + 2n).
    """
    out, inside, height, width = weight.shape
    reach = (max(height, width) + 1) // 2
    wide = F.pad(weight.detach(), [0, 2 * reach - width, 0, 2 * reach - height])
    taps = wide.view(out, inside, reach, 2, reach, 2).permute(3, 5, 1, 0, 2, 4)  # a, b, in, out, m, n
    return taps.reshape(4 * inside, out, reach, reach).flip(2, 3).contiguous(memory_format=_LAST)
