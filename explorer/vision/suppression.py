"""Suppression as steps that can be looked at one by one: those of `boxes.rounds`, so they end where `suppress` does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from explorer.records.suppression import SuppressionTrace
from explorer.requests.network import Suppression
from explorer.vision.boxes import F32, I64, Rule, rounds

METHODS: tuple[Suppression, ...] = get_args(Suppression)


def trace(xyxy: F32, score: F32, class_index: I64, rule: Rule) -> SuppressionTrace:
    """Every step of suppression by `rule`; boxes that do not overlap are passed over."""
    columns: list[tuple[npt.NDArray[Any], ...]] = []
    for one in rounds(xyxy, score, class_index, rule):
        near, own, full = one.iou > 0, np.array([one.score], np.float32), np.ones(1, np.float32)
        numbers = ((full, one.iou), (full, one.factor), (own, one.before), (own, one.after), (np.zeros(1, bool), one.gone))
        rows = np.concatenate(([one.row], one.met[near]))
        columns.append((rows, np.full(len(rows), one.row), *(np.concatenate((head, tail[near])) for head, tail in numbers)))
    kinds: tuple[Any, ...] = (np.int64, np.int64, np.float32, np.float32, np.float32, np.float32, np.bool_)
    joined: list[npt.NDArray[Any]] = [np.concatenate(part) for part in zip(*columns, strict=True)]
    joined = joined or [np.zeros(0)] * len(kinds)
    return SuppressionTrace(
        rule.kind, score.astype(np.float32), *(part.astype(kind) for part, kind in zip(joined, kinds, strict=True))
    )


def traces(xyxy: F32, score: F32, class_index: I64, rule: Rule) -> tuple[SuppressionTrace, ...]:
    """The steps by `rule`, then those of the other methods with the same numbers, to stand beside them."""
    others = [kind for kind in METHODS if kind != rule.kind]
    return tuple(trace(xyxy, score, class_index, replace(rule, kind=kind)) for kind in (rule.kind, *others))
