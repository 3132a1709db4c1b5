"""How one number of a layer came about, worked out step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Term:
    """One number of a formula: `name` is an English message key ("mean", "bias")."""

    name: str
    value: float

    @property
    def symbol(self) -> bool:
        """Whether the name is a sign of the formula (x, eps, gamma) that no language changes."""
        return self.name in {"x", "eps", "gamma", "beta"}


@dataclass(frozen=True, eq=False)
class Window:
    """The part of the layer's input that the number was made of.

    `values`: (n, h, w) float32, one slice a channel of `channels` (n,), as they entered the arithmetic (padding included).
    `weights`: the kernel, of the same shape, or of no elements where there is none. `inside`: (h, w) bool, False where the
    layer's padding stands or nothing was met. `rows` (h,), `columns` (w,): places in the input map of `input_hw`, -1 for none;
    padding that repeats the input names what it repeats. `sums`: (n,) float64, the sum over each slice of values x weights.
    `chosen`: the slice to look at first, the one with the largest absolute sum. `winner`: (row, column) of the largest value of
    slice `chosen`, for a max pooling.
    """

    values: F32
    weights: F32
    inside: npt.NDArray[np.bool_]
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    channels: npt.NDArray[np.int64]
    sums: F64
    input_hw: tuple[int, int]
    chosen: int = 0
    winner: tuple[int, int] | None = None

    def products(self, at: int) -> F64:
        """(h, w) float64 of slice `at`: values x weights, or the values where there are no weights."""
        values: F64 = self.values[at].astype(np.float64)
        if self.weights.size:
            values *= self.weights[at].astype(np.float64)
        return values

    def order(self) -> npt.NDArray[np.int64]:
        """Slices by the size of their sum, the largest first."""
        return np.argsort(-np.abs(np.nan_to_num(self.sums)), kind="stable").astype(np.int64)


@dataclass(frozen=True, eq=False)
class Softmax:
    """Softmax of one number among `logits` (n,): powers[i] = exp(logits[i] - peak), probability = powers[index] / total."""

    logits: F32
    index: int
    peak: float
    powers: F64
    total: float

    @property
    def probability(self) -> float:
        """The share of this number, 0..1."""
        return float(self.powers[self.index]) / self.total


@dataclass(frozen=True)
class Part:
    """Where a number that is only passed on, added or joined comes from: `layer` "" is the input of the layer itself."""

    layer: str
    channel: int
    value: float


@dataclass(frozen=True, eq=False)
class Worked:
    """The arithmetic. `how`: "sum" (weighted sum), "pool", "steps" (a formula of one number), "softmax", "same" (passed on),
    "add", "none" (not shown). `formula`: English message key with `values` for its places. `total`: the result in float64,
    None for "none". `terms`: the numbers of the formula in reading order. `curve`: (2, m) float64, x and f(x) of an activation.
    """

    how: str
    formula: str
    total: float | None = None
    values: dict[str, Any] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    window: Window | None = None
    curve: F64 | None = None
    softmax: Softmax | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, eq=False)
class Numbers:
    """One number: (`channel`, `y`, `x`) of a map `map_hw` of `layer`, which has `channels` of them.

    `value`: what the network computed, float32. `worked.total` is the same in float64; `difference` tells them apart.
    `before`: the layer's own number, where surgery then made `value` of it (None: nothing was changed).
    `probability`: for a score of a classifier, its softmax over all classes (None elsewhere).
    """

    layer: str
    kind: str
    channel: int
    y: int
    x: int
    map_hw: tuple[int, int]
    channels: int
    value: float
    worked: Worked
    probability: Softmax | None = None
    before: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    frame_seq: int = 0

    @property
    def difference(self) -> float:
        """float32 value minus float64 total; 0 where nothing was worked out or both are the same infinity or NaN."""
        total, value = self.worked.total, self.value if self.before is None else self.before
        if total is None or total == value or (np.isnan(total) and np.isnan(value)):
            return 0.0
        return value - total
