"""Before and after surgery in one record: the same numbers as the plain jobs, asked one by one."""

import numpy as np
import pytest

from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.requests.ablation import CompareRequest
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest
from explorer.requests.surgery import Edit

CUT = (Edit(kind="keep", layer="features.12", channels=tuple(range(40))),)


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=2)


def test_classes(engine, coffee):
    record = result_of(CompareRequest(surgery=CUT), Work(engine, coffee))
    before = result_of(ClassifyRequest(exact=True, top=5), Work(engine, coffee))
    after = result_of(ClassifyRequest(surgery=CUT, top=100), Work(engine, coffee))
    assert record.before.top == before.top and record.after.top == after.top[:5]
    assert record.after.runs_on.edits == 1 and record.before.runs_on.edits == 0
    known = {one.index: one.score for one in after.top}
    assert [old.label for old, _ in record.scores][:5] == [one.label for one in before.top]
    assert {one.index for one in record.after.top} <= {new.index for _, new in record.scores}
    assert all(new.score == pytest.approx(known[new.index]) for _, new in record.scores if new.index in known)
    same = result_of(CompareRequest(), Work(engine, coffee))
    assert same.before is same.after and all(old == new for old, new in same.scores)


def test_boxes(engine, coffee):
    first = Edit(kind="scale", layer="layers.0.conv", channels=tuple(range(16)), factor=0.0)
    record = result_of(CompareRequest(model="yolov3_tiny", surgery=(first,), confidence=0.3), Work(engine, coffee))
    plain = result_of(DetectRequest(exact=True, confidence=0.3), Work(engine, coffee))
    assert len(record.before) == len(plain) > 0 == len(record.after) and record.scores == ()
    np.testing.assert_array_equal(record.before.xyxy, plain.xyxy)


def test_masks(engine, coffee):
    cut = Edit(kind="mute", layer="outconv", channels=(0,))
    record = result_of(CompareRequest(model="u2netp", surgery=(cut,)), Work(engine, coffee))
    np.testing.assert_array_equal(record.before.alpha, result_of(SegmentRequest(exact=True), Work(engine, coffee)).alpha)
    assert record.after.alpha.max() == pytest.approx(0.5)
