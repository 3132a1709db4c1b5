"""Reading YOLOv3's raw maps: cells -> boxes and scores, vectorised, most cells dropped by one comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from explorer.vision.boxes import F32, I64
from explorer.zoo.darknet import Head
from explorer.zoo.reading import Candidates

LARGEST_EXPONENT = 20.0  # e^20 anchors wide is no box of this world; without an end the number would be infinite
BUSIEST = 2000  # more cells than this above the threshold (confidence 0.01 on a crowd): only the best go on


def decode(outputs: Sequence[F32], heads: Sequence[Head], confidence: float) -> Candidates:
    """Read raw maps (1, A * (5 + C), H, W), one a head. A cell gives its best class only; score = objectness * class.

    Cells whose score is below `confidence`, or not a number, are left out. `origin` says who said it.
    """
    parts = [_decode_one(raw, head, confidence) for raw, head in zip(outputs, heads, strict=True)]
    xyxy, score, classes = (np.concatenate([part[k] for part in parts]) for k in range(3))
    origin = np.concatenate([np.column_stack([np.full(len(part[1]), at), part[3]]) for at, part in enumerate(parts)])
    if len(score) > BUSIEST:
        best = np.argsort(-score, kind="stable")[:BUSIEST]
        xyxy, score, classes, origin = xyxy[best], score[best], classes[best], origin[best]
    return Candidates(
        xyxy.astype(np.float32), score.astype(np.float32), classes.astype(np.int64), origin=origin.astype(np.int64)
    )


def _decode_one(raw: F32, head: Head, confidence: float) -> tuple[F32, F32, I64, I64]:
    """xyxy, score, class, and (anchor, row, column) of the cells that say something."""
    anchors, (height, width) = len(head.anchors), raw.shape[-2:]
    maps = raw.reshape(anchors, 5 + head.classes, height * width)
    # sigmoid(objectness) >= sigmoid(objectness) * sigmoid(class) >= confidence, so this comparison loses nothing.
    which, cell = np.nonzero(maps[:, 4] >= _logit(confidence))
    cells = maps[which, :, cell].astype(np.float64)  # (K, 5 + C)
    classes = cells[:, 5:].argmax(1) if len(cells) else np.zeros(0, np.int64)
    score = sigmoid(cells[:, 4]) * sigmoid(cells[np.arange(len(cells)), 5 + classes])
    kept = score >= confidence
    which, cell, cells, classes, score = which[kept], cell[kept], cells[kept], classes[kept], score[kept]
    middle = sigmoid(cells[:, :2]) * head.scale_xy - (head.scale_xy - 1) / 2
    middle = (middle + np.stack([cell % width, cell // width], 1)) * head.stride
    half = np.exp(np.clip(cells[:, 2:4], None, LARGEST_EXPONENT)) * np.asarray(head.anchors, np.float64)[which] / 2
    xyxy = np.concatenate([middle - half, middle + half], 1)
    whole = np.isfinite(xyxy).all(1)
    where = np.stack([which, cell // width, cell % width], 1)[whole]
    return xyxy[whole].astype(np.float32), score[whole].astype(np.float32), classes[whole].astype(np.int64), where


def sigmoid(x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """1 / (1 + e^-x), without overflow."""
    return 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))


def _logit(p: float) -> float:
    """The number whose sigmoid is `p`, a hair lower so that rounding loses nothing."""
    return math.log(p / (1.0 - p)) - 1e-4 if p < 1.0 else 15.0
