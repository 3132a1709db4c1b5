"""What the pages say of each unit besides its picture: its filter, the pictures it likes best, figures of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer.atlas.folder import LayerFolder
from explorer.engine.taps import layer_of
from explorer.features.filters import filters
from explorer.features.sight import Sight
from explorer.jobs import Progress, Result, Step, Work
from explorer.picture.grid import enlarge, mosaic_rgb, tile_of
from explorer.picture.shrink import cut_out
from explorer.picture.stills import jpeg_bytes, png_bytes, read_rgb
from explorer.records.errors import MediaError
from explorer.requests.look import FiltersRequest, KernelView
from explorer.requests.network import NetworkRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.records.picture import Mosaic
    from explorer.records.units import BestPictures

FILTER_SIDE = 256
CROP_SIDE = 192
Figures = dict[int, dict[str, Any]]  # channel -> what is known


def layer_facts(network: Network, layer: str) -> dict[str, Any]:
    """The kind, shape and receptive field of a layer; `field` is [width, height] in pixels of the network's input."""
    tap = next((tap for tap in network.info.layers if tap.name == layer), None)
    shape = list(tap.shape) if tap is not None else []
    found: dict[str, Any] = {"layer": layer, "kind": type(layer_of(network.module, layer)).__name__, "shape": shape}
    place = (shape[1] // 2, shape[2] // 2) if len(shape) == 3 else (0, 0)
    size = network.recipe.size
    left, top, right, bottom = Sight(network, layer).seen(place) or (0, 0, size, size)
    return {**found, "field": [right - left, bottom - top], "input": [size, size]}


def write_filters(
    network: Network, request: NetworkRequest, folder: LayerFolder, channels: tuple[int, ...], work: Work
) -> Iterator[Step | Figures]:
    """The filters of a convolution as pictures, and figures of their weights; nothing for a layer that is none."""
    module = layer_of(network.module, folder.layer)
    weight = getattr(module, "weight", None)
    if folder.layer not in network.convolution_names or not isinstance(weight, torch.Tensor):
        return
    shared = {name: getattr(request, name) for name in NetworkRequest.model_fields}
    rgb = folder.layer == network.first_convolution and weight.shape[1] == 3
    tiles: Mosaic | None = None
    for number, channel in enumerate(channels):
        work.token.check()
        yield Progress(number, len(channels))
        if not rgb or tiles is None:
            view: KernelView = "kernels" if rgb else "inputs"
            wanted = FiltersRequest(layer=folder.layer, view=view, kernel=channel, **shared)
            tiles = next(step.record for step in filters(wanted, work) if isinstance(step, Result))
        picture = _kernel(tiles, channel) if rgb else mosaic_rgb(tiles, longest=FILTER_SIDE)
        folder.write(folder.filter(channel), png_bytes(picture))
        numbers = weight[channel].detach().float()
        bias = getattr(module, "bias", None)
        figures: dict[str, Any] = {"norm": float(numbers.norm()), "mean": float(numbers.mean())}
        if isinstance(bias, torch.Tensor):
            figures["bias"] = float(bias[channel])
        yield {channel: {"filter": folder.filter(channel), **figures}}


def _kernel(mosaic: Mosaic, channel: int) -> Any:
    """The RGB tile of one kernel, every number a square."""
    tile = tile_of(mosaic.sheet, mosaic.grid, int(np.flatnonzero(mosaic.order == channel)[0]))
    return enlarge(np.ascontiguousarray(tile), max(1, FILTER_SIDE // max(tile.shape[:2])))


def write_crops(
    network: Network, best: BestPictures, folder: LayerFolder, channels: tuple[int, ...], work: Work
) -> Iterator[Step | Figures]:
    """What each unit saw of its best pictures. Every picture is read once, however many units like it."""
    wanted: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for channel in channels:
        for rank, number in enumerate(best.index[channel].tolist()):
            if number >= 0:
                wanted[number].append((channel, rank))
    sight = Sight(network, folder.layer, work.token)
    for done, (number, places) in enumerate(sorted(wanted.items())):
        work.token.check()
        yield Progress(done, len(wanted))
        try:
            rgb = read_rgb(best.paths[number])
        except MediaError:  # gone since it was ranked
            continue
        geometry = network.recipe.geometry(*rgb.shape[:2])
        for channel, rank in places:
            row, column = best.place[channel, rank].tolist()
            box = sight.box(geometry, (row, column))
            folder.write(folder.crop(channel, rank), jpeg_bytes(cut_out(rgb, box, CROP_SIDE)))
            entry = {
                "rank": rank,
                "file": folder.crop(channel, rank),
                "name": best.paths[number].replace("\\", "/").rsplit("/", 1)[-1],
                "score": float(best.score[channel, rank]),
            }
            yield {channel: {"best": [entry]}}
