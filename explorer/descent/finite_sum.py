"""A finite sum: f is the mean of terms, one for each data point. Batches of terms are the noise of stochastic descent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
# (x, y, numbers of terms) -> (n, 2): the gradient of each of these terms.
TermGradients: TypeAlias = Callable[[float, float, I64], F64]


@dataclass(frozen=True)
class FiniteSum:
    """`count` terms f_i with f = mean of f_i; `gradients` of any of them."""

    count: int
    gradients: TermGradients

    def mean(self, x: float, y: float, which: I64) -> tuple[float, float]:
        """The gradient that the terms `which` stand for: the mean of theirs."""
        gx, gy = self.gradients(x, y, which).mean(axis=0).tolist()
        return gx, gy

    def spread(self, x: float, y: float, batch: int) -> float:
        """Root mean square length of the error of a batch's gradient, the batch drawn without putting back."""
        gradients = self.gradients(x, y, np.arange(self.count))
        variance = float(gradients.var(axis=0).sum()) / max(1, batch)
        return float(np.sqrt(variance * (self.count - batch) / max(1, self.count - 1)))


class Batches:
    """Terms in batches of `size`, every epoch shuffled afresh; the last batch of an epoch may be smaller.

    Within an epoch every term has its turn once, so that the batches' gradients, weighted by size, average to the full one.
    """

    def __init__(self, terms: FiniteSum, size: int, rng: np.random.Generator) -> None:
        self.terms, self.size = terms, size
        self._rng = rng
        self._order: I64 = np.arange(terms.count)
        self._at = terms.count

    def next(self) -> I64:
        """The numbers of the next batch."""
        if self._at >= self.terms.count:
            self._order, self._at = self._rng.permutation(self.terms.count), 0
        batch = self._order[self._at : self._at + self.size]
        self._at += self.size
        return batch

    def gradient(self, x: float, y: float) -> tuple[float, float]:
        """The gradient at (x, y) as the next batch sees it."""
        return self.terms.mean(x, y, self.next())
