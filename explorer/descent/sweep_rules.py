"""What holds beside the methods' own numbers, for many starts at once: schedule, noise and clipping, as a single path has them.

Noise is drawn as in a race (walk.py): a path's k-th gradient gets the k-th pair of normal numbers of the seed, whatever its
start. So every start of a map meets the same chance, and a race from it with the same seed goes the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.descent.array_moves import Draws, Values
from explorer.descent.method import Optimizer
from explorer.descent.schedules import MOMENTA, schedule_named
from explorer.descent.walk import Rules
from explorer.records.descent import F64
from explorer.requests.basins import RULES, BasinsRequest, StabilityRequest

# gradients (2, n), number of the step from 1: they become, in place, what the methods get
Spoil = Callable[[F64, int], None]


def rules_of(request: BasinsRequest | StabilityRequest) -> Rules:
    """What a map asks of every path. Raises BadRequestError for an unknown schedule or its parameter."""
    schedule = schedule_named(request.schedule)
    schedule.shape(request.shape)
    return Rules(
        schedule, request.shape, noise=request.noise, batch=request.batch, clip=request.clip, seed=request.seed
    )  # fmt: skip


def told_rules(request: BasinsRequest | StabilityRequest) -> dict[str, Any]:
    """Those fields of the rules that make a difference, for people; {} where every path is plain descent."""
    plain = {name: field.get_default(call_default_factory=True) for name, field in type(request).model_fields.items()}
    told = {name: getattr(request, name) for name in RULES if name != "seed" and getattr(request, name) != plain[name]}
    return {**told, "seed": request.seed} if request.noise or request.batch else told


def spoil_of(optimizer: Optimizer, rules: Rules) -> Spoil | None:
    """Noise and clipping of the gradients of a method that takes one a step; None where it gets them as they are."""
    if optimizer.make is None or not (rules.noise or rules.clip):
        return None
    draws, noise, clip = Draws(rules.seed), rules.noise, rules.clip

    def spoil(slopes: F64, k: int) -> None:
        if noise:
            slopes += noise * draws.at(k)
        if clip:
            clipped(slopes, clip)

    return spoil


def clipped(slopes: F64, clip: float) -> None:
    """Shorten those of (2, n) gradients that are longer than `clip`, in place; the operations of walk.given."""
    with np.errstate(all="ignore"):
        largest = np.abs(slopes).max(axis=0)
        part = slopes / largest
        part *= part
        size = largest * np.sqrt(part[0] + part[1])
        long = np.flatnonzero(size > clip)
    if len(long):
        slopes[:, long] = slopes[:, long] * clip / size[long]


class Turning:
    """A schedule's numbers, step by step."""

    def __init__(self, rules: Rules, steps: int) -> None:
        self._schedule, self._steps = rules.schedule, steps
        self._shape = rules.schedule.shape(rules.shape)
        self._last: tuple[float, float | None] = (1.0, None)

    def at(self, k: int, hyper: Values) -> Values | None:
        """The numbers of step `k`; None where they are those of the last step that was asked for."""
        schedule = self._schedule
        now = (
            schedule.factor(k, self._steps, self._shape),
            None if schedule.against is None else schedule.against(k, self._steps, self._shape),
        )
        if now == self._last:
            return None
        self._last = now
        return self.present(hyper)

    def present(self, hyper: Values) -> Values:
        """The numbers of the step that was asked for last."""
        factor, momentum = self._last
        found = dict(hyper)
        if "lr" in found:
            found["lr"] = found["lr"] * factor
        if momentum is not None:
            found.update({name: momentum for name in MOMENTA if name in found})
        return found
