"""Words about first weights follow from the measured numbers."""

import pytest

from explorer.gui.panels.init_words import layer_text, piece_text, saturated, verdict
from explorer.jobs import result_of
from explorer.requests.neural import InitialisationRequest, LinearRegionsRequest

EQUAL = "symmetry is not broken"
STAYS = "keeps its size"


@pytest.mark.parametrize(
    ("activation", "said"),
    [
        ("tanh", {"zero": EQUAL, "constant": EQUAL, "small": "fades", "large": "saturates", "xavier": STAYS, "he": STAYS}),
        ("relu", {"zero": EQUAL, "constant": EQUAL, "small": "fades", "large": "explodes", "xavier": "fades", "he": STAYS}),
        ("linear", {"zero": EQUAL, "small": "fades", "large": "explodes", "xavier": STAYS}),
    ],
)
def test_the_verdicts_are_those_of_the_lecture(activation, said, english):
    record = result_of(InitialisationRequest(activation=activation, width=60, samples=64))
    assert {name: verdict(record.scheme(name), activation) for name in said} == said


def test_a_layer_is_told_with_its_numbers(english):
    record = result_of(InitialisationRequest(depth=2, width=8, samples=8, seed=3))
    one = record.scheme("xavier")
    assert saturated(one, "relu") == 0.0
    said = layer_text(record, 4, 2)
    assert (
        said.startswith("Xavier (Glorot), layer 2: mean") and f"{one.spread[2]:.3g}" in said and "8 of 8 units differ" in said
    )
    assert "the input" in layer_text(record, 4, 0)


def test_a_piece_is_told_as_the_line_that_it_is(english):
    record = result_of(LinearRegionsRequest(width=3, depth=1, resolution=32))
    (a, b), c = record.slopes[0], record.offsets[0]
    said = piece_text(record, 0).replace("−", "-").replace("- ", "-").replace("+ ", "")
    numbers = said.split("= ")[1].replace(" x", "").replace(" y", "").split()
    assert [float(one) for one in numbers] == pytest.approx([a, b, c], rel=5e-3)
