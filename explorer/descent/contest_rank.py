"""Places with their uncertainty: ranks over the seeds, and a bootstrap over them that says what is clear and what a tie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.records.descent import F64

DRAWS = 1000  # of the bootstrap
SURE = 0.90  # of the intervals


@dataclass(frozen=True, eq=False)
class Standing:
    """Of M methods: mean ranks with their interval, (M,) float64 each; `places`: 1 + how many are clearly better; `ties`:
    for each the indices of those that it cannot be told apart from."""

    rank: F64
    low: F64
    high: F64
    places: tuple[int, ...]
    ties: tuple[tuple[int, ...], ...]


def ranks(costs: F64) -> F64:
    """(S, M) ranks of (S, M) costs in each row, 1 for the smallest; equal costs share the mean of their ranks."""
    less = (costs[:, None, :] < costs[:, :, None]).sum(axis=2)
    same = (costs[:, None, :] == costs[:, :, None]).sum(axis=2)
    found: F64 = 1.0 + less + 0.5 * (same - 1)
    return found


def standing(costs: F64, seed: int) -> Standing:
    """`costs`: (S, M) float64 of the same seeds, inf allowed. A method is clearly better than another where 95 % of the
    bootstrap's draws say that it wins more seeds than it loses."""
    seeds, methods = costs.shape
    weights = _draws(seeds, seed)
    each = ranks(costs)
    means = weights @ each
    low, high = np.quantile(means, ((1.0 - SURE) / 2.0, (1.0 + SURE) / 2.0), axis=0)
    ahead = costs[:, :, None] < costs[:, None, :]  # [seed, a, b]: a ahead of b
    wins = ahead.astype(np.float64) - ahead.transpose(0, 2, 1)
    lead = (weights @ wins.reshape(seeds, -1)).reshape(-1, methods, methods)  # [draw, a, b]
    better = (lead > 0.0).mean(axis=0) >= (1.0 + SURE) / 2.0
    places = tuple(int(1 + better[:, index].sum()) for index in range(methods))
    ties = tuple(
        tuple(other for other in range(methods) if other != index and not better[index, other] and not better[other, index])
        for index in range(methods)
    )
    return Standing(each.mean(axis=0), low, high, places, ties)


def _draws(seeds: int, seed: int) -> F64:
    """(DRAWS, S) weights: how often each seed was drawn, over S."""
    picked: npt.NDArray[np.int64] = np.random.default_rng((seed, 13)).integers(0, seeds, size=(DRAWS, seeds))
    counts = np.zeros((DRAWS, seeds))
    np.add.at(counts, (np.arange(DRAWS)[:, None], picked), 1.0)
    return counts / seeds


def median_ratio(after: F64, before: F64, seed: int) -> tuple[float, float, float]:
    """Median of `after` over that of `before`, both (S,) of the same seeds, with an interval; NaN where one is not finite."""
    nothing = (float("nan"),) * 3
    if not (np.isfinite(np.median(after)) and np.isfinite(np.median(before))) or np.median(before) <= 0.0:
        return nothing
    picked = np.random.default_rng((seed, 17)).integers(0, len(after), size=(DRAWS, len(after)))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.median(after[picked], axis=1) / np.median(before[picked], axis=1)
    ratios = np.sort(np.where(np.isnan(ratios), np.inf, ratios))
    low, high = ratios[round((1.0 - SURE) / 2.0 * (DRAWS - 1))], ratios[round((1.0 + SURE) / 2.0 * (DRAWS - 1))]
    return float(np.median(after) / np.median(before)), float(low), float(high)
