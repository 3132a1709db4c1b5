"""Boxes as (N, 4) arrays xyxy: overlap, and suppression of the weaker of two that overlap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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


def suppress(xyxy: F32, score: F32, class_index: I64, overlap: float, limit: int) -> I64:
    """Greedy non-maximum suppression per class: indices of the kept boxes, best score first, at most `limit`.

    A box goes when it overlaps a kept better one of its class by more than `overlap`. Equal scores keep their order.
    """
    order = np.argsort(-score, kind="stable")
    boxes, classes = xyxy[order], class_index[order]
    alive = np.ones(len(order), dtype=bool)
    kept: list[int] = []
    for index in range(len(order)):
        if not alive[index]:
            continue
        kept.append(int(order[index]))
        if len(kept) == limit:
            break
        rest = np.flatnonzero(alive[index + 1 :] & (classes[index + 1 :] == classes[index])) + index + 1
        if len(rest):
            alive[rest[iou_matrix(boxes[index : index + 1], boxes[rest])[0] > overlap]] = False
    return np.array(kept, dtype=np.int64)
