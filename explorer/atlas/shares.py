"""The work of an atlas cut into shares, and how one share is done: here, or by a worker of a cluster with its own engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.features import unit_store
from explorer.features.gallery import Unit, units
from explorer.features.upstream import upstream
from explorer.i18n import N_
from explorer.jobs import CancelToken
from explorer.records.errors import ExplorerError, Trouble
from explorer.requests.units import GalleryRequest

if TYPE_CHECKING:
    from explorer.features.maximise import Growing

PER_SHARE = 4  # units: a worker that is lost costs little, and an atlas that is stopped ends soon


@dataclass(frozen=True)
class Share:
    """Some units of one layer. `request`: a GalleryRequest as JSON; `fingerprint`: of the network that must be found there."""

    request: str
    fingerprint: str

    @property
    def gallery(self) -> GalleryRequest:
        """The request."""
        return GalleryRequest.model_validate_json(self.request)


def split(channels: Sequence[int], per_share: int = PER_SHARE) -> list[tuple[int, ...]]:
    """`channels` in runs of at most `per_share`, every one of them once, in order."""
    return [tuple(channels[first : first + per_share]) for first in range(0, len(channels), per_share)]


def do_share(engine: Any, share: Share, token: CancelToken, *, store: bool = True) -> Iterator[Unit | Growing]:
    """Grow the units of a share with `engine`; see features.gallery.units.

    Raises ExplorerError where this engine's network has other weights, or prepares pictures otherwise, than the share's.
    """
    request = share.gallery
    network = engine.network(request, token)
    request = upstream(request, network, request.layer)
    network = engine.network(request, token)
    if unit_store.fingerprint(network, request) != share.fingerprint:
        raise ExplorerError(
            Trouble(
                "atlas.other-weights",
                N_("The worker has other weights for {network}, or another version of the program."),
                {"network": network.info.title},
                N_("Install the same version there, and give it the same weights file at the same path."),
                exit_code=4,
            )
        )
    yield from units(network, request, request.layer, request.channels, token, store=store)


_lock = threading.Lock()
_engines: dict[str, Any] = {}


def on_worker(share: Share) -> list[tuple[int, bytes]]:
    """What a worker of a cluster runs: (channel, PNG with its facts) of every unit of the share.

    The engine is made once in a worker's process and used by one of its threads at a time.
    """
    with _lock:
        if "engine" not in _engines:
            from explorer.engine.engine import Engine

            _engines["engine"] = Engine()
        token = CancelToken()
        found = do_share(_engines["engine"], share, token, store=False)
        return [(item.channel, item.to_bytes()) for item in found if isinstance(item, Unit)]
