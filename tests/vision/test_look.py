"""Jobs of this room on real pictures and real weights, through the engine, on the runtime chosen by itself."""

import numpy as np
import pytest
import torch

from explorer.engine.engine import Engine
from explorer.jobs import Failed, Progress, Work, result_of, run
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest
from explorer.vision import memo
from explorer.vision.classify import softmax, top_k


@pytest.fixture(scope="module")
def engine():
    return Engine()


def labels(top):
    return [score.label.lower() for score in top.top]


@pytest.mark.weights
@pytest.mark.parametrize("model", ["squeezenet1_1", "efficientnet_lite0"])
@pytest.mark.parametrize("exact", [False, True])
def test_names_the_coffee_and_the_cat(engine, coffee, chelsea, model, exact):
    request = ClassifyRequest(model=model, exact=exact, top=3)
    assert "espresso" in labels(result_of(request, Work(engine, coffee)))
    found = labels(result_of(request, Work(engine, chelsea)))
    assert any("tabby" in label or "tiger cat" in label or "egyptian" in label for label in found)


@pytest.mark.weights
@pytest.mark.parametrize("exact", [False, True])
def test_finds_the_cup(engine, coffee, exact):
    found = result_of(DetectRequest(exact=exact), Work(engine, coffee))
    assert found.label(0) == "cup" and found.score[0] >= 0.35
    left, top, right, bottom = found.xyxy[0]
    # The cup with its saucer, drawn by hand on the picture.
    assert 120 <= left <= 200 and 0 <= top <= 80 and 380 <= right <= 480 and 270 <= bottom <= 370
    assert found.frame_hw == (400, 600) and found.labels[41] == "cup"
    assert [stage for stage, _ in found.timing.stages] == ["prepare", "forward", "decode"]


@pytest.mark.weights
def test_the_box_follows_the_cup_through_the_letterbox(engine, coffee):
    """The same picture with a margin: the box moves by the margin, to a pixel a hundred."""
    request = DetectRequest(exact=True, confidence=0.2)
    square = np.full((600, 600, 3), 127, np.uint8)
    square[100:500] = coffee.rgb  # exactly the letterbox that the network makes of the plain picture
    plain = result_of(request, Work(engine, coffee))
    moved = result_of(request, Work(engine, Frame(square, source="margin")))
    np.testing.assert_allclose(moved.xyxy[0] - [0, 100, 0, 100], plain.xyxy[0], atol=3.0)


@pytest.mark.weights
def test_mask_is_the_cup(engine, coffee):
    mask = result_of(SegmentRequest(exact=True), Work(engine, coffee))
    assert mask.alpha.shape == (400, 600) and mask.alpha.dtype == np.float32
    assert mask.alpha.min() >= 0 and mask.alpha.max() <= 1
    assert mask.alpha[100:250, 220:380].mean() > 0.9  # inside the cup
    assert mask.alpha[:40, :80].mean() < 0.1 and mask.alpha[-40:, -80:].mean() < 0.1  # corners of the table
    assert 0.1 < (mask.alpha > 0.5).mean() < 0.6


@pytest.mark.weights
@pytest.mark.parametrize("kind", [DetectRequest, SegmentRequest, ClassifyRequest])
def test_automatic_choice_agrees_and_says_how(engine, coffee, kind):
    fast = result_of(kind(), Work(engine, coffee))
    exact = result_of(kind(exact=True), Work(engine, coffee))
    assert exact.runs_on.runtime == "torch" and exact.runs_on.precision == "float32" and exact.runs_on.agreement == ""
    assert fast.runs_on.runtime == "OpenVINO" and "float32" in fast.runs_on.agreement
    if kind is DetectRequest:
        assert len(fast) == len(exact)
        np.testing.assert_allclose(fast.xyxy, exact.xyxy, atol=6)
        np.testing.assert_allclose(fast.score, exact.score, atol=0.05)
    elif kind is SegmentRequest:
        one, other = fast.alpha > 0.5, exact.alpha > 0.5
        assert (one & other).sum() / (one | other).sum() >= 0.98
        assert fast.runs_on.precision == "float32"  # bf16 misses the threshold of this task
    else:
        assert labels(fast)[0] == labels(exact)[0]
        assert abs(fast.top[0].score - exact.top[0].score) < 0.05


