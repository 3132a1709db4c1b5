"""What is explained: one number of the network's answer, found in its raw outputs."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import torch
from torch import nn

from explorer.engine.openvino_runtime import flat
from explorer.engine.taps import cancellable, first_tensor, run_until
from explorer.features.attribution_boxes import box_target
from explorer.i18n import N_
from explorer.records.attribution import Said
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.attribution import parse_unit

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.engine.prepare import Geometry
    from explorer.jobs import CancelToken
    from explorer.requests.attribution import AttributeRequest

Read: TypeAlias = Callable[[list[torch.Tensor]], torch.Tensor]
SQUASHING = (nn.Softmax, nn.LogSoftmax, nn.Sigmoid)
KINDS = {"classify": "class", "detect": "box", "segment": "mask"}
MASK_LEVEL = 0.5


@dataclass(frozen=True)
class Target:
    """One number. `score`, `confidence`: raw outputs (N, ...) -> (N,); the first is explained, the second is what people know.

    `until`: the layer behind which nothing has to be computed ("": the whole network). `before`: the layer in front of which
    a CAM may look ("": anywhere). `leading`: the layers whose output leads to the number, `weighty` the last of them that has
    weights; `reached`: whether the picture itself does.
    """

    kind: str
    said: Said
    measure: str
    score: Read
    confidence: Read | None
    until: str = ""
    before: str = ""
    class_index: int | None = None
    xyxy: tuple[float, float, float, float] | None = None
    notes: tuple[Said, ...] = ()
    leading: frozenset[str] = frozenset()
    weighty: str = ""
    reached: bool = True


class Scored(nn.Module):
    """A network that answers with one number a picture: (N, C, S, S) -> (N,). Asks `token` between layers, both ways.

    `paused` is called before each pass.
    """

    def __init__(self, module: nn.Module, target: Target, token: CancelToken | None) -> None:
        super().__init__()
        self.module = module
        self.target = target
        self._token = token
        self.paused: Callable[[], None] | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, S, S) -> (N,)."""
        return self.target.score(self.raw(x))

    def raw(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The raw outputs, all as logits where the network's own layers squash them."""
        if self.paused is not None:
            self.paused()
        return raw_outputs(self.module, x, self._token, self.target.until)


def raw_outputs(module: nn.Module, x: torch.Tensor, token: CancelToken | None, until: str = "") -> list[torch.Tensor]:
    """All tensors of one pass. A last softmax or sigmoid layer is undone: its input is given in place of its output.

    `until`: the output of that layer alone; nothing behind it is computed.
    """
    with asking_back(module, token), warnings.catch_warnings():
        # A network that decides by a number of its picture: its own code, and right here.
        warnings.filterwarnings("ignore", message="Converting a tensor with requires_grad=True to a scalar")
        if until:
            return [run_until(module, x, until, token)]
        with unsquashed(module) as logits, cancellable(module, token):
            found = flat(module(x))
    return [logits.get(id(tensor), tensor) for tensor in found]


@contextlib.contextmanager
def unsquashed(module: nn.Module) -> Iterator[dict[int, torch.Tensor]]:
    """id of what a softmax or sigmoid layer put out -> what it was given, filled while the block runs the network."""
    found: dict[int, torch.Tensor] = {}
    kept: list[torch.Tensor] = []  # an id stays its own while its tensor lives

    def note(_module: nn.Module, inputs: Any, output: Any) -> None:
        given = first_tensor(inputs)
        if given is not None and isinstance(output, torch.Tensor):
            kept.append(output)
            found[id(output)] = given

    with contextlib.ExitStack() as stack:
        for layer in module.modules():
            if isinstance(layer, SQUASHING):
                stack.callback(layer.register_forward_hook(note).remove)
        yield found


@contextlib.contextmanager
def asking_back(module: nn.Module, token: CancelToken | None) -> Iterator[None]:
    """Ask `token` behind each layer on the way back too, for passes begun inside the block."""
    if token is None or not torch.is_grad_enabled():
        yield
        return

    def back(gradient: torch.Tensor) -> torch.Tensor:
        token.check()
        return gradient

    def ask(_module: nn.Module, _inputs: Any, output: Any) -> None:
        if isinstance(output, torch.Tensor) and output.requires_grad:
            cast(Any, output).register_hook(back)  # torch's stub has no types for it

    with contextlib.ExitStack() as stack:
        for layer in module.modules():
            if not any(True for _ in layer.children()):
                stack.callback(layer.register_forward_hook(ask).remove)
        yield


def find_target(
    request: AttributeRequest, network: Network, x: torch.Tensor, geometry: Geometry, token: CancelToken | None
) -> tuple[Target, list[torch.Tensor]]:
    """The number that `request` means for this picture, and the raw outputs of the pass that was needed to find it."""
    kind: str = request.target
    if kind == "auto":
        kind = "unit" if request.unit else KINDS.get(network.spec.task, "class")
    until = parse_unit(request.unit)[0] if kind == "unit" else ""
    leaf = x.detach().clone().requires_grad_(True)
    with torch.enable_grad(), nodes_of(network) as nodes:
        graph = raw_outputs(network.module, leaf, token, until)
    raw = [tensor.detach() for tensor in graph]
    if not raw:
        raise BadRequestError(
            Trouble("attribution.no-answer", N_("{network} gives no numbers to explain."), {"network": network.info.title})
        )
    if kind == "unit":
        target = _unit(request, raw)
    elif kind == "box":
        said, measure, score, confidence, fields = box_target(request, network, raw, geometry)
        target = Target("box", said, measure, score, confidence, **fields)
    elif kind == "mask":
        target = _mask(request, raw, geometry)
    else:
        target = _class(request, network, raw)
    with torch.enable_grad():
        behind = nodes_behind(target.score(graph).sum())
    leading = [name for name, node in nodes.items() if node in behind]
    heavy = {layer.name for layer in network.info.layers if layer.weights}
    weighty = next((name for name in reversed(leading) if name in heavy), "")
    reached = any(getattr(node, "variable", None) is leaf for node in behind)
    return replace(target, leading=frozenset(leading), weighty=weighty, reached=reached), raw


@contextlib.contextmanager
def nodes_of(network: Network) -> Iterator[dict[str, Any]]:
    """Layer -> the node of autograd's graph that made its output, in the order they run, filled while the block runs.

    Layers that give several tensors at once are left out: a CAM could not say which.
    """
    nodes: dict[str, Any] = {}

    def noting(name: str) -> Callable[..., None]:
        def note(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, torch.Tensor) and output.grad_fn is not None:
                nodes.pop(name, None)
                nodes[name] = output.grad_fn

        return note

    names = set(network.layer_names)
    with contextlib.ExitStack() as stack:
        for name, layer in network.module.named_modules():
            if name in names:
                stack.callback(layer.register_forward_hook(noting(name)).remove)
        yield nodes


def nodes_behind(value: torch.Tensor) -> set[Any]:
    """All nodes of autograd's graph that `value` depends on; empty for a constant."""
    seen: set[Any] = set()
    todo: list[Any] = [value.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            todo += [before for before, _ in node.next_functions]
    return seen


# -- a class -------------------------------------------------------------------------------------------------------------
def class_rows(raw: torch.Tensor) -> torch.Tensor:
    """(N, K): one number a class. Maps are averaged over their places; (N,) is one class."""
    if raw.ndim == 1:
        return raw[:, None]
    return raw if raw.ndim == 2 else raw.flatten(2).mean(2)


def are_probabilities(rows: torch.Tensor) -> bool:
    """Whether each row of (N, K > 1) looks like the outcome of a softmax."""
    sums = rows.sum(1)
    return rows.shape[1] > 1 and bool((rows >= 0).all()) and bool(((sums - 1).abs() < 1e-4).all())


def probabilities(rows: torch.Tensor) -> torch.Tensor:
    """(N, K) raw numbers -> (N, K) probabilities: softmax, sigmoid for a single class, as they are where they are already."""
    if are_probabilities(rows):
        return rows
    return torch.sigmoid(rows) if rows.shape[1] == 1 else torch.softmax(rows, 1)


def _class(request: AttributeRequest, network: Network, raw: list[torch.Tensor]) -> Target:
    rows = class_rows(raw[0])
    count = rows.shape[1]
    index = request.class_index
    if index is None:
        index = int(torch.nan_to_num(rows[0], nan=-torch.inf).argmax())
    if index >= count:
        raise BadRequestError(
            Trouble(
                "attribution.class",
                N_("{network} has no class {index}: it has {count}, counted from 0."),
                {"network": network.info.title, "index": index, "count": count},
                exit_code=2,
            )
        )
    label = network.info.classes[index] if index < len(network.info.classes) else str(index)
    said = Said("{label}", {"label": label})
    log = are_probabilities(rows)
    notes: tuple[Said, ...] = ()
    if log:
        notes = (Said(N_("This network squashes its answer inside its code: the logarithm of the probability is explained.")),)
        measure = N_("logarithm of the class's probability")
    else:
        measure = N_("raw score of the class (logit), before the softmax")

    def score(found: list[torch.Tensor]) -> torch.Tensor:
        value = class_rows(found[0])[:, index]
        return value.clamp_min(1e-30).log() if log else value

    def confidence(found: list[torch.Tensor]) -> torch.Tensor:
        return probabilities(class_rows(found[0]))[:, index]

    return Target("class", said, measure, score, confidence, class_index=index, notes=notes)


# -- a mask --------------------------------------------------------------------------------------------------------------
def _mask(request: AttributeRequest, raw: list[torch.Tensor], geometry: Geometry) -> Target:
    maps = raw[0]
    if maps.ndim != 4:
        raise BadRequestError(
            Trouble(
                "attribution.no-mask", N_("This network gives no mask to explain."), {}, N_("Choose a segmentation network.")
            )
        )
    height, width = maps.shape[2:]
    inside = torch.zeros(height, width, dtype=torch.bool, device=maps.device)
    notes: list[Said] = []
    if request.box is None:
        inside[:] = True
    else:
        import numpy as np

        left, top, right, bottom = geometry.to_net_xyxy(np.array([request.box]))[0].tolist()
        across, down = width / geometry.size, height / geometry.size
        rows = slice(max(0, int(top * down)), max(1, round(bottom * down)))
        inside[rows, max(0, int(left * across)) : max(1, round(right * across))] = True
    seen = inside & (torch.sigmoid(maps[0, 0]) > MASK_LEVEL)
    if bool(seen.any()):
        inside = seen
    else:
        notes.append(Said(N_("The mask is empty here, so its raw number over the whole area is explained.")))
    weight = inside.to(maps.dtype) / max(1, int(inside.sum()))

    def score(found: list[torch.Tensor]) -> torch.Tensor:
        return (found[0][:, 0] * weight).sum((1, 2))

    def confidence(found: list[torch.Tensor]) -> torch.Tensor:
        return (torch.sigmoid(found[0][:, 0]) * weight).sum((1, 2))

    said = Said(N_("the mask") if request.box is None else N_("the mask inside the box"))
    measure = N_("mean raw number of the mask inside it, before the sigmoid")
    return Target("mask", said, measure, score, confidence, xyxy=request.box, notes=tuple(notes))


# -- a unit --------------------------------------------------------------------------------------------------------------
def _unit(request: AttributeRequest, raw: list[torch.Tensor]) -> Target:
    layer, channel, y, x_at = parse_unit(request.unit)
    shape = tuple(raw[0].shape)
    if len(shape) < 2 or channel >= shape[1]:
        raise _no_such_unit(layer, channel, "", shape)
    if y is not None and x_at is not None:
        if len(shape) != 4 or y >= shape[2] or x_at >= shape[3]:
            raise _no_such_unit(layer, channel, f":{y}:{x_at}", shape)
        said = Said(
            N_("unit {channel} of {layer} at row {y}, column {x}"), {"channel": channel, "layer": layer, "y": y, "x": x_at}
        )
    else:
        said = Said(N_("channel {channel} of {layer}"), {"channel": channel, "layer": layer})

    def score(found: list[torch.Tensor]) -> torch.Tensor:
        maps = found[0][:, channel]
        if y is not None and x_at is not None:
            return maps[:, y, x_at]
        return maps if maps.ndim == 1 else maps.flatten(1).mean(1)

    measure = N_("activation of the unit") if y is not None else N_("mean activation of the channel")
    return Target("unit", said, measure, score, None, until=layer, before=layer)


def _no_such_unit(layer: str, channel: int, place: str, shape: tuple[int, ...]) -> BadRequestError:
    return BadRequestError(
        Trouble(
            "attribution.unit",
            N_("There is no unit {channel}{place} in {layer}: it puts out {shape} numbers for a picture."),
            {"layer": layer, "channel": channel, "place": place, "shape": " x ".join(map(str, shape[1:])) or "-"},
            exit_code=2,
        )
    )
