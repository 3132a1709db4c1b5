"""The engine of a process: which networks are loaded, on which device, with how many threads."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from explorer.engine import device as devices
from explorer.engine import loading, surgery
from explorer.engine.memory import give_back_pages, keep_pages
from explorer.engine.network import Network
from explorer.records.network import RunsOn
from explorer.requests.network import LoadRequest
from explorer.requests.surgery import cuts
from explorer.zoo.registry import NETWORKS, NetworkSpec

if TYPE_CHECKING:
    from explorer.jobs import CancelToken, Progress
    from explorer.requests.network import NetworkRequest
    from explorer.requests.surgery import Edit
    from explorer.tables import Table

log = logging.getLogger(__name__)
KEEP = 4  # a classifier, a detector, a segmenter and one to compare with
KEEP_BYTES = 1_500_000_000
KEEP_OPERATED = 4  # a click on a channel and its undo go back and forth between two

_Key: TypeAlias = tuple[str, str, str]  # model, weights, device


class Engine:
    """Holds the networks in use. One per process, used from one thread.

    `threads`: CPU threads for torch and for the live runtimes; None takes all cores of the process (the command line), a
    window's child passes `device.threads_beside_window()`. `memo`: raw outputs of the newest frame, kept by `vision` so that a
    threshold can change without a new forward pass; emptied when a network leaves.
    """

    def __init__(self, threads: int | None = None, networks: Table[NetworkSpec] | None = None) -> None:
        self.threads = threads or devices.cores()
        torch.set_num_threads(self.threads)
        keep_pages()
        self.networks = NETWORKS if networks is None else networks
        self.memo: dict[str, Any] = {}
        self._told: set[str] = set()
        self._notices: list[str] = []
        self._loaded: OrderedDict[_Key, Network] = OrderedDict()
        self._operated: OrderedDict[tuple[_Key, tuple[Edit, ...]], Network] = OrderedDict()

    def network(
        self,
        request: NetworkRequest,
        token: CancelToken | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Network:
        """The network a request names, loaded (and fetched) if it is not there yet. Keyed by model, weights and device.

        The new network is complete and has answered once before anything old is let go; on any error the old ones stay.
        A request's surgery gives a copy that was operated on and shares the weights.
        Raises BadRequestError (unknown model or place of surgery), ModelFileError (weights), ExplorerError (memory), Cancelled.
        """
        return loading.run_out(self.loading(request, token), on_progress)

    def loading(self, request: NetworkRequest, token: CancelToken | None = None) -> Generator[Progress, None, Network]:
        """As `network`, for `yield from` in a job: download and loading as progress; the generator's value is the network."""
        choice = devices.choose(request.device)
        if choice.notice and request.device not in self._told:
            self._told.add(request.device)
            self._notices.append(choice.notice)
            log.warning("%s", choice.notice)
        key = (self._model_key(request.model), _weights_key(request.weights), str(choice.device))
        found = self._loaded.get(key)
        chosen = request if isinstance(request, LoadRequest) else None  # a person's choice, not only a use
        if found is None or (chosen is not None and not chosen.partial and not found.whole):
            source = loading.source_of(self.networks, request)
            found = yield from loading.building(source, request, choice.device, token)
            self._swap_in(key, found, alone=chosen is not None)
        self._loaded.move_to_end(key)
        return self._operated_on(key, found, request.surgery, token) if request.surgery else found

    def _operated_on(self, key: _Key, network: Network, edits: tuple[Edit, ...], token: CancelToken | None) -> Network:
        """`network` with `edits`, the newest few of them kept."""
        found = self._operated.get((key, edits))
        if found is None:
            found = surgery.operate(network, edits, token)
            self._operated[key, edits] = found
            if len(self._operated) > KEEP_OPERATED:
                self._operated.popitem(last=False)
                self.memo.clear()  # its keys know networks by their place in memory, which is free again
        self._operated.move_to_end((key, edits))
        return found

    def take_notices(self) -> tuple[str, ...]:
        """What a person should know about requests so far, translated, each once: a device that is not there."""
        found, self._notices = tuple(self._notices), []
        return found

    def has(self, request: NetworkRequest) -> bool:
        """Whether a request's network is loaded."""
        key = (self._model_key(request.model), _weights_key(request.weights), str(devices.choose(request.device).device))
        return key in self._loaded

    def _model_key(self, model: str) -> str:
        """A name of the zoo, or a taught model's file with its state."""
        return model if model in self.networks else _weights_key(model)

    def _swap_in(self, key: _Key, network: Network, *, alone: bool) -> None:
        """Enter `network`; the longest unused leave.

        `alone`: so does the same model with other weights or on another device. Panels that use two versions of one model do
        not push each other out.
        """
        same = [other for other in self._loaded if other[0] == key[0]]
        for old in same if alone else [other for other in same if _file_of(other) == _file_of(key)]:
            self._drop(old)
        self._loaded[key] = network
        while len(self._loaded) > KEEP or (len(self._loaded) > 1 and self.nbytes > KEEP_BYTES):
            self._drop(next(iter(self._loaded)))

    def _drop(self, key: _Key) -> None:
        network = self._loaded.pop(key)
        network.runners.clear()
        for other in [other for other in self._operated if other[0] == key]:
            del self._operated[other]
        self.memo.clear()
        log.info("network %s left", network.info.name)
        give_back_pages()
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
        return RunsOn(device=str(network.device), threads=self.threads, edits=cuts(network.edits))


def _weights_key(weights: str | None) -> str:
    """What tells weights apart: the word, or a file's path with its size and time, so that a changed file is read again."""
    if not weights or weights == loading.RANDOM:
        return weights or ""
    try:
        state = Path(weights).stat()
    except OSError:
        return weights
    return f"{weights}|{state.st_size}|{state.st_mtime_ns}"


def _file_of(key: _Key) -> tuple[str, str]:
    """Weights and device of a key, without the state of the file: an older version of a file is no other weights."""
    return key[1].split("|")[0], key[2]
