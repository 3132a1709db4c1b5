"""Edits on a private copy of a network: channels muted, kept alone, scaled or swapped, kernels replaced.

The copy has modules of its own and shares every tensor that no edit replaces, so an operated network costs next to nothing
and the network it was made of never changes. What edits do to a layer's output is one forward hook a layer: it acts before
whatever looks (taps, run_until) and stays with copies of the copy (dreams).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explorer.engine.taps import first_tensor, layer_of, run_until
from explorer.i18n import N_, tr
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.surgery import Edit, cuts

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken


@dataclass
class Plan:
    """What edits come to: out[c] = factor[c] * y[source[c]], and 0 where factor[c] is 0, whatever y holds there.

    `source`, `factor`: (C,) int64 and float32. `moved`: some channel comes from another one.
    """

    source: torch.Tensor
    factor: torch.Tensor
    moved: bool = False

    @classmethod
    def of(cls, edits: Sequence[Edit], count: int, device: torch.device) -> Plan:
        """`edits` of outputs, in order, each on what the earlier ones left; channels beyond `count` are passed over."""
        source, factor = list(range(count)), [1.0] * count
        for edit in edits:
            chosen = {channel for channel in edit.channels if channel < count}
            if edit.kind == "swap" and len(chosen) == 2:
                one, other = chosen
                source[one], source[other] = source[other], source[one]
                factor[one], factor[other] = factor[other], factor[one]
            elif edit.kind == "keep":
                factor = [value if channel in chosen else 0.0 for channel, value in enumerate(factor)]
            elif edit.kind in {"mute", "scale"}:
                for channel in chosen:
                    factor[channel] *= 0.0 if edit.kind == "mute" else edit.factor
        with torch.inference_mode(False):  # an inference tensor could take no part in a gradient
            made = torch.tensor(source, dtype=torch.int64, device=device), torch.tensor(factor, device=device)
        return cls(*made, moved=source != sorted(source))

    @property
    def idle(self) -> bool:
        """Whether nothing would change: the output then stays bit by bit what it was."""
        return not self.moved and bool((self.factor == 1).all())

    def act(self, y: torch.Tensor) -> torch.Tensor:
        """The edited copy of a layer's output; gradients pass."""
        axis = channel_axis(y.ndim)
        shape = [1] * y.ndim
        shape[axis] = -1
        if self.moved:
            y = y.index_select(axis, self.source)
        return (y * self.factor.to(y.dtype).view(shape)).masked_fill((self.factor == 0).view(shape), 0)


class ChannelEdits:
    """The hook of one layer. Channels are dimension 1 of (B, C, ...), the last one of (B, T, N).

    Of a layer that returns several tensors the first is edited: the one that taps show. A layer that runs more than once, on
    different numbers of channels, is edited each time, as far as it has the channels.
    """

    def __init__(self, edits: Sequence[Edit], device: torch.device) -> None:
        self.edits = tuple(edits)
        self.device = device
        self._plans: dict[int, Plan] = {}

    def plan(self, count: int) -> Plan:
        """What the edits come to on `count` channels."""
        if count not in self._plans:
            self._plans[count] = Plan.of(self.edits, count, self.device)
        return self._plans[count]

    def __call__(self, _module: nn.Module, _inputs: Any, output: Any) -> Any:
        """The hook itself."""
        tensor = first_tensor(output)
        if tensor is None or tensor.ndim < 2:
            return output
        return with_first(output, self.plan(tensor.shape[channel_axis(tensor.ndim)]).act(tensor))


def channel_axis(ndim: int) -> int:
    """Where the channels of an output with `ndim` dimensions are: the last of (B, T, N), else dimension 1."""
    return 2 if ndim == 3 else 1


def with_first(output: Any, new: torch.Tensor) -> Any:
    """What a layer returned with its first tensor (taps.first_tensor's) replaced; the original is left as it is."""
    if isinstance(output, torch.Tensor):
        return new
    if isinstance(output, Mapping):
        pairs: Iterable[tuple[Any, Any]] = output.items()
    else:
        pairs = enumerate(output)
    where, item = next((key, item) for key, item in pairs if first_tensor(item) is not None)
    if isinstance(output, tuple):
        items = [*output[:where], with_first(item, new), *output[where + 1 :]]
        return type(output)(*items) if hasattr(output, "_fields") else tuple(items)
    changed = copy.copy(output)
    changed[where] = with_first(item, new)
    return changed


