"""What two answers have in common: boxes by their overlap, masks by theirs, classes by name."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.i18n import N_
from explorer.records.arena import KINDS, Pair
from explorer.records.attribution import Said
from explorer.records.vision import ClassScore, Detections, Mask, TopK
from explorer.vision.assignment import assign
from explorer.vision.boxes import iou_matrix
from explorer.vision.detect import AGREE_IOU, AGREE_SCORE

F64 = npt.NDArray[np.float64]


def pairs(one: Detections, other: Detections, least: float, any_class: bool = True) -> tuple[Pair, ...]:
    """Every object of both sides once, in the order of A, then what only B has.

    Objects are the same if they overlap by `least` or more, first among those of one class (by name: two networks may count
    classes differently), so that as much overlap as possible is paired; then, with `any_class`, among the rest.
    """
    iou = iou_matrix(one.xyxy, other.xyxy).astype(np.float64)
    names = np.array([[one.label(a) == other.label(b) for b in range(len(other))] for a in range(len(one))], bool)
    names = names.reshape(len(one), len(other))
    found: dict[int, int] = {}
    for allowed in (names, np.ones_like(names)) if any_class else (names,):
        free = allowed.copy()
        free[list(found)] = False
        free[:, list(found.values())] = False
        value = np.where(free & (iou >= least), iou, 0.0)
        rows, columns = assign(value)
        found |= {int(a): int(b) for a, b in zip(rows, columns, strict=True) if value[a, b] > 0}
    made = [_pair(one, other, a, found.get(a), iou) for a in range(len(one))]
    taken = set(found.values())
    return (*made, *(Pair("only_b", None, b) for b in range(len(other)) if b not in taken))


def _pair(one: Detections, other: Detections, a: int, b: int | None, iou: F64) -> Pair:
    if b is None:
        return Pair("only_a", a, None)
    overlap, change = float(iou[a, b]), float(other.score[b]) - float(one.score[a])
    if one.label(a) != other.label(b):
        kind = "renamed"
    elif overlap < AGREE_IOU:
        kind = "moved"
    else:
        kind = "rescored" if abs(change) > AGREE_SCORE else "agreed"
    return Pair(kind, a, b, overlap, change)


def counts(found: tuple[Pair, ...]) -> dict[str, int]:
    """How many of each kind."""
    return {kind: sum(one.kind == kind for one in found) for kind in KINDS}


def boxes_said(found: tuple[Pair, ...]) -> Said:
    """The agreement of two detectors on this frame."""
    both = [one for one in found if one.a is not None and one.b is not None]
    told = {kind: str(count) for kind, count in counts(found).items()} | {"both": str(len(both)), "all": str(len(found))}
    if not found:
        return Said(N_("Neither of them found anything."))
    if not both:
        return Said(N_("They have no object in common: {only_a} only in A, {only_b} only in B."), told)
    told["iou"] = f"{min(one.iou for one in both):.3f}"
    told["change"] = f"{max(abs(one.change) for one in both):.3f}"
    text = N_(
        "{both} of {all} objects are found by both ({only_a} only in A, {only_b} only in B); boxes overlap by {iou} or more, "
        "scores differ by {change} at most."
    )
    return Said(text, told)


def masks(one: Mask, other: Mask) -> tuple[float, float, Said]:
    """IoU at one half (1 where neither has anything), mean difference, and both in words."""
    first, second = one.alpha > 0.5, other.alpha > 0.5
    union = int((first | second).sum())
    iou = int((first & second).sum()) / union if union else 1.0
    difference = float(np.abs(one.alpha - other.alpha).mean(dtype=np.float64))
    text = N_("The masks overlap by {iou} (intersection over union at one half); they differ by {difference} on average.")
    if not union:
        text = N_("Neither of them sees an object; the maps differ by {difference} on average.")
    return iou, difference, Said(text, {"iou": f"{iou:.3f}", "difference": f"{difference:.4f}"})


def classes(
    tops: tuple[TopK, TopK], probabilities: tuple[F64, F64], labels: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[tuple[tuple[ClassScore, ClassScore], ...], Said]:
    """Every class among the best of either side with its probability on both (0 where a network does not know it); in words."""
    wanted = dict.fromkeys(one.label for top in tops for one in top.top)
    rows = tuple((_score(name, labels[0], probabilities[0]), _score(name, labels[1], probabilities[1])) for name in wanted)
    best = tuple(top.top[0].label for top in tops)
    shared = len({one.label for one in tops[0].top} & {one.label for one in tops[1].top})
    change = max(abs(first.score - second.score) for first, second in rows)
    told = {"a": best[0], "b": best[1], "shared": str(shared), "count": str(len(tops[0].top)), "change": f"{change:.3f}"}
    same = N_(
        "Both say {a} first; {shared} of the first {count} classes are the same, probabilities differ by {change} at most."
    )
    other = N_(
        "A says {a} first, B says {b}; {shared} of the first {count} classes are the same, probabilities differ by {change} at "
        "most."
    )
    return rows, Said(same if best[0] == best[1] else other, told)


def _score(name: str, labels: tuple[str, ...], probabilities: F64) -> ClassScore:
    index = labels.index(name) if name in labels else int(name) if name.isdecimal() and int(name) < len(probabilities) else -1
    return ClassScore(index, name, float(probabilities[index]) if index >= 0 else 0.0)
