"""The third zoom level: how one number of a layer came about, in the numbers that the network used.

A layer is read by the torch functions that it calls (numbers_calls.py): pads, then one known function. What only moves numbers,
adds or joins them is recognised by comparing its output with its input and with the outputs of its parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explorer.engine.memory import explained
from explorer.engine.taps import first_tensor, inputs_of, layer_of, run_until, taps
from explorer.features.cell import Cell, cell_of, frame_of, prepared_at
from explorer.features.layers import default_layer, maps_of
from explorer.features.numbers_calls import Call, calls_of, moved, padded
from explorer.features.numbers_steps import ACTIVATIONS, activation, normal, softmax, softmax_of
from explorer.features.numbers_sums import average, convolution, fitted, highest, linear, transposed
from explorer.i18n import N_
from explorer.jobs import Result, Step, Work
from explorer.records.numbers import Numbers, Part, Softmax, Worked
from explorer.requests.numbers import NumbersRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network

SAME = N_("passed on unchanged")
ADDED = N_("the sum of {count} numbers")
INSIDE = N_("A {kind} does several things; look at its parts: {parts}.")
UNKNOWN = N_("How a {kind} computes is not shown here.")
WINDOWS = {
    "conv2d": convolution,
    "conv_transpose2d": transposed,
    "max_pool2d": highest,
    "max_pool2d_with_indices": highest,
    "avg_pool2d": average,
    "adaptive_avg_pool2d": fitted,
    "adaptive_max_pool2d": fitted,
    "adaptive_max_pool2d_with_indices": fitted,
}
NORMS = ("batch_norm", "instance_norm", "group_norm", "layer_norm")


def numbers(request: NumbersRequest, work: Work) -> Iterator[Step]:
    """The job of NumbersRequest: one pass as far as the layer, and the layer once more. Result: Numbers."""
    frame = frame_of(work)
    network = work.engine.network(request, work.token)
    name = default_layer(network, request.layer)
    layer = layer_of(network.module, name)
    where = prepared_at(network, frame, request.input_size)
    parts = tuple(part for part, _ in layer.named_children())
    with explained(network.device), torch.no_grad():
        with inputs_of(network.module, name) as got, taps(layer, parts) as inner:
            output = run_until(network.module, where.nchw, name, work.token)
        maps = maps_of(output, name)
        cell = cell_of(output, name, request.channel, request.y, request.x)
        if cell.channel is None:
            best = int(maps[:, cell.y, cell.x].nan_to_num(float("-inf")).argmax())
            cell = cell_of(output, name, best, cell.y, cell.x)
        work.token.check()
        index = _index(output, cell)
        worked = work_out(layer, got[-1] if got else ((), {}), dict(inner), output, cell, index)
        work.token.check()
        before = _before_surgery(request, name, layer, got, output, index)
        share = _as_class(network, name, output, where.nchw, index, work)
    yield Result(
        Numbers(
            layer=name,
            kind=type(layer).__name__,
            channel=cell.channel or 0,
            y=cell.y,
            x=cell.x,
            map_hw=cell.map_hw,
            channels=cell.channels,
            value=float(output[index]),
            worked=worked,
            probability=share,
            before=before,
            facts={"model": network.info.name, "source": frame.source, "shape": list(output.shape[1:])},
            frame_seq=frame.seq,
        )
    )


def _before_surgery(
    request: NumbersRequest, name: str, layer: nn.Module, got: list[Any], output: torch.Tensor, index: tuple[int, ...]
) -> float | None:
    """The layer's own number, where edits of its output made another one of it."""
    if not got or not any(edit.layer == name for edit in request.surgery):
        return None
    arguments, named = got[-1]
    own = first_tensor(layer.forward(*arguments, **named))
    if own is None or own.shape != output.shape or torch.equal(own[index], output[index]):
        return None
    return float(own[index])


def _index(output: torch.Tensor, cell: Cell) -> tuple[int, ...]:
    """The place of the number in the output tensor."""
    channel = cell.channel or 0
    return {4: (0, channel, cell.y, cell.x), 3: (0, cell.y, cell.x), 2: (0, channel)}[output.ndim]


