"""The short way through a network: a private copy that computes the same, faster, for thousands of passes and gradients."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import nn

from explorer.engine.taps import layer_of, run_through


def private_copy(module: nn.Module, probe: torch.Tensor, *layers: str) -> nn.Module:
    """A copy that computes the same up to `layers`, faster: batch norms folded into the convolutions before them.

    A fold is kept only if the layers' outputs for `probe` stay the same to 1e-3 of their size; else the plain copy is taken.
    """
    plain = copy.deepcopy(module)
    if probe.device.type == "cpu":  # measured in tests/bench/features.py; on a GPU in float32 it loses
        plain = cast(Any, plain).to(memory_format=torch.channels_last)  # torch's stub lacks this form
    pairs = _foldable(plain, probe, layers)
    if not pairs:
        return plain
    folded = copy.deepcopy(plain)
    for convolution, norm in pairs:
        before_norm, after_it = cast(nn.Conv2d, layer_of(folded, convolution)), cast(nn.BatchNorm2d, layer_of(folded, norm))
        fused = nn.utils.fuse_conv_bn_eval(before_norm, after_it)
        _replace(folded, convolution, fused)
        _replace(folded, norm, nn.Identity())
    folded.requires_grad_(False)
    return folded if _same(plain, folded, probe, layers) else plain


def _same(one: nn.Module, other: nn.Module, probe: torch.Tensor, layers: Sequence[str]) -> bool:
    with torch.no_grad():
        before, after = run_through(one, probe, layers), run_through(other, probe, layers)
    return all(float((before[x] - after[x]).abs().max()) <= 1e-3 * float(before[x].abs().max()) for x in before)


def _foldable(module: nn.Module, probe: torch.Tensor, layers: Sequence[str]) -> list[tuple[str, str]]:
    """(convolution, batch norm) names where the norm eats exactly what the convolution put out."""
    made: dict[int, tuple[str, torch.Tensor]] = {}  # the tensor is kept so that its id stays its own
    pairs: list[tuple[str, str]] = []

    def note(name: str, child: nn.Module) -> Callable[..., None]:
        def hook(_module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(child, nn.BatchNorm2d) and inputs and id(inputs[0]) in made:
                pairs.append((made[id(inputs[0])][0], name))
            if isinstance(child, nn.Conv2d) and isinstance(output, torch.Tensor) and name not in layers:
                made[id(output)] = (name, output)

        return hook

    with contextlib.ExitStack() as stack, torch.no_grad():
        for name, child in module.named_modules():
            if isinstance(child, (nn.Conv2d, nn.BatchNorm2d)) and not child._forward_hooks:  # a hook is surgery: it stays
                stack.callback(child.register_forward_hook(note(name, child)).remove)
        run_through(module, probe, layers)
    return pairs


def _replace(module: nn.Module, name: str, new: nn.Module) -> None:
    parent, _, child = name.rpartition(".")
    setattr(layer_of(module, parent), child, new)
