"""Softmax regression: gradients against torch, the solution against scipy, splits that keep look-alikes together."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize
import torch

from explorer.records.teach import wilson
from explorer.vision.teach_fit import Scaling, Shape, fit, log_softmax, logits_of, loss_and_gradient, unscaled
from explorer.vision.teach_split import folds, groups_of, held_out


@pytest.fixture
def blobs():
    """Three overlapping clouds in five dimensions, the last of which never changes."""
    random = np.random.default_rng(3)
    y = np.repeat(np.arange(3), 20)
    x = random.normal(0, 1, (60, 5)) + np.eye(3, 5)[y] * 1.5
    x[:, 4] = 7.0
    return x.astype(np.float32), y


def by_torch(shape, vector, x, y, decay):
    parts = {name: torch.tensor(array, requires_grad=True) for name, array in shape.parts(vector).items()}
    inside = torch.tensor(x)
    if shape.hidden:
        inside = torch.relu(inside @ parts["hidden.weight"].T + parts["hidden.bias"])
    logits = inside @ parts["output.weight"].T + parts["output.bias"]
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y))
    loss = loss + decay / 2 * sum((part**2).sum() for name, part in parts.items() if name.endswith("weight"))
    loss.backward()
    return loss.item(), np.concatenate([parts[name].grad.numpy().ravel() for name in shape.parts(vector)])


@pytest.mark.parametrize("hidden", [0, 4])
def test_loss_and_gradient_are_those_of_autograd(blobs, hidden):
    x, y = Scaling.of(blobs[0])(blobs[0]), blobs[1]
    shape = Shape(5, hidden, 3)
    vector = np.random.default_rng(0).normal(0, 1, shape.size)
    loss, gradient = loss_and_gradient(shape, vector, x, y, 0.3)
    expected, slope = by_torch(shape, vector, x, y, 0.3)
    assert loss == pytest.approx(expected, abs=1e-12) and np.abs(gradient - slope).max() < 1e-12


@pytest.mark.parametrize("decay", [1e-3, 0.1])
def test_the_solution_is_the_one_that_scipy_finds(blobs, decay):
    x, y = Scaling.of(blobs[0])(blobs[0]), blobs[1]
    shape = Shape(5, 0, 3)
    *_, last = fit(shape, x, y, decay, 0, 500)
    other = scipy.optimize.minimize(
        lambda v: loss_and_gradient(shape, v, x, y, decay), np.zeros(shape.size), jac=True, method="L-BFGS-B", tol=1e-14
    )
    assert last.level and last.loss == pytest.approx(other.fun, abs=1e-8)
    probabilities = np.exp(log_softmax(logits_of(shape, last.vector, x)))
    assert np.abs(probabilities - np.exp(log_softmax(logits_of(shape, other.x, x)))).max() < 1e-3


def test_every_step_lowers_the_loss_and_the_seed_decides_the_rest(blobs):
    x, y = Scaling.of(blobs[0])(blobs[0]), blobs[1]
    shape = Shape(5, 8, 3)
    runs = [[step.vector for step in fit(shape, x, y, 0.01, seed, 40)] for seed in (1, 1, 2)]
    losses = [loss_and_gradient(shape, vector, x, y, 0.01)[0] for vector in runs[0]]
    assert all(after <= before for before, after in pairwise(losses)) and losses[-1] < 0.5 * losses[0]
    assert runs[0][-1].tobytes() == runs[1][-1].tobytes() != runs[2][-1].tobytes()


@pytest.mark.parametrize("hidden", [0, 6])
def test_the_scaling_goes_into_the_first_layer(blobs, hidden):
    x, y = blobs
    scaling, shape = Scaling.of(x), Shape(5, hidden, 3)
    *_, last = fit(shape, scaling(x), y, 0.01, 0, 20)
    tensors = unscaled(shape, last.vector, scaling)
    inside = np.maximum(x @ tensors["hidden.weight"].T + tensors["hidden.bias"], 0) if hidden else x
    plain = inside @ tensors["output.weight"].T + tensors["output.bias"]
    assert np.abs(plain - logits_of(shape, last.vector, scaling(x))).max() < 1e-4
    assert not tensors["hidden.weight" if hidden else "output.weight"][:, 4].any()  # what never changes tells nothing


def test_goes_and_copies_stay_together():
    paths = [f"go-20260101T0000000{go}-{n:04d}.jpg" for go in range(4) for n in range(3)] + ["a.png", "b.png", "c.png"]
    label = np.array([0] * 12 + [1] * 3)
    hashes = [str(n) for n in range(12)] + ["same", "same", "other"]
    group, cut = groups_of(paths, label, hashes)
    assert [len(set(group[start : start + 3])) for start in (0, 3, 6, 9)] == [1, 1, 1, 1] and len(set(group[:12])) == 4
    assert group[12] == group[13] != group[14] and 0 not in cut


def test_a_single_go_is_cut_in_time_and_told():
    paths = [f"go-20260101T000000001-{n:04d}.jpg" for n in range(8)]
    group, cut = groups_of(paths, np.zeros(8, np.int64), [str(n) for n in range(8)])
    assert cut == (0,) and len(set(group)) == 4
    assert all(group[n] == group[n + 1] for n in (0, 2, 4, 6))  # neighbours stay neighbours


@pytest.mark.parametrize("seed", range(5))
def test_no_group_stands_on_both_sides(seed):
    random = np.random.default_rng(seed)
    label = np.repeat([0, 1, 2], [40, 25, 12])
    group = np.concatenate([random.integers(0, 8, 40), 10 + random.integers(0, 6, 25), 20 + random.integers(0, 4, 12)])
    side = held_out(label, group, 0.25, seed)
    fold, count = folds(label, group, 5, seed)
    for number in np.unique(group):
        assert len(set(side[group == number])) == 1 and len(set(fold[group == number])) == 1
    for index in range(3):
        assert set(side[label == index]) == {0, 1} and set(fold[label == index]) == set(range(count))


def test_wilson_is_the_one_of_the_tables():
    low, high = wilson(9, 10)
    assert (round(low, 4), round(high, 4)) == (0.5958, 0.9821)  # Newcombe 1998, method 3
    assert wilson(0, 0) is None and wilson(5, 5)[1] == pytest.approx(1.0)
