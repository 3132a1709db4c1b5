"""Overlap and suppression, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.requests.network import DetectRequest
from explorer.vision.boxes import Rule, area, iou_matrix, suppress, weight


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def test_overlap_by_hand():
    one = boxes([0, 0, 4, 4])
    others = boxes([0, 0, 4, 4], [2, 0, 6, 4], [4, 0, 8, 4], [1, 1, 3, 3], [0, 0, 0, 0], [3, 3, 1, 1])
    # same; half shared: 8 / 24; touching; inside: 4 / 16; empty; inside out
    np.testing.assert_allclose(iou_matrix(one, others)[0], [1, 1 / 3, 0, 0.25, 0, 0], atol=1e-6)
    assert iou_matrix(boxes([0, 0, 0, 0]), boxes([0, 0, 0, 0]))[0, 0] == 0
    assert area(others).tolist() == [16, 16, 16, 4, 0, 0]


def keep(xyxy, score, classes, overlap=0.5, limit=100, **rule):
    rule = Rule(overlap=overlap, limit=limit, **rule)
    return suppress(boxes(*xyxy), np.array(score, np.float32), np.array(classes), rule)[0].tolist()


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
    found, scores = suppress(xyxy, score, classes, Rule(overlap=overlap))
    assert found.tolist() == kept and np.array_equal(scores, score[found])


def test_all_classes_together():
    assert keep(SAME, [0.6, 0.9, 0.5], [1, 2, 1], per_class=False) == [1, 2]


SOFT = [[0, 0, 4, 4], [0, 0, 4, 3], [0, 0, 4, 2], [9, 9, 12, 12]]
# overlaps: first and second 12 / 16 = 3/4, first and third 8 / 16 = 1/2, second and third 8 / 12 = 2/3; the fourth is alone


def soft(kind, score, classes=(0, 0, 0, 0), **rule):
    found, scores = suppress(boxes(*SOFT), np.array(score, np.float32), np.array(classes), Rule(kind=kind, **rule))
    return found.tolist(), scores.tolist()


def test_linear_by_hand():
    found, scores = soft("linear", [0.8, 0.6, 0.4, 0.1], overlap=0.5)
    # The first lowers the second to 0.6 * 1/4 = 0.15 and leaves the third (exactly one half) at 0.4, which is next: it lowers
    # the second again, to 0.15 * 1/3 = 0.05, so that the fourth comes before it.
    assert found == [0, 2, 3, 1]
    np.testing.assert_allclose(scores, [0.8, 0.4, 0.1, 0.05], rtol=1e-6)
    assert soft("linear", [0.8, 0.6, 0.4, 0.1], overlap=0.5, confidence=0.06)[0] == [0, 2, 3]
    assert soft("linear", [0.8, 0.6, 0.4, 0.1], overlap=0.5, limit=2)[0] == [0, 2]


def test_gaussian_by_hand():
    found, scores = soft("gaussian", [0.8, 0.6, 0.4, 0.1], sigma=0.5, overlap=1.0)
    one = 0.6 * np.exp(-((3 / 4) ** 2) / 0.5)  # 0.195
    two = 0.4 * np.exp(-((1 / 2) ** 2) / 0.5)  # 0.243, the next best
    one *= np.exp(-((2 / 3) ** 2) / 0.5)  # 0.080
    assert found == [0, 2, 3, 1]
    np.testing.assert_allclose(scores, [0.8, two, 0.1, one], rtol=1e-6)


def test_soft_rules_know_classes_too():
    assert soft("gaussian", [0.8, 0.6, 0.4, 0.1], classes=(0, 1, 2, 3)) == (
        [0, 1, 2, 3],
        np.float32([0.8, 0.6, 0.4, 0.1]).tolist(),
    )
    assert soft("gaussian", [0.8, 0.6, 0.4, 0.1], classes=(0, 1, 2, 3), per_class=False)[1][1] < 0.25


def test_a_box_equal_to_the_best_goes_under_every_rule():
    twice, score = boxes([0, 0, 4, 4], [0, 0, 4, 4]), np.float32([0.9, 0.9])
    for kind, left in (("greedy", [0]), ("linear", [0]), ("gaussian", [0, 1])):
        assert suppress(twice, score, np.zeros(2, np.int64), Rule(kind, overlap=0.5))[0].tolist() == left
    assert suppress(twice, score, np.zeros(2, np.int64), Rule("gaussian", confidence=0.2))[0].tolist() == [0]  # 0.9 / e^2


def test_a_score_nobody_lowered_stays_however_low():
    assert keep([[0, 0, 1, 1], [5, 5, 6, 6]], [0.5, 0.35], [0, 0], kind="linear", confidence=0.35) == [0, 1]
    assert keep([[0, 0, 1, 1], [5, 5, 6, 6]], [0.5, 0.1], [0, 0], kind="gaussian", confidence=0.35) == [0, 1]


@given(st.integers(0, 2**32 - 1), st.sampled_from(["linear", "gaussian"]))
def test_soft_agrees_with_the_paper(seed, kind):
    """Figure 2 of arXiv:1704.04503, box by box."""
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 20, (10, 2))
    xyxy = np.concatenate([corner, corner + rng.uniform(1, 15, (10, 2))], 1).astype(np.float32)
    score, classes = rng.uniform(0.1, 1, 10).astype(np.float32), rng.integers(0, 2, 10)
    rule = Rule(kind, 0.3, 0.5, confidence=0.1)
    left, values, kept = list(range(10)), score.copy(), []
    while left:
        best = max(left, key=lambda index: values[index])
        left.remove(best)
        kept.append(best)
        for index in list(left):
            if classes[index] == classes[best]:
                values[index] *= weight(iou_matrix(xyxy[best : best + 1], xyxy[index : index + 1])[0], rule)[0]
                if values[index] < 0.1:
                    left.remove(index)
    found, scores = suppress(xyxy, score, classes, rule)
    assert found.tolist() == kept and np.array_equal(scores, values[found]) and (np.diff(scores) <= 0).all()


def test_the_rule_is_the_request():
    request = DetectRequest(suppression="linear", sigma=0.7, overlap=0.3, per_class=False, confidence=0.2, limit=7)
    assert Rule.of(request) == Rule("linear", 0.3, 0.7, False, 0.2, 7)


@pytest.mark.parametrize("limit", [1, 5])
def test_at_most(limit):
    rng = np.random.default_rng(0)
    xyxy = rng.uniform(0, 1, (50, 4)).astype(np.float32)
    scores = rng.uniform(0, 1, 50).astype(np.float32)
    assert len(suppress(xyxy, scores, np.arange(50), Rule(limit=limit))[0]) == limit
