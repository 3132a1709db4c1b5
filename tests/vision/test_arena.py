"""Two networks on one frame: who pairs with whom by hand, and the same numbers as the plain jobs."""

import numpy as np
import pytest

from explorer.engine.engine import Engine
from explorer.jobs import CancelToken, Failed, Progress, Result, Work, result_of, run
from explorer.records.arena import Laps
from explorer.records.errors import ExplorerError
from explorer.records.vision import Detections
from explorer.requests.arena import ArenaRequest, ArenaSide
from explorer.requests.base import changed
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest
from explorer.requests.surgery import Edit
from explorer.vision.arena_match import boxes_said, counts, pairs

LABELS = ("cup", "cat", "dog")


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=2)


def found(*rows, labels=LABELS):
    """(name, score, left, top, right, bottom) each."""
    index = np.array([labels.index(row[0]) for row in rows], np.int64)
    xyxy = np.array([row[2:] for row in rows], np.float32).reshape(-1, 4)
    return Detections(xyxy, np.array([row[1] for row in rows], np.float32), index, labels, (100, 100))


def test_every_kind_by_hand():
    a = found(
        ("cup", 0.9, 0, 0, 10, 10),
        ("cat", 0.8, 20, 0, 30, 10),
        ("cup", 0.7, 40, 0, 50, 10),
        ("dog", 0.6, 60, 0, 70, 10),
        ("cup", 0.5, 80, 0, 90, 10),
    )
    b = found(
        ("cup", 0.88, 0, 0, 10, 10),  # the same
        ("cat", 0.8, 20, 0, 30, 8),  # moved: 80 / 100
        ("cup", 0.4, 40, 0, 50, 10),  # other score
        ("cat", 0.6, 60, 0, 70, 10),  # other name
        ("dog", 0.3, 0, 50, 10, 60),  # only in B
    )
    made = pairs(a, b, 0.5)
    assert [(one.kind, one.a, one.b) for one in made] == [
        ("agreed", 0, 0), ("moved", 1, 1), ("rescored", 2, 2), ("renamed", 3, 3), ("only_a", 4, None), ("only_b", None, 4)
    ]  # fmt: skip
    assert made[1].iou == pytest.approx(0.8) and made[2].change == pytest.approx(-0.3)
    assert set(counts(made).values()) == {1}
    said = boxes_said(made).text()
    assert "4 of 6" in said and "0.800" in said and "0.300" in said
    assert [one.kind for one in pairs(a, b, 0.5, any_class=False)].count("renamed") == 0
    assert [one.kind for one in pairs(a, b, 0.85)][1] == "only_a"


def test_as_much_as_possible_is_paired():
    """The best overlap first would leave one of each over: 9/11 between the second of A and the first of B."""
    a = found(("cup", 0.9, 0, 0, 10, 10), ("cup", 0.8, 3, 0, 13, 10))
    b = found(("cup", 0.9, 2, 0, 12, 10), ("cup", 0.8, 6, 0, 16, 10))
    made = pairs(a, b, 0.5)
    assert [(one.a, one.b) for one in made] == [(0, 0), (1, 1)]
    assert [one.iou for one in made] == pytest.approx([8 / 12, 7 / 13])


def test_classes_are_paired_by_name_and_nothing_with_nothing():
    other = found(("cat", 0.9, 0, 0, 10, 10), labels=("cat", "cup"))
    assert [one.kind for one in pairs(found(("cat", 0.9, 0, 0, 10, 10)), other, 0.5)] == ["agreed"]
    assert pairs(found(), found(), 0.5) == () and "Neither" in boxes_said(()).text()
    alone = pairs(found(("cup", 0.9, 0, 0, 1, 1)), found(), 0.5)
    assert [one.kind for one in alone] == ["only_a"] and "no object in common" in boxes_said(alone).text()


def test_medians():
    laps = Laps(
        ((("prepare", 1.0), ("forward", 10.0)), (("prepare", 3.0), ("forward", 30.0)), (("prepare", 2.0), ("forward", 90.0)))
    )
    assert laps.totals == (11.0, 33.0, 92.0) and laps.median == 33.0
    assert laps.stages == (("prepare", 2.0), ("forward", 30.0))
    assert Laps(()).median == 0.0 and Laps(()).stages == ()


