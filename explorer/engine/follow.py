"""Following the numbers through any network: one pass in which every basic operation of torch says what it read and made.

Nodes are the modules without inner modules ("conv1", once for each run) and, between them, what a network does with plain
functions: the sum of a skip, a concatenation, a mean. Edges say whose output feeds whom. Found by running, not by reading
code, so it works for any graph; multiply-adds and receptive fields are counted on the way.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry
from torch.utils.weak import WeakIdKeyDictionary

from explorer.engine import fields
from explorer.engine.fields import Field
from explorer.engine.taps import cancellable, first_tensor

if TYPE_CHECKING:
    from explorer.jobs import CancelToken

PICTURE = "picture"  # the node that everything begins with
WHOLE = "network"  # the node of a network without inner modules
WORDS = {"add_": "add", "mul_": "mul", "sub_": "sub", "div_": "div", "relu_": "relu", "_softmax": "softmax", "addmm": "linear"}


@dataclass
class Node:
    """`module`: the dotted name that ran, for the `run`-th time; or `op`, done inside the module called `inside`."""

    module: str
    op: str
    inside: str
    shape: tuple[int, ...]
    run: int = 1


@dataclass
class Seen:
    """What one pass told of a module: its last output, all its multiply-adds, its runs, its field."""

    shape: tuple[int, ...] = ()
    macs: int = 0
    runs: int = 0
    field: Field | None = None


@dataclass
class Graph:
    """`nodes[0]` is the picture; `edges` (source, target) in the order found; `answers`: the nodes of the network's output."""

    nodes: list[Node]
    edges: list[tuple[int, int]]
    seen: dict[str, Seen]
    answers: tuple[int, ...] = ()


@dataclass
class _Running:
    name: str
    leaf: bool
    first_node: int
    first_edge: int
    sources: tuple[int, ...]
    inner: bool = False


@dataclass
class _Tag:
    node: int
    field: Field | None


def tensors_in(value: Any, depth: int = 0) -> Iterator[torch.Tensor]:
    """Every tensor in nested tuples, lists and dicts."""
    if isinstance(value, torch.Tensor):
        yield value
    elif depth < 6:
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ():
            yield from tensors_in(item, depth + 1)


@dataclass
class _Pass:
    """The book that hooks and operations write into."""

    graph: Graph
    stack: list[_Running] = field(default_factory=list)
    tags: Any = field(default_factory=WeakIdKeyDictionary)

    def sources(self, *values: Any) -> tuple[int, ...]:
        """The nodes that the tensors in `values` come from, each once, in order."""
        found = (self.tags.get(tensor) for tensor in tensors_in(values))
        return tuple(dict.fromkeys(tag.node for tag in found if tag is not None))

    def enter(self, name: str, leaf: bool, inputs: Any) -> None:
        """A module begins."""
        if self.stack:
            self.stack[-1].inner = True
        graph = self.graph
        self.stack.append(_Running(name, leaf, len(graph.nodes), len(graph.edges), self.sources(inputs)))

    def leave(self, name: str, output: Any) -> None:
        """A module ends: without inner modules it is one node, whatever it did inside."""
        running = self.stack.pop()
        seen = self.graph.seen.setdefault(name, Seen())
        seen.runs += 1
        tensor = first_tensor(output)
        if not running.inner:
            del self.graph.nodes[running.first_node :], self.graph.edges[running.first_edge :]
            shape = () if tensor is None else tuple(tensor.shape[1:])
            node = self.add(Node(name, "" if name else WHOLE, "", shape, seen.runs), running.sources)
            for item in tensors_in(output):
                known = self.tags.get(item)
                self.tags[item] = _Tag(node, None if known is None else known.field)
        if tensor is not None:
            known = self.tags.get(tensor)
            seen.shape, seen.field = tuple(tensor.shape[1:]), None if known is None else known.field

    def add(self, node: Node, sources: tuple[int, ...]) -> int:
        """Enter a node behind `sources`."""
        self.graph.nodes.append(node)
        number = len(self.graph.nodes) - 1
        self.graph.edges.extend((source, number) for source in sources)
        return number

    def operation(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
        """One basic operation was done."""
        packet = func._overloadpacket
        if packet in flop_registry:
            macs = int(flop_registry[packet](*args, **kwargs, out_val=out)) // 2
            for name in {running.name for running in self.stack}:
                self.graph.seen.setdefault(name, Seen()).macs += macs
        given = [(tensor, self.tags.get(tensor)) for tensor in tensors_in((args, kwargs))]
        known = [(tensor, tag) for tensor, tag in given if tag is not None]
        made = first_tensor(out)
        if not known or made is None:
            return
        found = fields.after(func, args, [(tensor, tag.field) for tensor, tag in known], out)
        sources = tuple(dict.fromkeys(tag.node for _, tag in known))
        node = sources[0]
        silent = (func.is_view or str(packet) in _SILENT) and len(sources) == 1
        if not silent and not (self.stack and self.stack[-1].leaf):
            name = str(packet).rpartition(".")[2]
            inside = self.stack[-1].name if self.stack else ""
            node = self.add(Node("", WORDS.get(name, name.strip("_")), inside, tuple(made.shape[1:])), sources)
        for tensor in tensors_in(out):
            self.tags[tensor] = _Tag(node, found)


_SILENT = frozenset({"aten.clone", "aten._to_copy", "aten.copy_", "aten._unsafe_view", "aten.detach", "aten.alias"})


def _listener(book: _Pass) -> Any:
    """A mode of torch in which every basic operation of a pass is written into `book`."""

    def hear(mode: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run `func`, in its parts where it is made of others, and write it down."""
        kwargs = kwargs or {}
        packet = func._overloadpacket
        if packet not in flop_registry and packet not in fields.RULES and func is not torch.ops.prim.device.default:
            with mode:
                out = func.decompose(*args, **kwargs)
                if out is not NotImplemented:
                    return out
        out = func(*args, **kwargs)
        book.operation(func, args, kwargs, out)
        return out

    kind: Any = type("Listener", (TorchDispatchMode,), {"__torch_dispatch__": hear})  # torch's class has no types
    return kind()


def follow(module: nn.Module, x_nchw: torch.Tensor, token: CancelToken | None = None) -> Graph:
    """Run `module` once on `x_nchw` and say who feeds whom. Whatever the network raises is raised here; no hook stays."""
    graph = Graph([Node("", PICTURE, "", tuple(x_nchw.shape[1:]))], [], {})
    book = _Pass(graph)
    book.tags[x_nchw] = _Tag(0, fields.INPUT)

    def begins(name: str, leaf: bool) -> Callable[..., None]:
        def begin(_module: nn.Module, args: Any, kwargs: Any) -> None:
            book.enter(name, leaf, (args, kwargs))

        return begin

    def ends(name: str) -> Callable[..., None]:
        def end(_module: nn.Module, _inputs: Any, output: Any) -> None:
            book.leave(name, output)

        return end

    with contextlib.ExitStack() as stack:
        for name, layer in module.named_modules():
            leaf = next(layer.children(), None) is None
            stack.callback(layer.register_forward_pre_hook(begins(name, leaf), with_kwargs=True).remove)
            stack.callback(layer.register_forward_hook(ends(name)).remove)
        stack.enter_context(cancellable(module, token))
        stack.enter_context(torch.inference_mode())
        stack.enter_context(_listener(book))
        output = module(x_nchw)
    graph.answers = book.sources(output)
    return graph
