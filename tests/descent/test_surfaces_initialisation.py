import json

import numpy as np
import pytest
import torch

from explorer.cli.program import run_program
from explorer.descent.initialisation import FUNCTIONS, SCHEMES, backward, first_weights, forward
from explorer.jobs import CancelledJob, CancelToken, Progress, Work, result_of, run
from explorer.requests.neural import InitialisationRequest

SMALL = {"width": 40, "depth": 8, "samples": 64, "steps": 3}


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_values_and_gradients_are_torchs(activation):
    request = InitialisationRequest(activation=activation, width=7, depth=4, samples=9)
    weights = first_weights(request, "he")
    rng = np.random.default_rng(0)
    inputs, targets = rng.standard_normal((9, 7)), rng.standard_normal((9, 7))
    sums, seen = forward(weights, inputs, activation)
    matrices, layers = backward(weights, sums, seen, targets, activation)
    leaves = [torch.tensor(w, requires_grad=True) for w in weights]
    hidden = [torch.tensor(inputs, requires_grad=True)]
    functions = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "linear": lambda z: z}
    for leaf in leaves:
        hidden.append(functions[activation](hidden[-1] @ leaf.T))
        hidden[-1].retain_grad()
    (0.5 * (hidden[-1] - torch.tensor(targets)).square().sum() / 9).backward()
    for ours, theirs in zip(matrices, leaves, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), atol=1e-12)
    for ours, theirs in zip(layers, hidden, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(seen[-1], hidden[-1].detach().numpy(), atol=1e-12)


def test_weights_have_the_spread_they_say():
    request = InitialisationRequest(width=300, depth=2, small=0.02, large=1.5, constant=0.25)
    expected = {"zero": 0.0, "constant": 0.0, "small": 0.02, "large": 1.5, "xavier": (1 / 300) ** 0.5, "he": (2 / 300) ** 0.5}
    for name in SCHEMES:
        (first, second) = first_weights(request, name)
        assert first.std() == pytest.approx(expected[name], rel=0.02, abs=1e-15) and first.shape == (300, 300)
        assert name in ("zero", "constant") or not np.allclose(first, second)
    assert (first_weights(request, "constant")[0] == 0.25).all()


def test_what_the_lecture_says_about_depth():
    """Small weights fade, large ones explode or saturate, Xavier keeps a linear network level and He a ReLU network."""
    linear = result_of(InitialisationRequest(activation="linear", width=100, depth=8, steps=0))
    spread = {one.name: one.spread for one in linear.schemes}
    assert spread["small"][8] < 1e-7 and spread["large"][8] > 1e7
    np.testing.assert_allclose(spread["xavier"], 1.0, rtol=0.25)
    np.testing.assert_allclose(
        spread["he"][1:] / spread["xavier"][1:], 2 ** (np.arange(1, 9) / 2)
    )  # the same numbers, stretched
    relu = result_of(InitialisationRequest(activation="relu", width=100, depth=8, steps=0))
    assert 0.4 < relu.scheme("he").spread[8] / relu.scheme("he").spread[1] < 2.5 and relu.scheme("xavier").spread[8] < 0.15
    tanh = result_of(InitialisationRequest(activation="tanh", width=100, depth=8, steps=0))
    large, xavier = tanh.scheme("large"), tanh.scheme("xavier")
    ends = large.counts[8, [0, -1]].sum() / large.counts[8].sum()
    assert ends > 0.7 > xavier.counts[8, [0, -1]].sum()  # saturated: nearly everything is -1 or 1
    assert xavier.counts.sum(axis=1).tolist() == [128 * 100] * 9
    small = tanh.scheme("small")
    assert small.slopes[0] < 1e-4 * small.slopes[8]  # and the gradient fades on its way back


def test_equal_units_stay_equal():
    record = result_of(InitialisationRequest(**SMALL))
    for name in ("zero", "constant"):
        one = record.scheme(name)
        assert one.different.tolist() == [40] + [1] * 8
    assert record.scheme("zero").different_after.tolist() == [40] + [1] * 8
    # The last layer hears of its targets one by one; what comes back from it is the same for every unit before.
    assert record.scheme("constant").different_after.tolist() == [40] + [1] * 7 + [40]
    assert record.scheme("zero").silent[1:].tolist() == [1.0] * 8 and record.scheme("xavier").silent.max() == 0.0
    assert record.scheme("he").different_after.tolist() == [40] * 9
    last = result_of(InitialisationRequest(**{**SMALL, "depth": 1})).scheme("zero")
    assert last.different.tolist() == [40, 1] and last.different_after.tolist() == [40, 40]  # targets tell the last layer apart


def test_overflow_is_no_number_and_no_warning():
    record = result_of(InitialisationRequest(activation="linear", width=40, depth=60, large=10.0, samples=8, steps=6))
    large = record.scheme("large")
    assert np.isfinite(large.spread[:20]).all() and large.different_after[-1] == 0
    assert record.scheme("small").different_after[-1] > 0


def test_the_job_reports_cancels_and_repeats():
    events = list(run(InitialisationRequest(**SMALL)))
    assert [event.text for event in events if isinstance(event, Progress)] == list(SCHEMES)
    again = result_of(InitialisationRequest(**SMALL))
    assert all((a.spread == b.spread).all() for a, b in zip(events[-1].record.schemes, again.schemes, strict=True))
    token = CancelToken()
    token.cancel()
    assert isinstance(list(run(InitialisationRequest(**SMALL), Work(token=token)))[-1], CancelledJob)


def test_the_command_line_says_the_same(capfd, tmp_path):
    arguments = [f"--{name}={value}" for name, value in SMALL.items()]
    path = tmp_path / "init.csv"
    assert run_program(["init", *arguments, "--json", "-o", str(path)], restore=True) == 0
    said = json.loads(capfd.readouterr().out)
    record = result_of(InitialisationRequest(**SMALL))
    for one, other in zip(said["schemes"], record.schemes, strict=True):
        assert one["name"] == other.name and one["different_after"] == other.different_after.tolist()
        np.testing.assert_allclose(one["spread"], other.spread, rtol=1e-5)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("scheme,layer,mean,spread") and len(lines) == 1 + 6 * 9
    assert run_program(["init", *arguments], restore=True) == 0
    assert "1 different units" in capfd.readouterr().out
