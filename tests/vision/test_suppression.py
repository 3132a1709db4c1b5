"""Suppression step by step: the steps end where suppression ends, and say how it came there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.records.suppression import SuppressionTrace
from explorer.vision.boxes import Rule, iou_matrix, suppress, weight
from explorer.vision.suppression import METHODS, trace, traces

CHAIN = [[0, 0, 4, 4], [1, 0, 5, 4], [2, 0, 6, 4], [40, 0, 44, 4]]  # neighbours 3/5, first and third 1/3, the last alone


def given_boxes(xyxy, score, classes=None):
    classes = [0] * len(score) if classes is None else classes
    return np.array(xyxy, np.float32).reshape(-1, 4), np.array(score, np.float32), np.array(classes, np.int64)


def told(found: SuppressionTrace):
    return [(one.by, one.row, one.gone, one.round) for one in map(found.step, range(len(found)))]


def test_every_step_by_hand():
    found = trace(*given_boxes(CHAIN, [0.9, 0.8, 0.7, 0.6]), Rule(overlap=0.5))
    assert told(found) == [(0, 0, False, 0), (0, 1, True, 0), (0, 2, False, 0), (2, 2, False, 1), (3, 3, False, 2)]
    assert found.iou.tolist() == pytest.approx([1, 0.6, 1 / 3, 1, 1])
    assert found.order.tolist() == [0, 2, 3] and found.kept.tolist() == [True, False, True, True]
    assert found.fate.tolist() == [0, 1, 3, 4] and found.lowest.tolist() == [-1, 1, -1, -1]
    np.testing.assert_allclose(found.overlaps(0), [np.nan, 0.6, 1 / 3, np.nan], rtol=1e-6)
    assert found.scores(0).tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6])
    assert found.scores(4).tolist() == pytest.approx([0.9, 0.0, 0.7, 0.6])


def test_soft_steps_by_hand():
    found = trace(*given_boxes(CHAIN[:3], [0.9, 0.8, 0.7]), Rule("linear", 0.5, confidence=0.35))
    # The first lowers the second to 0.8 * 0.4 = 0.32 < 0.35: it goes; the third, hardly overlapped, stays as it is.
    assert told(found) == [(0, 0, False, 0), (0, 1, True, 0), (0, 2, False, 0), (2, 2, False, 1)]
    assert found.after.tolist() == pytest.approx([0.9, 0.32, 0.7, 0.7])
    bell = trace(*given_boxes(CHAIN[:3], [0.9, 0.8, 0.7]), Rule("gaussian", sigma=0.5))
    first, second = 0.8 * np.exp(-(0.6**2) / 0.5), 0.7 * np.exp(-(1 / 9) / 0.5)
    assert [one[:2] for one in told(bell)] == [(0, 0), (0, 1), (0, 2), (2, 2), (2, 1), (1, 1)]  # the third is the better now
    assert bell.after.tolist() == pytest.approx(
        [0.9, first, second, second, first * np.exp(-(0.36) / 0.5), first * np.exp(-(0.36) / 0.5)], rel=1e-6
    )
    assert bell.step(1).lowered and not bell.step(1).gone and bell.lowest.tolist() == [-1, 1, 2]


def test_the_limit_leaves_some_to_nobody():
    found = trace(*given_boxes(CHAIN, [0.9, 0.8, 0.7, 0.6]), Rule(overlap=0.5, limit=1))
    assert found.fate.tolist() == [0, 1, -1, -1]
    nothing = trace(*given_boxes([], []), Rule())
    assert len(nothing) == 0 and nothing.facts() == [] and nothing.same_place(found, 0) == 0


def test_two_methods_stand_at_the_same_place():
    greedy, linear, gaussian = traces(*given_boxes(CHAIN, [0.9, 0.8, 0.7, 0.6]), Rule(overlap=0.5))
    assert [one.method for one in (greedy, linear, gaussian)] == ["greedy", "linear", "gaussian"]
    at = [greedy.same_place(gaussian, step) for step in range(len(greedy))]
    assert [gaussian.step(step).round for step in at] == [0, 0, 0, 1, 3]
    assert at[0] == 0 and at[-1] == len(gaussian) - 1


def test_facts_are_what_happened():
    found = trace(*given_boxes(CHAIN[:3], [0.9, 0.8, 0.7]), Rule(overlap=0.5))
    assert found.facts() == [
        {"keep": 0, "score": pytest.approx(0.9)},
        {"by": 0, "row": 1, "iou": pytest.approx(0.6), "before": pytest.approx(0.8), "after": 0.0},
        {"keep": 2, "score": pytest.approx(0.7)},
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 40),
    st.sampled_from(METHODS),
    st.floats(0, 1),
    st.booleans(),
    st.sampled_from([0.0, 0.2, 0.5]),
    st.integers(1, 50),
)
def test_steps_end_where_suppression_ends(seed, count, kind, overlap, per_class, confidence, limit):
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, 12, (count, 2))  # whole numbers: equal boxes, equal overlaps and equal scores come up
    xyxy = np.concatenate([corner, corner + rng.integers(0, 9, (count, 2))], 1).astype(np.float32)
    score = (rng.integers(int(10 * confidence), 11, count) / 10).astype(np.float32)
    classes = rng.integers(0, 3, count)
    rule = Rule(kind, overlap, 0.5, per_class, confidence, limit)
    found = trace(xyxy, score, classes, rule)
    index, values = suppress(xyxy, score, classes, rule)
    assert found.order.tolist() == index.tolist()
    assert np.array_equal(found.after[found.starts], values)
    # Played again one step after the other by a person with a pencil:
    now, left = score.copy(), set(range(count))
    for one in map(found.step, range(len(found))):
        assert one.row in left and one.before == now[one.row]
        if one.keeps:
            assert one.before == max(now[at] for at in left)
            left.remove(one.row)
            continue
        iou = iou_matrix(xyxy[[one.by]], xyxy[[one.row]])[0]
        assert one.iou == iou[0] > 0 and (classes[one.by] == classes[one.row] or not per_class)
        now[one.row] *= weight(iou, rule)[0]
        assert one.after == now[one.row]
        if one.gone:
            left.remove(one.row)
    assert np.array_equal(found.scores(len(found) - 1), now)
    assert len(left) == 0 or len(found.order) == limit
    assert [int(at) >= 0 for at in found.fate] == [row not in left for row in range(count)]
