"""What the network says of one picture without and with its surgery, side by side, both in torch float32."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from explorer.jobs import Result, find
from explorer.records.ablation import Comparison
from explorer.records.vision import ClassScore, TopK
from explorer.requests.network import ClassifyRequest, DetectRequest, NetworkRequest, SegmentRequest
from explorer.vision import memo
from explorer.vision.classify import agreement, read
from explorer.vision.look import frame_of, look

if TYPE_CHECKING:
    from explorer.jobs import Step, Work
    from explorer.requests.ablation import CompareRequest

F64 = npt.NDArray[np.float64]


def compare(request: CompareRequest, work: Work) -> Iterator[Step]:
    """The job of CompareRequest. Result: Comparison; without surgery both sides are the same."""
    frame = frame_of(work)
    network = yield from work.engine.loading(request, work.token)
    task = network.spec.task
    where = {name: getattr(request, name) for name in ("model", "weights", "device")}
    wanted: NetworkRequest
    if task == "classify":
        wanted = ClassifyRequest(**where, exact=True, top=request.top)
    elif task == "detect":
        wanted = DetectRequest(**where, exact=True, confidence=request.confidence)
    else:
        wanted = SegmentRequest(**where, exact=True)
    base = yield from work.engine.loading(wanted, work.token)
    key = (memo.FrameKey.of(frame), id(base), wanted)
    before = memo.recall(work.engine, "compare", key)
    if before is None:
        before = yield from _answer(wanted, work)
        memo.keep(work.engine, "compare", key, before)
    after = before
    if request.surgery:
        after = yield from _answer(type(wanted)(**{**dict(wanted), "surgery": request.surgery}), work)
    scores: tuple[tuple[ClassScore, ClassScore], ...] = ()
    if task == "classify":
        scores = _side_by_side(before, after)
        before, after = before[0], after[0]
    yield Result(Comparison(before, after, scores, frame.seq))


def _answer(request: NetworkRequest, work: Work) -> Generator[Step, None, Any]:
    """The record of a detection or segmentation; of a classification (TopK, all probabilities)."""
    if isinstance(request, ClassifyRequest):
        raw = yield from look(request, work, "classify", agreement)
        return read(raw, request.top, frame_of(work).seq)
    for step in find(request.job)(request, work):
        if isinstance(step, Result):
            return step.record
        yield step
    raise AssertionError("a job ends with a result")


def _side_by_side(before: tuple[TopK, F64], after: tuple[TopK, F64]) -> tuple[tuple[ClassScore, ClassScore], ...]:
    """Every class that is among the best of either side, with its score on both: those of before first."""
    labels = {one.index: one.label for top, _ in (before, after) for one in top.top}
    return tuple(
        (ClassScore(index, label, float(before[1][index])), ClassScore(index, label, float(after[1][index])))
        for index, label in labels.items()
    )
