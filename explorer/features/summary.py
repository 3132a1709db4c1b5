"""Statistics and the histogram of maps, on the device that holds them; the order that a person asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt
import torch

from explorer.records.statistics import BINS, Histogram, Statistics

COLUMNS = tuple(field.name for field in fields(Statistics) if field.name != "size")
IN_CACHE = 1 << 19  # numbers worked on at a time: intermediate results of a large layer stay in the cache
AT_ONCE = 1 << 23  # torch.histc counts in float32: beyond 2**24 it would stand still


def statistics_of(maps: torch.Tensor) -> Statistics:
    """The Statistics of (count, ...) float32 `maps`."""
    flat = maps.reshape(len(maps), -1)
    rows = max(1, IN_CACHE // max(1, flat.shape[1]))
    parts = [_statistics_of(part) for part in torch.split(flat, rows)]
    if len(parts) == 1:
        return parts[0]
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS}
    return Statistics(flat.shape[1], **columns)


def _statistics_of(flat: torch.Tensor) -> Statistics:
    count, size = flat.shape
    finite = torch.full((count,), size, dtype=torch.int64)
    least, most = flat.amin(1), flat.amax(1)
    if not bool((torch.isfinite(least) & torch.isfinite(most)).all()):
        good = torch.isfinite(flat)
        finite = good.sum(1)
        least = torch.where(good, flat, torch.inf).amin(1).masked_fill(finite == 0, 0.0)
        most = torch.where(good, flat, -torch.inf).amax(1).masked_fill(finite == 0, 0.0)
        flat = flat.masked_fill(~good, 0.0)
    filled = (size - finite).to(flat.device)  # zeros that stand in for what is not finite
    there = finite.clamp(min=1).to(flat.device, torch.float64)
    mean = flat.mean(1).double() * size / there
    l1, l2 = flat.abs().sum(1), torch.linalg.vector_norm(flat, 2, dim=1)
    centred = torch.linalg.vector_norm(flat - mean.float()[:, None], 2, dim=1).double() ** 2 - filled * mean**2
    std = (centred.clamp(min=0) / there).sqrt()
    zeros = size - np.count_nonzero(flat.cpu().numpy(), axis=1) - filled.cpu().numpy()

    def plain(column: torch.Tensor) -> npt.NDArray[np.float64]:
        return column.double().cpu().numpy()

    return Statistics(
        size,
        mean=plain(mean),
        std=plain(std),
        least=plain(least),
        most=plain(most),
        l1=plain(l1),
        l2=plain(l2),
        zeros=zeros.astype(np.int64),
        finite=finite.cpu().numpy(),
    )


def histogram_of(maps: torch.Tensor, stats: Statistics, bins: int = BINS) -> Histogram:
    """The Histogram of all numbers of `maps`, whose statistics are known: between the least and the most of them."""
    whole = stats.whole()
    low, high = float(whole.least[0]), float(whole.most[0])
    total = int(stats.finite.sum())
    counts = np.zeros(bins, np.int64)
    if low == high or not np.isfinite(high - low):
        counts[bins // 2] = total
        return Histogram(counts, low, high)
    flat = maps.reshape(-1)
    if total < flat.numel():
        flat = flat[torch.isfinite(flat)]
    for part in torch.split(flat, AT_ONCE):
        counts += torch.histc(part, bins, low, high).to(torch.int64).cpu().numpy()
    return Histogram(counts, low, high)


def order_of(stats: Statistics, sort: str, pinned: Sequence[int] = ()) -> npt.NDArray[np.int64]:
    """(count,) int64: the pinned ones first, in their order, then by `sort`, the largest first; equal ones stay in order."""
    names = {"mean": "mean", "max": "most", "variance": "std", "sparsity": "sparsity", "l1": "l1", "l2": "l2"}
    order = np.argsort(-getattr(stats, names[sort]), kind="stable") if sort in names else np.arange(len(stats))
    first = [channel for channel in dict.fromkeys(pinned) if 0 <= channel < len(stats)]
    if first:
        order = np.concatenate([np.array(first), order[~np.isin(order, first)]])
    return order.astype(np.int64)
