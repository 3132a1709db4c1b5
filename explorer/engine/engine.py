"""The engine of a process: which networks are loaded, on which device, with how many threads."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import torch

from explorer.engine import device as devices
from explorer.engine import loading
from explorer.engine.network import Network
from explorer.records.network import RunsOn
from explorer.zoo.registry import NETWORKS, NetworkSpec

if TYPE_CHECKING:
    from explorer.jobs import CancelToken
    from explorer.requests.network import NetworkRequest
    from explorer.tables import Table

log = logging.getLogger(__name__)
KEEP = 4  # a classifier, a detector, a segmenter and one to compare with
KEEP_BYTES = 1_500_000_000


class Engine:
    """Holds the networks in use. One per process, used from one thread.

    `threads`: CPU threads for torch and for the live runtimes; None takes all cores of the process (the command line), a
    window's child passes `device.threads_beside_window()`. `memo`: raw outputs of the newest frame, kept by `vision` so that a
    threshold can change without a new forward pass; emptied when a network leaves.
    """

    def __init__(self, threads: int | None = None, networks: Table[NetworkSpec] | None = None) -> None:
        self.threads = threads or devices.cores()
        torch.set_num_threads(self.threads)
        self.networks = NETWORKS if networks is None else networks
        self.memo: dict[str, Any] = {}
        self._loaded: OrderedDict[tuple[str, str, str], Network] = OrderedDict()

    def network(
        self, request: NetworkRequest, token: CancelToken | None = None, on_progress: loading.OnProgress | None = None
    ) -> Network:
        """The network a request names, loaded if it is not yet. Keyed by model, weights and device.

        The new network is complete and has answered once before anything old is let go; on any error the old ones stay.
        Raises BadRequestError (unknown model), ModelFileError (weights), ExplorerError (memory), Cancelled.
        """
        choice = devices.choose(request.device)
        key = (request.model, self._weights_key(request), str(choice.device))
        found = self._loaded.get(key)
        if found is None:
            spec = loading.spec_of(self.networks, request.model)
            notes = (choice.notice,) if choice.notice else ()
            found = loading.build(spec, request, choice.device, notes=notes, token=token, on_progress=on_progress)
            self._swap_in(key, found)
        self._loaded.move_to_end(key)
        return found

    @staticmethod
    def _weights_key(request: NetworkRequest) -> str:
        return f"{request.weights or ''}{'?' if getattr(request, 'partial', False) else ''}"

    def _swap_in(self, key: tuple[str, str, str], network: Network) -> None:
        """Enter `network`; the same model with other weights or on another device leaves, then the longest unused."""
        for old in [other for other in self._loaded if other[0] == key[0]]:
            self._drop(old)
        self._loaded[key] = network
        while len(self._loaded) > KEEP or (len(self._loaded) > 1 and self.nbytes > KEEP_BYTES):
            self._drop(next(iter(self._loaded)))

    def _drop(self, key: tuple[str, str, str]) -> None:
        network = self._loaded.pop(key)
        network.runners.clear()
        self.memo.clear()
        log.info("network %s left", network.info.name)
        if network.device.type == "cuda":
            del network
            torch.cuda.empty_cache()

    @property
    def nbytes(self) -> int:
        """Memory of all loaded weights."""
        return sum(network.nbytes for network in self._loaded.values())

    @property
    def loaded(self) -> tuple[Network, ...]:
        """Networks held now, longest unused first."""
        return tuple(self._loaded.values())

    def clear(self) -> None:
        """Let every network go."""
        for key in list(self._loaded):
            self._drop(key)

    def runs_on(self, network: Network, request: NetworkRequest) -> RunsOn:
        """Where a request runs: the live runtime chosen for it if there is one by now, else the torch float32 reference."""
        runner = network.runners.get((request.precision, request.exact))
        if runner is not None:
            runs_on: RunsOn = runner.runs_on
            return runs_on
        return RunsOn(device=str(network.device), threads=self.threads)
