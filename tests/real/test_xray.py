"""The X-ray in a real window, against the same request run here."""

import numpy as np
import pytest

from explorer.cli.media import still
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.records.xray_cells import TermsStage
from explorer.requests.network import DetectRequest
from explorer.requests.xray import XrayRequest


@pytest.mark.timeout(150)
def test_the_stages_in_the_window_are_the_stages(real_window):
    facts = real_window("journey", timeout=140)
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
