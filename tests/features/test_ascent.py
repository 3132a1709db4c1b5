"""The fast gradient is the plain gradient; closed gates open; nothing is changed on the network itself."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.engine.taps import hook_count
from explorer.features.ascent import Aim, NoGradientError, silent
from explorer.features.colours import Colours, colours_of
from explorer.features.objectives import channel_mean, mean_square
from explorer.features.redirect import redirected
from explorer.features.shortcut import private_copy
from explorer.features.terms import Term
from explorer.jobs import Cancelled, CancelToken


def picture(size=24, seed=0):
    return torch.rand((1, 3, size, size), generator=torch.Generator().manual_seed(seed))


def plain_gradient(network, layer, objective, rgb01):
    """By the book: whole forward pass, hook, autograd to the picture, preparation written out."""
    mean, std = (torch.tensor(v)[:, None, None] for v in (network.recipe.mean, network.recipe.std))
    leaf = rgb01.clone().requires_grad_(True)
    got = []
    handle = network.module.get_submodule(layer).register_forward_hook(lambda m, i, o: got.append(o))
    network.module((leaf - mean) / std)
    handle.remove()
    value = objective(got[0])
    return value.item(), torch.autograd.grad(value, leaf)[0]


@pytest.mark.parametrize("layer", ["conv1", "bn1", "relu1", "conv2", "relu2", "fc", "softmax"])
@pytest.mark.parametrize("objective", [channel_mean(2), mean_square()], ids=["channel", "layer"])
def test_the_short_way_gives_the_plain_gradient(small, layer, objective):
    with torch.no_grad():
        small.toy.module.conv2.bias.fill_(0.5)
    value, gradient = Aim(small.toy, [Term(layer, objective)]).gradient(picture())
    want, plain = plain_gradient(small.toy, layer, objective, picture())
    assert value == pytest.approx(want, rel=1e-4, abs=1e-7)
    assert torch.nn.functional.cosine_similarity(gradient.flatten(), plain.flatten(), dim=0) > 0.9999
    assert torch.allclose(gradient, plain, rtol=1e-3, atol=float(plain.abs().max()) * 1e-3)


@pytest.mark.weights
@pytest.mark.parametrize(("model", "layer"), [("squeezenet1_1", "features.7"), ("efficientnet_lite0", "blocks.9")])
def test_likewise_in_real_networks(real, model, layer):
    from explorer.requests.dream import DreamRequest

    network = real.network(DreamRequest(model=model))
    aim = Aim(network, [Term(layer, channel_mean(5))])
    _, gradient = aim.gradient(picture(96))
    leaf = picture(96).requires_grad_(True)
    weight, bias = colours_of(network)
    got = []
    handle = network.module.get_submodule(layer).register_forward_hook(lambda m, i, o: got.append(o))
    network.module(nn.functional.conv2d(leaf, weight[:, :, None, None], bias))
    handle.remove()
    (plain,) = torch.autograd.grad(channel_mean(5)(got[0]), leaf)
    assert torch.nn.functional.cosine_similarity(gradient.flatten(), plain.flatten(), dim=0) > 0.999


@pytest.mark.parametrize("order", ["rgb", "bgr", "grey"])
def test_colours_are_found_by_showing_them(toys, order):
    channels = 1 if order == "grey" else 3
    engine = toys(nn.Sequential(nn.Conv2d(channels, 2, 1)), order=order, mean=(0.1, 0.2, 0.3), std=(0.5, 0.4, 0.3))
    weight, bias = colours_of(engine.toy)
    rgb = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    leaf = (torch.from_numpy(rgb).permute(2, 0, 1)[None] / 255).requires_grad_(True)
    mine = Colours(engine.toy)(leaf)
    assert torch.allclose(mine, engine.toy.tensor_of(rgb), atol=1e-5)
    plain = nn.functional.conv2d(leaf, weight[:, :, None, None], bias)
    want, got = (torch.autograd.grad(y.square().sum(), leaf)[0] for y in (plain, mine))
    assert torch.allclose(want, got, atol=1e-4)


def test_batch_norms_are_folded_but_never_the_target(small):
    probe = torch.randn(1, 3, 24, 24)
    folded = private_copy(small.toy.module, probe, "relu2")
    assert isinstance(folded.bn1, nn.Identity) and isinstance(small.toy.module.bn1, nn.BatchNorm2d)
    kept = private_copy(small.toy.module, probe, "conv1")
    assert torch.allclose(kept.conv1(probe), small.toy.module.conv1(probe), atol=1e-6)


def test_a_norm_that_is_not_alone_is_not_folded_wrongly(toys):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.bn, self.end = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Identity()
            nn.init.constant_(self.bn.weight, 3.0)

        def forward(self, x):
            y = self.conv(x)
            return self.end(self.bn(y) + y)  # the raw convolution is used a second time

    engine = toys(Twice().eval())
    copy = private_copy(engine.toy.module, torch.randn(1, 3, 16, 16), "end")
    x = torch.randn(1, 3, 16, 16)
    assert torch.allclose(copy(x), engine.toy.module(x), atol=1e-5)


def test_the_network_itself_stays_as_it_was(small):
    before = {name: tensor.clone() for name, tensor in small.toy.module.state_dict().items()}
    Aim(small.toy, [Term("relu2", channel_mean(0))], CancelToken()).gradient(picture())
    assert hook_count(small.toy.module) == 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in small.toy.module.state_dict().items())


def closed(bias):
    net = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU(), nn.Conv2d(2, 2, 1), nn.ReLU6())
    with torch.no_grad():
        for layer in (net[0], net[2]):
            layer.weight.fill_(1.0)
        net[0].bias.fill_(bias)
        net[2].bias.zero_()
    return net


def test_a_closed_relu_is_opened_towards_more(toys):
    engine = toys(closed(-10.0))
    value, gradient = Aim(engine.toy, [Term("1", channel_mean(0))]).gradient(picture(16))
    assert value == 0 and (gradient > 0).all()
    _, deeper = Aim(engine.toy, [Term("3", channel_mean(1))]).gradient(picture(16))
    assert (deeper > 0).all()


def test_a_saturated_relu6_lets_nothing_push_further(toys):
    engine = toys(closed(10.0))
    with pytest.raises(NoGradientError):
        Aim(engine.toy, [Term("3", channel_mean(0))]).gradient(picture(16))


def test_redirection_changes_no_value_and_leaves_no_hook(toys):
    net = closed(-0.5).requires_grad_(False)
    x = picture(8)
    want = net(x)
    with redirected(net):
        assert torch.equal(net(x), want)
    assert hook_count(net) == 0


@pytest.mark.parametrize("end", [lambda y: y.argmax(1, keepdim=True), lambda y: y * 0])
def test_no_gradient_is_explained(toys, end):
    class Blind(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.end = nn.Conv2d(3, 4, 3), nn.Identity()

        def forward(self, x):
            return self.end(end(self.conv(x)))

    with pytest.raises(NoGradientError) as caught:
        Aim(toys(Blind()).toy, [Term("end", channel_mean(0))]).gradient(picture(16))
    assert caught.value.trouble.code == "dream.no-gradient" and caught.value.trouble.hint


def test_stop_acts_on_the_way_back_too(small):
    token = CancelToken()
    aim = Aim(small.toy, [Term("fc", channel_mean(0))], token)
    aim.gradient(picture())
    reached = []

    def objective(y):
        y.register_hook(lambda g: (reached.append(1), token.cancel())[0] or None)
        return y[:, 0]

    aim.terms = (Term("fc", objective),)
    with pytest.raises(Cancelled):
        aim.gradient(picture())
    assert reached  # the forward pass was over when Stop came


def test_a_gradient_of_one_number_is_not_silent():
    gradient = torch.zeros(3, 3, 20, 20)
    gradient[0, 1, 3, 5] = 1e-9
    gradient[2] = float("nan")
    assert silent(gradient).tolist() == [False, True, False]
