"""How colours in 0..1 become a network's input, as a part of the pass that gradients go back through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import torch

if TYPE_CHECKING:
    from explorer.engine.network import Network


def colours_of(network: Network) -> tuple[torch.Tensor, torch.Tensor]:
    """(C, 3) and (C,): how RGB in 0..1 becomes this network's input, found by showing it black, red, green and blue."""
    patches = np.zeros((4, 1, 1, 3), np.uint8)
    for channel in range(3):
        patches[channel + 1, 0, 0, channel] = 255
    black, *pure = [network.tensor_of(patch).reshape(-1) for patch in patches]
    return torch.stack([colour - black for colour in pure], dim=1).contiguous(), black.clone()


Rows: TypeAlias = list[list[tuple[int, float]]]


class _Mixed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rgb: torch.Tensor, rows: Any, bias: Any, order: torch.memory_format) -> torch.Tensor:
        ctx.rows = rows
        shape = (len(rgb), len(rows), *rgb.shape[2:])
        inputs = torch.empty(shape, dtype=rgb.dtype, device=rgb.device, memory_format=order)
        for channel, (row, offset) in enumerate(zip(rows, bias, strict=True)):
            plane = inputs[:, channel].fill_(offset)
            for source, factor in row:
                plane.add_(rgb[:, source], alpha=factor)
        return inputs

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        (gradient,) = gradients
        back = torch.zeros((len(gradient), 3, *gradient.shape[2:]), dtype=gradient.dtype, device=gradient.device)
        for channel, row in enumerate(ctx.rows):
            for source, factor in row:
                back[:, source].add_(gradient[:, channel], alpha=factor)
        return back, None, None, None


def mixed(planes: torch.Tensor, rows: Rows, bias: list[float], order: torch.memory_format) -> torch.Tensor:
    """(B, len(rows), H, W) of (B, 3, H, W): each row is a list of (source, factor), to which its `bias` is added.

    A 1 x 1 convolution of three channels, or a product of matrices with three rows, takes longer than whole layers.
    """
    return cast(torch.Tensor, cast(Any, _Mixed).apply(planes, rows, bias, order))


class Colours:
    """(B, 3, H, W) RGB in 0..1 -> (B, C, H, W) input of one network, plane by plane.

    `order`: the memory order of what comes out.
    """

    def __init__(self, network: Network, order: torch.memory_format = torch.contiguous_format) -> None:
        weight, bias = colours_of(network)
        least = 1e-6 * float(weight.abs().max())  # what is left of rounding is no colour
        self._rows = [[(source, factor) for source, factor in enumerate(row) if abs(factor) > least] for row in weight.tolist()]
        self._bias = bias.tolist()
        self._order = order

    def __call__(self, rgb: torch.Tensor) -> torch.Tensor:
        """The input, followed by autograd."""
        return mixed(rgb, self._rows, self._bias, self._order)
