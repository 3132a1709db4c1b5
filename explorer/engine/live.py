"""The live path: the fastest runtime of a network that agrees with the torch float32 reference on this machine.

On a CPU: OpenVINO in bf16 where the CPU has it and the judge of the task accepts it, else OpenVINO in float32, else torch
with folded batch norms and channels last. On a GPU: torch in bf16 where accepted, else float32. `exact`, and any network that
was operated on: the reference.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from explorer.engine import openvino_runtime, shelf
from explorer.engine.openvino_runtime import F32, OpenVinoRunner
from explorer.engine.probe import probe_frames
from explorer.engine.torch_runner import TorchRunner, fused
from explorer.i18n import N_, tr
from explorer.jobs import Progress
from explorer.records.network import RunsOn
from explorer.requests.surgery import cuts

if TYPE_CHECKING:
    from explorer.engine.engine import Engine
    from explorer.engine.network import Network
    from explorer.engine.prepare import Prepared
    from explorer.jobs import CancelToken
    from explorer.requests.network import NetworkRequest

log = logging.getLogger(__name__)


class Runner(Protocol):
    """A network that answers fast. `runs_on` names runtime, precision and agreement."""

    runs_on: RunsOn

    def __call__(self, nchw: torch.Tensor, token: CancelToken | None = None) -> list[F32]:
        """(1, C, S, S) float32 -> all outputs as float32 arrays, valid until the next call."""
        ...

    def beside(self) -> Runner | None:
        """The same runner for another thread: its pass waits for this one's and then begins at once. None: one thread only."""
        ...

    def lanes(self) -> Sequence[Runner]:
        """Runners for threads of their own that together give the most frames a second, with the very same numbers."""
        ...


@dataclass(frozen=True)
class Verdict:
    """How well a fast runtime agrees with the reference. `sentence`, translated, is shown with every result.

    `template` is an English message key, filled from `values` (numbers).
    """

    good: bool
    template: str
    values: dict[str, float] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The measure in words, in the language of now."""
        return tr(self.template).format(**self.values)


Outputs = Sequence[F32]
Judge = Callable[["Network", Sequence["Prepared"], Sequence[Outputs], Sequence[Outputs]], Verdict]
"""A task's own measure: (network, prepared probe pictures, reference outputs, fast outputs) -> Verdict."""


@dataclass(frozen=True)
class Candidate:
    """One way to run a network, tried in order."""

    runtime: str
    precision: str


def candidates(network: Network, request: NetworkRequest) -> tuple[Candidate, ...]:
    """What to try for this network and request, fastest first; the last always works."""
    on_cpu = network.device.type == "cpu"
    precisions = {"auto": ("bf16", "float32"), "bfloat16": ("bf16",), "float32": ("float32",)}[request.precision]
    if on_cpu and _openvino_there():
        if not openvino_runtime.has_bf16():
            precisions = ("float32",)
        return (*(Candidate("OpenVINO", precision) for precision in precisions), Candidate("torch fused", "float32"))
    if on_cpu and request.precision == "auto":
        precisions = ("float32",)  # torch repacks bf16 weights in every call: slower or hardly faster (performance.md)
    return (*(Candidate("torch fused", precision) for precision in precisions), Candidate("torch", "float32"))


def _openvino_there() -> bool:
    try:
        openvino_runtime.silent_openvino()
    except ImportError:
        return False
    return True


def live_runner(
    engine: Engine, network: Network, request: NetworkRequest, judge: Judge | None = None, token: CancelToken | None = None
) -> Runner:
    """The runner for `request`, made on first use and kept with the network. Raises Cancelled, ExplorerError."""
    return run_out(making(engine, network, request, judge, token))


def run_out(steps: Generator[Progress, None, Runner]) -> Runner:
    """The value of a generator whose progress nobody watches."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            runner: Runner = done.value
            return runner


def making(
    engine: Engine, network: Network, request: NetworkRequest, judge: Judge | None = None, token: CancelToken | None = None
) -> Generator[Progress, None, Runner]:
    """As `live_runner`, for `yield from` in a job: shows what is being prepared; the generator's value is the runner."""
    key = (request.precision, request.exact)
    runner: Runner | None = network.runners.get(key)
    if runner is None:
        reference = RunsOn(device=str(network.device), threads=engine.threads, edits=cuts(network.edits))
        runner = TorchRunner(network.module, network.device, reference)
        if not request.exact and not network.edits:  # an operated network is looked at in float32, and changes with every click
            yield Progress(0, 2, N_("preparing the live version"))
            runner = yield from _fastest(network, request, judge, runner, token)
        network.runners[key] = runner
    return runner


