"""Receptive fields: what a unit can see at all (theoretical), what it looks at (effective), and who sees a pixel.

The theoretical field is found by probing (engine/reach.py), so that it holds for any graph; it is remembered for each unit of a
network. The effective field is the gradient of the unit with respect to the input (Luo et al. 2016, arXiv:1701.04128).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import torch

from explorer.engine.follow import follow
from explorer.engine.memory import explained
from explorer.engine.reach import cells_of, field_of, finite
from explorer.engine.taps import layer_of, run_until
from explorer.features.cell import Cell, cell_of, frame_of, input_xyxy, prepared_at
from explorer.features.layers import default_layer
from explorer.i18n import N_
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.receptive import Box, LayerCells, Receptive, SeenBy
from explorer.requests.receptive import ReceptiveRequest, SeenByRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.engine.prepare import Geometry

HOLDS = 0.95  # of the heat, for the side of the effective field
MOST_KEPT = 20_000  # fields of a network
Field = tuple[Box | None, int]  # box, pixels
Span = tuple[float, float, float]
_rules: WeakKeyDictionary[Network, dict[str, tuple[Span, Span]]] = WeakKeyDictionary()
_fields: WeakKeyDictionary[Network, dict[Any, Field]] = WeakKeyDictionary()


def receptive(request: ReceptiveRequest, work: Work) -> Iterator[Step]:
    """The job of ReceptiveRequest. Result: Receptive."""
    frame = frame_of(work)
    network = work.engine.network(request, work.token)
    name = default_layer(network, request.layer)
    where = prepared_at(network, frame, request.input_size)
    with explained(network.device), torch.enable_grad():
        x = where.nchw.detach().clone().requires_grad_(True)
        output = run_until(network.module, x, name, work.token)
        cell = cell_of(output, name, request.channel, request.y, request.x)
        value = float(output.detach()[cell.index].double().sum())
        work.token.check()
        box, pixels = _field(network, name, output, x, cell)
        work.token.check()
        heat = _heat(output, x, cell)
        if request.over == "random":
            del output
            heat = yield from _mean_heat(network, name, x, cell, request, work)
    clean = np.nan_to_num(heat, nan=0.0, posinf=0.0, neginf=0.0)
    central, side = measures(clean, box)
    geometry = where.geometry
    yield Result(
        Receptive(
            layer=name,
            channel=cell.channel,
            y=cell.y,
            x=cell.x,
            map_hw=cell.map_hw,
            input_hw=(x.shape[2], x.shape[3]),
            frame_hw=geometry.frame_hw,
            input_xyxy=input_xyxy(geometry),
            box=box,
            frame_box=_in_frame(box, geometry),
            pixels=pixels,
            heat=clean,
            value=value,
            central=central,
            side=side,
            bad=int(np.count_nonzero(~np.isfinite(heat))),
            samples=request.samples if request.over == "random" else 0,
            rule=_rule(network, name),
            facts={"model": network.info.name, "source": frame.source, "kind": type(layer_of(network.module, name)).__name__},
            frame_seq=frame.seq,
        )
    )


def _field(network: Network, name: str, output: torch.Tensor, x: torch.Tensor, cell: Cell) -> Field:
    """The theoretical field, from memory where this unit was probed before on the same path through the network."""
    kept = _fields.setdefault(network, {})
    key = (name, cell.index[1:] if cell.channel is not None else (cell.y, cell.x), x.shape[2:], _path(output))
    if key not in kept:
        module = finite(network.module)
        if module is not network.module:
            output = run_until(module, x, name)
        field = field_of(output, x, cell.index)
        while len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[key] = (None, 0) if field is None else (box_of(field), int(field.sum()))
    return kept[key]


def _rule(network: Network, name: str) -> tuple[Span, Span] | None:
    """The layer's formula, where its graph has one; found once for all layers of a network."""
    if network not in _rules:
        try:
            seen = follow(network.module, network.blank()).seen
        except Exception:  # a network that raises behind the layer: the layer can be looked at all the same
            seen = {}
        fields = {layer: one.field for layer, one in seen.items() if one.runs == 1 and one.field is not None}
        _rules[network] = {
            layer: ((one.down.first, one.down.last, one.down.jump), (one.across.first, one.across.last, one.across.jump))
            for layer, one in fields.items()
            if not one.whole and not one.flat
        }
    return _rules[network].get(name)


