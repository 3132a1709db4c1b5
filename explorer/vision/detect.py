"""Objects in the frame: a detector's raw output, read and suppressed, in the frame's own pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine.live import Verdict
from explorer.i18n import N_
from explorer.jobs import Result
from explorer.records.vision import Detections
from explorer.vision import following
from explorer.vision.boxes import I64, Rule, iou_matrix, suppress
from explorer.vision.look import Raw, frame_of, look, require_finite
from explorer.vision.reading import candidates_of, labels_for, masks_within, presence
from explorer.zoo.reading import Candidates

if TYPE_CHECKING:
    from explorer.engine.live import Outputs
    from explorer.engine.network import Network
    from explorer.engine.prepare import Prepared
    from explorer.jobs import Step, Work
    from explorer.requests.network import DetectRequest

PROBE_SEEN, PROBE_FOUND = 0.4, 0.3  # what float32 sees with the first score, the fast runtime must see with the second
AGREE_IOU, AGREE_SCORE = 0.9, 0.05


def detect(request: DetectRequest, work: Work) -> Iterator[Step]:
    """Job: find objects in the frame. Result: Detections. Same frame, other threshold: no new forward pass."""
    frame = frame_of(work)
    raw = yield from look(request, work, "detect", agreement)
    if not request.track:
        yield Result(read(raw, request, (frame.height, frame.width), frame.seq))
        return
    faint = request.model_copy(update={"confidence": request.confidence * following.FAINT})
    found = read(raw, faint, (frame.height, frame.width), frame.seq)
    yield Result(following.numbered(work.engine, raw.network, frame, found, request.confidence))


def read(raw: Raw, request: DetectRequest, frame_hw: tuple[int, int], seq: int) -> Detections:
    """Raw output -> Detections as the request's thresholds, classes and suppression want it; closes the stage "decode".

    Raises ExplorerError if whether something is there is not a number anywhere: nothing would be found, without a word.
    """
    network = raw.network
    for there in presence(network, raw.outputs):
        require_finite(there, network)
    found = candidates_of(network, raw.outputs, request.confidence)
    labels = labels_for(network, found.class_index)
    unknown: tuple[str, ...] = ()
    if request.only:
        wanted = [labels.index(name) for name in request.only if name in labels]
        unknown = tuple(name for name in request.only if name not in labels)
        if wanted:  # names of another network alone filter nothing
            found = found.take(np.isin(found.class_index, wanted))
    kept, score = suppress(found.xyxy, found.score, found.class_index, Rule.of(request))
    xyxy = raw.geometry.to_frame_xyxy(found.xyxy[kept])
    seen = (xyxy[:, 2] > xyxy[:, 0]) & (xyxy[:, 3] > xyxy[:, 1])  # a box wholly in the letterbox's border is no object
    if not seen.all():
        xyxy, kept, score = xyxy[seen], kept[seen], score[seen]
    masks = None if found.masks is None else found.masks[kept]
    if masks is not None:  # what the frame's edge cuts off of a box, it cuts off of the mask
        masks = masks_within(masks, found.xyxy[kept], raw.geometry.to_net_xyxy(xyxy))
    raw.watch.lap(N_("decode"))
    return Detections(
        xyxy=xyxy,
        score=score,
        class_index=found.class_index[kept],
        labels=labels,
        frame_hw=frame_hw,
        runs_on=raw.runs_on,
        timing=raw.watch.timing(),
        frame_seq=seq,
        masks=masks,
        unknown=unknown,
    )


def _objects(network: Network, outputs: Outputs, confidence: float) -> tuple[Candidates, I64]:
    """Candidates, and which of them are left after plain suppression."""
    found = candidates_of(network, outputs, confidence)
    return found, suppress(found.xyxy, found.score, found.class_index, _PLAIN)[0]


_PLAIN = Rule()


def agreement(network: Network, prepared: Sequence[Prepared], expected: Sequence[Outputs], got: Sequence[Outputs]) -> Verdict:
    """Every object float32 sees with 0.4 is seen, IoU at least 0.9 and score within 0.05, and the other way round.

    Without any object on the probe pictures there is no evidence, so the answer is no.
    """
    objects, worst, change, lost = 0, 1.0, 0.0, 0
    for reference, fast in zip(expected, got, strict=True):
        for seen, asked in ((reference, fast), (fast, reference)):
            one, kept = _objects(network, seen, PROBE_SEEN)
            other, matches = _objects(network, asked, PROBE_FOUND)
            objects += len(kept) if seen is reference else 0
            for index in kept:
                same = matches[other.class_index[matches] == one.class_index[index]]
                ious = iou_matrix(one.xyxy[index : index + 1], other.xyxy[same])[0]
                if not len(ious) or ious.max() < 0.5:
                    lost += 1
                    continue
                worst = min(worst, float(ious.max()))
                change = max(change, abs(float(one.score[index] - other.score[same[ious.argmax()]])))
    text = N_("{objects} objects as in float32, {lost} differ, boxes overlap by {worst:.3f}, scores within {change:.3f}")
    good = objects > 0 and lost == 0 and worst >= AGREE_IOU and change <= AGREE_SCORE
    return Verdict(good, text, {"objects": objects, "lost": lost, "worst": worst, "change": change})
