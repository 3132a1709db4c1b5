"""All channels of one layer for one picture, as a sheet of palette indices and the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from explorer.engine.taps import layer_of, run_until
from explorer.features.layers import default_layer, maps_of
from explorer.features.tiling import grid_for, lay_out, paint
from explorer.i18n import N_
from explorer.jobs import Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.picture import Mosaic
from explorer.requests.look import ActivationsRequest


def activations(request: ActivationsRequest, work: Work) -> Iterator[Step]:
    """The job of ActivationsRequest: one pass, only as far as the layer. Result: Mosaic.

    Facts: `layer`, `kind`, `shape`, `dead` (channels that are zero everywhere), `input_xyxy` (the part of the frame that the
    network saw, in pixels of the frame; beyond the frame where its input has borders), `frame_hw`, `model`, `source`.
    """
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    network = work.engine.network(request, work.token)
    name = default_layer(network, request.layer)
    kind = type(layer_of(network.module, name)).__name__
    work.token.check()
    prepared = network.prepare(work.frame)
    with torch.no_grad():
        output = run_until(network.module, prepared.nchw, name, token=work.token)
        mosaic = mosaic_of(maps_of(output, name), request.colour_map, request.scale == "map")
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
    }
    yield Result(
        Mosaic(
            grid=mosaic.grid,
            sheet=mosaic.sheet,
            values=mosaic.values,
            order=mosaic.order,
            low=mosaic.low,
            high=mosaic.high,
            bad=mosaic.bad,
            colour_map=mosaic.colour_map,
            title=f"{name} · {kind}",
            facts=facts,
            frame_seq=work.frame.seq,
        )
    )


def mosaic_of(maps: torch.Tensor, colour_map: str, per_map: bool) -> Mosaic:
    """A Mosaic of (count, h, w) float32 `maps`. Facts: `shape`, and `dead`, the maps that are zero everywhere."""
    count, height, width = maps.shape
    grid = grid_for(count, height, width)
    single = height == width == 1  # one number has no range of its own
    painted = paint(maps, colour_map == "diverging", per_map and not single)
    sheet = lay_out(painted.indices, grid)
    dead = torch.nonzero((painted.least == 0) & (painted.most == 0) & (painted.bad == 0)).flatten()
    return Mosaic(
        grid=grid,
        sheet=sheet.cpu().numpy(),
        values=maps.contiguous().cpu().numpy(),
        order=np.arange(count, dtype=np.int64),
        low=painted.low.cpu().numpy(),
        high=painted.high.cpu().numpy(),
        bad=painted.bad.cpu().numpy(),
        colour_map=colour_map,
        facts={"shape": [count, height, width], "dead": dead.tolist()},
    )
