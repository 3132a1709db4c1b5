"""Boxes as (N, 4) arrays xyxy: overlap, and suppression of the weaker of two that overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from explorer.requests.network import DetectRequest, Suppression

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]


def area(xyxy: npt.NDArray[np.floating]) -> F32:
    """(N,) areas; 0 for a box turned inside out."""
    sides = np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None)
    out: F32 = (sides[:, 0] * sides[:, 1]).astype(np.float32)
    return out


def iou_matrix(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> F32:
    """(N, M) intersection over union; 0 where both boxes are empty."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    sides = np.clip(high - low, 0, None)
    inter = sides[..., 0] * sides[..., 1]
    union = area(one)[:, None] + area(other)[None, :] - inter
    out: F32 = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0).astype(np.float32)
    return out


@dataclass(frozen=True)
class Rule:
    """How boxes suppress each other; the fields are those of DetectRequest.

    `overlap`: an IoU above it is too much. `sigma`: width of the gaussian. `per_class`: only boxes of one class meet.
    `confidence`: a score that is lowered below it removes its box. `limit`: the most boxes kept.
    """

    kind: Suppression = "greedy"
    overlap: float = 0.45
    sigma: float = 0.5
    per_class: bool = True
    confidence: float = 0.0
    limit: int = 100

    @classmethod
    def of(cls, request: DetectRequest) -> Rule:
        """The rule that a request asks for."""
        return cls(request.suppression, request.overlap, request.sigma, request.per_class, request.confidence, request.limit)


def weight(iou: F32, rule: Rule) -> F32:
    """What the score of a box is multiplied by when a better one overlaps it by `iou`; 0 removes it.

    greedy: 0 where iou > overlap, else 1. Soft (Bodla et al. 2017, arXiv:1704.04503): linear: 1 - iou where iou > overlap,
    else 1; gaussian: exp(-iou^2 / sigma), whatever `overlap` is.
    """
    if rule.kind == "gaussian":
        bell: F32 = np.exp(-(iou * iou) / np.float32(rule.sigma))
        return bell
    too_much = iou > rule.overlap
    lowered = 1 - iou if rule.kind == "linear" else np.zeros_like(iou)
    return np.where(too_much, lowered, np.float32(1))


@dataclass(frozen=True, eq=False)
class Round:
    """A box is kept, and meets those left over: `row` and `met` are rows of what was given, `score` its score by now.

    `iou`, `factor`, `before`, `after`: (M,) float32 overlap, weight, score before and after. `gone`: (M,) bool, who goes.
    """

    row: int
    score: float
    met: I64
    iou: F32
    factor: F32
    before: F32
    after: F32
    gone: npt.NDArray[np.bool_]


_NOTHING = (np.zeros(0, np.float32),) * 4 + (np.zeros(0, np.bool_),)  # what a box that meets nobody changes


def rounds(xyxy: F32, score: F32, class_index: I64, rule: Rule) -> Iterator[Round]:
    """Non-maximum suppression, round by round, the boxes in the order in which they are kept.

    Again and again the best box left over is kept (of equal scores the first), and the score of every other box left over, of
    its class if `per_class`, is multiplied by `weight`. A box goes when its weight is 0, or when its lowered score is below
    `confidence`; whoever is gone lowers nobody. It ends at `limit` boxes. All numbers are float32; scores are compared as they
    are, so one equal to `confidence` stays, and boxes that overlap by exactly `overlap` leave each other alone.
    """
    order = np.argsort(-score, kind="stable")
    boxes, scores, classes = xyxy[order], score[order].astype(np.float32), class_index[order]
    left = np.arange(len(order))  # places in the order, the best first
    soft = rule.kind != "greedy"
    for _ in range(min(rule.limit, len(order))):
        if not len(left):
            return
        first = int(scores[left].argmax()) if soft else 0
        best = int(left[first])
        left = np.delete(left, first) if soft else left[1:]
        meets = classes[left] == classes[best] if rule.per_class else np.ones(len(left), bool)
        near = left[meets]
        if not len(near):
            yield Round(int(order[best]), float(scores[best]), order[near], *_NOTHING)
            continue
        iou = iou_matrix(boxes[best : best + 1], boxes[near])[0]
        factor, before = weight(iou, rule), scores[near]
        after = before * factor
        scores[near] = after
        gone = (factor == 0) | ((factor < 1) & (after < rule.confidence))
        if gone.any():
            meets[meets] = gone
            left = left[~meets]
        yield Round(int(order[best]), float(scores[best]), order[near], iou, factor, before, after, gone)


def suppress(xyxy: F32, score: F32, class_index: I64, rule: Rule) -> tuple[I64, F32]:
    """(K,) indices of the boxes that `rounds` keeps, best first, and their (K,) scores, lowered by soft rules."""
    kept = [(one.row, one.score) for one in rounds(xyxy, score, class_index, rule)]
    return np.array([row for row, _ in kept], dtype=np.int64), np.array([value for _, value in kept], dtype=np.float32)
