"""What classify, detect and segment share: frame -> prepared tensor -> raw outputs, timed, remembered for the same frame."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.engine.letterboxed import Letterboxed
from explorer.engine.live import Judge, making
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, ExplorerError, Trouble
from explorer.records.network import RunsOn, Timing
from explorer.vision import memo

if TYPE_CHECKING:
    from explorer.engine.engine import Engine
    from explorer.engine.live import Runner
    from explorer.engine.network import Network
    from explorer.engine.prepare import Geometry, Prepared
    from explorer.jobs import Step, Work
    from explorer.records.frame import Frame
    from explorer.requests.network import NetworkRequest
    from explorer.vision.boxes import F32


FORESEEN = "foreseen"


class Stopwatch:
    """Milliseconds per stage, in order; `timing()` is the record."""

    def __init__(self) -> None:
        self._at = time.perf_counter()
        self.stages: list[tuple[str, float]] = []

    def lap(self, stage: str, since: float | None = None) -> None:
        """Close a stage; `since`: when it began (time.perf_counter()) if not at the end of the one before."""
        now = time.perf_counter()
        self.stages.append((stage, (now - (self._at if since is None else since)) * 1000))
        self._at = now

    def go_on(self) -> None:
        """What was since the last stage counts for none."""
        self._at = time.perf_counter()

    def timing(self) -> Timing:
        """The stages so far."""
        return Timing(tuple(self.stages))


@dataclass
class Raw:
    """The raw outputs of a network for one frame: (1, ...) float32 arrays of its own, with the way back to the frame."""

    network: Network
    geometry: Geometry
    outputs: list[F32]
    runs_on: RunsOn
    watch: Stopwatch = field(default_factory=Stopwatch)


def frame_of(work: Work) -> Frame:
    """The job's picture. Raises BadRequestError without one."""
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.none", N_("There is no picture to look at."), {}, N_("Choose a picture, video or camera."), 2)
        )
    return work.frame


def network_for(request: NetworkRequest, work: Work, task: str) -> Generator[Step, None, Network]:
    """The loaded network of a request. Raises BadRequestError if it does something else than `task`."""
    network: Network = yield from work.engine.loading(request, work.token)
    if network.spec.task != task:
        raise BadRequestError(
            Trouble(
                "network.task",
                N_("{network} is made to {does}, not to {task}."),
                {"network": network.info.title, "does": network.spec.task, "task": task},
                N_("Choose another network."),
                exit_code=2,
            )
        )
    return network


def look(request: NetworkRequest, work: Work, task: str, judge: Judge) -> Generator[Step, None, Raw]:
    """Raw outputs of `request.model` for the work's frame, from memory if this frame was the last one looked at."""
    frame = frame_of(work)
    network = yield from network_for(request, work, task)
    seen = work.engine.memo.get(FORESEEN)
    if seen is not None and seen[0] is frame and seen[1] == (request.precision, request.exact) and seen[2].network is network:
        raw: Raw = seen[2]
        raw.watch.go_on()
        return raw
    key = (memo.FrameKey.of(frame, numbered=work.ahead is not None), id(network), request.precision, request.exact)
    kept = memo.recall(work.engine, task, key)
    if kept is not None:
        geometry, outputs, runs_on = kept
        return Raw(network, geometry, outputs, runs_on)
    runner = yield from making(work.engine, network, request, judge, work.token)
    raw = forward(network, runner, frame, work) if work.ahead is None else work.ahead.see(network, runner, frame, work)
    memo.keep(work.engine, task, key, (raw.geometry, raw.outputs, raw.runs_on))
    return raw


def foresee(engine: Engine, frame: Frame | None = None, request: NetworkRequest | None = None, raw: Raw | None = None) -> None:
    """The next `look` at this very `frame` finds `raw`, which was made ahead; without a frame: nothing any more."""
    if frame is None or request is None or raw is None:
        engine.memo.pop(FORESEEN, None)
    else:
        engine.memo[FORESEEN] = (frame, (request.precision, request.exact), raw)


def forward(network: Network, runner: Runner, frame: Frame, work: Work) -> Raw:
    """One pass, with the stages "prepare" and "forward" timed; the outputs are copies that stay valid."""
    watch = Stopwatch()
    ready = prepared(network, runner, frame)
    watch.lap(N_("prepare"))
    outputs = [np.array(array) for array in runner(ready.nchw, work.token)]
    watch.lap(N_("forward"))
    return Raw(network, ready.geometry, outputs, runner.runs_on, watch)


def prepared(network: Network, runner: Runner, frame: Frame) -> Prepared:
    """The frame as this runner takes it."""
    return runner.prepare(frame) if isinstance(runner, Letterboxed) else network.prepare(frame)


def require_finite(array: Any, network: Network) -> None:
    """Raise ExplorerError if an answer holds NaN or infinity: broken weights, or an overflow."""
    bad = int(np.size(array) - np.isfinite(array).sum())
    if bad:
        raise ExplorerError(
            Trouble(
                "network.not-finite",
                N_("{network} answers with {bad} values of {all} that are not numbers."),
                {"network": network.info.title, "bad": bad, "all": int(np.size(array))},
                N_("Its weights are damaged, or the numbers grew too large in low precision: try the exact switch."),
                exit_code=6,
            )
        )