def test_fast_against_exact_is_what_the_plain_jobs_say(engine, coffee):
    request = ArenaRequest(a=ArenaSide(confidence=0.2), b=ArenaSide(confidence=0.3, exact=True), repeats=3)
    events = list(run(request, Work(engine, coffee)))
    record = events[-1].record
    fast = result_of(DetectRequest(confidence=0.2), Work(engine, coffee))
    exact = result_of(DetectRequest(confidence=0.3, exact=True), Work(engine, coffee))
    for side, plain in zip(record.sides, (fast, exact), strict=True):
        np.testing.assert_array_equal(side.answer.xyxy, plain.xyxy)
        np.testing.assert_array_equal(side.answer.score, plain.score)
        assert side.runs_on == plain.runs_on and len(side.laps.runs) == 3 and side.laps.median > 0
        assert [name for name, _ in side.laps.stages] == ["prepare", "forward", "decode"]
        assert side.weights_bytes > 4 * side.parameters > 30e6
        assert side.pass_bytes is None or 0 <= side.pass_bytes < 2e9
    assert record.b.runs_on.precision == "float32" and record.b.runs_on.runtime == "torch"
    assert {one.kind for one in record.pairs} <= {"agreed", "moved", "rescored"} and record.counts["agreed"] >= 1
    assert sum(isinstance(one, Progress) and one.text == "running" for one in events) == 8


def test_a_threshold_needs_no_new_pass(engine, coffee):
    request = ArenaRequest(a=ArenaSide(confidence=0.5, exact=True), repeats=1)
    first = result_of(request, Work(engine, coffee))
    low = changed(request, a=changed(request.a, confidence=0.05))
    events = list(run(low, Work(engine, coffee)))
    assert not any(isinstance(one, Progress) for one in events)
    record = events[-1].record
    assert len(record.a.answer) > len(first.a.answer) and record.a.laps == first.a.laps
    again = result_of(changed(low, again=1), Work(engine, coffee))
    np.testing.assert_array_equal(again.a.answer.xyxy, record.a.answer.xyxy)
    assert again.a.laps != first.a.laps


def test_the_same_twice_is_the_same(engine, coffee):
    side = ArenaSide(exact=True, confidence=0.1)
    record = result_of(ArenaRequest(a=side, b=side, repeats=1), Work(engine, coffee))
    assert len(record.pairs) > 0 and all(one.kind == "agreed" and one.iou == 1 and one.change == 0 for one in record.pairs)
    assert len(record.notes) == 1 and "chance" in record.notes[0].text()


def test_masks(engine, coffee):
    cut = Edit(kind="mute", layer="outconv", channels=(0,))
    sides = {"a": ArenaSide(model="u2netp", exact=True), "b": ArenaSide(model="u2netp", surgery=(cut,))}
    record = result_of(ArenaRequest(**sides, repeats=1), Work(engine, coffee))
    plain = result_of(SegmentRequest(exact=True), Work(engine, coffee)).alpha
    np.testing.assert_array_equal(record.a.answer.alpha, plain)
    assert record.b.runs_on.edits == 1
    other = record.b.answer.alpha
    assert record.difference == pytest.approx(np.abs(plain - other).mean(), rel=1e-5)
    inter, union = ((plain > 0.5) & (other > 0.5)).sum(), ((plain > 0.5) | (other > 0.5)).sum()
    assert record.iou == pytest.approx(inter / union)


def test_classes(engine, coffee):
    sides = {"a": ArenaSide(model="squeezenet1_1", exact=True), "b": ArenaSide(model="efficientnet_lite0", exact=True)}
    record = result_of(ArenaRequest(**sides, repeats=1), Work(engine, coffee))
    for at, (side, model) in enumerate(zip(record.sides, ("squeezenet1_1", "efficientnet_lite0"), strict=True)):
        plain = result_of(ClassifyRequest(model=model, exact=True, top=100), Work(engine, coffee))
        assert side.answer.top == plain.top[:5]
        known = {one.label: one.score for one in plain.top}
        mine = {pair[at].label: pair[at].score for pair in record.scores}
        assert set(mine) >= {one.label for one in plain.top[:5]}
        assert all(mine[name] == pytest.approx(known[name]) for name in mine if name in known)
    assert len(record.scores) <= 10


def test_two_tasks_cannot_be_compared(engine, coffee):
    request = ArenaRequest(b=ArenaSide(model="u2netp"))
    with pytest.raises(ExplorerError) as error:
        result_of(request, Work(engine, coffee))
    assert error.value.trouble.code == "arena.tasks" and error.value.trouble.exit_code == 2
    last = list(run(changed(request, b=ArenaSide(model="nobody")), Work(engine, coffee)))[-1]
    assert isinstance(last, Failed)
    with pytest.raises(ExplorerError):
        result_of(ArenaRequest(), Work(engine, None))


def test_it_stops(engine, coffee):
    token, seen = CancelToken(), 0
    for event in run(ArenaRequest(a=ArenaSide(exact=True), repeats=100), Work(engine, coffee, token)):
        seen += isinstance(event, Progress)
        assert not isinstance(event, Result)
        if seen > 3:
            token.cancel()
    assert seen < 20
