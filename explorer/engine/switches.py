"""The switches of a piecewise linear network: which units are on, which entry won a maximum; hashed to one number a sample.

A network of convolutions, ReLUs and maxima is affine wherever none of its switches turns: its input space is cut into convex
pieces. Two inputs with the same switches lie in the same piece. What bends a network (tanh, softmax inside, attention) has no
switches: there are no such pieces then, and `Switches.bends` names the first of these.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from explorer.engine.taps import first_tensor, layer_of, taps

if TYPE_CHECKING:
    import numpy.typing as npt

aten: Any = torch.ops.aten
_BEND = (
    "tanh",
    "sigmoid",
    "gelu",
    "silu",
    "mish",
    "elu",
    "celu",
    "softplus",
    "hardswish",
    "log_sigmoid_forward",
    "exp",
    "log",
    "_softmax",
    "_log_softmax",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "pow",
    "erf",
    "sin",
    "cos",
    "native_layer_norm",
    "native_group_norm",
    "bmm",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_efficient_attention",
    "_native_multi_head_attention",
)
BENDS = {getattr(aten, name) for name in _BEND if hasattr(aten, name)}


class Switches:
    """Listens to passes inside `listening`; afterwards `take()` gives one 63-bit number a sample, in order.

    `layer`: the units of this layer alone (on where its output is above zero), else all switches of the network. `count`: units
    of one sample. `bends`: the first operation that is not piecewise linear, "" for none.
    """

    def __init__(self, module: nn.Module, layer: str = "") -> None:
        self._module = module
        self._layer = layer
        self._digests: list[int] = []
        self.count = 0
        self.bends = ""
        if layer:
            layer_of(module, layer)

    def take(self) -> npt.NDArray[np.int64]:
        """The patterns of the samples of the last pass, (N,) int64 from 0 up; the same number in this process alone."""
        return np.array([digest & (2**63 - 1) for digest in self._digests], dtype=np.int64)

    @contextlib.contextmanager
    def listening(self, samples: int) -> Iterator[None]:
        """Around one pass of `samples` inputs without gradients."""
        self._digests = [0] * samples
        self.count = 0
        if self._layer:
            with taps(self._module, [self._layer]) as got:
                yield
            if self._layer in got:
                self._note(got[self._layer] > 0)
            return
        with _ear(self):
            yield

    def hear(self, packet: Any, args: tuple[Any, ...], out: Any) -> None:
        """One basic operation of the pass."""
        tensor = first_tensor(out)
        if tensor is None or not tensor.is_floating_point():
            return
        if packet in (aten.relu, aten.relu_, aten.leaky_relu, aten.leaky_relu_, aten._prelu_kernel, aten.threshold):
            self._note(tensor > 0)
        elif packet in (aten.hardtanh, aten.hardtanh_, aten.clamp, aten.hardsigmoid, aten.clamp_min, aten.clamp_max):
            source = args[0]
            self._note(tensor == source)
            self._note(tensor < source)
        elif packet in (aten.max_pool2d_with_indices, aten.adaptive_max_pool2d):
            self._note(out[1])
        elif packet in (aten.abs, aten.sign):
            self._note(args[0] > 0)
        elif packet in (aten.maximum, aten.minimum, aten.mul, aten.div) and self._both(args):
            if packet in (aten.maximum, aten.minimum):
                self._note(args[0] > args[1])
            else:
                self.bends = self.bends or str(packet).rpartition(".")[2]
        elif packet in BENDS:
            self.bends = self.bends or str(packet).rpartition(".")[2].strip("_")

    def _both(self, args: tuple[Any, ...]) -> bool:
        """Whether two tensors of the batch meet, not one with a number or a constant."""
        count = len(self._digests)
        return len(args) > 1 and all(isinstance(one, torch.Tensor) and one.ndim and len(one) == count for one in args[:2])

    def _note(self, bits: torch.Tensor) -> None:
        if len(bits) != len(self._digests):  # no batch any more: nothing to say of single samples
            self.bends = self.bends or "batch"
            return
        rows = bits.reshape(len(bits), -1)
        self.count += rows.shape[1]
        # Winners of a maximum are places in the map; within one window they differ in their last 16 bits.
        packed = np.packbits(rows.cpu().numpy(), axis=1) if rows.dtype == torch.bool else rows.to(torch.int16).cpu().numpy()
        self._digests = [hash((old, row.tobytes())) for old, row in zip(self._digests, packed, strict=True)]


def _ear(switches: Switches) -> Any:
    """A mode of torch that lets `switches` hear every basic operation."""

    def hear(mode: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run it, tell it."""
        out = func(*args, **(kwargs or {}))
        switches.hear(func._overloadpacket, args, out)
        return out

    kind: Any = type("Ear", (TorchDispatchMode,), {"__torch_dispatch__": hear})  # torch's class has no types
    return kind()
