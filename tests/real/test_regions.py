"""Regions in a real window, against the same request run here."""

import numpy as np
import pytest

from explorer.cli.media import still
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.requests.regions import RegionsRequest


@pytest.mark.timeout(150)
def test_the_map_in_the_window_is_the_map(real_window):
    facts = real_window("journey", timeout=140)
    record = result_of(RegionsRequest(model="lenet5"), Work(Engine(threads=1), still("coffee")))
    assert facts["answer"] == record.answer.tolist()
    assert np.abs(np.array(facts["score"]) - record.score).max() < 1e-3
    assert facts["notes"] == list(record.notes) and "tanh" in facts["notes"][0]
    assert "right" in facts["pointed"] and "%" in facts["pointed"]
    assert facts["cell"] == [2, 3] and 1 < facts["pieces"] <= 25 and facts["precision"] == "float64"