def _fastest(
    network: Network, request: NetworkRequest, judge: Judge | None, reference: TorchRunner, token: CancelToken | None
) -> Generator[Progress, None, Runner]:
    expected: list[Outputs] = []
    bench = _Bench(network, reference.runs_on, token)
    for candidate in candidates(network, request):
        forced = request.precision == "bfloat16" and candidate.precision == "bf16"
        if candidate.precision == "bf16" and judge is None and not forced:
            continue
        threads = reference.runs_on.threads
        entry = shelf.Entry(network, candidate.runtime, candidate.precision, threads, judge)
        known = Verdict(*entry.verdict) if entry.verdict is not None else None
        if known is not None and not known.good and not forced:
            continue
        verdict = known
        try:
            runner, blob = bench.make(candidate, entry)
            if judge is not None and verdict is None:
                yield Progress(1, 2, N_("comparing the live version with the reference"))
                verdict = _compare(network, judge, expected, reference, runner, token)
        except (RuntimeError, ImportError, NotImplementedError) as error:  # a runtime that cannot take this network
            log.info("%s %s cannot run %s: %s", candidate.runtime, candidate.precision, network.info.name, error)
            continue
        if verdict is not None and known is None:
            log.info("%s %s on %s: %s", candidate.runtime, candidate.precision, network.info.name, verdict.sentence)
        wanted = verdict is None or verdict.good or forced
        if blob is not None or known is None:
            entry.keep((verdict.good, verdict.template, verdict.values) if verdict else None, blob if wanted else None)
        if wanted:
            runner.runs_on = replace(runner.runs_on, agreement=verdict.sentence if verdict else "")
            return runner
    return reference


class _Bench:
    """Makes the candidates of one network; the conversion to OpenVINO is done once for all precisions."""

    def __init__(self, network: Network, where: RunsOn, token: CancelToken | None) -> None:
        self._network, self._where, self._token = network, where, token
        self._converted: Any = None

    def make(self, candidate: Candidate, entry: shelf.Entry) -> tuple[Runner, bytes | None]:
        """The candidate ready to run, and its compiled form if it was compiled just now. Raises what the runtime raises."""
        network, threads = self._network, self._where.threads
        runs_on = replace(self._where, runtime=candidate.runtime, precision=candidate.precision)
        self._check()
        if candidate.runtime != "OpenVINO":
            module = network.module if candidate.runtime == "torch" else fused(network.module, network.blank())
            return TorchRunner(module, network.device, runs_on, half=candidate.precision == "bf16"), None
        blob = entry.blob()
        if blob is not None:
            try:
                return OpenVinoRunner(openvino_runtime.restore(blob, candidate.precision, threads), runs_on, entry.blob), None
            except RuntimeError as error:
                log.info("compiled %s is of no use here: %s", network.info.name, error)
        if self._converted is None:
            own = network.spec.read_mask or getattr(network.module, "read_mask", None)
            keep = 1 if network.spec.task == "segment" and own is None else 0  # side outputs are for learning, not for looking
            self._converted = openvino_runtime.convert(network.module, network.blank(), self._token, keep)
            self._check()
        compiled = openvino_runtime.compile_model(self._converted, candidate.precision, threads)
        return OpenVinoRunner(compiled, runs_on, entry.blob), openvino_runtime.export(compiled)

    def _check(self) -> None:
        if self._token is not None:
            self._token.check()


def _compare(
    network: Network,
    judge: Judge,
    expected: list[Outputs],
    reference: Runner,
    runner: Runner,
    token: CancelToken | None,
) -> Verdict:
    """Ask the judge about the probe pictures. `expected` is filled once and used for all candidates.

    Where the judge has nothing to judge by, as with random weights, equal numbers decide.
    """
    prepared = [network.prepare(frame) for frame in probe_frames(many=network.spec.task == "detect")]
    if not expected:
        expected += [reference(item.nchw, token) for item in prepared]
    got = [[array.copy() for array in runner(item.nchw, token)] for item in prepared]
    verdict = judge(network, prepared, expected, got)
    if not verdict.good and all(_equal(one, other) for one, other in zip(expected, got, strict=True)):
        return replace(verdict, good=True)
    return verdict


def _equal(one: Outputs, other: Outputs) -> bool:
    """Whether every number is the same but for the rounding of float32 (a runner may leave side outputs out)."""
    return all(
        np.allclose(a, b, rtol=1e-4, atol=1e-4 * float(np.abs(a).max(initial=1e-9))) for a, b in zip(one, other, strict=False)
    )
