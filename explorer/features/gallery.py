"""The picture that every channel of a layer answers to most, grown in batches; what is finished is kept on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer import __version__
from explorer.engine.memory import explained
from explorer.engine.taps import layer_of, run_until
from explorer.features import unit_store
from explorer.features.layers import default_layer
from explorer.features.maximise import Growing, maximise
from explorer.features.sizes import to_rgb
from explorer.features.upstream import upstream
from explorer.i18n import N_
from explorer.jobs import Cancelled, Preview, Progress, Result, Step, Work
from explorer.picture.grid import grid_for, tile_of
from explorer.picture.shrink import shrunk
from explorer.picture.stills import decode, png_bytes, png_text
from explorer.records.errors import BadRequestError, MediaError, Trouble
from explorer.records.frame import RGB
from explorer.records.units import Gallery
from explorer.requests.units import GalleryRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken

PER_BATCH = 8
PREVIEW_S = 1.0
MOST_SHEET = 12_000_000  # bytes of a sheet that goes to the window once a second; tiles of large layers are smaller
RECIPE = 1  # raise it when the same request would grow another picture
EMPTY = 128
FACTS = "Recipe"  # the PNG's text that carries a unit's facts, as in every picture that the program saves


@dataclass(frozen=True, eq=False)
class Unit:
    """One finished picture. `rgb`: (size, size, 3) uint8. `facts`: see `facts_of`; `objective` is measured on this picture."""

    channel: int
    rgb: RGB
    facts: dict[str, Any]

    def to_bytes(self) -> bytes:
        """A PNG with its facts inside."""
        return png_bytes(self.rgb, {"Software": f"explorer {__version__}", FACTS: json.dumps(self.facts)})

    @classmethod
    def from_bytes(cls, data: bytes, channel: int, recipe: str = "") -> Unit | None:
        """What `to_bytes` gave; None for anything else, another channel, or another recipe where one is given."""
        try:
            facts = json.loads(png_text(data)[FACTS])
            if facts["channel"] != channel or recipe not in ("", facts["recipe"]):
                return None
            return cls(channel, decode(data, "unit"), facts)
        except (MediaError, ValueError, KeyError, TypeError, IndexError):
            return None


def recipe_of(network: Network, request: GalleryRequest, layer: str) -> str:
    """What a unit's picture depends on besides its channel; equal texts, equal pictures (up to float rounding)."""
    numbers = {"size": request.size, "steps": request.steps, "seed": request.seed, "layer": layer, "version": RECIPE}
    return unit_store.key({**numbers, "network": unit_store.fingerprint(network, request)})


def channels_of(network: Network, layer: str, token: CancelToken | None = None) -> int:
    """How many channels the layer puts out. Raises BadRequestError where it has none."""
    module = layer_of(network.module, layer)
    shape = next((tap.shape for tap in network.info.layers if tap.name == layer), None)
    if shape is None:
        with explained(network.device), torch.no_grad():
            shape = tuple(run_until(network.module, network.blank(), layer, token).shape[1:])
    if len(shape) not in (1, 3):
        raise BadRequestError(
            Trouble(
                "layer.no-channels",
                N_("Layer {layer} ({kind}) has no channels that could be maximised one by one."),
                {"layer": layer, "kind": type(module).__name__},
                N_("Choose a layer with a picture-like or list-like output."),
            )
        )
    return shape[0]


def chosen_channels(request: GalleryRequest, count: int, layer: str) -> tuple[int, ...]:
    """The channels of a request, each once, in its order. Raises BadRequestError for one that is not there."""
    wrong = next((channel for channel in request.channels if not 0 <= channel < count), None)
    if wrong is not None:
        raise BadRequestError(
            Trouble(
                "layer.channel",
                N_("Layer {layer} has no channel {channel}: it has {count}, counted from 0."),
                {"layer": layer, "channel": wrong, "count": count},
            )
        )
    return tuple(dict.fromkeys(request.channels)) or tuple(range(count))


