"""The kernels of a convolution as tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from explorer.engine.taps import layer_of
from explorer.features.activations import mosaic_of
from explorer.features.tiling import grid_for, lay_out
from explorer.i18n import N_
from explorer.jobs import Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.picture import Mosaic
from explorer.requests.look import FiltersRequest


def filters(request: FiltersRequest, work: Work) -> Iterator[Step]:
    """The job of FiltersRequest. Result: Mosaic, RGB (order red, green, blue whatever the network eats) or diverging slices.

    Facts: `layer`, `kind`, `shape` (out, in, h, w), `rgb`, `input_channel` and `input_channels` for slices, `model`.
    """
    network = work.engine.network(request, work.token)
    names = tuple(network.convolution_names)
    name = request.layer or network.first_convolution
    if not name:
        raise BadRequestError(
            Trouble(
                "filters.none",
                N_("{network} has no convolution, so it has no filters to show."),
                {"network": network.info.title},
                N_("Look at its activations instead."),
            )
        )
    layer = layer_of(network.module, name)
    weight = getattr(layer, "weight", None)
    if not isinstance(weight, torch.Tensor) or weight.ndim != 4 or isinstance(layer, nn.ConvTranspose2d):
        raise BadRequestError(
            Trouble(
                "filters.not-convolution",
                N_("Layer {layer} is a {kind}, not a convolution: it has no filters to show."),
                {"layer": name, "kind": type(layer).__name__, "near": ", ".join(names[:3]) or "-"},
                N_("Convolutions of this network begin with: {near}."),
            )
        )
    kernels = weight.detach().to(torch.float32)
    facts: dict[str, Any] = {
        "layer": name,
        "kind": type(layer).__name__,
        "shape": list(kernels.shape),
        "model": network.info.name,
    }
    if name == network.first_convolution and kernels.shape[1] == 3:
        in_rgb = kernels.flip(1) if network.recipe.order == "bgr" else kernels
        mosaic = rgb_mosaic(in_rgb, request.scale == "map")
    else:
        mosaic = slice_mosaic(kernels, request.input_channel, request.scale == "map", name)
    yield Result(replace(mosaic, title=f"{name} · {type(layer).__name__}", facts={**mosaic.facts, **facts}))


def rgb_mosaic(kernels: torch.Tensor, per_map: bool) -> Mosaic:
    """RGB tiles of (count, 3, h, w) kernels in order red, green, blue: middle grey is zero, so colours are comparable."""
    tiles = kernels.permute(0, 2, 3, 1)
    finite = torch.isfinite(tiles)
    clean = tiles.masked_fill(~finite, 0.0)
    reach = clean.abs().amax(dim=(1, 2, 3))
    if not per_map:
        reach = reach.max().expand_as(reach)
    steps = torch.where(reach > 0, 127.0 / reach, 0.0)
    indices = (clean * steps[:, None, None, None] + 128.5).clamp(1.0, 255.0).to(torch.uint8).masked_fill(~finite, 0)
    count, height, width, _ = tiles.shape
    grid = grid_for(count, height, width)
    return Mosaic(
        grid=grid,
        sheet=lay_out(indices.contiguous(), grid).cpu().numpy(),
        values=tiles.contiguous().cpu().numpy(),
        order=np.arange(count, dtype=np.int64),
        low=(-reach).contiguous().cpu().numpy(),
        high=reach.contiguous().cpu().numpy(),
        bad=(~finite).sum(dim=(1, 2, 3)).cpu().numpy(),
        colour_map="",
        facts={"rgb": True, "dead": torch.nonzero(clean.abs().amax(dim=(1, 2, 3)) == 0).flatten().tolist()},
    )


def slice_mosaic(kernels: torch.Tensor, channel: int, per_map: bool, name: str) -> Mosaic:
    """One diverging tile per kernel: its slice for input `channel`. Raises BadRequestError where there is no such channel."""
    inputs = kernels.shape[1]
    if channel >= inputs:
        raise BadRequestError(
            Trouble(
                "filters.input-channel",
                N_("Layer {layer} has no input channel {channel}: its kernels see {inputs}, counted from 0."),
                {"layer": name, "channel": channel, "inputs": inputs},
            )
        )
    mosaic = mosaic_of(kernels[:, channel], "diverging", per_map)
    return replace(mosaic, facts={**mosaic.facts, "rgb": False, "input_channel": channel, "input_channels": inputs})
