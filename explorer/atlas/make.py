"""The job of AtlasRequest: grow what is missing, write the pages, keep what is there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.atlas.facts import Figures, layer_facts, write_crops, write_filters
from explorer.atlas.folder import LayerFolder
from explorer.atlas.page import write_index, write_layer
from explorer.atlas.shares import Share, do_share, split
from explorer.features import unit_store
from explorer.features.best import best as rank
from explorer.features.gallery import Unit, channels_of, chosen_channels, recipe_of
from explorer.features.upstream import upstream
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.units import Atlas, BestPictures
from explorer.requests.base import changed
from explorer.requests.network import NetworkRequest
from explorer.requests.units import AtlasRequest, BestRequest, GalleryRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network

PAGES_S = 20.0  # how often the pages are written anew while units come


@dataclass
class Layer:
    """A layer on its way: its folder, the channels that are wanted, what is known of each unit that is there."""

    folder: LayerFolder
    channels: tuple[int, ...]
    of: int
    request: GalleryRequest
    network: Network
    recipe: str
    facts: dict[str, Any] = field(default_factory=dict)
    units: Figures = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """The channels that have no picture yet."""
        return [channel for channel in self.channels if channel not in self.units]

    def learn(self, channel: int, more: dict[str, Any]) -> None:
        """Add what was found out about a unit that is there."""
        if channel in self.units:
            known = self.units[channel]
            crops = sorted([*known.get("best", ()), *more.get("best", ())], key=lambda entry: int(entry["rank"]))
            self.units[channel] = {**known, **more, **({"best": crops} if crops else {})}


def atlas(request: AtlasRequest, work: Work) -> Iterator[Step]:
    """The job of AtlasRequest. Stopped at any moment, the folder is an atlas of what is there. Result: Atlas."""
    out = Path(request.out)
    layers = []
    worth_it = work.engine.network(request, work.token).info.dream_layer if not request.layers else ""
    for name in dict.fromkeys(request.layers or (worth_it,)):
        layers.append(_layer(request, out, name, work))
        yield Progress(0, 0, name)
    kept = sum(len(layer.units) for layer in layers)
    pages = Pages(request, out, layers)
    pages.write()
    try:
        for layer in layers:
            yield from _figures(request, layer, work)
        pages.write()
        yield from _grow(request, layers, pages, work)
        for layer in layers:
            yield from _figures(request, layer, work)
    except BaseException:  # stopped in whatever way, a generator that is closed included
        with contextlib.suppress(OSError):
            pages.write()
        raise
    pages.write()
    there = tuple((layer.folder.layer, len(layer.units), layer.of) for layer in layers)
    grown = sum(len(layer.units) for layer in layers) - kept
    yield Result(Atlas(str(out / "index.html"), there, grown, kept, pages.facts))


def _layer(request: AtlasRequest, out: Path, name: str, work: Work) -> Layer:
    """What is known of a layer before anything is grown. Raises BadRequestError for one that is not there."""
    fields = {key: getattr(request, key) for key in GalleryRequest.model_fields if key != "layer"}
    base = GalleryRequest(**fields, layer=name)
    network: Network = work.engine.network(base, work.token)
    of = channels_of(network, name, work.token)
    base = upstream(base, network, name)
    network = work.engine.network(base, work.token)
    channels = chosen_channels(base, of, name)
    made = Layer(LayerFolder(out, name), channels, of, base, network, recipe_of(network, base, name))
    made.facts = layer_facts(network, name)
    for channel in channels:
        facts = made.folder.facts(channel, made.recipe)
        if facts is not None:
            made.units[channel] = {"picture": made.folder.unit(channel), **facts}
    return made


def _figures(request: AtlasRequest, layer: Layer, work: Work) -> Iterator[Step]:
    """Filters and best pictures of the units that are there and have none yet."""
    fresh = tuple(channel for channel in layer.channels if channel in layer.units and "told" not in layer.units[channel])
    if not fresh:
        return
    for found in write_filters(layer.network, layer.request, layer.folder, fresh, work):
        if isinstance(found, dict):
            _learn(layer, found)
        else:
            yield found
    if request.best:
        shared = {name: getattr(layer.request, name) for name in NetworkRequest.model_fields}
        wanted = BestRequest(folder=request.best, layer=layer.folder.layer, top=request.top, **shared)
        ranking: BestPictures | None = None
        for step in rank(wanted, work):
            if isinstance(step, Result):
                ranking = step.record
            elif isinstance(step, Progress):
                yield step
        assert ranking is not None  # a job ends with a result
        layer.facts["pictures"] = len(ranking.paths)
        for found in write_crops(layer.network, ranking, layer.folder, fresh, work):
            if isinstance(found, dict):
                _learn(layer, found)
            else:
                yield found
    for channel in fresh:
        layer.units[channel]["told"] = True


def _learn(layer: Layer, found: Figures) -> None:
    for channel, more in found.items():
        layer.learn(channel, more)


def _grow(request: AtlasRequest, layers: list[Layer], pages: Pages, work: Work) -> Iterator[Step]:
    """Grow what is missing, here or on a cluster; each unit is written as soon as it is finished."""
    plan: list[tuple[Layer, Share]] = []
    for layer in layers:
        fingerprint = unit_store.fingerprint(layer.network, layer.request)
        for run in split(layer.missing):
            wanted = changed(layer.request, channels=run)
            plan.append((layer, Share(wanted.model_dump_json(), fingerprint)))
    total = sum(len(layer.missing) for layer in layers)
    owner = {layer.recipe: layer for layer in layers}
    done = 0
    for unit, part in _finished(request, [share for _, share in plan], work):
        if unit is not None:
            layer = owner[str(unit.facts["recipe"])]
            layer.folder.write(layer.folder.unit(unit.channel), unit.to_bytes())
            layer.units[unit.channel] = {"picture": layer.folder.unit(unit.channel), **unit.facts}
            done += 1
            pages.write_if_due()
        yield Progress(round(100 * (done + part)), 100 * total)


def _finished(request: AtlasRequest, shares: list[Share], work: Work) -> Generator[tuple[Unit | None, float], None, None]:
    """(a finished unit or None, how much of the next one is done), step by step."""
    if not request.cluster or not shares:
        for share in shares:
            for item in do_share(work.engine, share, work.token):
                yield (item, 0.0) if isinstance(item, Unit) else (None, item.done / item.total * len(item.channels))
        return
    from explorer.atlas.cluster import connected, spread

    with connected(request.cluster) as client, contextlib.closing(spread(client, shares, work.token)) as results:
        for result in results:
            if result is None:
                yield None, 0.0
                continue
            for channel, data in result:
                yield Unit.from_bytes(data, channel), 0.0


class Pages:
    """The pages of an atlas, written again and again from what is there."""

    def __init__(self, request: AtlasRequest, out: Path, layers: list[Layer]) -> None:
        info = layers[0].network.info
        self.out = out
        self.layers = layers
        self.facts: dict[str, Any] = {
            "model": info.name,
            "title": info.title,
            "weights": info.weights,
            "parameters": info.parameters,
            "input": info.input_size,
            "size": request.size,
            "steps": request.steps,
            "seed": request.seed,
            "surgery": len(request.surgery),
            "best": Path(request.best).name if request.best else "",
            "classes": list(info.classes),
        }
        self._written = 0.0

    def write(self) -> None:
        """Write all of them. Raises OSError."""
        for layer in self.layers:
            write_layer(self.out, self.facts, layer.folder.name, {**layer.facts, "of": layer.of}, layer.units)
        told = [
            (layer.folder.name, {**layer.facts, "of": layer.of}, {channel: layer.units[channel] for channel in layer.units})
            for layer in self.layers
        ]
        write_index(self.out, self.facts, told)
        self._written = time.monotonic()

    def write_if_due(self) -> None:
        """Once in a while: who kills the program still finds an atlas."""
        if time.monotonic() - self._written > PAGES_S:
            self.write()
