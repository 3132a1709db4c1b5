"""From a request to a complete network: build, weights, check; and the jobs `load` and `catalogue`."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch

from explorer.engine import taught, vet
from explorer.engine.device import choose
from explorer.engine.memory import explained
from explorer.engine.network import Network
from explorer.engine.prepare import Recipe, Rule
from explorer.i18n import N_, tr
from explorer.jobs import Cancelled, CancelToken, Progress, Result
from explorer.records.errors import BadRequestError, ExplorerError, Trouble
from explorer.records.network import CatalogueRow
from explorer.requests.network import LoadRequest, NetworkRequest
from explorer.tables import UnknownNameError
from explorer.weights import fetch, store
from explorer.weights.rows import WeightsRow, class_list, row_for
from explorer.weights.taught_file import TaughtFile, is_taught
from explorer.weights.taught_file import read as read_taught
from explorer.zoo.registry import NetworkSpec, build_seeded

if TYPE_CHECKING:
    from explorer.jobs import Step, Work
    from explorer.requests.network import CatalogueRequest
    from explorer.tables import Table

RANDOM = "random"


def spec_of(networks: Table[NetworkSpec], name: str) -> NetworkSpec:
    """The zoo's row called `name`. Raises BadRequestError with near names."""
    try:
        return networks[name]
    except UnknownNameError as error:
        if "/" in name or "." in name:  # a path, to a file that is not there: one that is was opened before this
            raise BadRequestError(
                Trouble("network.missing", N_("There is no file {name}."), {"name": name}, exit_code=3)
            ) from None
        near = ", ".join(error.near or error.known)
        raise BadRequestError(
            Trouble(
                "network.unknown",
                N_("No network is called {name}."),
                {"name": name, "near": near},
                N_("There is: {near}."),
                exit_code=2,
            )
        ) from None


def recipe_of(spec: NetworkSpec, row: WeightsRow | None) -> Recipe:
    """How pictures are prepared: the weights row's word, else bytes divided by 255 and what the network's own row says."""
    if row is None:
        rule = spec.resize or {"detect": "letterbox", "segment": "stretch", "classify": "centre-crop"}[spec.task]
        return Recipe(size=spec.input_size, order="grey" if spec.channels == 1 else "rgb", rule=cast(Rule, rule))
    return Recipe(
        size=row.input_size,
        mean=row.mean,
        std=row.std,
        scale=row.scale,
        order=row.channel_order,
        rule=row.resize,
        crop_share=row.input_size / row.crop_from if row.crop_from else 1.0,
        fill=row.fill,
    )


@dataclass(frozen=True)
class Source:
    """What a request's `weights` means. `path`: a person's file; neither path nor row with numbers: seeded random.

    `head`: the file is a taught model; spec, row and weights are then those of its backbone, and `path` is the model's.
    """

    spec: NetworkSpec
    row: WeightsRow | None
    path: Path | None = None
    random: bool = False
    head: TaughtFile | None = None
    backbone: Path | None = None


def source_of(networks: Table[NetworkSpec], request: NetworkRequest) -> Source:
    """The network and weights a request names; a taught model may stand in either place.

    Raises BadRequestError, and ModelFileError for a bad Darknet description or taught model.
    """
    if request.model.lower().endswith(".cfg"):
        given = request.weights if request.weights not in (None, RANDOM) else None
        opened = vet.open_darknet(Path(request.model), given)
        random = opened.weights is None or request.weights == RANDOM
        return Source(opened.spec, opened.row, None if random else opened.weights, random=random)
    if request.model not in networks and Path(request.model).is_file():
        return _taught(networks, Path(request.model))
    if request.weights and request.weights != RANDOM:
        path = Path(request.weights)
        if is_taught(path):
            return _taught(networks, path)
        if path.suffix.lower() == ".cfg":
            opened = vet.open_darknet(path)
            return Source(opened.spec, opened.row, opened.weights, random=opened.weights is None)
        return Source(spec_of(networks, request.model), row_for(request.model), path)
    spec = spec_of(networks, request.model)
    row = row_for(spec.name)
    return Source(spec, row, random=row is None or request.weights == RANDOM)


def _taught(networks: Table[NetworkSpec], path: Path) -> Source:
    """A taught model and the source of its backbone."""
    head = read_taught(path)
    backbone, weights = spec_of(networks, head.facts["backbone"]["name"]), head.facts["backbone"]["weights"]
    if weights not in (None, RANDOM) and not Path(weights).is_file():
        weights = str(path.with_name(Path(weights).name))  # a person's weights may have moved together with the model
    base = source_of(networks, NetworkRequest(model=backbone.name, weights=weights))
    return replace(base, path=path, head=head, backbone=base.path)


