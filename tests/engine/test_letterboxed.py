"""Films between bars: which lines a picture can change, and the same numbers without the work on the others."""

import numpy as np
import pytest
import torch

from explorer.engine import letterboxed
from explorer.engine.engine import Engine
from explorer.engine.letterbox_stages import Bars, BetweenBars, stages
from explorer.engine.live import live_runner
from explorer.records.frame import Frame
from explorer.requests.network import ClassifyRequest, DetectRequest

ASK = DetectRequest(weights="random", precision="float32")


@pytest.fixture(scope="module")
def network():
    return Engine(2).network(ASK)


def noise(height, width, seed=0):
    return Frame(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8), source="noise")


def test_the_lines_of_a_wide_picture_by_hand(network):
    """416 rows, the picture on 91..324. A 3 x 3 convolution reaches one row further, pooling halves, two stages follow."""
    first, second = stages(network.module, (91, 325), 416)
    assert (first.layers, first.reads, first.makes) == ((0, 1, 2, 3), (85, 331), (22, 82))
    assert first.parts == (((85, 211), (22, 52)), ((205, 331), (52, 82)))
    assert (second.layers, second.size, second.given, second.reads, second.makes) == (
        (4, 5, 6, 7),
        104,
        (22, 82),
        (13, 91),
        (4, 22),
    )


@pytest.mark.parametrize("size", [(90, 160), (160, 90), (3, 300), (120, 160)])
def test_what_is_left_out_changes_nothing(network, size):
    frame, recipe = noise(*size), network.recipe
    axis, lines = letterboxed._lines(network, frame)
    plan = stages(network.module, lines, recipe.size)
    assert plan and axis == (2 if size[0] < size[1] else 3)
    with torch.inference_mode():
        bars = Bars(network.module, plan)(recipe.border.repeat(1, 1, recipe.size, recipe.size))
        answers = BetweenBars(network.module, recipe, plan, bars, axis)(recipe.between_bars(frame.rgb))
    for got, expected in zip(answers, network.forward(network.prepare(frame).nchw), strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)


def test_nothing_is_left_out_where_there_are_no_bars(network):
    assert not stages(network.module, (0, 416), 416) and not stages(network.module, (20, 396), 416)
    runner = live_runner(Engine(2), network, ASK)
    assert letterboxed.lanes(network, runner, noise(90, 90)) == []
    other, ask = Engine(2), ClassifyRequest(model="lenet5", weights="random")
    assert letterboxed.lanes(other.network(ask), live_runner(other, other.network(ask), ask), noise(90, 160)) == []


def test_the_runners_say_what_the_network_s_own_says_and_are_kept(network, own_cache):
    runner, frame, other = live_runner(Engine(2), network, ASK), noise(90, 160), noise(90, 160, seed=1)
    frame.rgb.flags.writeable = False
    made = letterboxed.lanes(network, runner, frame)
    kept = letterboxed.lanes(network, runner, frame)
    assert len(made) == len(kept) == 3 and made[0].runs_on == runner.runs_on
    for picture in (frame, other):
        expected = [array.copy() for array in runner(network.prepare(picture).nchw)]
        for lane in (made[0], made[2], kept[1]):
            given = lane.prepare(picture)
            assert given.geometry == network.prepare(picture).geometry
            assert all(np.array_equal(a, b) for a, b in zip(lane(given.nchw), expected, strict=True))
    with pytest.raises(ValueError, match="made for frames of"):
        made[0].prepare(noise(80, 160))


def test_a_runtime_that_rounds_otherwise_is_not_taken(network, own_cache, monkeypatch):
    runner, asked = live_runner(Engine(2), network, ASK), []
    monkeypatch.setattr(letterboxed, "_same", lambda *_: bool(asked.append(1)))
    assert letterboxed.lanes(network, runner, noise(45, 80)) == letterboxed.lanes(network, runner, noise(45, 80)) == []
    assert asked == [1]  # the second time it is known
