"""Torch as a live runtime: the float32 reference, or the same network fused and laid out for speed."""

from __future__ import annotations

import contextlib
import copy
import warnings
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import nn

from explorer.engine.memory import explained
from explorer.engine.openvino_runtime import F32, flat
from explorer.engine.taps import cancellable

if TYPE_CHECKING:
    from explorer.jobs import CancelToken
    from explorer.records.network import RunsOn


class TorchRunner:
    """A module on its device. `half`: autocast to bfloat16. Same call as OpenVinoRunner; the arrays are the caller's."""

    def __init__(self, module: nn.Module, device: torch.device, runs_on: RunsOn, *, half: bool = False) -> None:
        self.runs_on = runs_on
        self._module = module
        self._device = device
        self._half = half

    def __call__(self, nchw: torch.Tensor, token: CancelToken | None = None) -> list[F32]:
        """One forward pass. Raises Cancelled, ExplorerError when memory runs out."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(explained(self._device))
            stack.enter_context(torch.inference_mode())
            stack.enter_context(cancellable(self._module, token))
            if self._half:
                stack.enter_context(torch.autocast(self._device.type, dtype=torch.bfloat16))
            outputs = flat(self._module(nchw.to(self._device)))
            return [np.asarray(tensor.float().cpu().numpy()) for tensor in outputs]

    def beside(self) -> None:
        """None: what looks into the module sees every pass, also of another thread."""
        return

    def lanes(self) -> list[TorchRunner]:
        """One: torch gives all its threads, or the GPU, to one pass."""
        return [self]


def fused(module: nn.Module, example_nchw: torch.Tensor) -> nn.Module:
    """A copy of `module` with batch norms folded into the convolutions before them, channels last in memory.

    Where the graph cannot be traced symbolically only the memory layout changes. The original is left as it is.
    """
    twin = copy.deepcopy(module).eval()
    with contextlib.suppress(Exception), warnings.catch_warnings():  # not every network can be traced; then it stays unfused
        warnings.simplefilter("ignore")
        from torch.fx.experimental.optimization import fuse

        folded = fuse(twin)
        with torch.inference_mode():
            folded(example_nchw)
        twin = folded
    twin.requires_grad_(False)
    return cast(nn.Module, cast(Any, twin).to(memory_format=torch.channels_last))  # torch's stub lacks this form
