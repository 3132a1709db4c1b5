"""Which pictures of a folder does a unit like best, and which part of them? One pass answers for every channel of a layer."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from explorer.assets import assets_dir
from explorer.engine.memory import explained
from explorer.engine.taps import layer_of, run_until
from explorer.features import unit_store
from explorer.features.layers import default_layer, maps_of
from explorer.features.ranks import MEASURES, Found
from explorer.features.sight import Sight
from explorer.features.upstream import upstream
from explorer.i18n import N_
from explorer.jobs import Cancelled, Preview, Progress, Result, Step, Work
from explorer.picture.listing import stills_in
from explorer.picture.shrink import cut_out
from explorer.picture.stills import read_rgb
from explorer.records.errors import BadRequestError, MediaError, Trouble
from explorer.records.frame import RGB, Frame
from explorer.records.units import XYXY, BestPicture, BestPictures
from explorer.requests.units import BestRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network

Crops: TypeAlias = dict[int, tuple[RGB, XYXY]]  # number of a picture -> its crop and the box it was cut from
PREVIEW_S = 0.4
VERSION = 1  # raise it when the same pictures would be ranked differently


def best(request: BestRequest, work: Work) -> Iterator[Step]:
    """The job of BestRequest. Previews are the ranking so far; the last one stays when it is stopped."""
    network = work.engine.network(request, work.token)
    layer = default_layer(network, request.layer)
    layer_of(network.module, layer)  # says at once that there is no such layer
    request = upstream(request, network, layer)
    network = work.engine.network(request, work.token)
    folder = Path(request.folder) if request.folder else assets_dir() / "samples"
    files = stills_in(folder, request.inside, request.limit)
    kept_at = unit_store.place(network, request, layer, f"best-{listing_key(files)}.npz")
    data = unit_store.read(kept_at)
    found = Found.from_bytes(data, len(files)) if data is not None else None
    sight = Sight(network, layer, work.token)
    crops: Crops = {}
    if found is None:
        found = yield from _pass(request, work, network, layer, files, crops, sight)
        unit_store.write(kept_at, found.to_bytes())
        unit_store.prune()
    else:
        _check_channel(request.channel, found.channels, layer)
    yield from _cut_missing(request, work, found, crops, sight)
    yield Result(_record(request, network, layer, folder, found, crops))


def listing_key(files: list[Path]) -> str:
    """Changes when a picture comes, goes or is written again."""
    lines: list[Any] = [VERSION]
    for path in files:
        try:
            state = path.stat()
            lines.append([str(path.absolute()), state.st_size, state.st_mtime_ns])
        except OSError:
            lines.append([str(path.absolute()), -1, -1])
    return unit_store.key({"files": lines})


def _check_channel(channel: int | None, count: int, layer: str) -> None:
    if channel is not None and channel >= count:
        raise BadRequestError(
            Trouble(
                "layer.channel",
                N_("Layer {layer} has no channel {channel}: it has {count}, counted from 0."),
                {"layer": layer, "channel": channel, "count": count},
            )
        )


def answers(network: Network, layer: str, rgb: RGB, work: Work) -> tuple[torch.Tensor, Any]:
    """(C, h, w) float32 maps of `layer` for a picture, and the geometry between its pixels and the network's."""
    prepared = network.prepare(Frame(rgb))
    with explained(network.device), torch.no_grad():
        return maps_of(run_until(network.module, prepared.nchw, layer, work.token), layer), prepared.geometry


def scored(maps: torch.Tensor) -> tuple[dict[str, npt.NDArray[np.float32]], npt.NDArray[np.int32]]:
    """The maximum and the mean of each of (C, h, w) maps, (C,) each, and (C, 2): row and column of the first maximum."""
    flat = maps.flatten(1)
    most, at = flat.max(dim=1)
    rows, columns = at // maps.shape[2], at % maps.shape[2]
    places = torch.stack([rows, columns], dim=1).to(torch.int32)
    mean = flat.mean(dim=1)
    return {"max": most.cpu().numpy(), "mean": mean.cpu().numpy()}, places.cpu().numpy()


