"""Teach a classifier new classes: a small head on its frozen features, tried on pictures it has not seen."""

from __future__ import annotations

import datetime
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.engine.taught import last_layer, numbers_hash, preparation_of
from explorer.jobs import Cancelled, Preview, Progress, Result
from explorer.records.teach import F32, F64, I64, Curves, Taught
from explorer.requests.base import changed
from explorer.vision import teach_split as split
from explorer.vision.teach_features import Looked, look_at
from explorer.vision.teach_fit import Scaling, Shape, fit, log_softmax, logits_of, unscaled
from explorer.vision.teach_notes import notes_of
from explorer.vision.teach_pictures import Dataset, dataset, empty_class
from explorer.weights import taught_file

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken, Step, Work
    from explorer.requests.teach import TeachRequest

SHOW_S = 0.06


@dataclass(frozen=True, eq=False)
class Lesson:
    """Everything that is to be learnt from. x: (N, F) float32 features, `mirrored` the same of mirror images or None."""

    request: TeachRequest
    data: Dataset
    paths: tuple[str, ...]
    x: F32
    mirrored: F32 | None
    label: I64
    group: I64
    cut: tuple[int, ...]
    hashes: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    facts: dict[str, Any]

    @property
    def shape(self) -> Shape:
        """Of the head."""
        return Shape(self.x.shape[1], self.request.hidden, len(self.data.classes))

    def part(self, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[F32, I64]:
        """Features and classes of the chosen pictures, mirror images after them."""
        if self.mirrored is None:
            return self.x[chosen], self.label[chosen]
        return np.concatenate([self.x[chosen], self.mirrored[chosen]]), np.tile(self.label[chosen], 2)


def teach(request: TeachRequest, work: Work) -> Iterator[Step]:
    """The job of TeachRequest. Previews are the head so far; when it is stopped the last one stays."""
    operated, request = bool(request.surgery), changed(request, surgery=())
    data = dataset(request.folder, request.limit)
    network: Network = yield from work.engine.loading(request, work.token)
    layer = last_layer(network)
    key = numbers_hash(network.module)
    paths = [path for files in data.files for path in files]
    looked = yield from look_at(paths, network, layer, key + layer, request.mirror, work.token)
    lesson = _lesson(request, data, looked, _facts(request, network, layer, key))
    trial = yield from _tried(lesson, work.token)
    runs_on = work.engine.runs_on(network, changed(request, exact=True))
    yield from _trained(
        lesson, trial, replace(runs_on, runtime="torch", precision="float32", agreement=""), operated, work.token
    )


def _lesson(request: TeachRequest, data: Dataset, looked: Looked, facts: dict[str, Any]) -> Lesson:
    kept = [[path for path in files if path in looked.features] for files in data.files]
    for name, files_of in zip(data.classes, kept, strict=True):
        if not files_of:
            raise empty_class(name)
    paths = [path for files_of in kept for path in files_of]
    label = np.repeat(np.arange(len(kept)), [len(files_of) for files_of in kept]).astype(np.int64)
    hashes = tuple(looked.hashes[path] for path in paths)
    group, cut = split.groups_of([str(path) for path in paths], label, hashes)
    x = np.stack([looked.features[path] for path in paths])
    mirrored = np.stack([looked.mirrored[path] for path in paths]) if request.mirror else None
    facts = {**facts, "features": x.shape[1], "classes": list(data.classes), "counts": [len(files_of) for files_of in kept]}
    said = tuple(str(path.relative_to(data.folder)) for path in paths)
    return Lesson(request, data, said, x, mirrored, label, group, cut, hashes, tuple(looked.skipped), facts)


def _facts(request: TeachRequest, network: Network, layer: str, key: str) -> dict[str, Any]:
    """What the model's file says, as far as it is known before the training."""
    row = network.row
    return {
        "format": taught_file.MARK,
        "version": taught_file.VERSION,
        "backbone": {
            "name": network.spec.name,
            "title": network.info.title,
            "weights": request.weights,
            "trained_on": network.info.weights,
            "numbers": key,
            "layer": layer,
            "licence": row.licence if row is not None and not request.weights else "",
        },
        "preprocessing": preparation_of(network),
        "hidden": request.hidden,
        "mirror": request.mirror,
        "decay": request.decay,
        "seed": request.seed,
        "date": request.date or datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
    }


@dataclass(eq=False)
class Trial:
    """How pictures that were not seen are told: `held` (N,), `scores` (N, C), and the curves of them a step, (T,)."""

    kind: str
    folds: int
    held: np.ndarray[Any, np.dtype[np.bool_]]
    scores: F32
    loss: F64
    accuracy: F64


def _plan(lesson: Lesson) -> tuple[str, I64, int]:
    """("held-out" | "folds" | "none", the part of each picture, how many parts)."""
    request, counts = lesson.request, np.bincount(lesson.label, minlength=len(lesson.data.classes))
    least = min(len(np.unique(lesson.group[lesson.label == index])) for index in range(len(counts)))
    if least < 2:
        return "none", np.zeros(len(lesson.label), np.int64), 0
    kind = request.check
    if kind == "auto":
        kind = "folds" if int(counts.min()) < split.FEW else "held-out"
    if kind == "held-out":
        return kind, split.held_out(lesson.label, lesson.group, request.share, request.seed), 2
    part, count = split.folds(lesson.label, lesson.group, request.folds, request.seed)
    return kind, part, count


def _tried(lesson: Lesson, token: CancelToken) -> Generator[Step, None, Trial]:
    """Heads that have not seen a part, asked about that part. Held-out pictures are left to the one training that follows."""
    kind, part, count = _plan(lesson)
    size = (len(lesson.label), len(lesson.data.classes))
    trial = Trial(kind, count, np.zeros(size[0], bool), np.zeros(size, np.float32), np.zeros(0), np.zeros(0))
    if kind == "held-out":
        trial.held = part == 1
    if kind != "folds":
        return trial
    trial.held[:] = True
    each = []
    for fold in range(count):
        unseen = part == fold
        yield Progress(fold, count)
        last = None
        for run in _runs(lesson, ~unseen, unseen, token):
            last = run
            yield Progress(fold, count)
        assert last is not None  # a training shows its end
        trial.scores[unseen] = last.scores[unseen]
        each.append((int(unseen.sum()), last.held_loss, last.held_accuracy))
    longest = max(len(loss) for _, loss, _ in each)
    weights = np.array([number for number, _, _ in each], np.float64) / len(lesson.label)
    trial.loss = sum((w * _long(loss, longest) for w, (_, loss, _) in zip(weights, each, strict=True)), np.zeros(longest))
    trial.accuracy = sum((w * _long(right, longest) for w, (_, _, right) in zip(weights, each, strict=True)), np.zeros(longest))
    return trial


def _long(curve: list[float], length: int) -> F64:
    """A curve that ended early stays where it was."""
    return np.array([*curve, *[curve[-1]] * (length - len(curve))])


@dataclass(eq=False)
class Run:
    """A training on the way. Curves get a number a step; `scores` (N, C) of all pictures, `tensors` of the head: of now."""

    loss: list[float]
    accuracy: list[float]
    held_loss: list[float]
    held_accuracy: list[float]
    scores: F32
    tensors: dict[str, Any]
    level: bool = False


def _runs(lesson: Lesson, seen: Any, unseen: Any, token: CancelToken) -> Iterator[Run]:
    """One training, shown now and then and at its end. Raises Cancelled."""
    request, shape = lesson.request, lesson.shape
    x, y = lesson.part(seen)
    scaling = Scaling.of(x)
    every = scaling(lesson.x)
    run = Run([], [], [], [], np.zeros((len(lesson.label), shape.classes), np.float32), {})
    shown = time.monotonic()
    vector = None
    for step in fit(shape, scaling(x), y, request.decay, request.seed, request.steps):
        vector = step.vector
        logs = log_softmax(logits_of(shape, vector, every))
        right = logs.argmax(axis=1) == lesson.label
        told = logs[np.arange(len(right)), lesson.label]
        run.loss.append(float(-told[seen].mean()))
        run.accuracy.append(float(right[seen].mean()))
        if unseen.any():
            run.held_loss.append(float(-told[unseen].mean()))
            run.held_accuracy.append(float(right[unseen].mean()))
        run.scores = np.exp(logs).astype(np.float32)
        run.level = step.level
        token.check()
        if time.monotonic() - shown > SHOW_S:
            shown = time.monotonic()
            run.tensors = unscaled(shape, vector, scaling)
            yield run
    assert vector is not None  # fit yields its start
    run.tensors = unscaled(shape, vector, scaling)
    yield run


def _trained(lesson: Lesson, trial: Trial, runs_on: Any, operated: bool, token: CancelToken) -> Generator[Step, None, None]:
    """The head itself: from all pictures, or from those that are not held out."""
    unseen = trial.held if trial.kind == "held-out" else np.zeros(len(lesson.label), bool)
    record: Taught | None = None
    try:
        for run in _runs(lesson, ~unseen, unseen, token):
            record = _record(lesson, trial, run, runs_on, operated)
            yield Preview(record, len(run.loss), lesson.request.steps)
    except Cancelled:
        if record is not None:
            yield Preview(replace(record, stopped=True))
        raise
    assert record is not None
    yield Result(record)


def _record(lesson: Lesson, trial: Trial, run: Run, runs_on: Any, operated: bool) -> Taught:
    scores = trial.scores if trial.kind == "folds" else run.scores
    held = (run.held_loss, run.held_accuracy) if trial.kind == "held-out" else (trial.loss, trial.accuracy)
    curves = Curves(*(np.array(curve, np.float64) for curve in (run.loss, run.accuracy, *held)))
    made = Taught(
        classes=lesson.data.classes,
        paths=lesson.paths,
        label=lesson.label,
        group=lesson.group,
        held=trial.held,
        scores=scores.copy(),
        curves=curves,
        check=trial.kind,
        folds=trial.folds if trial.kind == "folds" else 0,
        facts={},
        model=b"",
        steps=len(run.loss) - 1,
        stopped=not run.level and len(run.loss) <= lesson.request.steps,
        skipped=lesson.skipped,
        runs_on=runs_on,
    )
    tried = {"check": trial.kind, "folds": made.folds, "tried": made.tried, "right": made.right}
    facts = {**lesson.facts, "tried": tried}
    notes = notes_of(made, lesson.hashes, lesson.cut, operated)
    return replace(made, facts=facts, model=taught_file.pack(facts, run.tensors), notes=notes)
