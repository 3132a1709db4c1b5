"""Dreams: numbers are those of the finished picture, the seed gives the bytes, Stop and trouble keep the last good picture."""

import threading
import time

import numpy as np
import pytest
import torch
from torch import nn

from explorer.engine.taps import hook_count
from explorer.jobs import CancelledJob, CancelToken, Failed, Preview, Work, result_of, run
from explorer.records.frame import Frame
from explorer.requests.dream import DreamRequest

QUICK = {"layer": "relu2", "channel": 3, "steps": 12, "size": 32}


def dream(engine, frame=None, **fields):
    return result_of(DreamRequest(**{**QUICK, **fields}), Work(engine=engine, frame=frame))


def mean_activation(network, rgb, layer, channel):
    """By torch alone, on the uint8 picture."""
    got = []
    handle = network.module.get_submodule(layer).register_forward_hook(lambda m, i, o: got.append(o))
    with torch.no_grad():
        network.module(network.tensor_of(rgb))
    handle.remove()
    return float(got[0][0, channel].mean())


@pytest.mark.parametrize("fields", [{}, {"start": "picture", "octaves": 2}, {"smooth": 1.0, "jitter": 0}], ids=str)
def test_the_same_seed_gives_the_same_bytes_another_one_others(small, coffee, fields):
    one, two = dream(small, coffee, **fields), dream(small, coffee, **fields)
    assert one.rgb.tobytes() == two.rgb.tobytes() and one.facts == two.facts
    other = dream(small, coffee, seed=1, **fields)
    if fields.get("jitter") != 0 or fields.get("start") != "picture":
        assert other.rgb.tobytes() != one.rgb.tobytes()


def test_before_and_after_are_those_of_the_pictures_shown(small):
    events = list(run(DreamRequest(**QUICK), Work(engine=small)))
    first, result = next(e.record for e in events if isinstance(e, Preview)), events[-1].record
    for record, key in ((first, "before"), (result, "after")):
        want = mean_activation(small.toy, record.rgb, "relu2", 3)
        assert result.facts[key] == pytest.approx(want, abs=1e-6)
    assert result.facts["after"] > result.facts["before"]
    assert result.facts["gain"] == pytest.approx(result.facts["after"] / result.facts["before"])
    assert result.facts["seed"] == 0 and result.facts["channel"] == 3 and result.facts["stopped"] == ""


def test_no_ratio_where_the_start_is_not_positive(small):
    facts = dream(small, layer="conv2", channel=1, steps=6).facts
    with torch.no_grad():
        small.toy.module.conv2.bias[1] = -5.0
    negative = dream(small, layer="conv2", channel=1, steps=6).facts
    assert negative["before"] < 0 and negative["gain"] is None and negative["after"] > negative["before"]
    assert facts["measure"] == "mean activation of the channel"


def test_the_whole_layer_is_measured_by_its_mean_square(small, coffee):
    result = dream(small, coffee, channel=None, start="picture", octaves=2)
    assert result.facts["measure"] == "mean square of the layer" and result.facts["after"] > result.facts["before"]


def test_a_start_where_every_gate_is_shut_is_left(small):
    with torch.no_grad():
        small.toy.module.conv2.bias[3] = -0.8
        small.toy.module.conv2.weight[3].abs_()
    facts = dream(small, steps=60).facts
    assert facts["before"] == 0 and facts["after"] > 0.01


@pytest.mark.parametrize("shape", [(1, 1), (300, 40), (17, 900)])
def test_pictures_of_every_shape(small, shape):
    rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    result = dream(small, Frame(rgb), start="picture", size=96, steps=2)
    assert max(result.rgb.shape[:2]) == 96
    assert result.rgb.shape[0] / result.rgb.shape[1] == pytest.approx(shape[0] / shape[1], rel=0.5)


def test_octaves_are_told_and_carry_their_details_on(small, coffee):
    request = DreamRequest(**{**QUICK, "start": "picture", "octaves": 3, "size": 120, "steps": 3})
    previews = [event.record for event in run(request, Work(engine=small, frame=coffee)) if isinstance(event, Preview)]
    assert previews[0].rgb.shape == (80, 120, 3)
    result = dream(small, coffee, start="picture", octaves=3, size=120, steps=3)
    alone = dream(small, coffee, start="picture", octaves=1, size=120, steps=3)
    changed = np.abs(result.rgb.astype(int) - alone.rgb).mean()
    assert changed > 1  # what small octaves drew is still there


@pytest.mark.parametrize("fields", [{"steps": 4000}, {"steps": 400, "start": "picture", "size": 64}], ids=["noise", "picture"])
def test_stop_keeps_the_newest_picture_and_its_number(small, coffee, fields):
    request = DreamRequest(**{**QUICK, **fields})
    token = CancelToken()
    events = []
    for event in run(request, Work(engine=small, frame=coffee, token=token)):
        events.append(event)
        if isinstance(event, Preview) and event.done >= 5:
            token.cancel()
    assert isinstance(events[-1], CancelledJob)
    record = events[-1].record
    assert record.facts["done"] >= 5 and record.rgb.std() > 0
    assert hook_count(small.toy.module) == 0


