"""Networks nobody would publish: what can be seen is listed, the rest is explained, nothing unforeseen is raised."""

import weakref

import numpy as np
import pytest
import torch

from explorer.engine.network import Network
from explorer.engine.prepare import Recipe
from explorer.engine.survey import survey
from explorer.engine.taps import hook_count, taps
from explorer.jobs import Cancelled, CancelToken
from explorer.records.frame import Frame


def wrap(toys, name, size=8, channels=3):
    build = getattr(toys, name)
    return Network(
        toys.spec(build, size=size, channels=channels), build(), Recipe(size=size, order="rgb" if channels == 3 else "grey")
    )


LISTED = {
    "TupleOut": ["pair.a", "pair", "end"],
    "DictOut": ["conv"],
    "NoConvolution": ["flat", "fc"],
    "NoLayers": [],
    "InPlace": ["conv", "relu"],
    "SharedReLU": ["one", "relu", "two"],
    "DataDependent": ["dark"],
    "NoTensor": [],
    "HalfStored": ["conv"],
}
SAID = {
    "NoConvolution": "no convolution",
    "NoLayers": "no layers",
    "SharedReLU": "more than once",
    "DataDependent": "did not run",
    "NoTensor": "no tensor",
}


@pytest.mark.parametrize("name", LISTED)
def test_what_can_be_tapped_is_listed(toys, name):
    network = wrap(toys, name)
    assert list(network.layer_names) == LISTED[name]
    assert hook_count(network.module) == 0
    notes = " ".join(network.info.notes)
    assert SAID.get(name, "") in notes
    assert bool(notes) == (name in SAID)
    with taps(network.module, network.layer_names) as got:
        network.module(network.blank())
    assert {key: tuple(value.shape[1:]) for key, value in got.items()} == {
        layer.name: layer.shape for layer in network.info.layers
    }


def test_one_channel(toys, coffee):
    network = wrap(toys, "TwoFilters", size=4, channels=1)
    assert network.prepare(coffee).nchw.shape == (1, 1, 4, 4)
    assert network.first_convolution == "conv" and network.info.layers[0].kernel == (2, 1, 2, 2)
    assert network.picture_of(network.tensor_of(coffee.rgb)).shape == coffee.rgb.shape


def test_two_thousand_layers(toys):
    network = wrap(toys, "Deep")
    assert len(network.layer_names) == 2000 and network.first_convolution is None


def test_in_place_activation_does_not_spoil_the_tap_before_it(toys):
    network = wrap(toys, "InPlace")
    with taps(network.module, ["conv", "relu"]) as got:
        network.module(torch.randn(1, 3, 8, 8))
    assert got["conv"].min() < 0 <= got["relu"].min()


def test_half_precision_weights_become_float32(toys):
    network = wrap(toys, "HalfStored")
    assert {parameter.dtype for parameter in network.module.parameters()} == {torch.float32}


def test_frozen_in_eval_mode(toys):
    network = wrap(toys, "SharedReLU")
    assert not network.module.training
    assert not any(parameter.requires_grad for parameter in network.module.parameters())


def test_a_network_that_raises_is_not_loaded(toys):
    with pytest.raises(ValueError, match="cannot run"):
        wrap(toys, "Broken")


def test_cancel_while_loading(toys):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Network(toys.spec(toys.Deep), toys.Deep(), Recipe(size=8), token=token)


def test_describes_itself(toys):
    info = wrap(toys, "SharedReLU").info
    assert info.parameters == 3 * 4 + 4 + 4 * 6 + 6
    assert [layer.weights for layer in info.layers] == [16, 0, 30]
    assert info.layers[1].shape == (6, 8, 8)  # the last run is the one shown


def test_frame_goes_through(toys):
    network = wrap(toys, "NoConvolution")
    frame = Frame(np.zeros((30, 20, 3), np.uint8))
    assert network.forward(network.prepare(frame).nchw).shape == (1, 5)


def test_the_warm_up_holds_no_maps():
    kept = []
    module = torch.nn.Sequential(*[torch.nn.Conv2d(3, 3, 1) for _ in range(3)])
    module[0].register_forward_hook(lambda _m, _i, out: kept.append(weakref.ref(out)))
    module[2].register_forward_hook(lambda *_: kept.append(kept[0]() is None))
    assert len(survey(module, torch.zeros(1, 3, 4, 4)).layers) == 3
    assert kept[1] is True  # the first map is gone when the third layer ends
