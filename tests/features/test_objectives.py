"""Each objective by hand; the table; what is refused."""

import pytest
import torch

from explorer.features.objectives import check_channel, chosen, objectives, register
from explorer.records.errors import BadRequestError
from explorer.tables import Tables

MAPS = torch.arange(18.0).reshape(1, 2, 3, 3)


@pytest.mark.parametrize(
    ("name", "channel", "want"), [("channel", 1, 13.0), ("neuron", 1, 13.0), ("neuron", 0, 4.0), ("layer", 0, 99.1666667)]
)
def test_values_by_hand(name, channel, want):
    assert float(objectives()[name].make(channel)(MAPS)) == pytest.approx(want)


def test_lists_of_numbers_have_neurons_too():
    assert float(objectives()["neuron"].make(2)(torch.tensor([[1.0, 2.0, 5.0]]))) == 5.0


def test_the_automatic_choice():
    assert chosen("", 3).name == "channel" and chosen("", None).name == "layer" and chosen("neuron", 0).name == "neuron"
    for name, channel in (("neuron", None), ("nerve", 1)):
        with pytest.raises(BadRequestError):
            chosen(name, channel)


def test_channels_are_counted_from_zero():
    check_channel(MAPS, 1, "x")
    check_channel(MAPS, None, "x")
    with pytest.raises(BadRequestError) as caught:
        check_channel(MAPS, 2, "x")
    assert "it has 2" in str(caught.value)


def test_built_ins_come_by_the_plugin_door():
    tables = Tables()
    register(tables)
    assert set(tables.objectives) == set(objectives())
