"""Taps of very many layers: what is worked out when it is read is, bit for bit, what hooks would have shown."""

import gc
import weakref

import pytest
import torch
from torch import nn

from explorer.engine import taps_kept
from explorer.engine.engine import Engine
from explorer.engine.taps import MANY, hook_count, taps
from explorer.engine.taps_kept import LONGEST, Again
from explorer.requests.network import NetworkRequest


def names_of(module):
    return [name for name, _ in module.named_modules(remove_duplicate=False)]


def hooked(module, x):
    """What hooks see of one pass."""
    seen = {}
    handles = [
        module.get_submodule(name).register_forward_hook(lambda _m, _i, out, name=name: seen.update({name: out}))
        for name in names_of(module)
    ]
    module(x)
    for handle in handles:
        handle.remove()
    return seen


def tapped(module, x, times=2):
    """What taps of all layers hold after the last of several blocks; the first block is the trial."""
    for _ in range(times):
        with taps(module, names_of(module)) as got:
            module(x)
    return got


def left(got):
    """The layers whose output was not kept."""
    return {name for name, output in got.outputs.items() if isinstance(output, Again)}


def same(got, seen):
    return set(got) == set(seen) and all(torch.equal(got[name], seen[name]) for name in seen)


def stirred(module):
    """Weights and statistics with no zeros and ones among them, so that no layer passes its input on by chance."""
    draw = torch.Generator().manual_seed(7)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for numbers in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                numbers.data.copy_(torch.rand(numbers.shape, generator=draw) + 0.3)
    return module.eval()


class Dense(nn.Module):
    """Blocks as in DenseNet, normalisation first; what each adds is added in place, rectifiers work in place or not."""

    def __init__(self, inplace, grows):
        super().__init__()
        self.grows = grows
        self.stem = nn.Conv2d(3, 4, 1)
        self.blocks = nn.ModuleList(
            nn.ModuleDict({"norm": nn.BatchNorm2d(4), "relu": nn.ReLU(inplace), "conv": nn.Conv2d(4, 4, 1)}) for _ in range(7)
        )

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            y = block["conv"](block["relu"](block["norm"](x)))
            if self.grows:
                x += y
            else:
                x = x + y
        return x


@pytest.mark.parametrize(
    ("model", "weights", "least"), [("squeezenet1_1", None, 26), ("efficientnet_lite0", None, 82), ("resnet18", "random", 29)]
)
def test_every_layer_of_a_network_is_what_hooks_see(model, weights, least):
    network = Engine().network(NetworkRequest(model=model, weights=weights))
    x = torch.randn(1, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        seen = hooked(network.module, x)
        got = tapped(network.module, x)
        assert len(left(got)) >= least
        assert same(got, seen) and list(got) == list(seen)
        assert all(got[name].is_inference() and got[name].stride() == seen[name].stride() for name in seen)
    assert hook_count(network.module) == 0


@pytest.mark.parametrize("inplace", [True, False])
@pytest.mark.parametrize("grows", [True, False])
def test_a_network_that_works_in_place_shows_what_hooks_show(inplace, grows):
    module, x = stirred(Dense(inplace, grows)), torch.randn(1, 3, 5, 5)
    with torch.inference_mode():
        seen = hooked(module, x)
        with taps(module, names_of(module)) as got:
            module(x)
            assert same(got, seen)
            module(x)  # after the trial
        assert same(got, seen)
        got = tapped(module, x)
    # What is read from a map that changes later is kept, and so is a map that a rectifier writes into.
    norms, relus = ({f"blocks.{at}.{kind}" for at in range(7)} for kind in ("norm", "relu"))
    expected = {"blocks.0.norm"} if not grows else set()  # further on the input is a sum, which no layer put out
    assert left(got) == (set() if inplace else relus | expected)
    assert norms | relus <= set(got) and same(got, seen)


def chain(count=9, last=None):
    torch.manual_seed(4)
    blocks = [nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.LeakyReLU(0.2)) for _ in range(count)]
    return stirred(nn.Sequential(*blocks, *([last] if last else [])))


def test_writing_in_place_counts_where_it_changes_nothing_on_trial():
    module = stirred(nn.Sequential(*[nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.ReLU(True)) for _ in range(8)]))
    for block in module:
        nn.init.constant_(block[0].weight, 1.0)
    x = torch.full((1, 3, 4, 4), 5.0)
    with torch.no_grad():
        seen = {name: output.clone() for name, output in hooked(module, x).items()}
        tapped(module, x, times=1)
        assert min(float(output.min()) for output in seen.values()) > 0  # no rectifier had anything to do
        assert same(tapped(module, -x, times=1), hooked(module, -x))


def test_weights_that_change_between_the_pass_and_the_reading_change_nothing():
    module, x = chain(), torch.randn(2, 3, 4, 4)
    with torch.no_grad():
        seen = hooked(module, x)
        got = tapped(module, x)
        assert {"3.1", "3.2", "3", ""} <= left(got)
        for parameter in module.parameters():
            parameter.data.mul_(3)  # a change that torch counts nowhere
        for layer in module.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.running_mean.add_(1)
            if isinstance(layer, nn.LeakyReLU):
                layer.negative_slope, layer.inplace = 9.0, True
        module.train()
        assert same(got, seen)