def work_out(
    layer: nn.Module,
    given: tuple[tuple[Any, ...], dict[str, Any]],
    inner: dict[str, torch.Tensor],
    output: torch.Tensor,
    cell: Cell,
    index: tuple[int, ...],
) -> Worked:
    """The arithmetic of one number of `output`. `given`: what the layer was called with; `inner`: outputs of its parts."""
    source = first_tensor(given[0])
    if inner or source is None:
        return _from_parts(layer, given, inner, output, cell, index)
    calls, again = calls_of(layer, *given)
    pads = [call for call in calls if call.name == "pad"]
    known = [call for call in calls if call.name in WINDOWS or call.name in ACTIVATIONS or call.name in (*NORMS, *OTHERS)]
    made = first_tensor(again)
    if len(known) == 1 and len(pads) + 1 == len(calls) and made is not None and made.shape == output.shape:
        found = _known(known[0], pads, source, cell, index)
        if found is not None:
            return found
    place = moved(lambda tensor: layer.forward(tensor, *given[0][1:], **given[1]), source, index) if len(given[0]) else None
    if place is not None:
        return Worked("same", SAME, float(source.reshape(-1)[place]), parts=(_part("", source, place),))
    return _from_parts(layer, given, inner, output, cell, index)


OTHERS = ("linear", "softmax", "log_softmax")


def _known(call: Call, pads: list[Call], source: torch.Tensor, cell: Cell, index: tuple[int, ...]) -> Worked | None:
    if call.name in WINDOWS:
        if source.ndim != 4 or call.input.ndim != 4:
            return None
        return WINDOWS[call.name](call, padded(pads, call.input, (source.shape[2], source.shape[3])), cell)
    if pads:
        return None
    if call.name in ACTIVATIONS:
        return activation(call, index, cell.channel or 0)
    if call.name in NORMS:
        return normal(call, index)
    return linear(call, cell, index) if call.name == "linear" else softmax(call, index)


def _part(layer: str, tensor: torch.Tensor, place: int) -> Part:
    """The number at a flat index, with the channel it stands in."""
    shape = tensor.shape[1:]
    channel = place // max(int(torch.Size(shape[1:]).numel()), 1) % max(shape[0], 1) if len(shape) else 0
    return Part(layer, channel, float(tensor.reshape(-1)[place]))


def _from_parts(
    layer: nn.Module,
    given: tuple[tuple[Any, ...], dict[str, Any]],
    inner: dict[str, torch.Tensor],
    output: torch.Tensor,
    cell: Cell,
    index: tuple[int, ...],
) -> Worked:
    """A number that a part (or the input) already had, or the sum of two such numbers; else the names of the parts."""
    inputs = [item for item in (*given[0], *given[1].values()) if isinstance(item, torch.Tensor)]
    sources = [(name, tensor) for name, tensor in reversed(inner.items())] + [("", tensor) for tensor in inputs]
    fitting = [(name, tensor) for name, tensor in sources if tensor.ndim == output.ndim and _same_place(tensor, output)]
    wanted = _channel(output, index[1]) if output.ndim > 1 else output
    for name, tensor in fitting:
        equal = (
            (tensor[0] == wanted[0]).reshape(tensor.shape[1], -1).all(1).nonzero().flatten().tolist()
            if tensor.ndim == 4
            else []
        )
        if equal:
            channel = index[1] if index[1] in equal else equal[0]
            value = float(tensor[(0, channel, *index[2:])])
            return Worked("same", SAME, value, parts=(Part(name, channel, value),))
    whole = [(name, tensor) for name, tensor in fitting if tensor.shape == output.shape]
    for at, (name, tensor) in enumerate(whole):
        for other_name, other in whole[at + 1 :]:
            if torch.equal(tensor + other, output):
                terms = tuple(
                    Part(part, cell.channel or 0, float(numbers[index]))
                    for part, numbers in ((other_name, other), (name, tensor))
                )
                return Worked("add", ADDED, sum(term.value for term in terms), {"count": 2}, parts=terms)
    names = ", ".join(name for name, _ in layer.named_children())
    return Worked("none", INSIDE if names else UNKNOWN, None, {"kind": type(layer).__name__, "parts": names})


def _same_place(tensor: torch.Tensor, output: torch.Tensor) -> bool:
    return tensor.is_floating_point() and tensor.shape[:1] == output.shape[:1] and tensor.shape[2:] == output.shape[2:]


def _channel(output: torch.Tensor, channel: int) -> torch.Tensor:
    return output[:, channel : channel + 1]


def _as_class(
    network: Network, name: str, output: torch.Tensor, x: torch.Tensor, index: tuple[int, ...], work: Work
) -> Softmax | None:
    """The softmax over all classes, where this layer's output is what the classifier says."""
    classes = len(network.info.classes)
    if network.info.task != "classify" or not classes or output.numel() != classes:
        return None
    said = first_tensor(network.forward(x, work.token))
    if said is None or said.numel() != classes or not torch.equal(said.reshape(-1), output.reshape(-1)):
        return None
    flat = int(torch.arange(classes).reshape(output.shape)[index])
    return softmax_of(output.reshape(-1), flat)
