"""All channels of one layer for one picture, as a sheet of palette indices and the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from explorer.engine.memory import explained, is_out_of_memory
from explorer.engine.taps import layer_of, run_until
from explorer.features.layers import default_layer, maps_of
from explorer.features.summary import histogram_of, order_of, statistics_of
from explorer.features.tiling import grid_for, lay_out, paint, reduced, reduction
from explorer.i18n import N_
from explorer.jobs import Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.picture import Mosaic
from explorer.records.statistics import Statistics
from explorer.requests.look import ActivationsRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.engine.prepare import Prepared
    from explorer.records.frame import Frame


def activations(request: ActivationsRequest, work: Work) -> Iterator[Step]:
    """The job of ActivationsRequest: one pass, only as far as the layer. Result: Mosaic.

    Facts: `layer`, `kind`, `shape`, `dead` (channels that are zero everywhere), `input_xyxy` (the part of the frame that the
    network saw, in pixels of the frame; beyond the frame where its input has borders), `frame_hw`, `input_size`, `model`,
    `source`, `sort`.
    """
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    network = work.engine.network(request, work.token)
    name = default_layer(network, request.layer)
    kind = type(layer_of(network.module, name)).__name__
    work.token.check()
    with explained(network.device), torch.no_grad():
        prepared = _prepared(network, work.frame, request.input_size)
        mosaic = mosaic_of(
            maps_of(_output(network, prepared, name, request, work), name),
            request.colour_map,
            request.scale == "map",
            fixed=request.range,
            gamma=request.gamma,
            sort=request.sort,
            pinned=request.pinned,
            limit=request.live_values,
            detail=request.detail,
        )
    where = prepared.geometry
    seen = (-where.left, -where.top, where.size - where.left, where.size - where.top)
    scales = (where.scale_x, where.scale_y, where.scale_x, where.scale_y)
    facts: dict[str, Any] = {
        **mosaic.facts,
        "layer": name,
        "kind": kind,
        "model": network.info.name,
        "source": work.frame.source,
        "input_xyxy": [edge / scale for edge, scale in zip(seen, scales, strict=True)],
        "frame_hw": [work.frame.height, work.frame.width],
        "input_size": where.size,
        "sort": request.sort,
    }
    yield Result(replace(mosaic, title=f"{name} · {kind}", facts=facts, frame_seq=work.frame.seq))


def _prepared(network: Network, frame: Frame, side: int | None) -> Prepared:
    if side in (None, network.recipe.size):
        return network.prepare(frame)
    return replace(network.recipe, size=side).prepare(frame.rgb, network.device)


def _output(network: Network, prepared: Prepared, name: str, request: ActivationsRequest, work: Work) -> Any:
    try:
        return run_until(network.module, prepared.nchw, name, token=work.token)
    except (RuntimeError, ValueError) as error:
        if request.input_size is None or is_out_of_memory(error):
            raise
        raise BadRequestError(
            Trouble(
                "activations.input-size",
                N_("{network} cannot take pictures of {size} x {size} as far as layer {layer}."),
                {"network": network.info.title, "size": request.input_size, "layer": name},
                N_("Clear the input size: the network's own then holds."),
            )
        ) from error


def mosaic_of(
    maps: torch.Tensor,
    colour_map: str,
    per_map: bool,
    *,
    fixed: tuple[float, float] | None = None,
    gamma: float = 1.0,
    sort: str = "natural",
    pinned: Sequence[int] = (),
    limit: int = 0,
    detail: int | None = None,
    stats: Statistics | None = None,
) -> Mosaic:
    """A Mosaic of (count, h, w) float32 `maps`. Facts: `shape`, and `dead`, the maps that are zero everywhere.

    `fixed`, `gamma`, `sort`, `pinned` and `limit` (requests.look: `live_values`) are as in the requests. `stats`: of what each
    tile stands for, where that is more than the tile.
    """
    count, height, width = maps.shape
    of_tiles = statistics_of(maps)
    stats = stats or of_tiles
    factor = reduction(count, height, width, limit)
    shown = reduced(maps, factor)
    grid = grid_for(count, *shown.shape[1:])
    single = height == width == 1  # one number has no range of its own
    painted = paint(shown, colour_map == "diverging", per_map and not single, stats=of_tiles, fixed=fixed, gamma=gamma)
    order = order_of(stats, sort, pinned)
    moved = sort != "natural" or bool(pinned)
    tiles = painted.indices[torch.from_numpy(order).to(maps.device)] if moved else painted.indices
    full = detail if factor > 1 and detail is not None and detail < count else None
    return Mosaic(
        grid=grid,
        sheet=lay_out(tiles, grid).cpu().numpy(),
        values=shown.contiguous().cpu().numpy(),
        order=order,
        low=painted.low.cpu().numpy(),
        high=painted.high.cpu().numpy(),
        bad=of_tiles.size - of_tiles.finite,
        colour_map=colour_map,
        facts={"shape": [count, height, width], "dead": of_tiles.dead.tolist()},
        gamma=gamma,
        stats=stats,
        histogram=histogram_of(maps, of_tiles),
        reduced=factor,
        detail=None if full is None else (full, maps[full].contiguous().cpu().numpy()),
    )
