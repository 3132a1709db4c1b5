"""Closed rectifiers opened for the gradient: a start where every ReLU is shut has no slope, and could not be left.

After lucid's redirected ReLU (Distill 2017): the values stay those of the ReLU; only where the plain gradient of a picture in
a layer is zero everywhere does the gradient pass, and only where it pushes the input back into the open range.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import nn

TOPS = {nn.ReLU: float("inf"), nn.ReLU6: 6.0}


class _Redirected(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, top: float) -> torch.Tensor:
        ctx.save_for_backward(x)
        ctx.top = top
        return x.clamp(0.0, top)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        (x,) = ctx.saved_tensors
        (gradient,) = gradients
        plain = gradient * ((x > 0) & (x < ctx.top))
        alive = plain.flatten(1).any(1)
        if bool(alive.all()):
            return plain, None
        inwards = ((x <= 0) & (gradient > 0)) | ((x >= ctx.top) & (gradient < 0))
        return torch.where(alive.reshape(-1, *[1] * (x.ndim - 1)), plain, gradient * inwards), None


def redirect(x: torch.Tensor, top: float) -> torch.Tensor:
    """min(max(x, 0), top), whose gradient passes where the whole picture's would be zero."""
    return cast(torch.Tensor, cast(Any, _Redirected).apply(x, top))  # torch's stub has no types for apply


@contextlib.contextmanager
def redirected(module: nn.Module) -> Iterator[None]:
    """Inside the block every ReLU and ReLU6 of `module` lets gradients through where all of its own would be zero.

    So do rectifiers inside other layers that have a switch `opened` for it (fused.FusedConv). The gradient is that of
    something to be made larger: positive means "more of this".
    """
    with contextlib.ExitStack() as stack:
        for child in module.modules():
            top = TOPS.get(type(child))
            if top is not None:
                stack.callback(child.register_forward_hook(_opened(top), prepend=True).remove)
            elif hasattr(child, "opened"):
                setattr(child, "opened", True)  # noqa: B010 - nn.Module's own types know tensors and modules only
                stack.callback(setattr, child, "opened", False)
        yield


def _opened(top: float) -> Any:
    def hook(_module: nn.Module, inputs: tuple[torch.Tensor, ...], _output: torch.Tensor) -> torch.Tensor:
        return redirect(inputs[0], top)

    return hook