def units(
    network: Network, request: GalleryRequest, layer: str, channels: Sequence[int], token: CancelToken, *, store: bool = True
) -> Iterator[Unit | Growing]:
    """Each channel's Unit as it is finished, kept ones first; a Growing after each step in between.

    `store`: take from the disk what is there and keep what is made; without it everything is grown.
    """
    recipe = recipe_of(network, request, layer)
    folder = unit_store.place(network, request, layer, f"max-{recipe}")
    missing = []
    for channel in channels:
        token.check()
        unit = _kept(folder / f"{channel}.png", channel, recipe) if store else None
        if unit is None:
            missing.append(channel)
        else:
            yield unit
    if request.cached_only or not missing:
        return
    written = 0
    for growing in maximise(
        network,
        layer,
        missing,
        size=request.size,
        steps=request.steps,
        seed=request.seed,
        token=token,
        per_batch=PER_BATCH,
    ):
        yield growing
        if growing.done < growing.total:
            continue
        for index, channel in enumerate(growing.channels.tolist()):
            facts = {
                "objective": float(growing.values[index]),
                "silent": bool(growing.silent[index]),
                "channel": channel,
                "recipe": recipe,
                **_facts(network, request, layer),
            }
            unit = Unit(channel, to_rgb(growing.pictures[index : index + 1]), facts)
            if store:
                written += unit_store.write(folder / f"{channel}.png", unit.to_bytes())
            yield unit
    if written:
        unit_store.prune()


def _kept(path: Path, channel: int, recipe: str) -> Unit | None:
    data = unit_store.read(path)
    if data is None:
        return None
    unit = Unit.from_bytes(data, channel, recipe)
    if unit is None:
        unit_store.forget(path)
    return unit


def _facts(network: Network, request: GalleryRequest, layer: str) -> dict[str, Any]:
    return {
        "model": network.info.name,
        "weights": network.info.weights,
        "layer": layer,
        "size": request.size,
        "steps": request.steps,
        "seed": request.seed,
        "surgery": [edit.model_dump() for edit in request.surgery],
        "explorer": __version__,
        "torch": str(torch.__version__),
    }


class Sheet:
    """The tiles of a gallery on their way into one sheet."""

    def __init__(self, channels: tuple[int, ...], size: int) -> None:
        side = min(size, max(16, int((MOST_SHEET / 3 / len(channels)) ** 0.5)))
        self.channels = channels
        self.grid = grid_for(len(channels), side, side)
        self._at = {channel: index for index, channel in enumerate(channels)}
        self._rgb = np.full((self.grid.height, self.grid.width, 3), EMPTY, np.uint8)
        self._done = np.zeros(len(channels), np.bool_)
        self._objective = np.full(len(channels), np.nan, np.float32)
        self._silent: set[int] = set()

    def enter(self, unit: Unit) -> None:
        """A finished unit."""
        index = self._at[unit.channel]
        tile_of(self._rgb, self.grid, index)[:] = shrunk(unit.rgb, self.grid.tile_h)
        self._done[index], self._objective[index] = True, unit.facts["objective"]
        if unit.facts["silent"]:
            self._silent.add(unit.channel)

    def record(self, facts: dict[str, Any], of: int, growing: Growing | None = None) -> Gallery:
        """The gallery so far; tiles that are just growing are shown as they are."""
        rgb = self._rgb.copy()
        if growing is not None:
            for picture, channel in enumerate(growing.channels.tolist()):
                tile = shrunk(to_rgb(growing.pictures[picture : picture + 1]), self.grid.tile_h)
                tile_of(rgb, self.grid, self._at[channel])[:] = tile
        told = {**facts, "silent": sorted(self._silent)}
        return Gallery(facts["layer"], self.channels, self.grid, rgb, self._done.copy(), self._objective.copy(), of, told)


def gallery(request: GalleryRequest, work: Work) -> Iterator[Step]:
    """The job of GalleryRequest. Previews and result: Gallery; finished units stay on disk whatever happens."""
    network = work.engine.network(request, work.token)
    layer = default_layer(network, request.layer)
    request = upstream(request, network, layer)
    network = work.engine.network(request, work.token)
    of = channels_of(network, layer, work.token)
    sheet = Sheet(chosen_channels(request, of, layer), request.size)
    facts = {**_facts(network, request, layer), "recipe": recipe_of(network, request, layer)}
    total = len(sheet.channels) * request.steps
    done, read_at, shown_at = 0, time.perf_counter(), 0.0
    try:
        for item in units(network, request, layer, sheet.channels, work.token):
            now = time.perf_counter()
            if isinstance(item, Unit):
                sheet.enter(item)
                done += request.steps
                if now - read_at >= 0.02:  # kept pictures come in thousands a second
                    read_at = now
                    yield Progress(done, total)
                continue
            part = done + item.done * len(item.channels)
            if item.done < item.total and now - shown_at >= PREVIEW_S:
                shown_at = now
                yield Preview(sheet.record(facts, of, item), part, total)
            else:
                yield Progress(part, total)
    except Cancelled:
        yield Preview(sheet.record(facts, of), done, total)
        raise
    yield Result(sheet.record(facts, of))
