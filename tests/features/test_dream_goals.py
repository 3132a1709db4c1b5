"""Goals of a request on real passes: several layers in one, interpolation, batches and their diversity, classes, directions."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.features.ascent import Aim, likeness
from explorer.features.canvas import derived
from explorer.features.sizes import to_tensor
from explorer.features.terms import answer_layer, terms_of
from explorer.jobs import Failed, Preview, Work, result_of, run
from explorer.picture.grid import tile_of
from explorer.records.errors import BadRequestError
from explorer.records.picture import Grid
from explorer.requests.dream import DreamRequest
from explorer.requests.goals import Goal

QUICK = {"layer": "relu2", "channel": 3, "steps": 10, "size": 32}


def dream(engine, frame=None, **fields):
    return result_of(DreamRequest(**{**QUICK, **fields}), Work(engine=engine, frame=frame))


def outputs(network, rgb, *layers):
    """By torch alone, on the uint8 picture."""
    got = {}
    handles = [
        network.module.get_submodule(name).register_forward_hook(lambda m, i, o, name=name: got.__setitem__(name, o))
        for name in layers
    ]
    with torch.no_grad():
        network.module(network.tensor_of(rgb))
    for handle in handles:
        handle.remove()
    return got


def test_a_weighted_sum_over_two_layers_is_measured_as_written(small):
    goals = (Goal(layer="conv2", channel=1, weight=2.0), Goal(objective="layer", layer="bn1", weight=-0.5))
    result = dream(small, goals=goals)
    got = outputs(small.toy, result.rgb, "conv2", "bn1")
    want = 2.0 * got["conv2"][0, 1].mean() - 0.5 * got["bn1"].square().mean()
    assert result.facts["after"] == pytest.approx(float(want), abs=1e-5)
    assert result.facts["after"] > result.facts["before"] and result.facts["measure"] == "weighted sum of the goals"


def test_its_gradient_is_the_sum_of_gradients(small):
    goals = (Goal(layer="conv2", channel=1, weight=2.0), Goal(layer="bn1", channel=0, weight=-0.5))
    picture = to_tensor(np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8))

    def gradient(*some):
        return Aim(small.toy, terms_of(DreamRequest(**QUICK, goals=some), small.toy).terms).gradient(picture)

    (value, whole), one, two = gradient(*goals), gradient(goals[0]), gradient(goals[1])
    assert torch.allclose(whole, one[1] + two[1], atol=1e-6) and torch.allclose(value, one[0] + two[0], atol=1e-5)


def test_a_goal_takes_what_it_does_not_say_from_the_request(small):
    request = DreamRequest(layer="conv2", channel=4, objective="neuron", goals=(Goal(y=1, x=2), Goal(channel=1)))
    one, two = terms_of(request, small.toy).terms
    y = torch.arange(2 * 8 * 25.0).reshape(2, 8, 5, 5)
    assert (one.layer, two.layer) == ("conv2", "conv2")
    assert torch.equal(one.objective(y), y[:, 4, 1, 2]) and torch.equal(two.objective(y), y[:, 1].mean((1, 2)))


def test_a_neuron_grows_where_it_is(small):
    still = {"jitter": 0, "rotate": 0.0, "zoom_range": 0.0}  # a border would move the place: there is none
    result = dream(small, layer="conv2", goals=(Goal(objective="neuron", channel=2, y=1, x=5),), steps=30, **still)
    maps = outputs(small.toy, result.rgb, "conv2")["conv2"][0, 2]
    assert result.facts["after"] == pytest.approx(float(maps[1, 5]), abs=1e-5)
    assert divmod(int(maps.argmax()), maps.shape[1]) == (1, 5)


def test_a_class_is_the_number_before_softmax(small):
    assert answer_layer(small.toy) == "fc"
    result = dream(small, objective="class", channel=2, layer="conv1")
    assert result.facts["layer"] == "fc" and result.facts["channel"] == 2
    got = outputs(small.toy, result.rgb, "fc")["fc"][0, 2]
    assert result.facts["after"] == pytest.approx(float(got), abs=1e-5) and result.facts["after"] > result.facts["before"]


def test_a_network_without_classes_says_so(toys):
    from dataclasses import replace

    engine = toys(nn.Sequential(nn.Conv2d(3, 4, 3)))
    engine.toy.info = replace(engine.toy.info, task="segment")
    last = list(run(DreamRequest(objective="class", channel=0, size=32), Work(engine=engine)))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "objective.class"


@pytest.mark.parametrize("objective", ["direction", "cosine"])
def test_a_direction_grows(small, objective):
    direction = tuple(float(n) for n in np.random.default_rng(1).normal(size=8))
    facts = dream(small, goals=(Goal(objective=objective, layer="bn1", direction=direction),), steps=30).facts
    assert facts["after"] > facts["before"] + 0.2 and (objective == "direction" or facts["after"] <= 1.0)


def test_an_interpolation_goes_from_the_first_goal_to_the_second(small):
    goals = (Goal(layer="conv2", channel=1), Goal(layer="conv2", channel=5))
    result = dream(small, goals=goals, mix="interpolate", batch=4, steps=40)
    grid = Grid(**result.facts["grid"])
    assert (grid.count, grid.columns, grid.rows) == (4, 4, 1) and result.rgb.shape == (grid.height, grid.width, 3)
    tiles = [np.ascontiguousarray(tile_of(result.rgb, grid, index)) for index in range(4)]
    one, two = ([float(outputs(small.toy, tile, "conv2")["conv2"][0, c].mean()) for tile in tiles] for c in (1, 5))
    assert one == sorted(one, reverse=True) and two == sorted(two)
    neighbours = [np.abs(tiles[i].astype(float) - tiles[j]).mean() for i, j in ((0, 1), (1, 2), (2, 3), (0, 3))]
    assert max(neighbours[:3]) < neighbours[3]  # aligned: a step is smaller than the whole way


@pytest.mark.parametrize("fields", [{"goals": (Goal(channel=1),)}, {"goals": (Goal(), Goal()), "start": "picture"}])
def test_an_interpolation_takes_two_goals_and_noise(small, coffee, fields):
    last = list(run(DreamRequest(**QUICK, mix="interpolate", **fields), Work(engine=small, frame=coffee)))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "dream.mix" and last.trouble.exit_code == 2


def test_pictures_of_a_batch_are_those_of_their_own_seeds(small):
    events = list(run(DreamRequest(**QUICK, batch=3), Work(engine=small)))
    result = events[-1].record
    grid = Grid(**result.facts["grid"])
    assert all(e.record.rgb.shape == result.rgb.shape for e in events if isinstance(e, Preview))
    for index in range(3):
        seed = derived(0, index) if index else 0
        alone, tile = dream(small, seed=seed), tile_of(result.rgb, grid, index)
        assert np.abs(alone.rgb.astype(int) - tile).mean() < 2
        assert result.facts["values"][index] == pytest.approx(alone.facts["after"], rel=0.02)
    assert result.facts["after"] == pytest.approx(np.mean(result.facts["values"]))


def styles_alike(network, result, layer):
    grid = Grid(**result.facts["grid"])
    tiles = [np.ascontiguousarray(tile_of(result.rgb, grid, index)) for index in range(grid.count)]
    return float(likeness(torch.cat([outputs(network, tile, layer)[layer] for tile in tiles])))


def test_diversity_pushes_styles_apart(small):
    fields = {"layer": "conv2", "channel": 3, "batch": 3, "steps": 60}
    together, apart = (dream(small, diversity=weight, **fields) for weight in (0.0, 2.0))
    assert styles_alike(small.toy, apart, "conv2") < styles_alike(small.toy, together, "conv2") - 0.02
    assert apart.facts["after"] > apart.facts["before"]


def test_likeness_by_hand():
    one = torch.zeros(3, 2, 1, 2)
    one[0, 0], one[1, 0], one[2, 1] = 1.0, 5.0, 1.0  # the first two have one style, the third another
    assert float(likeness(one)) == pytest.approx(1.0)
    assert float(likeness(torch.tensor([[1.0, 0.0], [2.0, 0.0]]))) == pytest.approx(1.0)


@pytest.mark.parametrize("fields", [{"canvas": "pixels"}, {"decorrelate": False}, {"l2": 1.0}, {"blur": 1.0}, {"pad": 0}])
def test_every_setting_changes_the_picture_and_it_still_grows(small, fields):
    plain, other = dream(small), dream(small, **fields)
    assert other.rgb.tobytes() != plain.rgb.tobytes() and other.facts["after"] > other.facts["before"]


def test_the_regularisers_do_what_they_say(small):
    def rough(rgb):
        return np.abs(np.diff(rgb.astype(float), axis=0)).mean()

    plain = dream(small, steps=40, smooth=0.0)
    assert rough(dream(small, steps=40, smooth=5.0).rgb) < 0.8 * rough(plain.rgb)
    assert rough(dream(small, steps=40, smooth=0.0, blur=2.0).rgb) < 0.8 * rough(plain.rgb)
    grey = dream(small, steps=40, smooth=0.0, l2=10.0)
    assert np.abs(grey.rgb.astype(float) - 127.5).mean() < 0.9 * np.abs(plain.rgb.astype(float) - 127.5).mean()


def test_unknown_goals_are_refused(small):
    for goal, code in (
        (Goal(objective="nerve"), "objective.unknown"),
        (Goal(layer="nowhere"), "layer.unknown"),
        (Goal(channel=99), "layer.channel"),
        (Goal(objective="direction"), "objective.direction"),
    ):
        last = list(run(DreamRequest(**QUICK, goals=(goal,)), Work(engine=small)))[-1]
        assert isinstance(last, Failed) and last.trouble.code == code and "{" not in last.trouble.english()
    with pytest.raises(BadRequestError):
        terms_of(DreamRequest(goals=(Goal(objective="neuron"),)), small.toy)