def fetching(row: WeightsRow, token: CancelToken | None) -> Generator[Progress, None, None]:
    """Fetch a row's weights if they are not cached, as progress: the transfer runs in a thread so that it can be shown.

    Raises ModelFileError, Cancelled. Leaving the generator early ends the transfer.
    """
    if store.cached(row) is not None:
        return
    inner = CancelToken()
    told: queue.Queue[Progress | BaseException | None] = queue.Queue()

    def transfer() -> None:
        try:
            fetch.fetch(row, inner, told.put)
            told.put(None)
        except BaseException as error:  # handed over to the generator
            told.put(error)

    thread = threading.Thread(target=transfer, name=f"fetch {row.name}", daemon=True)
    thread.start()
    try:
        while True:
            if token is not None and token.cancelled:
                raise Cancelled
            try:
                item = told.get(timeout=0.1)
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        inner.cancel()
        thread.join(timeout=5.0)


def building(
    source: Source, request: NetworkRequest, device: torch.device, token: CancelToken | None = None
) -> Generator[Progress, None, Network]:
    """Build the network of `source`, fill it, run it once. Raises ModelFileError, ExplorerError, Cancelled."""
    spec, row = source.spec, source.row
    if source.head is not None and source.path is not None:
        plain = replace(source, path=source.backbone, head=None, backbone=None)
        base = yield from building(plain, LoadRequest(model=spec.name), device, token)
        with _runs(spec), explained(device, loading=spec.title):
            return taught.dressed(base, source.head, source.path, token)
    if row is not None and source.path is None and not source.random:
        yield from fetching(row, token)
    yield Progress(0, 2, tr("loading {network}").format(network=spec.title))
    with _runs(spec), explained(device, loading=spec.title):
        module = build_seeded(spec)
        whole = True
        notes: tuple[str, ...] = ()
        label = tr("its own") if spec.set_weights else tr("random (seed {seed})").format(seed=0)
        if not source.random:
            origin = source.path if source.path is not None else row
            assert origin is not None  # source_of: not random, so there is a file or a row
            state = vet.load_state(origin, spec, token, partial=getattr(request, "partial", False))
            module.load_state_dict(state.tensors, strict=state.report.complete)
            whole = state.report.complete
            label, row, notes = state.title, state.row, state.notes
        yield Progress(1, 2, tr("first pass of {network}").format(network=spec.title))
        return Network(
            spec,
            module,
            recipe_of(spec, row),
            row=row,
            device=device,
            weights=label,
            classes=spec.labels or class_list(spec.classes_file),
            notes=notes,
            whole=whole,
            token=token,
        )


@contextlib.contextmanager
def _runs(spec: NetworkSpec) -> Iterator[None]:
    """Whatever a network raises when it is built or runs for the first time becomes a reason that a person can read."""
    try:
        yield
    except (ExplorerError, Cancelled):
        raise
    except Exception as error:
        text = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise ExplorerError(
            Trouble(
                "network.cannot-run",
                N_("{network} cannot run: {text}"),
                {"network": spec.title, "text": f"{type(error).__name__}: {text}" if text else type(error).__name__},
                N_("The network loaded before is still there."),
                exit_code=4,
            )
        ) from error


def run_out(steps: Generator[Any, None, Network], watch: Callable[[Progress], None] | None = None) -> Network:
    """The network at the end of `steps`; its progress goes to `watch`, if anybody watches."""
    while True:
        try:
            step = next(steps)
        except StopIteration as done:
            network: Network = done.value
            return network
        if watch is not None:
            watch(step)


def load(request: LoadRequest, work: Work) -> Iterator[Step]:
    """Job: load a network, then describe it; the notes say so if the device asked for is not there."""
    network: Network = yield from work.engine.loading(request, work.token)
    notice = choose(request.device).notice
    yield Result(replace(network.info, notes=(notice, *network.info.notes)) if notice else network.info)


def catalogue(request: CatalogueRequest, work: Work) -> Iterator[Step]:
    """Job: list the networks that can be loaded."""
    rows = []
    for name in work.engine.networks:
        spec = work.engine.networks[name]
        rows.append(describe(spec, row_for(name)))
        yield Progress(len(rows), len(work.engine.networks), name)
    yield Result((*rows, *filter(None, map(taught.describe, taught.listed()))))


def describe(spec: NetworkSpec, row: WeightsRow | None) -> CatalogueRow:
    """One line of the catalogue: what would happen on load."""
    state, size = "bundled" if spec.set_weights else "random", 0
    if row is not None:
        state = "bundled" if row.bundled else "cached" if store.cached(row) is not None else "download"
        size = row.download_size if state == "download" else 0
    return CatalogueRow(
        name=spec.name,
        title=spec.title,
        task=spec.task,
        paper=spec.paper,
        input_size=row.input_size if row is not None else spec.input_size,
        state=state,
        bytes=size,
        licence=row.licence if row is not None else "",
    )