def _pass(
    request: BestRequest,
    work: Work,
    network: Network,
    layer: str,
    files: list[Path],
    crops: Crops,
    sight: Sight,
) -> Generator[Step, None, Found]:
    found: Found | None = None
    unreadable: list[tuple[str, str]] = []
    folder = Path(request.folder) if request.folder else assets_dir() / "samples"
    shown_at = time.perf_counter()
    try:
        for number, path in enumerate(files):
            work.token.check()
            yield Progress(number, len(files), path.name)
            try:
                rgb = read_rgb(path)
            except MediaError as error:
                unreadable.append((path.name, error.trouble.english()))
                continue
            yield Progress(number, len(files), path.name)
            maps, geometry = answers(network, layer, rgb, work)
            if found is None:
                _check_channel(request.channel, len(maps), layer)
                found = Found(len(maps), (maps.shape[1], maps.shape[2]), unreadable=unreadable, total=len(files))
            scores, places = scored(maps)
            picture = len(found.paths)
            found.paths.append(str(path))
            takers = {measure: found.ranks[measure].enter(picture, scores[measure], places) for measure in MEASURES}
            found.done = number + 1
            if request.channel is not None and request.channel in takers[request.measure]:
                box = sight.box(geometry, (int(places[request.channel][0]), int(places[request.channel][1])))
                crops[picture] = cut_out(rgb, box, request.crop), box
                _let_go(crops, found.ranks[request.measure].index[request.channel, : request.top])
            if time.perf_counter() - shown_at >= PREVIEW_S:
                shown_at = time.perf_counter()
                yield Preview(_record(request, network, layer, folder, found, crops), found.done, len(files))
    except Cancelled:
        if found is not None:
            yield Preview(_record(request, network, layer, folder, found, crops), found.done, len(files))
        raise
    if found is None:
        raise MediaError(
            Trouble(
                "best.unreadable",
                N_("None of the {count} files in {folder} is a picture that can be read."),
                {"count": len(files), "folder": str(folder), "why": unreadable[0][1]},
                N_("The first one: {why}"),
            )
        )
    found.done = len(files)
    return found


def _let_go(crops: Crops, kept: npt.NDArray[np.int32]) -> None:
    for number in set(crops) - set(kept.tolist()):
        del crops[number]


def _cut_missing(
    request: BestRequest,
    work: Work,
    found: Found,
    crops: Crops,
    sight: Sight,
) -> Iterator[Step]:
    """Read the best pictures again where their crops are not at hand: the ranking came from the disk."""
    if request.channel is None:
        return
    ranks = found.ranks[request.measure]
    for rank, number in enumerate(ranks.index[request.channel, : request.top].tolist()):
        if number < 0 or number in crops:
            continue
        yield Progress(rank, request.top)
        work.token.check()
        try:
            rgb = read_rgb(found.paths[number])
        except MediaError as error:  # gone since its name was read
            found.unreadable.append((Path(found.paths[number]).name, error.trouble.english()))
            continue
        row, column = ranks.place[request.channel, rank].tolist()
        geometry = sight.network.recipe.geometry(*rgb.shape[:2])
        box = sight.box(geometry, (row, column))
        crops[number] = cut_out(rgb, box, request.crop), box


def _record(
    request: BestRequest,
    network: Network,
    layer: str,
    folder: Path,
    found: Found,
    crops: Crops,
) -> BestPictures:
    ranks = found.ranks[request.measure]
    entries = []
    if request.channel is not None:
        for rank, number in enumerate(ranks.index[request.channel, : request.top].tolist()):
            if number in crops:
                crop, box = crops[number]
                row, column = ranks.place[request.channel, rank].tolist()
                score = float(ranks.score[request.channel, rank])
                entries.append(BestPicture(found.paths[number], score, (row, column), box, crop))
    return BestPictures(
        layer=layer,
        measure=request.measure,
        folder=str(folder),
        channel=request.channel,
        paths=tuple(found.paths),
        index=ranks.index[:, : request.top].copy(),
        score=ranks.score[:, : request.top].copy(),
        place=ranks.place[:, : request.top].copy(),
        map_hw=found.map_hw,
        entries=tuple(entries),
        unreadable=tuple(found.unreadable),
        done=found.done,
        total=found.total,
        facts={
            "model": network.info.name,
            "weights": network.info.weights,
            "kind": type(layer_of(network.module, layer)).__name__,
        },
    )
