"""Curves of trust, rank correlation and the network that forgets, by hand and against scipy; loops run in turns."""

import threading

import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from explorer.features.attribution_random import forget, stage_counts
from explorer.features.in_turns import in_turns
from explorer.features.rank import ranks, spearman
from explorer.jobs import Cancelled, CancelledJob, CancelToken, Preview, Result, Work, result_of, run
from explorer.records.attribution import TrustCurve
from explorer.records.frame import Frame
from explorer.requests.attribution import AttributeRequest, RandomiseRequest, TrustRequest


class Corner(nn.Module):
    """Two classes; the logit of class 0 is four times the brightness of the top left quarter, that of class 1 is zero."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 1, bias=False)
        nn.init.constant_(self.conv.weight, 1 / 3)

    def forward(self, x):
        bright = self.conv(x)[:, 0, :4, :4].mean((1, 2)) * 4
        return torch.stack([bright, torch.zeros_like(bright)], 1)


WHITE = Frame(np.full((8, 8, 3), 255, np.uint8), seq=4, source="white")


def test_deletion_and_insertion_by_hand(toys):
    rgb = np.zeros((8, 8, 3), np.uint8)
    rgb[:4, :4] = 255
    request = TrustRequest(methods=("input_x_gradient",), points=4, block=4, fill="grey", class_index=0)
    found = result_of(request, Work(engine=toys(Corner(), size=8), frame=Frame(rgb, seq=4)))
    (curve,) = found.items
    mean = 0.25  # of the picture: a white quarter
    sure = lambda brightness: 1 / (1 + np.exp(-4 * brightness))  # noqa: E731
    assert curve.share.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert np.allclose(curve.deletion, [sure(1), sure(mean), sure(mean), sure(mean), sure(mean)], atol=1e-6)
    assert np.allclose(curve.insertion, [sure(mean), sure(1), sure(1), sure(1), sure(1)], atol=1e-6)
    assert curve.areas["deletion"] == pytest.approx((sure(1) + 7 * sure(mean)) / 8, abs=1e-6)
    assert (
        curve.areas["random_deletion"] >= curve.areas["deletion"]
        and curve.areas["random_insertion"] <= curve.areas["insertion"]
    )
    assert (found.block, found.fill, found.frame_seq) == (4, "grey", 4) and "probability" in found.measure


def test_areas_are_trapezoids():
    share = np.array([0.0, 0.25, 1.0])
    curve = TrustCurve("m", "M", share, np.array([1.0, 0.5, 0.0]), np.zeros(3), np.ones(3), np.zeros(3))
    assert (
        curve.areas["deletion"] == pytest.approx(np.trapezoid([1.0, 0.5, 0.0], share)) and curve.areas["random_deletion"] == 1.0
    )


def test_curves_repeat_with_the_seed_and_come_one_at_a_time(small):
    frame = Frame(np.random.default_rng(1).integers(0, 256, (24, 24, 3), dtype=np.uint8))
    request = TrustRequest(methods=("gradcam", "saliency"), points=6)
    events = list(run(request, Work(engine=small, frame=frame)))
    assert [len(event.record.items) for event in events if isinstance(event, Preview)] == [1, 2]
    again = result_of(request, Work(engine=small, frame=frame))
    for one, other in zip(events[-1].record.items, again.items, strict=True):
        assert np.array_equal(one.deletion, other.deletion) and np.array_equal(one.random_insertion, other.random_insertion)
        assert one.deletion[0] == pytest.approx(one.insertion[-1], abs=1e-6)


def test_an_empty_heat_has_no_curve(toys):
    class Deaf(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 2, 1)
            nn.init.zeros_(self.conv.weight)

        def forward(self, x):
            return self.conv(x).mean((2, 3))

    found = result_of(TrustRequest(methods=("saliency",), points=4), Work(engine=toys(Deaf(), size=8), frame=WHITE))
    assert found.items[0].empty is not None


def test_a_heat_that_was_computed_is_not_computed_again(small, monkeypatch):
    import explorer.features.attribution as job

    small.memo = {}
    calls = []
    real = job.found_by
    monkeypatch.setattr(job, "found_by", lambda case, row: calls.append((row.name, case.layer)) or real(case, row))
    frame = Frame(np.random.default_rng(1).integers(0, 256, (24, 24, 3), dtype=np.uint8))
    work = Work(engine=small, frame=frame)
    first = result_of(AttributeRequest(methods=("gradcam", "saliency")), work)
    result_of(TrustRequest(methods=("gradcam", "saliency"), points=4), work)
    assert calls == [("gradcam", "relu2"), ("saliency", "relu2")]
    moved = result_of(AttributeRequest(methods=("gradcam", "saliency"), layer="relu1"), work)
    assert calls[2:] == [("gradcam", "relu1")] and moved.items[1].seconds == first.items[1].seconds
    result_of(AttributeRequest(methods=("saliency",), class_index=1), work)
    result_of(AttributeRequest(methods=("saliency",), class_index=1), Work(engine=small, frame=Frame(255 - frame.rgb)))
    assert len(calls) == 5


@pytest.mark.parametrize("seed", range(4))
def test_rank_correlation_is_scipys(seed):
    numbers = np.random.default_rng(seed)
    one, other = numbers.integers(0, 6, 40).astype(float), numbers.normal(size=40)
    assert np.array_equal(ranks(one), scipy.stats.rankdata(one))
    assert spearman(one, other) == pytest.approx(scipy.stats.spearmanr(one, other).statistic, abs=1e-12)
    assert spearman(one, np.exp(one)) == pytest.approx(1.0) and spearman(one, np.zeros(40)) is None


def test_stages_go_from_the_last_layer_to_all():
    assert stage_counts(26, 6) == [1, 6, 11, 16, 21, 26] and stage_counts(3, 6) == [1, 2, 3]
    assert stage_counts(5, 1) == [5] and stage_counts(1, 6) == [1]


def test_forgetting_keeps_mean_and_spread():
    layer = nn.Conv2d(16, 32, 3)
    before = layer.weight.detach().clone()
    forget(layer, torch.Generator().manual_seed(0))
    after = layer.weight.detach()
    assert not torch.equal(before, after) and float(np.corrcoef(before.flatten(), after.flatten())[0, 1]) < 0.1
    assert float(after.std()) == pytest.approx(float(before.std()), rel=0.05)


def test_only_a_copy_forgets_and_the_check_repeats(small):
    frame = Frame(np.random.default_rng(1).integers(0, 256, (24, 24, 3), dtype=np.uint8))
    kept = {name: tensor.clone() for name, tensor in small.toy.module.state_dict().items()}
    request = RandomiseRequest(methods=("saliency",), stages=4, seed=3)
    events = list(run(request, Work(engine=small, frame=frame)))
    check = events[-1].record
    assert isinstance(events[-1], Result)
    assert [len(event.record.stages) for event in events if isinstance(event, Preview)] == list(range(len(check.stages) + 1))
    assert [(stage.layer, stage.layers) for stage in check.stages] == [("fc", 1), ("conv2", 2), ("bn1", 3), ("conv1", 4)]
    assert all(torch.equal(tensor, kept[name]) for name, tensor in small.toy.module.state_dict().items())
    for stage in check.stages:
        want = scipy.stats.spearmanr(check.original.heat.ravel(), stage.attribution.heat.ravel()).statistic
        assert stage.correlation == pytest.approx(want, abs=1e-6)
    again = result_of(request, Work(engine=small, frame=frame))
    assert [stage.correlation for stage in again.stages] == [stage.correlation for stage in check.stages]


def test_stop_in_the_middle_of_a_check(small):
    token = CancelToken()
    frame = Frame(np.zeros((24, 24, 3), np.uint8) + 99)
    events = []
    for event in run(RandomiseRequest(methods=("saliency",), stages=4), Work(engine=small, frame=frame, token=token)):
        events.append(event)
        if isinstance(event, Preview) and len(event.record.stages) == 2:
            token.cancel()
    assert isinstance(events[-1], CancelledJob) and len(events[-1].record.stages) == 2


# -- loops in turns ------------------------------------------------------------------------------------------------------
def test_a_loop_takes_turns_and_returns(monkeypatch):
    monkeypatch.setattr("explorer.features.in_turns.TURN_S", 0.0)
    log = []

    def loop(pause):
        for number in range(3):
            log.append(number)
            pause()
        return "done"

    steps = in_turns(loop)
    for _ in range(3):
        next(steps)
        log.append("job")
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == "done" and log == [0, "job", 1, "job", 2, "job"]


def test_an_error_in_the_loop_is_the_jobs(monkeypatch):
    monkeypatch.setattr("explorer.features.in_turns.TURN_S", 0.0)

    def loop(pause):
        pause()
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        list(in_turns(loop))


def test_closing_ends_the_loop_and_its_thread(monkeypatch):
    monkeypatch.setattr("explorer.features.in_turns.TURN_S", 0.0)
    seen = []

    def loop(pause):
        try:
            while True:
                pause()
        except Cancelled:
            seen.append("thrown out")
            raise

    steps = in_turns(loop)
    next(steps)
    steps.close()
    assert seen == ["thrown out"] and not [t for t in threading.enumerate() if t.name == "in-turns"]
