"""Rank correlation: whether two lists of numbers agree on what is more and what is less."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def ranks(values: npt.NDArray[np.floating]) -> F64:
    """(N,) numbers -> (N,) ranks from 1; equal numbers share the mean of their ranks."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: F64 = ((2 * last - counts + 1) / 2)[where]
    return found


def spearman(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float | None:
    """Spearman's rank correlation, -1..1; None where one of the two is the same everywhere."""
    first, second = ranks(one.ravel()), ranks(other.ravel())
    first, second = first - first.mean(), second - second.mean()
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / size) if size > 0 else None
