"""Numbers about numbers: what can be said of a map or a kernel in a few figures, and how its values spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
BINS = 96


@dataclass(frozen=True, eq=False)
class Statistics:
    """Of `count` maps or kernels of `size` numbers each, in natural order, over their finite numbers only (0 without any).

    All (count,) float64: `mean`, `std` (of the population: divided by n), `least`, `most`, `l1` (sum of |x|), `l2` (root of
    the sum of squares). (count,) int64: `zeros`, how many are exactly 0; `finite`, how many are neither NaN nor infinite.
    """

    size: int
    mean: F64
    std: F64
    least: F64
    most: F64
    l1: F64
    l2: F64
    zeros: npt.NDArray[np.int64]
    finite: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def sparsity(self) -> F64:
        """(count,) Hoyer's measure (sqrt n - l1 / l2) / (sqrt n - 1): 0 where all are as large, 1 where one stands alone.

        Nothing but zeros counts as 1, a single other number as 0. Source: Hoyer, JMLR 5 (2004), section 3.1.
        """
        root = np.sqrt(np.maximum(self.finite, 1))
        ratio = np.divide(self.l1, self.l2, out=np.zeros_like(self.l1), where=self.l2 > 0)
        spread = np.divide(root - ratio, root - 1, out=np.zeros_like(self.l1), where=root > 1)
        return np.where(self.l2 > 0, np.clip(spread, 0.0, 1.0), 1.0)

    @property
    def zero_share(self) -> F64:
        """(count,) how much of each is exactly zero, 0..1."""
        return np.asarray(self.zeros / np.maximum(self.finite, 1), np.float64)

    @property
    def dead(self) -> npt.NDArray[np.int64]:
        """The ones that are zero everywhere."""
        return np.flatnonzero(self.zeros == self.size)

    def reach(self) -> float:
        """The largest absolute value of all."""
        return float(max(np.abs(self.least).max(initial=0.0), np.abs(self.most).max(initial=0.0)))

    def whole(self) -> Statistics:
        """All of them taken together, as statistics of one."""
        many = max(1, int(self.finite.sum()))
        some = self.finite > 0
        mean = float((self.mean * self.finite).sum() / many)
        spread = float((self.finite * (self.std**2 + (self.mean - mean) ** 2)).sum() / many)

        def one(value: float) -> F64:
            return np.array([value], np.float64)

        return Statistics(
            self.size * len(self),
            one(mean),
            one(spread**0.5),
            one(float(self.least[some].min(initial=np.inf)) if some.any() else 0.0),
            one(float(self.most[some].max(initial=-np.inf)) if some.any() else 0.0),
            one(float(self.l1.sum())),
            one(float(np.sqrt((self.l2**2).sum()))),
            np.array([self.zeros.sum()], np.int64),
            np.array([self.finite.sum()], np.int64),
        )

    def figures(self, index: int = 0) -> dict[str, float]:
        """Those of one map, by name, as JSON knows them."""
        return {
            "mean": float(self.mean[index]),
            "std": float(self.std[index]),
            "min": float(self.least[index]),
            "max": float(self.most[index]),
            "l1": float(self.l1[index]),
            "l2": float(self.l2[index]),
            "sparsity": float(self.sparsity[index]),
            "zero_share": float(self.zero_share[index]),
            "not_finite": self.size - int(self.finite[index]),
        }


@dataclass(frozen=True, eq=False)
class Histogram:
    """`counts`: (bins,) int64, how many finite numbers fall into each of the equal bins between `low` and `high`."""

    counts: npt.NDArray[np.int64]
    low: float
    high: float


def histogram_of(values: npt.NDArray[np.floating], bins: int = BINS) -> Histogram:
    """The Histogram of all finite `values`, as np.histogram counts them, in a fraction of its time."""
    flat = values.reshape(-1)
    flat = flat[np.isfinite(flat)]
    if not len(flat):
        return Histogram(np.zeros(bins, np.int64), 0.0, 0.0)
    low, high = float(flat.min()), float(flat.max())
    if low == high:
        counts = np.zeros(bins, np.int64)
        counts[bins // 2] = len(flat)
        return Histogram(counts, low, high)
    scaled = (flat.astype(np.float64) - low) * (bins / (high - low))
    places = np.minimum(scaled.astype(np.int64), bins - 1)
    return Histogram(np.bincount(places, minlength=bins).astype(np.int64), low, high)
