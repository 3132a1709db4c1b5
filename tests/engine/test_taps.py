"""Taps: right values, and no hook left after success, error, cancel."""

import pytest
import torch
from torch import nn

from explorer.engine.taps import MANY, cancellable, first_tensor, hook_count, layer_of, run_until, taps
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


def hooked(module, names, x):
    """What hooks see: the outputs of `names`, by torch's own way."""
    seen = {}
    handles = [
        module.get_submodule(name).register_forward_hook(lambda _m, _i, out, name=name: seen.update({name: out}))
        for name in names
    ]
    module(x)
    for handle in handles:
        handle.remove()
    return seen


def branching():
    """Forty layers in blocks; one ReLU stands in every block."""
    torch.manual_seed(3)
    shared = nn.ReLU()
    blocks = [nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), shared) for _ in range(9)]
    return nn.Sequential(*blocks, nn.Identity()).eval()


def test_many_taps_see_what_hooks_see():
    module, x = branching(), torch.randn(1, 2, 5, 5)
    names = [name for name, _ in module.named_modules(remove_duplicate=False)]
    assert len(names) > MANY and names[0] == "" and "8.2" in names
    with torch.no_grad():
        seen = hooked(module, names, x)
        with taps(module, [*names, *names]) as got:
            answer = module(x)
    assert set(got) == set(names) and all(torch.equal(got[name], seen[name]) for name in names)
    assert got["9"] is answer and got["0.2"] is got["8.2"]  # the shared one shows its last run
    assert hook_count(module) == 0


def test_many_taps_detach_unless_told():
    module, x = branching(), torch.randn(1, 2, 5, 5)
    names = [name for name, _ in module.named_modules()]
    with taps(module, names) as got:
        assert module(x).requires_grad
    assert not any(tensor.requires_grad for tensor in got.values())
    with taps(module, names, detach=False) as got:
        module(x)
    assert all(tensor.requires_grad for tensor in got.values())


def test_many_taps_show_what_a_hook_makes_of_an_output():
    module, x = branching(), torch.randn(1, 2, 5, 5)
    names = [name for name, _ in module.named_modules()]
    handle = module[4].register_forward_hook(lambda _m, _i, out: out + 7)
    with torch.no_grad(), taps(module, names) as got:
        module(x)
    assert torch.equal(got["4"], got["4.1"].relu() + 7) and torch.equal(got["5.0"], module[5][0](got["4"]))
    handle.remove()
    assert hook_count(module) == 0


def test_many_taps_leave_nothing_after_an_error_or_a_cancel(toys):
    module, token = toys.Deep(), CancelToken()
    names = [name for name, _ in module.named_modules() if name]
    module[30].register_forward_hook(lambda *_: token.cancel())
    with pytest.raises(Cancelled), cancellable(module, token), taps(module, names) as got:
        assert hook_count(module) > len(names)
        module(torch.zeros(1, 3, 2, 2))
    assert "30" in got and "32" not in got and hook_count(module) == 1
    with pytest.raises(BadRequestError), taps(module, [*names, "nothing"]):
        raise AssertionError("the block must not run")
    assert hook_count(module) == 1
    module = branching()
    names = [name for name, _ in module.named_modules()]
    with pytest.raises(RuntimeError, match="channels"), taps(module, names) as got:
        module(torch.zeros(1, 3, 5, 5))
    assert not got and hook_count(module) == 0


def test_many_taps_inside_each_other_end_in_any_order():
    module, x = branching(), torch.randn(1, 2, 5, 5)
    names = [name for name, _ in module.named_modules()]
    outer, inner = taps(module, names), taps(module, names)
    one, two = outer.__enter__(), inner.__enter__()
    with torch.no_grad():
        module(x)
    assert set(one) == set(two) == set(names) and all(one[name] is two[name] for name in names)
    outer.__exit__(None, None, None)
    one.clear()
    with torch.no_grad():
        module(x)
    assert not one and len(two) == len(names)
    inner.__exit__(None, None, None)
    assert hook_count(module) == 0


def test_many_taps_of_layers_that_look_at_the_hooks_of_their_parts():
    module = nn.Sequential(*[nn.TransformerEncoderLayer(8, 2, 16, batch_first=True) for _ in range(3)]).eval()
    names = [name for name, _ in module.named_modules()]
    x = torch.randn(1, 4, 8)
    with torch.no_grad():
        seen = hooked(module, names, x)
        with taps(module, names) as got:
            module(x)
    assert len(names) > MANY and "1.linear1" in seen  # without hooks such a layer runs in one piece
    assert set(got) == set(seen) and all(torch.equal(got[name], first_tensor(seen[name])) for name in seen)


def test_many_taps_of_a_layer_that_already_has_a_forward_of_its_own():
    module, x = branching(), torch.randn(1, 2, 5, 5)
    names = [name for name, _ in module.named_modules()]
    own = vars(module[2])["forward"] = lambda x: x * 0
    with torch.no_grad(), taps(module, names) as got:
        module(x)
    assert got["2"].abs().max() == 0 and vars(module[2])["forward"] is own
