"""Raw maps whose boxes can be computed on paper."""

import math
import time

import numpy as np
import pytest

from explorer.vision.yolo import decode
from explorer.zoo.darknet import Head

HEAD = Head(layer=0, anchors=((10.0, 20.0), (40.0, 30.0)), classes=3, stride=32)
LOW = -20.0  # nobody there


def empty(height=2, width=3, head=HEAD):
    raw = np.zeros((1, len(head.anchors) * (5 + head.classes), height, width), np.float32)
    raw.reshape(len(head.anchors), 5 + head.classes, height, width)[:, 4:] = LOW
    return raw


def put(raw, anchor, row, column, values):
    raw.reshape(len(HEAD.anchors), 5 + HEAD.classes, *raw.shape[-2:])[anchor, :, row, column] = values


def logit(p):
    return math.log(p / (1 - p))


def test_one_cell_by_hand():
    raw = empty()
    put(raw, 1, 1, 2, [0.0, logit(0.25), math.log(2), 0.0, logit(0.9), logit(0.1), logit(0.8), LOW])
    found = decode([raw], [HEAD], 0.5)
    # x = (2 + .5) * 32 = 80, y = (1 + .25) * 32 = 40, w = 2 * 40 = 80, h = 30; score = .9 * .8
    np.testing.assert_allclose(found.xyxy, [[40, 25, 120, 55]], atol=1e-4)
    np.testing.assert_allclose(found.score, [0.72], atol=1e-6)
    assert found.class_index.tolist() == [1]


def test_confidence_is_the_product():
    raw = empty()
    put(raw, 0, 0, 0, [0, 0, 0, 0, logit(0.9), logit(0.8), LOW, LOW])
    assert len(decode([raw], [HEAD], 0.719).score) == 1
    assert len(decode([raw], [HEAD], 0.721).score) == 0


def test_scale_xy_of_newer_descriptions():
    head = Head(0, ((10.0, 10.0),), 1, 32, scale_xy=1.1)
    raw = np.zeros((1, 6, 1, 1), np.float32)
    raw[0, :, 0, 0] = [20, -20, 0, 0, 20, 20]
    found = decode([raw], [head], 0.5)
    np.testing.assert_allclose(found.xyxy, [[1.05 * 32 - 5, -0.05 * 32 - 5, 1.05 * 32 + 5, -0.05 * 32 + 5]], atol=1e-4)


def test_two_heads_are_joined():
    fine = Head(0, HEAD.anchors, 3, 16)
    one, other = empty(), empty(4, 6)
    put(one, 0, 0, 0, [0, 0, 0, 0, 5, 5, LOW, LOW])
    other.reshape(2, 8, 4, 6)[1, :, 3, 5] = [0, 0, 0, 0, 5, LOW, LOW, 5]
    found = decode([one, other], [HEAD, fine], 0.5)
    assert found.class_index.tolist() == [0, 2]
    np.testing.assert_allclose(found.xyxy[1], [88 - 20, 56 - 15, 88 + 20, 56 + 15], atol=1e-4)


@pytest.mark.parametrize("confidence", [0.01, 0.35, 1.0])
def test_broken_numbers_are_nobody(confidence):
    raw = empty()
    put(raw, 0, 0, 0, [0, 0, 0, 0, np.nan, 5, 5, 5])
    put(raw, 0, 0, 1, [np.nan, 0, 0, 0, 30, 30, 5, 5])
    put(raw, 0, 1, 0, [0, 0, np.inf, 0, 30, np.nan, 5, 5])
    put(raw, 1, 1, 1, [0, 0, 1e30, 0, 30, 30, 5, 5])  # absurdly wide, still a number
    found = decode([raw], [HEAD], confidence)
    assert np.isfinite(found.xyxy).all() and np.isfinite(found.score).all()
    assert len(found.score) == (1 if confidence < 1 else 0)


def test_a_crowd_is_cut_to_the_best():
    rng = np.random.default_rng(0)
    raw = rng.normal(3, 1, (1, 2 * 8, 60, 60)).astype(np.float32)
    found = decode([raw], [HEAD], 0.01)
    assert len(found.score) == 2000 and found.score.min() > 0.5


def test_decoding_is_quick():
    """The real size: 2535 cells, 80 classes. The promise is 0.3 ms; five times that means it was done cell by cell."""
    heads = [Head(0, ((10.0, 10.0),) * 3, 80, 32), Head(1, ((10.0, 10.0),) * 3, 80, 16)]
    rng = np.random.default_rng(0)
    maps = [rng.normal(-6, 1.5, (1, 255, side, side)).astype(np.float32) for side in (13, 26)]
    times = []
    for _ in range(30):
        begin = time.perf_counter()
        decode(maps, heads, 0.35)
        times.append(time.perf_counter() - begin)
    assert min(times) < 5 * 0.3e-3