def test_stop_inside_a_step_still_brings_the_newest_step(small, monkeypatch):
    import explorer.features.ascent as ascent

    token, calls = CancelToken(), []
    real = ascent.Aim.gradient

    def gradient(self, *args):
        calls.append(1)
        if len(calls) == 8:
            token.cancel()
        return real(self, *args)

    monkeypatch.setattr(ascent.Aim, "gradient", gradient)
    events = list(run(DreamRequest(**{**QUICK, "steps": 500}), Work(engine=small, token=token)))
    record = events[-1].record
    assert isinstance(events[-1], CancelledJob) and record.facts["done"] == 7
    assert record.facts["after"] == pytest.approx(mean_activation(small.toy, record.rgb, "relu2", 3), abs=1e-6)


def test_nan_in_the_weights_fails_with_a_reason_and_keeps_the_start(small):
    with torch.no_grad():
        small.toy.module.conv1.weight[0, 0, 0, 0] = float("nan")
    events = list(run(DreamRequest(**QUICK), Work(engine=small)))
    assert isinstance(events[-1], Failed) and events[-1].trouble.code == "dream.not-finite"
    assert any(isinstance(event, Preview) for event in events)


@pytest.mark.parametrize("start", ["noise", "picture"])
def test_numbers_that_explode_later_end_with_the_last_good_picture(small, coffee, monkeypatch, start):
    import explorer.features.ascent as ascent

    calls = []
    real = ascent.Aim.gradient

    def gradient(self, *args):
        calls.append(1)
        value, found = real(self, *args)
        return (value, found * float("inf")) if len(calls) > 6 else (value, found)

    monkeypatch.setattr(ascent.Aim, "gradient", gradient)
    result = dream(small, coffee, steps=40, start=start)
    assert "finite" in result.facts["stopped"] and np.isfinite(result.facts["after"])
    assert len(calls) < 20


def test_a_huge_step_ends_in_finite_colours(small):
    result = dream(small, step_size=1.0, steps=30)
    assert result.rgb.dtype == np.uint8 and np.isfinite(result.facts["after"])


class Constant(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)
        nn.init.zeros_(self.conv.weight)

    def forward(self, x):
        return self.conv(x)


@pytest.mark.parametrize("start", ["noise", "picture"])
def test_no_gradient_is_said_at_once(toys, coffee, start):
    events = list(run(DreamRequest(layer="conv", channel=0, size=32, start=start), Work(engine=toys(Constant()), frame=coffee)))
    assert isinstance(events[-1], Failed) and events[-1].trouble.code == "dream.no-gradient"
    assert "{" not in events[-1].trouble.english()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"channel": 12}, "layer.channel"),
        ({"layer": "nowhere"}, "layer.unknown"),
        ({"start": "picture"}, "picture.missing"),
        ({"objective": "neuron", "channel": None}, "objective.channel"),
        ({"objective": "nerve"}, "objective.unknown"),
    ],
)
def test_what_cannot_be_dreamt_is_explained(small, fields, code):
    last = list(run(DreamRequest(**{**QUICK, **fields}), Work(engine=small)))[-1]
    assert isinstance(last, Failed) and last.trouble.code == code


def test_a_network_of_one_size_gets_its_size(toys):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 14 * 14, 3))
    result = dream(toys(net.eval(), size=16, order="grey"), layer="3", channel=1, size=40)
    assert result.rgb.shape == (40, 40, 3) and result.facts["after"] > result.facts["before"]


def test_a_picture_too_thin_is_seen_at_the_networks_own_size(toys):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AvgPool2d(7), nn.Conv2d(4, 4, 1))
    thin = Frame(np.zeros((4, 900, 3), np.uint8))
    result = dream(toys(net, size=16), thin, layer="2", channel=0, start="picture", size=64, steps=2)
    assert result.rgb.shape == (1, 64, 3)


@pytest.mark.weights
def test_stop_is_answered_at_once_inside_a_large_step(real):
    token = CancelToken()
    asked = []

    def stop():
        asked.append(time.process_time())
        token.cancel()

    request = DreamRequest(model="efficientnet_lite0", layer="blocks.14", channel=0, steps=4000, size=320)
    steps = run(request, Work(engine=real, token=token))
    for event in steps:
        if isinstance(event, Preview) and event.done >= 1 and not asked:
            asked.append(0.0)
            timer = threading.Timer(0.05, stop)
            timer.start()
    assert isinstance(event, CancelledJob) and event.record.rgb.shape == (320, 320, 3)
    assert time.process_time() - asked[-1] < 0.6  # 0.2 on a quiet machine


@pytest.mark.weights
@pytest.mark.parametrize(
    ("model", "layer", "channel", "steps", "size"),
    [
        ("squeezenet1_1", "features.7", 2, 128, 224),
        ("squeezenet1_1", "features.12.expand3x3_activation", 7, 40, 160),
        ("squeezenet1_1", "classifier.1", 967, 40, 160),
        ("efficientnet_lite0", "blocks.10", 11, 40, 160),
        ("efficientnet_lite0", "relu1", 2, 40, 160),
    ],
)
def test_ordinary_channels_of_real_networks_grow_at_least_fivefold(real, model, layer, channel, steps, size):
    request = DreamRequest(model=model, layer=layer, channel=channel, steps=steps, size=size)
    facts = result_of(request, Work(engine=real)).facts
    assert facts["after"] > 0 and facts["after"] >= 5 * facts["before"], facts
