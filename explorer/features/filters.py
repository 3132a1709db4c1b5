"""The kernels of a convolution as tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from explorer.engine.taps import layer_of
from explorer.features.activations import mosaic_of
from explorer.features.spectrum import spectrum_of
from explorer.features.summary import histogram_of, order_of, statistics_of
from explorer.features.tiling import grid_for, lay_out, paint
from explorer.i18n import N_
from explorer.jobs import Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.picture import Mosaic
from explorer.records.statistics import Statistics
from explorer.requests.look import FiltersRequest

NO_INPUT = N_("Layer {layer} has no input channel {channel}: its kernels see {inputs}, counted from 0.")
NO_KERNEL = N_("Layer {layer} has no kernel {channel}: it has {inputs}, counted from 0.")


def filters(request: FiltersRequest, work: Work) -> Iterator[Step]:
    """The job of FiltersRequest. Result: Mosaic, RGB (order red, green, blue whatever the network eats) or diverging slices.

    Facts: `layer`, `kind`, `shape` (out, in, h, w), `rgb`, `model`, `view`, `sort`, `spectrum`; `input_channel` and
    `input_channels` for slices; `kernel`, `kernels` (and `inputs`, their names) for one kernel; `whole`, the figures of all
    weights of the layer. Spectra are in dB (features.spectrum) and drawn in magma.
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
    rgb = name == network.first_convolution and kernels.shape[1] == 3
    in_rgb = kernels.flip(1) if rgb and network.recipe.order == "bgr" else kernels
    facts: dict[str, Any] = {
        "layer": name,
        "kind": type(layer).__name__,
        "shape": list(kernels.shape),
        "model": network.info.name,
        "view": request.view,
        "sort": request.sort,
        "spectrum": request.spectrum,
        "whole": statistics_of(kernels).whole().figures(),
    }
    mosaic = _one(in_rgb, request, name, rgb) if request.view == "inputs" else _all(in_rgb, request, name, rgb)
    title = f"{name} · {type(layer).__name__}"
    yield Result(replace(mosaic, title=title, facts={**mosaic.facts, **facts}))


def _all(kernels: torch.Tensor, request: FiltersRequest, name: str, rgb: bool) -> Mosaic:
    """All kernels; their statistics are of the whole kernels, whatever slice is shown."""
    stats = statistics_of(kernels)
    if not rgb:
        inputs = kernels.shape[1]
        _check(request.input_channel, inputs, "filters.input-channel", NO_INPUT, name)
        facts = {"input_channel": request.input_channel, "input_channels": inputs}
        return _tiles(kernels[:, request.input_channel], request, stats, facts)
    if request.spectrum:
        return _tiles(kernels, request, stats, {})
    return rgb_mosaic(kernels, request, stats)


def _one(kernels: torch.Tensor, request: FiltersRequest, name: str, rgb: bool) -> Mosaic:
    """All slices of one kernel, one tile an input channel."""
    _check(request.kernel, len(kernels), "filters.kernel", NO_KERNEL, name)
    facts: dict[str, Any] = {"kernel": request.kernel, "kernels": len(kernels), "input_channels": kernels.shape[1]}
    if rgb:
        facts["inputs"] = ["red", "green", "blue"]
    return _tiles(kernels[request.kernel], request, None, facts)


def _tiles(kernels: torch.Tensor, request: FiltersRequest, stats: Statistics | None, facts: dict[str, Any]) -> Mosaic:
    """(count, h, w) slices as diverging tiles, or the spectra of (count, [inputs,] h, w) kernels in dB."""
    maps = spectrum_of(kernels) if request.spectrum else kernels
    mosaic = mosaic_of(
        maps,
        "magma" if request.spectrum else "diverging",
        request.scale == "map",
        fixed=request.range,
        gamma=request.gamma,
        sort=request.sort,
        stats=stats or statistics_of(kernels),
    )
    dead = torch.nonzero((kernels == 0).flatten(1).all(1)).flatten().tolist()
    return replace(mosaic, facts={**mosaic.facts, "rgb": False, **facts, "dead": dead})


def rgb_mosaic(kernels: torch.Tensor, request: FiltersRequest, stats: Statistics) -> Mosaic:
    """RGB tiles of (count, 3, h, w) kernels in order red, green, blue: middle grey is zero, so colours are comparable."""
    count, _, height, width = kernels.shape
    fixed = request.range or (None if request.scale == "map" else (-stats.reach(), stats.reach()))
    painted = paint(kernels.reshape(count, 3 * height, width), True, True, fixed=fixed, gamma=request.gamma)
    tiles = painted.indices.view(count, 3, height, width).permute(0, 2, 3, 1)
    grid, order = grid_for(count, height, width), order_of(stats, request.sort)
    return Mosaic(
        grid=grid,
        sheet=lay_out(tiles[torch.from_numpy(order).to(tiles.device)].contiguous(), grid).cpu().numpy(),
        values=kernels.permute(0, 2, 3, 1).contiguous().cpu().numpy(),
        order=order,
        low=painted.low.cpu().numpy(),
        high=painted.high.cpu().numpy(),
        bad=painted.bad.cpu().numpy(),
        colour_map="",
        facts={"rgb": True, "dead": stats.dead.tolist()},
        gamma=request.gamma,
        stats=stats,
        histogram=histogram_of(kernels, stats),
    )


def _check(number: int, count: int, code: str, template: str, layer: str) -> None:
    if number >= count:
        raise BadRequestError(Trouble(code, template, {"layer": layer, "channel": number, "inputs": count}))