def _path(output: torch.Tensor) -> int:
    """What tells passes apart that took different branches: the operations of the graph, in the order they are met."""
    names, seen, waiting = [], set(), [output.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            names.append(node.name())
            waiting.extend(following for following, _ in node.next_functions)
    return hash(tuple(names))


def box_of(field: torch.Tensor) -> Box | None:
    """(left, top, right, bottom), right and bottom exclusive, of what is true in (H, W); None for nothing."""
    rows, columns = torch.nonzero(field.any(1)).flatten().tolist(), torch.nonzero(field.any(0)).flatten().tolist()
    return (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if rows else None


def _in_frame(box: Box | None, geometry: Geometry) -> tuple[float, float, float, float] | None:
    if box is None:
        return None
    left, top, right, bottom = geometry.to_frame_xyxy(np.array([box], dtype=np.float64))[0].tolist()
    return left, top, right, bottom


def _heat(output: torch.Tensor, x: torch.Tensor, cell: Cell) -> npt.NDArray[np.float32]:
    """(H, W) |gradient| of the unit, summed over colours; of all channels together it is the gradient of their sum."""
    if output.grad_fn is None and output is not x:
        return np.zeros(x.shape[2:], np.float32)
    gradients: tuple[torch.Tensor | None, ...] = torch.autograd.grad(
        output[cell.index].sum(), x, retain_graph=True, allow_unused=True
    )
    if gradients[0] is None:
        return np.zeros(x.shape[2:], np.float32)
    heat: npt.NDArray[np.float32] = gradients[0][0].abs().sum(0).cpu().numpy()
    return heat


def _mean_heat(
    network: Network, name: str, x: torch.Tensor, cell: Cell, request: ReceptiveRequest, work: Work
) -> Generator[Progress, None, npt.NDArray[np.float32]]:
    """The mean heat over random pictures: every byte equally likely."""
    made = np.random.default_rng(request.seed)
    mean = np.zeros(x.shape[2:], np.float64)
    for at in range(request.samples):
        work.token.check()
        rgb = made.integers(0, 256, (x.shape[2], x.shape[3], 3), dtype=np.uint8)
        noise = network.tensor_of(rgb).requires_grad_(True)
        mean += _heat(run_until(network.module, noise, name, work.token), noise, cell)
        yield Progress(at + 1, request.samples)
    return (mean / request.samples).astype(np.float32)


def measures(heat: npt.NDArray[np.float32], box: Box | None) -> tuple[float, float]:
    """(share of the heat in the middle half of the box, side of the square that the hottest 95 % would fill)."""
    total = float(heat.sum(dtype=np.float64))
    if box is None or not total > 0:
        return 0.0, 0.0
    left, top, right, bottom = box
    down, across = (bottom - top) / 4, (right - left) / 4
    rows, columns = slice(round(top + down), round(bottom - down)), slice(round(left + across), round(right - across))
    grown = np.cumsum(np.sort(heat.reshape(-1))[::-1], dtype=np.float64)
    count = int(np.searchsorted(grown, HOLDS * total)) + 1
    return float(heat[rows, columns].sum(dtype=np.float64)) / total, math.sqrt(count)


def seen_by(request: SeenByRequest, work: Work) -> Iterator[Step]:
    """The job of SeenByRequest: one pass through the whole network. Result: SeenBy."""
    frame = frame_of(work)
    network = work.engine.network(request, work.token)
    name = default_layer(network, request.layer)
    layer_of(network.module, name)
    where = prepared_at(network, frame, request.input_size)
    column, row = _input_pixel(request, where.geometry)
    names = tuple(dict.fromkeys((*network.layer_names, name)))
    with explained(network.device):
        seen = cells_of(finite(network.module), where.nchw, (row, column), names, work.token)
    named: dict[str, Any] = dict(network.module.named_modules())
    layers, cells = [], np.zeros((0, 0), np.bool_)
    for layer in names:
        place = _as_map(seen[layer]) if layer in seen else None
        if place is None:
            continue
        layers.append(
            LayerCells(layer, type(named[layer]).__name__, (place.shape[0], place.shape[1]), box_of(place), int(place.sum()))
        )
        if layer == name:
            cells = place.numpy()
    if not cells.size:
        raise BadRequestError(
            Trouble("layer.silent", N_("The layer {layer} gives no numbers for this picture."), {"layer": name}, exit_code=2)
        )
    facts = {"model": network.info.name, "source": frame.source, "input_size": where.geometry.size}
    pixel = (request.pixel_x, request.pixel_y)
    yield Result(SeenBy(pixel, (column, row), name, cells, tuple(layers), facts, frame.seq))


def _as_map(seen: torch.Tensor) -> torch.Tensor | None:
    """(h, w) bool of a layer's output as `layers.maps_of` draws it; None where it draws nothing."""
    if not 2 <= seen.ndim <= 4 or not seen.numel():
        return None
    first = seen[0]
    if first.ndim == 1:
        return first.any().reshape(1, 1)
    return first if first.ndim == 2 else first.any(0)


def _input_pixel(request: SeenByRequest, geometry: Geometry) -> tuple[int, int]:
    """(column, row) of the network's input under a place of the frame. Raises BadRequestError where it sees nothing of it."""
    x, y = request.pixel_x, request.pixel_y
    column = math.floor(x * geometry.scale_x + geometry.left)
    row = math.floor(y * geometry.scale_y + geometry.top)
    height, width = geometry.frame_hw
    if not (0 <= x < width and 0 <= y < height and 0 <= column < geometry.size and 0 <= row < geometry.size):
        raise BadRequestError(
            Trouble(
                "receptive.outside",
                N_("The network does not see the place {x}, {y} of this picture."),
                {"x": f"{x:g}", "y": f"{y:g}"},
                N_("It sees the part inside the frame that is drawn over the picture."),
                exit_code=2,
            )
        )
    return column, row
