"""Overlap and suppression, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.vision.boxes import area, iou_matrix, suppress


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def test_overlap_by_hand():
    one = boxes([0, 0, 4, 4])
    others = boxes([0, 0, 4, 4], [2, 0, 6, 4], [4, 0, 8, 4], [1, 1, 3, 3], [0, 0, 0, 0], [3, 3, 1, 1])
    # same; half shared: 8 / 24; touching; inside: 4 / 16; empty; inside out
    np.testing.assert_allclose(iou_matrix(one, others)[0], [1, 1 / 3, 0, 0.25, 0, 0], atol=1e-6)
    assert iou_matrix(boxes([0, 0, 0, 0]), boxes([0, 0, 0, 0]))[0, 0] == 0
    assert area(others).tolist() == [16, 16, 16, 4, 0, 0]


def keep(xyxy, score, classes, overlap=0.5, limit=100):
    return suppress(boxes(*xyxy), np.array(score, np.float32), np.array(classes), overlap, limit).tolist()


SAME = [[0, 0, 4, 4], [0, 0, 4, 3], [10, 10, 14, 14]]  # the first two overlap by 0.75


def test_weaker_of_one_class_goes():
    assert keep(SAME, [0.6, 0.9, 0.5], [1, 1, 1]) == [1, 2]


def test_other_classes_do_not_suppress():
    assert keep(SAME, [0.6, 0.9, 0.5], [1, 2, 1]) == [1, 0, 2]


def test_threshold_is_strict():
    assert keep(SAME, [0.6, 0.9, 0.5], [1, 1, 1], overlap=0.75) == [1, 0, 2]  # exactly 0.75 stays
    assert keep(SAME, [0.6, 0.9, 0.5], [1, 1, 1], overlap=0.7499) == [1, 2]
    assert keep(SAME, [0.6, 0.9, 0.5], [1, 1, 1], overlap=1.0) == [1, 0, 2]


def test_a_suppressed_box_suppresses_nobody():
    chain = [[0, 0, 4, 4], [1, 0, 5, 4], [2, 0, 6, 4]]  # neighbours 0.6, first and third 1/3
    assert keep(chain, [0.9, 0.8, 0.7], [0, 0, 0], overlap=0.5) == [0, 2]


def test_limit_and_ties():
    assert keep([[0, 0, 1, 1], [5, 5, 6, 6], [9, 9, 10, 10]], [0.5, 0.5, 0.5], [0, 0, 0], limit=2) == [0, 1]
    assert keep([], [], []) == []


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_agrees_with_the_plain_definition(seed, overlap):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 20, (12, 2))
    xyxy = np.concatenate([corner, corner + rng.uniform(1, 15, (12, 2))], 1).astype(np.float32)
    score, classes = rng.uniform(0, 1, 12).astype(np.float32), rng.integers(0, 2, 12)
    ious, kept = iou_matrix(xyxy, xyxy), []
    for index in np.argsort(-score, kind="stable"):
        if all(classes[index] != classes[other] or ious[other, index] <= overlap for other in kept):
            kept.append(int(index))
    assert suppress(xyxy, score, classes, overlap, 100).tolist() == kept


@pytest.mark.parametrize("limit", [1, 5])
def test_at_most(limit):
    rng = np.random.default_rng(0)
    xyxy = rng.uniform(0, 1, (50, 4)).astype(np.float32)
    assert len(suppress(xyxy, rng.uniform(0, 1, 50).astype(np.float32), np.arange(50), 0.5, limit)) == limit
