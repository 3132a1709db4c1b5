"""The short way through a network: a private copy that computes the same, faster, for thousands of passes and gradients.

Batch norms go into the convolutions before them; on a CPU convolutions and their rectifiers become one layer (fused.py), max
pools come before rectifiers, and everything is in channels-last order. Every change is kept only if the layers looked at, and
their gradients, stay what they were.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

from explorer.engine.taps import run_through
from explorer.features.fused import FusedConv, PoolThenRectify, fits
from explorer.features.redirect import TOPS

if TYPE_CHECKING:
    from explorer.jobs import CancelToken

CLOSE = 1e-3  # of its own size: how far the output of a changed copy may be off
ALIKE = 0.9999  # cosine of its gradient


def private_copy(module: nn.Module, probe: torch.Tensor, *layers: str, token: CancelToken | None = None) -> nn.Module:
    """A copy that computes the same up to `layers`, faster. `probe`: an input, on the device of the network.

    Raises jobs.Cancelled where `token` says so: for a large network this takes a second.
    """
    plain = copy.deepcopy(module).requires_grad_(False)
    cpu = probe.device.type == "cpu"
    if cpu:  # measured in tests/bench/features.py; on a GPU in float32 it loses
        for parameter in plain.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        probe = probe.contiguous(memory_format=torch.channels_last)
    best = plain
    for change in (_fold, _fuse) if cpu else (_fold,):
        if token is not None:
            token.check()
        changed = change(best, probe, layers)
        if changed is not None and _same(plain, changed, probe, layers):
            best = changed
    return best


def _fold(module: nn.Module, probe: torch.Tensor, layers: Sequence[str]) -> nn.Module | None:
    """Batch norms into the convolutions whose output alone they eat; None where there are none."""
    pairs = _followers(module, probe, layers, (nn.Conv2d,), (nn.BatchNorm2d,))
    if not pairs:
        return None
    folded = copy.deepcopy(module)
    for convolution, norm in pairs:
        before, after = cast(nn.Conv2d, folded.get_submodule(convolution)), cast(nn.BatchNorm2d, folded.get_submodule(norm))
        _replace(folded, convolution, nn.utils.fuse_conv_bn_eval(before, after))
        _replace(folded, norm, nn.Identity())
    return folded.requires_grad_(False)


def _fuse(module: nn.Module, probe: torch.Tensor, layers: Sequence[str]) -> nn.Module | None:
    """Rectifiers into the convolutions before them, or behind the max pool after them."""
    fused = copy.deepcopy(module)
    swapped = dict(_followers(fused, probe, layers, tuple(TOPS), (nn.MaxPool2d,)))
    for rectifier, pool in swapped.items():
        pooling = cast(nn.MaxPool2d, fused.get_submodule(pool))
        _replace(fused, pool, PoolThenRectify(pooling, fused.get_submodule(rectifier)))
        _replace(fused, rectifier, nn.Identity())
    rectified = dict(_followers(fused, probe, layers, (nn.Conv2d,), tuple(TOPS)))
    for name, child in list(fused.named_modules()):
        if fits(child) and not _hooked(child):
            after = rectified.get(name)
            top = None if after is None else TOPS[type(fused.get_submodule(after))]
            _replace(fused, name, FusedConv(cast(nn.Conv2d, child), top))
            if after is not None:
                _replace(fused, after, nn.Identity())
    return fused


def _same(one: nn.Module, other: nn.Module, probe: torch.Tensor, layers: Sequence[str]) -> bool:
    """Whether outputs and gradients agree."""
    found = []
    try:
        for module in (one, other):
            with torch.enable_grad():
                leaf = probe.detach().requires_grad_(True)
                outputs = run_through(module, leaf, layers)
                means = [y.float().square().mean() for y in outputs.values() if y.requires_grad]
                gradient = torch.autograd.grad(torch.stack(means).sum(), leaf, allow_unused=True)[0] if means else None
            found.append(({name: y.detach() for name, y in outputs.items()}, gradient))
    except RuntimeError:  # what is in place in the changed copy was still needed
        return False
    (before, slope), (after, other_slope) = found
    for name, y in before.items():
        if y.shape != after[name].shape or float((y - after[name]).abs().max()) > CLOSE * float(y.abs().max()):
            return False
    if slope is None or other_slope is None:
        return slope is other_slope
    cosine = nn.functional.cosine_similarity(slope.flatten(), other_slope.flatten(), dim=0)
    return float(slope.abs().max()) == 0.0 or float(cosine) > ALIKE


def _followers(
    module: nn.Module,
    probe: torch.Tensor,
    layers: Sequence[str],
    first: tuple[type[nn.Module], ...],
    then: tuple[type[nn.Module], ...],
) -> list[tuple[str, str]]:
    """(name of a `first`, name of a `then`) where the second eats exactly what the first put out, once each in the pass.

    Layers that are looked at (`layers`) stay what they are, and so does what has a hook: it is surgery.
    """
    made: dict[int, tuple[str, torch.Tensor]] = {}  # the tensor is kept so that its id stays its own
    pairs: list[tuple[str, str]] = []
    runs: dict[str, int] = {}

    def note(name: str, child: nn.Module) -> Callable[..., None]:
        def hook(_module: nn.Module, inputs: Any, output: Any) -> None:
            runs[name] = runs.get(name, 0) + 1
            if isinstance(child, then) and inputs and id(inputs[0]) in made:
                pairs.append((made[id(inputs[0])][0], name))
            if isinstance(child, first) and isinstance(output, torch.Tensor) and name not in layers:
                made[id(output)] = (name, output)

        return hook

    with contextlib.ExitStack() as stack, torch.no_grad():
        for name, child in module.named_modules():
            if isinstance(child, first + then) and not _hooked(child):
                stack.callback(child.register_forward_hook(note(name, child)).remove)
        run_through(module, probe, layers)
    return [(one, two) for one, two in pairs if runs[one] == runs[two] == 1 and two not in layers]


def _hooked(child: nn.Module) -> bool:
    return bool(child._forward_hooks or child._forward_pre_hooks)


def _replace(module: nn.Module, name: str, new: nn.Module) -> None:
    parent, _, child = name.rpartition(".")
    setattr(module.get_submodule(parent), child, new)