def test_a_change_of_the_network_is_a_new_trial():
    module, x = chain(), torch.randn(2, 3, 4, 4)
    with torch.no_grad():
        assert "1.1" in left(tapped(module, x))
        module[1][2].inplace = True
        assert not left(tapped(module, x, times=1))
        seen = hooked(module, x)
        got = tapped(module, x, times=1)
        assert same(got, seen) and "2.1" in left(got) and not {"1.1", "1.2"} & left(got)
        module[3][1].train()
        seen = hooked(module, x)
        got = tapped(module, x)
        assert "3.1" not in left(got) and "2.1" in left(got) and torch.equal(got["3.1"], seen["3.1"])
        handle = module[4][1].register_forward_hook(lambda _m, _i, out: out.mul_(2))
        got = tapped(module, x)
        assert "4.1" not in left(got) and torch.equal(got["4.2"], nn.functional.leaky_relu(got["4.1"], 0.2))
        handle.remove()


def test_what_a_network_is_given_is_not_relied_on():
    module = stirred(nn.Sequential(nn.Identity(), nn.BatchNorm2d(3), *chain().children()))
    x = torch.randn(1, 3, 4, 4)
    with torch.no_grad():
        seen = {name: output.clone() for name, output in hooked(module, x).items() if name != "0"}
        got = tapped(module, x)
        x.zero_()  # the caller fills it with the next picture
        assert "1" not in left(got) and "5.1" in left(got) and torch.equal(got["1"], seen["1"])
        del got["0"]
        assert same(got, seen)


def test_a_thousand_rectifiers_in_a_row():
    module, x = nn.Sequential(nn.Conv2d(3, 3, 1), *[nn.ReLU() for _ in range(1000)]).eval(), torch.randn(1, 3, 4, 4)
    with torch.no_grad():
        seen = hooked(module, x)
        got = tapped(module, x)
        depths = [output.depth for output in got.outputs.values() if isinstance(output, Again)]
        assert max(depths) == LONGEST and len(depths) > 700
        assert same(got, seen)


def test_what_taps_yield_is_a_mapping():
    module, x = chain(last=nn.Identity()), torch.randn(1, 3, 4, 4)
    with torch.no_grad():
        seen = hooked(module, x)
        got = tapped(module, x)
    names = left(got)
    assert "2.2" in names and "2.2" in got and "nothing" not in got and got.get("nothing") is None
    assert len(got) == len(seen) > MANY and list(got) == list(seen) and names == left(got)  # nothing was worked out for that
    assert got["2.2"] is got["2.2"] is got["2"]  # once
    assert got["9"] is got["8"] is got[""]  # an Identity passes on
    assert all(torch.equal(value, seen[name]) for name, value in got.items())
    assert all(value.grad_fn is None for value in got.values()) and set(dict(got)) == set(seen)
    got.clear()
    assert not got and got.latest == [None, None]
    with pytest.raises(KeyError):
        got["2.2"]


def test_with_gradients_everything_is_kept():
    module, x = chain(), torch.randn(1, 3, 4, 4)
    with torch.no_grad():
        assert left(tapped(module, x))
    assert not left(tapped(module, x))
    with taps(module, names_of(module), detach=False) as got:
        module(x)
    assert not left(got) and all(tensor.requires_grad for tensor in got.values())


def test_a_pass_that_fails_on_trial_is_no_trial():
    module = chain()
    with torch.no_grad():
        with pytest.raises(RuntimeError, match="channels"), taps(module, names_of(module)):
            module(torch.zeros(1, 5, 4, 4))
        assert module not in taps_kept._KNOWN and hook_count(module) == 0
        x = torch.randn(1, 3, 4, 4)
        assert not left(tapped(module, x, times=1)) and left(tapped(module, x, times=1))


def test_numbers_that_are_none_are_kept():
    module, x = chain(), torch.full((1, 3, 4, 4), float("nan"))
    with torch.no_grad():
        assert not left(tapped(module, x))  # NaN is not equal to itself


def test_nothing_holds_a_network_that_was_tapped():
    module, x = chain(), torch.randn(1, 3, 4, 4)
    with torch.no_grad():
        got = tapped(module, x)
    gone = weakref.ref(module)
    del module
    gc.collect()
    assert gone() is None and len(got) > MANY
    assert torch.equal(got["0.2"], nn.functional.leaky_relu(got["0.1"], 0.2))


def test_what_will_be_shown_is_kept_as_it_came():
    network = Engine(threads=1).network(NetworkRequest(model="efficientnet_lite0"))
    x, names = network.blank(), network.layer_names
    for _ in range(2):  # the first pass is watched, the second leaves out
        with taps(network.module, names, shown=("relu0",)) as got, torch.inference_mode():
            network.module(x)
    with taps(network.module, names) as other, torch.inference_mode():
        network.module(x)
    assert got.outputs["relu0"].__class__ is torch.Tensor and other.outputs["relu0"].__class__ is not torch.Tensor
    assert all(torch.equal(got[name], other[name]) for name in names)
