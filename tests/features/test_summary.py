"""Statistics, histogram, order: against numpy and numbers worked out on paper."""

import numpy as np
import pytest
import torch

from explorer.features.summary import histogram_of, order_of, statistics_of
from explorer.records import statistics as records


def maps(count=7, h=9, w=11, seed=0):
    values = np.random.default_rng(seed).normal(3.0, 2.0, (count, h, w)).astype(np.float32)
    values[1] = np.maximum(values[1] - 3, 0)
    values[2] = 0
    return values


def test_figures_are_numpys():
    values = maps()
    found = statistics_of(torch.from_numpy(values))
    exact = values.astype(np.float64)
    np.testing.assert_allclose(found.mean, exact.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found.std, exact.std((1, 2)), rtol=1e-5)
    np.testing.assert_array_equal(found.least, values.min((1, 2)))
    np.testing.assert_array_equal(found.most, values.max((1, 2)))
    np.testing.assert_allclose(found.l1, np.abs(exact).sum((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found.l2, np.sqrt((exact**2).sum((1, 2))), rtol=1e-5)
    np.testing.assert_array_equal(found.zeros, (values == 0).sum((1, 2)))
    assert found.dead.tolist() == [2] and found.size == 99
    whole = found.whole()
    assert whole.mean[0] == pytest.approx(exact.mean(), rel=1e-6) and whole.std[0] == pytest.approx(exact.std(), rel=1e-6)
    assert whole.l2[0] == pytest.approx(np.linalg.norm(exact.ravel()), rel=1e-6)


def test_sparsity_is_hoyers_on_paper():
    rows = torch.tensor([[[1.0, 1, 1, 1]], [[0, 0, 5, 0]], [[0, 0, 0, 0]], [[3, 4, 0, 0]]])
    found = statistics_of(rows)
    assert found.sparsity.tolist() == pytest.approx([0.0, 1.0, 1.0, 2 - 7 / 5])  # (2 - 7/5) / (2 - 1)
    assert found.zero_share.tolist() == [0.0, 0.75, 1.0, 0.5]
    one = statistics_of(torch.tensor([[[2.0]], [[0.0]]]))
    assert one.sparsity.tolist() == [0.0, 1.0]


def test_figures_leave_out_what_is_not_finite():
    values = maps()
    values[0, 0, :3] = np.nan, np.inf, -np.inf
    values[3] = np.nan
    found = statistics_of(torch.from_numpy(values))
    good = values[0][np.isfinite(values[0])].astype(np.float64)
    assert found.finite.tolist() == [96, 99, 99, 0, 99, 99, 99]
    assert found.mean[0] == pytest.approx(good.mean(), rel=1e-5) and found.std[0] == pytest.approx(good.std(), rel=1e-5)
    assert (found.least[0], found.most[0]) == (good.min(), good.max())
    assert found.figures(3) == {**dict.fromkeys(("mean", "std", "min", "max", "l1", "l2", "zero_share"), 0.0), "sparsity": 1.0,
                                "not_finite": 99}  # fmt: skip
    assert found.dead.tolist() == [2] and int(found.whole().finite[0]) == 99 * 7 - 102
    assert int(histogram_of(torch.from_numpy(values), found).counts.sum()) == 99 * 7 - 102


@pytest.mark.parametrize("shape", [(3, 5, 7), (1, 1, 1), (40, 64, 64)])
def test_histogram_counts_what_numpy_counts(shape):
    values = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    stats = statistics_of(torch.from_numpy(values))
    found, twin = histogram_of(torch.from_numpy(values), stats), records.histogram_of(values)
    assert (found.low, found.high) == (values.min(), values.max()) == (twin.low, twin.high)
    if values.size > 1:
        want, _ = np.histogram(values.astype(np.float64), records.BINS)
        assert np.abs(twin.counts - want).sum() <= 2  # a number on an edge
        assert np.abs(found.counts - want).sum() <= 0.001 * values.size + 4
    assert found.counts.sum() == twin.counts.sum() == values.size


def test_the_histogram_of_equal_and_of_no_numbers():
    flat = torch.full((2, 2, 2), 3.0)
    found = histogram_of(flat, statistics_of(flat))
    assert (found.low, found.high, int(found.counts.max())) == (3.0, 3.0, 8)
    assert records.histogram_of(np.full(4, np.nan)).counts.sum() == 0


def test_order_by_each_figure_and_pins_first():
    values = maps()
    stats = statistics_of(torch.from_numpy(values))
    for sort, key in (("mean", values.mean((1, 2))), ("max", values.max((1, 2))), ("variance", values.std((1, 2)))):
        assert order_of(stats, sort).tolist() == np.argsort(-key, kind="stable").tolist()
    assert order_of(stats, "natural").tolist() == list(range(7))
    assert order_of(stats, "sparsity")[0] == 2
    pinned = order_of(stats, "mean", (5, 0, 5, 99)).tolist()
    assert pinned[:2] == [5, 0] and sorted(pinned) == list(range(7))
    assert pinned[2:] == [k for k in order_of(stats, "mean").tolist() if k not in (5, 0)]
    assert order_of(stats, "natural", (3,)).tolist() == [3, 0, 1, 2, 4, 5, 6]
