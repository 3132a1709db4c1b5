"""Every network of the zoo: sizes, shapes, names of places to look into, no activation shared or in place."""

import functools
import json
import os
import pickle
from pathlib import Path

import pytest
import torch
from torch import nn

from explorer.tables import Tables
from explorer.zoo.registry import BUILT_IN, build_seeded, networks, register

GOLDEN = Path(__file__).parent.parent / "golden" / "zoo.json"
ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.SiLU, nn.Mish)
specs = pytest.mark.parametrize("spec", BUILT_IN, ids=lambda spec: spec.name)


@functools.cache
def network(name):
    """Built once: nothing here changes it."""
    return build_seeded(networks()[name])


def dry(spec):
    """The network without memory: shapes and names only."""
    with torch.device("meta"):
        return spec.build().eval()


def small(spec):
    """A side that is quick to compute."""
    return 64 if spec.name in ("yolov3", "yolov3_tiny", "u2netp") else None


def outputs(module, spec, side=None):
    with torch.no_grad():
        device = next(module.parameters()).device
        found = module(torch.zeros(1, spec.channels, side or spec.input_size, side or spec.input_size, device=device))
    return found if isinstance(found, tuple) else (found,)


def facts(spec):
    module = dry(spec)
    return {
        "parameters": sum(tensor.numel() for tensor in module.parameters()),
        "outputs": [list(map_.shape) for map_ in outputs(module, spec)],
        "places": [name for name, part in module.named_modules() if name and not list(part.children())],
        "tensors": list(module.state_dict()),
    }


@specs
def test_sizes_shapes_and_names_are_the_pinned_ones(spec):
    if os.environ.get("EXPLORER_REGENERATE"):
        known = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
        GOLDEN.write_text(json.dumps({**known, spec.name: facts(spec)}, indent=0) + "\n")
    assert facts(spec) == json.loads(GOLDEN.read_text())[spec.name]


# from the papers' and authors' own statements, not from our code
PUBLISHED_PARAMETERS = {
    "squeezenet1_1": 1_235_496,  # torchvision
    "efficientnet_lite0": 4_652_008,  # the authors: 4.7 M
    "resnet18": 11_689_512,  # torchvision, and the next two
    "resnet50": 25_557_032,
    "alexnet": 61_100_840,
    "yolov3_tiny": 8_858_734 - 2 * (16 + 32 + 64 + 128 + 256 + 512 + 1024 + 256 + 512 + 128 + 256),  # file less its statistics
    "u2netp": 1_131_181,  # the authors: 4.7 MB in float32 with the batch norms
    "lenet5": 61_706,  # as taught today; the paper's 60,000 have a sparser C3
}


@pytest.mark.parametrize(("name", "count"), PUBLISHED_PARAMETERS.items())
def test_parameters_are_as_many_as_published(name, count):
    assert sum(tensor.numel() for tensor in dry(networks()[name]).parameters()) == count


@specs
def test_activations_are_modules_of_their_own_and_never_in_place(spec):
    module = dry(spec)
    names = [name for name, _ in module.named_modules(remove_duplicate=False)]
    assert len(names) == len(list(module.named_modules())), "a module has two names"
    for name, part in module.named_modules():
        assert not getattr(part, "inplace", False), name
    assert any(isinstance(part, ACTIVATIONS) for part in module.modules())


@pytest.mark.parametrize("spec", [spec for spec in BUILT_IN if spec.name != "yolov3"], ids=lambda spec: spec.name)
def test_every_place_runs_once_and_gives_one_fresh_value(spec):
    """So that a tap has exactly one value, and none is overwritten by a later layer."""
    module = network(spec.name)
    ran, seen = {}, []

    def look(name):
        def hook(part, inputs, output):
            ran[name] = ran.get(name, 0) + 1
            seen.append((output, output._version))

        return hook

    hooks = [
        part.register_forward_hook(look(name)) for name, part in module.named_modules() if name and not list(part.children())
    ]
    outputs(module, spec, small(spec))
    for hook in hooks:
        hook.remove()
    assert ran == dict.fromkeys(ran, 1)
    assert len(ran) == len(hooks)
    assert all(output._version == version for output, version in seen)


@specs
def test_the_dream_layer_is_there_and_is_a_map(spec):
    module = dry(spec)
    got = []
    module.get_submodule(spec.dream_layer).register_forward_hook(lambda part, inputs, output: got.append(output))
    outputs(module, spec)
    assert got[0].ndim == 4
    assert got[0].shape[1] >= 16


@pytest.mark.parametrize("spec", [networks()["squeezenet1_1"], networks()["lenet5"]], ids=lambda spec: spec.name)
def test_the_same_seed_gives_the_same_numbers_and_leaves_the_callers_alone(spec):
    before = torch.random.get_rng_state()
    first, second, other = build_seeded(spec, 3), build_seeded(spec, 3), build_seeded(spec, 4)
    assert torch.equal(torch.random.get_rng_state(), before)
    name = next(iter(first.state_dict()))
    assert torch.equal(first.state_dict()[name], second.state_dict()[name])
    assert not torch.equal(first.state_dict()[name], other.state_dict()[name])
    assert not first.training


@pytest.mark.parametrize("name", ["squeezenet1_1", "efficientnet_lite0", "u2netp"])
def test_any_size_goes_where_the_spec_says_so(name):
    spec = networks()[name]
    assert spec.multiple_of == 1
    assert all(map_.isfinite().all() for map_ in outputs(network(name), spec, 75))


def test_yolov3_has_three_scales_at_strides_32_16_8():
    spec = networks()["yolov3"]
    module = dry(spec)
    assert [tuple(map_.shape) for map_ in outputs(module, spec, 96)] == [(1, 255, 3, 3), (1, 255, 6, 6), (1, 255, 12, 12)]
    assert [head.stride for head in module.heads] == [32, 16, 8]
    assert module.heads[0].anchors == ((116, 90), (156, 198), (373, 326))
    assert module.description.count == 62_001_757  # the published file: 248,007,048 bytes less 20, by four


def test_yolov3_tiny_has_two_heads():
    module = dry(networks()["yolov3_tiny"])
    assert [(head.stride, head.classes, head.layer) for head in module.heads] == [(32, 80, 16), (16, 80, 23)]
    assert module.heads[0].anchors == ((81, 82), (135, 169), (344, 319))


def test_built_ins_enter_by_the_plugin_door():
    tables = Tables()
    register(tables)
    assert list(tables.networks) == sorted(spec.name for spec in BUILT_IN)
    assert set(tables.networks) <= set(networks())  # which also has those of plugins that were loaded
    with pytest.raises(ValueError, match="already there"):
        register(tables)


@specs
def test_a_spec_can_cross_a_process(spec):
    assert pickle.loads(pickle.dumps(spec)).name == spec.name
