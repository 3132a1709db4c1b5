"""Galleries: every channel by itself, whoever its neighbours are, and the same picture as a dream of its seed."""

import numpy as np
import pytest
import torch

from explorer.engine.taps import hook_count
from explorer.features.ascent import Aim
from explorer.features.canvas import derived
from explorer.features.growing import canvas_of, grow
from explorer.features.maximise import each_its_own, maximise
from explorer.features.sizes import to_rgb
from explorer.features.terms import Term
from explorer.jobs import Cancelled, CancelToken, Work, result_of
from explorer.records.errors import BadRequestError
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest


def finished(network, channels, **fields):
    asked = {"size": 32, "steps": 8, "seed": 5, **fields}
    return {
        int(channel): (to_rgb(picture), float(value))
        for growing in maximise(network, "relu2", channels, **asked)
        if growing.done == growing.total
        for channel, picture, value in zip(growing.channels, growing.pictures, growing.values, strict=True)
    }


def test_pictures_do_not_depend_on_their_neighbours(small):
    all_of_them = finished(small.toy, range(12), per_batch=5)
    few = finished(small.toy, [7, 2], per_batch=1)
    for channel in (7, 2):
        assert all_of_them[channel][0].tobytes() == few[channel][0].tobytes()
        assert all_of_them[channel][1] == few[channel][1]
    assert len({picture.tobytes() for picture, _ in all_of_them.values()}) > 8


def test_a_dream_of_that_seed_is_the_same_picture(small):
    picture, value = finished(small.toy, [3])[3]
    request = DreamRequest(layer="relu2", channel=3, size=32, steps=8, seed=derived(5, 3))
    record = result_of(request, Work(engine=small))
    assert record.rgb.tobytes() == picture.tobytes() and record.facts["after"] == pytest.approx(value)


def test_batches_as_a_gpu_takes_them_agree_within_two_percent(small):
    settings, channels = DreamRequest(size=32, steps=8), [1, 3, 6]
    seeds = [derived(5, channel) for channel in channels]
    aim = Aim(small.toy, [Term("relu2", each_its_own(channels))])
    *_, last = grow(aim, canvas_of(settings, seeds, torch.device("cpu")), settings, seeds)
    alone = finished(small.toy, channels)
    for index, channel in enumerate(channels):
        single = Aim(small.toy, [Term("relu2", each_its_own([channel]))])
        assert single.measure(to_rgb(last.pictures[index])) == pytest.approx(alone[channel][1], rel=0.02)


def test_every_step_is_told_and_settings_are_taken(small):
    settings = DreamRequest(canvas="pixels", seed=9, channel=1)
    steps = list(maximise(small.toy, "relu2", [3], size=32, steps=6, settings=settings))
    assert [one.done for one in steps] == [1, 2, 3, 4, 5, 6] and {one.total for one in steps} == {6}
    assert (
        steps[0].pictures.shape == (1, 3, 32, 32)
        and 0 <= float(steps[-1].pictures.min()) <= float(steps[-1].pictures.max()) <= 1
    )
    plain = finished(small.toy, [3], steps=6, seed=0)[3][0]
    assert to_rgb(steps[-1].pictures[0]).tobytes() != plain.tobytes()


def test_a_silent_channel_is_told_and_the_rest_grows(small):
    with torch.no_grad():
        small.toy.module.conv2.weight[4].zero_()
        small.toy.module.conv2.bias[4] = -1.0
    told = {int(one.channels[0]): bool(one.silent[0]) for one in maximise(small.toy, "relu2", [3, 4, 5], size=32, steps=3)}
    assert told == {3: False, 4: True, 5: False}
    together = Aim(small.toy, [Term("relu2", each_its_own([3, 4]))])
    _, gradient = together.gradient(torch.rand(2, 3, 24, 24, generator=torch.Generator().manual_seed(0)))
    assert gradient[0].any() and not gradient[1].any()


def test_a_channel_that_is_not_there_is_refused_before_anything_grows(small):
    with pytest.raises(BadRequestError) as caught:
        next(maximise(small.toy, "relu2", [0, 12], size=32, steps=2))
    assert caught.value.trouble.code == "layer.channel"


def test_stop_ends_it(small):
    token = CancelToken()
    with pytest.raises(Cancelled):
        for growing in maximise(small.toy, "relu2", range(12), size=32, steps=50, token=token):
            if growing.done == 3:
                token.cancel()
    assert hook_count(small.toy.module) == 0


def test_other_fields_of_the_settings_do_not_matter(small):
    base = DreamRequest(size=32)
    other = changed(base, layer="fc", start="picture", steps=1, seed=3, mix="interpolate")
    one, two = (finished(small.toy, [3], settings=settings)[3][0] for settings in (base, other))
    np.testing.assert_array_equal(one, two)
