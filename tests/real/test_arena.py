"""The theatre and the comparison in a real window, against the same requests run here."""

import numpy as np
import pytest

from explorer.cli.media import still
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.records.xray import SuppressionStage
from explorer.requests.arena import ArenaRequest
from explorer.requests.xray import XrayRequest


@pytest.mark.timeout(200)
def test_a_person_steps_through_suppression_and_compares(real_window):
    facts = real_window("journey", timeout=170)
    work = Work(Engine(threads=2), still("coffee"))
    trace = result_of(XrayRequest(confidence=0.02), work).first(SuppressionStage).steps
    assert facts["by"] == trace.by.tolist() and facts["row"] == trace.row.tolist()
    np.testing.assert_allclose(facts["iou"], trace.iou, atol=1e-5)  # threads may differ
    assert facts["stepped"] == 1 and facts["paused"]
    step = trace.step(2)
    assert f"{step.iou:.3f}" in facts["said"] and "px²" in facts["said"]
    assert f"{step.by + 1} · " in facts["told"] and "IoU with" in facts["told"]
    assert facts["differ"].startswith("Boxes that end differently: ")
    more = result_of(XrayRequest(confidence=0.02, overlap=0.9), work).first(SuppressionStage)
    assert facts["kept"] == int(more.kept.sum())
    result = result_of(ArenaRequest(repeats=1), work)
    for mine, side in zip(facts["answers"], result.sides, strict=True):
        np.testing.assert_allclose(mine, side.answer.xyxy, atol=1.0)  # the window's engine leaves a core to the window
    assert facts["runs_on"] == [side.runs_on.short() for side in result.sides]
    assert len(facts["lines"]) == len(result.pairs) and facts["marked"] == [0, 0, 0]
    assert facts["zoom"] == pytest.approx(2.0) and facts["no pass"]
    assert "cannot be compared" in facts["refused"]