def operate(network: Network, edits: tuple[Edit, ...], token: CancelToken | None = None) -> Network:
    """`network` with `edits`, in order; itself without any. Costs no forward pass where the survey saw the layers.

    Raises BadRequestError where an edit names a layer, a channel or a kernel that is not there.
    """
    if not edits:
        return network
    module = twin_of(network.module)
    places: dict[str, list[Edit]] = {}
    for edit in edits:
        if edit.kind == "kernel":
            _replace_kernel(module, edit)
        else:
            places.setdefault(edit.layer, []).append(edit)
    for name, here in places.items():
        count = channels_of(network, name, token)
        for edit in here:
            _require_channels(edit, count)
        hook = ChannelEdits(here, network.device)
        if not hook.plan(count).idle:
            layer_of(module, name).register_forward_hook(hook)
    made = copy.copy(network)
    made.module, made.edits, made.runners = module, edits, {}
    made.info = replace(network.info, notes=(edits_text(cuts(edits)), *network.info.notes))
    return made


def edits_text(count: int) -> str:
    """ "1 edit", "5 edits": the mark of an operated network, translated."""
    return tr("1 edit") if count == 1 else tr("{count} edits").format(count=count)


def twin_of(module: nn.Module) -> nn.Module:
    """A copy of a module's structure that shares all parameters and buffers with it."""
    shared: dict[int, Any] = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    return copy.deepcopy(module, shared)


def channels_of(network: Network, name: str, token: CancelToken | None = None) -> int:
    """How many channels the layer `name` puts out. Raises BadRequestError for an unknown one, or one without channels."""
    layer_of(network.module, name)
    shape = next((layer.shape for layer in network.info.layers if layer.name == name), None)
    if shape is None:  # a container: not in the survey, but it can be edited all the same
        with torch.no_grad():
            shape = tuple(run_until(network.module, network.blank(), name, token, detach=True).shape[1:])
    if not shape:
        raise BadRequestError(
            Trouble("surgery.channels", N_("Layer {layer} puts out no channels."), {"layer": name}, exit_code=2)
        )
    return int(shape[channel_axis(len(shape) + 1) - 1])


def _require_channels(edit: Edit, count: int) -> None:
    beyond = next((channel for channel in edit.channels if channel >= count), None)
    if beyond is not None:
        raise BadRequestError(
            Trouble(
                "layer.channel",
                N_("Layer {layer} has no channel {channel}: it has {count}, counted from 0."),
                {"layer": edit.layer, "channel": beyond, "count": count},
                exit_code=2,
            )
        )


def _replace_kernel(module: nn.Module, edit: Edit) -> None:
    """Put the numbers of a kernel edit into a copy of the weights of its layer."""
    layer = layer_of(module, edit.layer)
    weight = layer._parameters.get("weight")  # own, and not computed from others as weight_norm's
    if not isinstance(layer, nn.Conv2d) or weight is None:
        raise BadRequestError(
            Trouble(
                "surgery.no-kernel",
                N_("Layer {layer} is a {kind}: it has no kernel that could be replaced."),
                {"layer": edit.layer, "kind": type(layer).__name__},
                N_("Choose a convolution."),
                exit_code=2,
            )
        )
    count, inputs, rows, columns = weight.shape
    _require_channels(edit, count)
    if edit.input_channel is not None and edit.input_channel >= inputs:
        raise BadRequestError(
            Trouble(
                "filters.input-channel",
                N_("Layer {layer} has no input channel {channel}: its kernels see {inputs}, counted from 0."),
                {"layer": edit.layer, "channel": edit.input_channel, "inputs": inputs},
                exit_code=2,
            )
        )
    if (edit.rows, edit.columns) != (rows, columns):
        raise BadRequestError(
            Trouble(
                "surgery.kernel-size",
                N_("The kernels of layer {layer} are {rows} x {columns}, not {given_rows} x {given_columns}."),
                {
                    "layer": edit.layer,
                    "rows": rows,
                    "columns": columns,
                    "given_rows": edit.rows,
                    "given_columns": edit.columns,
                },
                exit_code=2,
            )
        )
    numbers = torch.tensor(edit.numbers, dtype=weight.dtype, device=weight.device).view(rows, columns)
    with torch.inference_mode(False), torch.no_grad():
        own = weight.detach().clone()
        own[edit.channels[0], slice(None) if edit.input_channel is None else edit.input_channel] = numbers
    layer.weight = nn.Parameter(own, requires_grad=False)
