"""Each objective by hand; the table; what is refused."""

import pytest
import torch

from explorer.features.objectives import check_channel, chosen, objectives, register
from explorer.records.errors import BadRequestError
from explorer.requests.goals import Goal
from explorer.tables import Tables

MAPS = torch.arange(18.0).reshape(1, 2, 3, 3)
TOKENS = torch.arange(12.0).reshape(1, 4, 3)  # four places of three channels


def value(name, maps=MAPS, **goal):
    found = objectives()[name].make(Goal(objective=name, **goal))(maps)
    assert found.shape == (len(maps),)
    return [float(one) for one in found]


@pytest.mark.parametrize(
    ("name", "goal", "want"),
    [
        ("channel", {"channel": 1}, 13.0),
        ("neuron", {"channel": 1}, 13.0),
        ("neuron", {"channel": 0}, 4.0),
        ("neuron", {"channel": 1, "y": 0, "x": 2}, 11.0),
        ("neuron", {"channel": 1, "y": 99, "x": 0}, 15.0),
        ("layer", {}, 99.1666667),
        ("direction", {"direction": (3.0, 4.0)}, 0.6 * 4 + 0.8 * 13),
        ("direction", {"direction": (2.0,)}, 4.0),
    ],
)
def test_values_by_hand(name, goal, want):
    assert value(name, **goal) == [pytest.approx(want)]


def test_the_cosine_is_that_of_every_place():
    aligned = torch.tensor([3.0, 4.0])[None, :, None, None] * torch.rand(1, 2, 5, 5).clamp_min(0.1)[:, :1]
    assert value("cosine", aligned, direction=(0.3, 0.4)) == [pytest.approx(1.0, abs=1e-5)]
    assert value("cosine", aligned, direction=(-0.3, -0.4, 7.0)) == [pytest.approx(-1.0, abs=1e-5)]


def test_lists_and_tokens_have_channels_too():
    assert value("neuron", torch.tensor([[1.0, 2.0, 5.0]]), channel=2) == [5.0]
    assert value("class", torch.tensor([[1.0, 2.0, 5.0], [0.0, 0.0, 1.0]]), channel=2) == [5.0, 1.0]
    assert value("channel", TOKENS, channel=1) == [(1 + 4 + 7 + 10) / 4]
    assert value("direction", TOKENS, direction=(0.0, 0.0, 1.0)) == [(2 + 5 + 8 + 11) / 4]


@pytest.mark.parametrize("name", list(objectives()))
def test_pictures_of_a_batch_are_counted_apart(name):
    goal = {"channel": 1, "direction": (1.0, -0.5)}
    both = torch.rand(2, 2, 4, 5, generator=torch.Generator().manual_seed(0))
    assert value(name, both, **goal) == pytest.approx(value(name, both[:1], **goal) + value(name, both[1:], **goal))


def test_the_automatic_choice():
    assert chosen(Goal(channel=3)).name == "channel" and chosen(Goal()).name == "layer"
    assert chosen(Goal(objective="neuron", channel=0)).name == "neuron"
    for goal in (Goal(objective="neuron"), Goal(objective="nerve", channel=1), Goal(objective="direction")):
        with pytest.raises(BadRequestError):
            chosen(goal)


def test_channels_are_counted_from_zero():
    check_channel(MAPS, 1, "x")
    check_channel(MAPS, None, "x")
    check_channel(TOKENS, 2, "x")
    with pytest.raises(BadRequestError) as caught:
        check_channel(MAPS, 2, "x")
    assert "it has 2" in str(caught.value)


def test_built_ins_come_by_the_plugin_door():
    tables = Tables()
    register(tables)
    assert set(tables.objectives) == set(objectives())
