"""The map of a network: one followed pass for everything that can be counted, some plain passes for the times."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from explorer.engine.fields import Field
from explorer.engine.follow import Graph, Node, Seen, follow
from explorer.engine.memory import explained, is_out_of_memory
from explorer.engine.survey import survey
from explorer.engine.taps import cancellable
from explorer.i18n import tr
from explorer.jobs import Preview, Progress, Result, Step, Work
from explorer.records.errors import ExplorerError
from explorer.records.network import RunsOn
from explorer.records.network_map import MapNode, MapRow, NetworkMap
from explorer.requests.network_map import NetworkMapRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken

Times = dict[str, float]


def network_map(request: NetworkMapRequest, work: Work) -> Iterator[Step]:
    """Job of NetworkMapRequest. The map without times is a preview; then a pass each turn. Raises ExplorerError, Cancelled."""
    network = yield from work.engine.loading(request, work.token)
    yield Progress(0, request.passes + 1, tr("following one pass"))
    found = map_of(network, work.token)
    if request.passes == 0:
        yield Result(found)
        return
    yield Preview(found, 1, request.passes + 1)
    stopwatch = Stopwatch(network)
    stopwatch.run(work.token)  # warm-up, not counted
    passes = []
    for done in range(request.passes):
        yield Progress(done + 1, request.passes + 1, tr("timing"))
        passes.append(stopwatch.run(work.token))
    yield Result(timed(found, passes, RunsOn(device=str(network.device), threads=work.engine.threads)))


def map_of(network: Network, token: CancelToken | None = None) -> NetworkMap:
    """The map without times. A network that cannot be followed is listed without edges, and the notes say why."""
    notes: list[str] = []
    with explained(network.device):
        graph = _graph(network, token, notes)
    rows = _rows(network, graph)
    broken = sum(row.broken for row in rows if row.depth == 0)
    if broken:
        notes.append(tr("{count} weights are NaN or infinite.").format(count=broken))
    return NetworkMap(
        name=network.info.name,
        title=network.info.title,
        input_size=network.recipe.size,
        rows=rows,
        nodes=tuple(MapNode(node.module, node.op, node.inside, node.shape, node.run) for node in graph.nodes),
        edges=tuple(graph.edges),
        answers=graph.answers,
        weights=network.info.parameters,
        macs=graph.seen[""].macs if "" in graph.seen else 0,
        notes=(*network.info.notes, *notes),
    )


def _graph(network: Network, token: CancelToken | None, notes: list[str]) -> Graph:
    try:
        return follow(network.module, network.blank(), token)
    except ExplorerError:
        raise
    except Exception as error:  # some modules do not like to be listened to; what they are is known all the same
        if is_out_of_memory(error) or isinstance(error, torch.AcceleratorError):
            raise
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        notes.append(tr("Who feeds whom could not be followed: {text}").format(text=text))
        seen = {tap.name: Seen(tap.shape, 0, 1) for tap in survey(network.module, network.blank(), token).layers}
        return Graph([Node("", "picture", "", tuple(network.blank().shape[1:]))], [], seen)


def _rows(network: Network, graph: Graph) -> tuple[MapRow, ...]:
    nodes = {node.module for node in graph.nodes}
    weights: dict[str, int] = defaultdict(int)
    broken: dict[str, int] = defaultdict(int)
    macs: dict[str, int] = defaultdict(int)
    modules = [(name, layer) for name, layer in network.module.named_modules() if name]
    own = {name: sum(tensor.numel() for tensor in layer.parameters(recurse=False)) for name, layer in modules}
    for name, layer in modules:
        bad = sum(_not_finite(tensor) for tensor in layer.parameters(recurse=False))
        for place in _above(name):
            weights[place] += own[name]
            broken[place] += bad
    for name, seen in graph.seen.items():
        if name in nodes:
            for place in _above(name):
                macs[place] += seen.macs
    rows = []
    for name, layer in modules:
        seen = graph.seen.get(name, Seen())
        found = _sizes(seen.field)
        rows.append(
            MapRow(
                name=name,
                parent=name.rpartition(".")[0],
                depth=name.count("."),
                kind=type(layer).__name__,
                leaf=name in nodes or next(layer.children(), None) is None,
                shape=seen.shape,
                weights=weights[name],
                own=own[name],
                broken=broken[name],
                macs=max(seen.macs, macs[name]),
                runs=seen.runs,
                field=found[0],
                jump=found[1],
                at_most=seen.field is not None and seen.field.bound and not seen.field.whole,
            )
        )
    return tuple(rows)


def _above(name: str) -> Iterator[str]:
    """A dotted name and those of all modules around it."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _not_finite(tensor: torch.Tensor) -> int:
    return int(tensor.numel() - torch.isfinite(tensor).sum())


def _sizes(found: Field | None) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    if found is None:
        return None, None
    if found.whole:
        return (0.0, 0.0), None
    return (found.down.size, found.across.size), (found.down.jump, found.across.jump)


class Stopwatch:
    """Times of every module of a network in a plain pass."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._blank = network.blank()

    def run(self, token: CancelToken | None = None) -> Times:
        """One pass: name -> milliseconds spent in it and all inside; "" is the whole network. No hook stays."""
        spent: Times = defaultdict(float)
        began: dict[str, list[float]] = defaultdict(list)
        now = _clock(self._network.device)

        def begins(name: str) -> Callable[..., None]:
            def begin(_module: Any, _inputs: Any) -> None:
                began[name].append(now())

            return begin

        def ends(name: str) -> Callable[..., None]:
            def end(_module: Any, _inputs: Any, _output: Any) -> None:
                spent[name] += 1000 * (now() - began[name].pop())

            return end

        module = self._network.module
        with contextlib.ExitStack() as stack:
            stack.enter_context(cancellable(module, token))
            for name, layer in module.named_modules():
                stack.callback(layer.register_forward_pre_hook(begins(name)).remove)
                stack.callback(layer.register_forward_hook(ends(name)).remove)
            stack.enter_context(explained(self._network.device))
            stack.enter_context(torch.inference_mode())
            module(self._blank)
        return dict(spent)


def _clock(device: torch.device) -> Callable[[], float]:
    """Seconds; on a GPU after all work before was done."""
    if device.type != "cuda":
        return time.perf_counter

    def now() -> float:
        torch.cuda.synchronize(device)
        return time.perf_counter()

    return now


def timed(found: NetworkMap, passes: list[Times], runs_on: RunsOn) -> NetworkMap:
    """The map with the times of some passes: of each module the middle one."""
    middle = {name: statistics.median(times[name] for times in passes if name in times) for name in passes[0]}
    inner: Times = defaultdict(float)  # containers that never run themselves: what runs inside them
    for row in reversed(found.rows):
        inner[row.parent] += middle.get(row.name, inner[row.name])
    rows = tuple(
        replace(row, milliseconds=middle.get(row.name, inner[row.name] if not row.leaf else None)) for row in found.rows
    )
    return replace(found, rows=rows, total_ms=middle.get("", 0.0), passes=len(passes), runs_on=runs_on)
