"""Two networks of one task on the same frame, in turns: what they say, how long it takes, what it needs."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.engine.growth import Growth
from explorer.engine.live import making
from explorer.i18n import N_
from explorer.jobs import Progress, Result
from explorer.records.arena import ArenaResult, ArenaSideResult, Laps
from explorer.records.attribution import Said
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.vision import Detections, Mask, TopK
from explorer.vision import arena_match as match
from explorer.vision import classify, detect, memo, segment
from explorer.vision.look import Raw, forward, frame_of

if TYPE_CHECKING:
    from explorer.engine.live import Judge, Runner
    from explorer.engine.network import Network
    from explorer.jobs import Step, Work
    from explorer.records.frame import Frame
    from explorer.requests.arena import ArenaRequest, ArenaSide

JUDGES: dict[str, Judge] = {"detect": detect.agreement, "segment": segment.agreement, "classify": classify.agreement}
BYTES = {"bf16": 2}


@dataclass
class Contender:
    """One side while it runs."""

    side: ArenaSide
    network: Network
    runner: Runner
    raw: Raw | None = None
    answer: Any = None
    probabilities: Any = None
    pass_bytes: int | None = None
    laps: list[tuple[tuple[str, float], ...]] = field(default_factory=list)

    def run(self, frame: Frame, work: Work) -> None:
        """One pass, read; its stages are kept."""
        self.raw = forward(self.network, self.runner, frame, work)
        self.read(self.raw, frame)
        self.laps.append(self.answer.timing.stages)

    def read(self, raw: Raw, frame: Frame) -> None:
        """The answer as the thresholds of this side want it."""
        task = self.network.spec.task
        if task == "detect":
            self.answer = detect.read(raw, self.side, (frame.height, frame.width), frame.seq)
        elif task == "segment":
            self.answer = segment.read(raw, frame.seq)
        else:
            self.answer, self.probabilities = classify.read(raw, self.side.top, frame.seq)


def arena(request: ArenaRequest, work: Work) -> Iterator[Step]:
    """The job of ArenaRequest. Result: ArenaResult. Sides run in turns, so that a slow moment of the machine meets both.

    What they said raw, and their times, are kept for the frame: a threshold needs no new pass.
    """
    frame = frame_of(work)
    yield from _same_task(request, work)
    sides: list[Contender] = []
    for side in (request.a, request.b):
        network = yield from work.engine.loading(side, work.token)
        runner = yield from making(work.engine, network, side, JUDGES[network.spec.task], work.token)
        sides.append(Contender(side, network, runner))
    ways = tuple((id(one.network), one.side.precision, one.side.exact) for one in sides)
    key = (memo.FrameKey.of(frame), ways, request.repeats, request.again)
    kept: list[Contender] | None = memo.recall(work.engine, "arena", key)
    if kept is None:
        yield from _running(request.repeats, sides, frame, work)
        memo.keep(work.engine, "arena", key, sides)
    for one, ran in zip(sides, kept or (), strict=bool(kept)):
        assert ran.raw is not None  # it ran
        one.pass_bytes, one.laps, one.raw = ran.pass_bytes, ran.laps, ran.raw
        one.read(Raw(one.network, ran.raw.geometry, ran.raw.outputs, ran.raw.runs_on), frame)
    yield Result(_result(request, frame, sides))


def _running(repeats: int, sides: list[Contender], frame: Frame, work: Work) -> Iterator[Step]:
    total = 2 * (repeats + 1)
    for turn in range(repeats + 1):
        for at, one in enumerate(sides):
            yield Progress(2 * turn + at, total, N_("running"))
            if turn:
                one.run(frame, work)
                continue
            with Growth(one.network.device) as growth:  # the first pass is not counted: it warms up, and is measured
                one.run(frame, work)
            one.pass_bytes = growth.bytes
            one.laps.clear()


def _same_task(request: ArenaRequest, work: Work) -> Generator[Step, None, None]:
    """Raises BadRequestError where the two cannot be compared, before anything runs."""
    networks = []
    for side in (request.a, request.b):
        networks.append((yield from work.engine.loading(side, work.token)))
    tasks = [network.spec.task for network in networks]
    titles = [network.info.title for network in networks]
    for task, title in zip(tasks, titles, strict=True):
        if task not in JUDGES:
            said = N_("{network} is made to {does}: that cannot be compared here.")
            raise BadRequestError(Trouble("arena.task", said, {"network": title, "does": task}, exit_code=2))
    if tasks[0] != tasks[1]:
        said = N_("{a} is made to {does_a}, {b} to {does_b}: their answers cannot be compared.")
        values = {"a": titles[0], "b": titles[1], "does_a": tasks[0], "does_b": tasks[1]}
        raise BadRequestError(Trouble("arena.tasks", said, values, N_("Choose two networks for the same task."), 2))


def _result(request: ArenaRequest, frame: Frame, sides: list[Contender]) -> ArenaResult:
    one, other = sides
    task = one.network.spec.task
    made = [_side(side) for side in sides]
    common: dict[str, Any] = {"notes": tuple(_notes(request, made)), "frame_seq": frame.seq, "source": frame.source}
    if task == "detect":
        assert isinstance(one.answer, Detections)
        found = match.pairs(one.answer, other.answer, request.match, request.any_class)
        return ArenaResult(task, made[0], made[1], match.boxes_said(found), pairs=found, counts=match.counts(found), **common)
    if task == "segment":
        assert isinstance(one.answer, Mask)
        iou, difference, said = match.masks(one.answer, other.answer)
        return ArenaResult(task, made[0], made[1], said, iou=iou, difference=difference, **common)
    assert isinstance(one.answer, TopK)
    labels = (one.network.info.classes, other.network.info.classes)
    scores, said = match.classes((one.answer, other.answer), (one.probabilities, other.probabilities), labels)
    return ArenaResult(task, made[0], made[1], said, scores=scores, **common)


def _side(one: Contender) -> ArenaSideResult:
    info, runs_on = one.network.info, one.runner.runs_on
    names = [layer.name for layer in info.layers]
    leaves = [layer for layer in info.layers if not any(name.startswith(f"{layer.name}.") for name in names)]
    numbers = sum(math.prod(layer.shape) for layer in leaves)
    notes = []
    if one.side.precision == "bfloat16" and not one.side.exact and runs_on.precision != "bf16":
        notes.append(Said(N_("{network}: bfloat16 was asked for, but nothing here runs it in that."), {"network": info.title}))
    return ArenaSideResult(
        model=info.name,
        title=info.title,
        weights=info.weights,
        runs_on=runs_on,
        answer=one.answer,
        laps=Laps(tuple(one.laps)),
        parameters=info.parameters,
        input_size=info.input_size,
        weights_bytes=one.network.nbytes,
        maps_bytes=numbers * BYTES.get(runs_on.precision, 4),
        pass_bytes=one.pass_bytes,
        notes=tuple(notes),
    )


def _notes(request: ArenaRequest, made: list[ArenaSideResult]) -> Iterator[Said]:
    for side in made:
        yield from side.notes
    if made[0].model == made[1].model and made[0].runs_on == made[1].runs_on and request.a == request.b:
        yield Said(N_("Both sides are the same: what differs in time is chance."))