def counting(engine, request):
    """How often the network really runs."""
    network = engine.network(request)
    passes = []
    handle = network.module.register_forward_hook(lambda *_: passes.append(1))
    return passes, handle


@pytest.mark.weights
def test_thresholds_need_no_new_pass(engine, coffee):
    request = DetectRequest(exact=True, confidence=0.05)
    passes, handle = counting(engine, request)
    frame = Frame(coffee.rgb, seq=7, source="strip")
    many = result_of(request, Work(engine, frame))
    again = Frame(coffee.rgb.copy(), seq=7, source="strip")  # the same picture, sent once more
    few = result_of(DetectRequest(exact=True, confidence=0.5), Work(engine, again))
    none = result_of(DetectRequest(exact=True, confidence=1.0), Work(engine, again))
    assert len(passes) == 1
    assert len(many) > len(few) == 1 and len(none) == 0
    assert np.array_equal(few.xyxy[0], many.xyxy[0])
    assert [stage for stage, _ in few.timing.stages] == ["decode"]
    result_of(request, Work(engine, Frame(coffee.rgb, seq=8, source="strip")))
    changed = coffee.rgb.copy()
    changed[200, 300] ^= 255
    result_of(request, Work(engine, Frame(changed, seq=8, source="strip")))
    assert len(passes) == 3
    handle.remove()
    played, another = (memo.FrameKey.of(one, numbered=True) for one in (again, Frame(coffee.rgb, seq=8, source="strip")))
    assert played == memo.FrameKey.of(frame, numbered=True) != another  # the window never gives a number twice


@pytest.mark.weights
def test_nothing_is_found_in_nothing(engine):
    found = result_of(DetectRequest(), Work(engine, Frame(np.full((1, 1, 3), 128, np.uint8))))
    assert len(found) == 0 and found.xyxy.shape == (0, 4)


def test_without_a_picture():
    with pytest.raises(ExplorerError) as error:
        result_of(DetectRequest(weights="random"), Work(Engine()))
    assert error.value.trouble.code == "picture.none"


def test_wrong_network_for_the_task(coffee):
    last = list(run(DetectRequest(model="lenet5", weights="random"), Work(Engine(), coffee)))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "network.task"
    assert "LeNet-5" in last.trouble.english()


def test_not_a_number_is_said(coffee):
    engine = Engine()
    network = engine.network(ClassifyRequest(model="lenet5", weights="random"))
    with torch.no_grad():
        network.module.output.weight[3, 0] = float("nan")
    with pytest.raises(ExplorerError) as error:
        result_of(ClassifyRequest(model="lenet5", weights="random", exact=True), Work(engine, coffee))
    assert error.value.trouble.code == "network.not-finite"
    assert error.value.trouble.values["bad"] == 1 and error.value.trouble.values["all"] == 10


def test_a_detector_that_answers_nonsense_does_not_just_find_nothing(coffee):
    engine = Engine()
    network = engine.network(DetectRequest(weights="random"))
    with torch.no_grad():
        network.module.layers[0][0].weight[0, 0, 0, 0] = float("nan")
    with pytest.raises(ExplorerError) as error:
        result_of(DetectRequest(weights="random", exact=True), Work(engine, coffee))
    assert error.value.trouble.code == "network.not-finite"


def test_progress_comes_before_the_first_answer(coffee):
    events = list(run(ClassifyRequest(model="lenet5", weights="random", exact=True), Work(Engine(), coffee)))
    assert any(isinstance(event, Progress) and "LeNet-5" in event.text for event in events)


def test_softmax_and_top_k():
    p = softmax(np.array([1000.0, 1000.0, -1000.0]))
    assert p.tolist() == [0.5, 0.5, 0.0]
    best = top_k(np.array([0.1, 0.4, 0.1, 0.4]), 3, ("a", "b"))
    assert [(item.index, item.label) for item in best] == [(1, "b"), (3, "3"), (0, "a")]
