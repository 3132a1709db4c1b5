"""Taps: right values, and no hook left after success, error, cancel."""

import pytest
import torch

from explorer.engine.taps import cancellable, hook_count, layer_of, run_until, taps
from explorer.jobs import Cancelled, CancelToken
from explorer.records.errors import BadRequestError

PICTURE = torch.arange(16.0).reshape(1, 1, 4, 4)  # rows 0 1 2 3 / 4 5 6 7 / ...


def test_values_computed_on_paper(toys):
    module = toys.TwoFilters()
    with taps(module, ["conv", "relu", "head"]) as got:
        module(PICTURE)
    # The patch at (0, 0) is 0 1 / 4 5: sum 10, left minus right column -2 everywhere.
    assert got["conv"][0, 0].tolist() == [[10, 14, 18], [26, 30, 34], [42, 46, 50]]
    assert got["conv"][0, 1].tolist() == [[-2.0] * 3] * 3
    assert got["relu"][0, 1].abs().max() == 0
    assert got["head"][0].tolist() == [270.0, 0.0]
    assert hook_count(module) == 0


def test_taps_detach_unless_told(toys):
    module = toys.TwoFilters()
    x = PICTURE.clone().requires_grad_()
    with taps(module, ["relu"]) as got:
        module(x)
    assert not got["relu"].requires_grad
    with taps(module, ["relu"], detach=False) as got:
        module(x)
    got["relu"].sum().backward()
    assert x.grad[0, 0, 0, 0] == 1 and x.grad[0, 0, 1, 1] == 4  # a corner is in one patch, the middle in four


def test_no_hook_after_an_error(toys):
    module = toys.Broken()
    with pytest.raises(ValueError, match="cannot run"), taps(module, ["conv"]):
        module(torch.zeros(1, 3, 8, 8))
    assert hook_count(module) == 0
    with pytest.raises(BadRequestError), taps(module, ["conv", "nothing"]):
        raise AssertionError("the block must not run")
    assert hook_count(module) == 0


def test_cancel_between_layers_leaves_no_hook(toys):
    module, token = toys.Deep(), CancelToken()
    seen = []
    module[1000].register_forward_hook(lambda *_: seen.append(token.cancel()))
    before = hook_count(module)
    with pytest.raises(Cancelled), cancellable(module, token), taps(module, ["5", "1500"]) as got:
        module(torch.zeros(1, 3, 2, 2))
    assert seen == [None] and "5" in got and "1500" not in got
    assert hook_count(module) == before == 1


def test_run_until_stops_there(toys):
    module = toys.TwoFilters()
    ran = []
    module.head.register_forward_hook(lambda *_: ran.append("head"))
    relu = run_until(module, PICTURE, "relu")
    assert relu.shape == (1, 2, 3, 3) and ran == []
    assert hook_count(module) == 1  # the test's own


def test_run_until_carries_gradients(toys):
    module = toys.TwoFilters()
    x = PICTURE.clone().requires_grad_()
    run_until(module, x, "conv")[0, 0].sum().backward()
    assert x.grad[0, 0, 0, 0] == 1
    with torch.no_grad():
        assert not run_until(module, x, "conv").requires_grad
    assert not run_until(module, x, "conv", detach=True).requires_grad


def test_run_until_cancelled_or_wrong(toys):
    module, token = toys.TwoFilters(), CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        run_until(module, PICTURE, "relu", token)
    with pytest.raises(BadRequestError) as error:
        run_until(module, PICTURE, "rleu")
    assert error.value.trouble.code == "layer.unknown" and "relu" in str(error.value)
    with pytest.raises(BadRequestError) as error:
        run_until(toys.NoTensor(), torch.zeros(1, 3, 8, 8), "words")
    assert error.value.trouble.code == "layer.silent"
    assert hook_count(module) == 0


def test_layer_that_runs_twice_shows_its_last_run(toys):
    module = toys.SharedReLU()
    with taps(module, ["relu", "two"]) as got:
        module(torch.randn(1, 3, 8, 8))
    assert got["relu"].shape[1] == 6
    assert torch.equal(got["relu"], got["two"].relu())


def test_tuple_gives_its_first_tensor(toys):
    module = toys.TupleOut()
    with taps(module, ["pair", "pair.a"]) as got:
        module(torch.randn(1, 3, 8, 8))
    assert torch.equal(got["pair"], got["pair.a"])


def test_a_thousand_taps_keep_no_graph(toys):
    module = toys.TwoFilters()
    x = PICTURE.clone().requires_grad_()
    for _ in range(1000):
        with taps(module, ["relu"]) as got:
            module(x)
    assert hook_count(module) == 0 and got["relu"].grad_fn is None


def test_layer_of_finds_nested(toys):
    module = toys.TupleOut()
    assert layer_of(module, "pair.a") is module.pair.a
