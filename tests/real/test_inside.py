"""X-ray, theatre, Compare and Teach in a real window, against the same requests run here and on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from explorer.cli.media import still
from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.records.xray import SuppressionStage
from explorer.records.xray_cells import TermsStage
from explorer.requests.arena import ArenaRequest
from explorer.requests.network import DetectRequest
from explorer.requests.teach import TeachRequest
from explorer.requests.xray import XrayRequest

DRIVES = ("xray", "arena", "teach")
pytestmark = pytest.mark.timeout(300)  # the first test waits for all drives


@pytest.fixture(scope="module")
def window(one_window):
    """What each drive tells. One window for all of them: to start the program takes as long as to use it."""
    return one_window(DRIVES, "journey", timeout=280)


def test_a_person_steps_through_suppression_and_compares(window):
    facts = window["drive_arena"]
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


def test_the_stages_in_the_window_are_the_stages(window):
    facts = window["drive_xray"]
    work = Work(Engine(threads=2), still("coffee"))
    record = result_of(XrayRequest(confidence=0.05), work)
    assert facts["stages"] == [stage.name for stage in record.stages] and len(facts["stages"]) == 9
    assert facts["first"] == {"cell": list(record.cell), "candidate": 0, "object": 0, "class": 41}
    found = result_of(DetectRequest(confidence=0.05, exact=True), work)
    np.testing.assert_allclose(facts["result"]["xyxy"], found.xyxy, atol=0.05)
    np.testing.assert_allclose(facts["result"]["score"], found.score, atol=1e-4)
    table = record.first(TermsStage).table
    told = [line.split("\t") for line in facts["terms"].splitlines()[1:]]
    assert [line[0] for line in told] == [term.symbol for term in table.lines]
    np.testing.assert_allclose([float(line[3]) for line in told], [term.value for term in table.lines], rtol=1e-3, atol=1e-3)
    there = record.stage("objectness").scales[0].values[1, 5, 6]
    assert facts["hover objectness"] == f"row 5, column 6: {there:.4f}" and facts["hover result"].startswith("cup 60 %")
    # What is followed is followed by the engine too.
    second = result_of(XrayRequest(confidence=0.05, object=1), work)
    assert facts["object"] == {
        "cell": list(second.cell),
        "candidate": second.candidate,
        "object": 1,
        "class": second.class_index,
    }
    assert facts["stage by keys"] == "suppression"
    scale, row, column, anchor = facts["click"]["cell"]
    stride = record.stage("grid").scales[scale].stride
    assert (row, column) == (330 // stride, 100 // stride) and facts["click"]["object"] is None
    assert facts["key"]["cell"] == [scale, row, column + 1, anchor]
    assert facts["anchor"]["cell"] == [scale, row, column + 1, (anchor + 1) % 3]
    assert facts["nothing"]["candidate"] is None and facts["form"] == 1.0
    assert "Lower the confidence" in facts["why nothing"] and facts["channel"] > 0


def test_teaching_in_the_window_is_teaching(window, tmp_path, capfd):
    facts = window["drive_teach"]
    record = result_of(TeachRequest(folder=facts["folder"], date=facts["date"]), Work(Engine(threads=1)))
    assert record.classes == ("cup", "other") and record.counts[0] >= 8 and record.counts[1] == 5
    assert record.model == bytes.fromhex(facts["model"])
    assert record.confusion.tolist() == facts["confusion"] and facts["verdict"].startswith(f"{record.right} of {record.tried}")
    assert facts["bars"][0][2] > 0.9 and facts["still"][1][2] > 0.9  # the clip is a cup, the picture looked at is none
    assert facts["cell"] == f"other told right: {record.confusion[1][1]}"
    assert facts["live"][0] == "cup" and set(facts["live"]) == {"cup", "other"}
    saved = tmp_path / "by-command.safetensors"
    assert run_program(["teach", facts["folder"], "-o", str(saved), "--date", facts["date"], "--json"], restore=True) == 0
    assert json.loads(capfd.readouterr().out)["confusion"] == facts["confusion"]
    assert saved.read_bytes() == record.model and Path(saved).with_suffix(".json").read_text("utf-8") == record.text
