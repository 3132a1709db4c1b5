"""One warm-up pass over any torch module: which layers answer, with what shape, and in which order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explorer.engine.taps import cancellable, first_tensor
from explorer.i18n import tr
from explorer.records.network import TapInfo

if TYPE_CHECKING:
    from explorer.jobs import CancelToken

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


@dataclass(frozen=True)
class Survey:
    """What a network lets us see. `layers` in the order they ran; `notes` say, translated, what cannot be shown and why."""

    layers: tuple[TapInfo, ...]
    notes: tuple[str, ...] = ()


def survey(module: nn.Module, x_nchw: torch.Tensor, token: CancelToken | None = None) -> Survey:
    """Run `module` once on `x_nchw` and list every layer that gave a tensor.

    Containers that only chain their children are left out: their output is their last child's. Whatever the network raises
    on the way is raised here.
    """
    seen: dict[str, tuple[int, ...] | None] = {}  # shapes alone: the maps of a whole network need not stay at once
    calls: dict[str, int] = {}
    named = {name: layer for name, layer in module.named_modules() if name and not isinstance(layer, CONTAINERS)}

    def noting(name: str) -> Callable[..., None]:
        def note(_module: nn.Module, _inputs: Any, output: Any) -> None:
            calls[name] = calls.get(name, 0) + 1
            tensor = first_tensor(output)
            seen[name] = None if tensor is None else tuple(tensor.shape)

        return note

    with contextlib.ExitStack() as stack:
        for name, layer in named.items():
            stack.callback(layer.register_forward_hook(noting(name)).remove)
        stack.enter_context(cancellable(module, token))
        stack.enter_context(torch.inference_mode())
        module(x_nchw)
    layers = tuple(_tap(name, named[name], shape) for name, shape in seen.items() if shape is not None)
    return Survey(layers, _notes(named, seen, calls))


def _tap(name: str, layer: nn.Module, shape: tuple[int, ...]) -> TapInfo:
    own = sum(parameter.numel() for parameter in layer.parameters(recurse=False))
    kernel = tuple(layer.weight.shape) if isinstance(layer, nn.Conv2d) else None
    return TapInfo(name, type(layer).__name__, shape[1:], own, kernel)


def _notes(named: dict[str, nn.Module], seen: dict[str, tuple[int, ...] | None], calls: dict[str, int]) -> tuple[str, ...]:
    notes = []
    silent = [name for name in named if name not in seen]
    if silent:
        notes.append(
            tr("{count} layers did not run for a blank picture, {name} first.").format(count=len(silent), name=silent[0])
        )
    opaque = [name for name, shape in seen.items() if shape is None]
    if opaque:
        notes.append(tr("{count} layers return no tensor, {name} first.").format(count=len(opaque), name=opaque[0]))
    often = [name for name, count in calls.items() if count > 1]
    if often:
        text = tr("{count} layers run more than once, {name} first; the last run is shown.")
        notes.append(text.format(count=len(often), name=often[0]))
    if not seen:
        notes.append(tr("This network has no layers to look into."))
    elif not any(isinstance(layer, nn.Conv2d) for layer in named.values()):
        notes.append(tr("This network has no convolution, so it has no filters to show."))
    return tuple(notes)


def forbid_in_place(module: nn.Module) -> int:
    """Switch off in-place activations, so that what a tap keeps is not overwritten; returns how many there were."""
    changed = 0
    for layer in module.modules():
        if getattr(layer, "inplace", False) is True:
            setattr(layer, "inplace", False)  # noqa: B010 - nn.Module declares no such attribute
            changed += 1
    return changed
