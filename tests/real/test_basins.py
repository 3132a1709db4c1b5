"""Basins in a real window, against the same requests run here."""

import pytest

from explorer.jobs import result_of
from explorer.requests.basins import BasinsRequest, StabilityRequest


@pytest.mark.timeout(150)
def test_the_maps_in_the_window_are_the_maps(real_window):
    facts = real_window("journey", timeout=140)
    record = result_of(BasinsRequest(surface="himmelblau", grid=128))
    assert facts["shares"] == [[list(row) for row in one.shares()] for one in record.maps]
    index, row, column = facts["cell"]
    start = record.start(index, row, column)
    assert facts["start"] == pytest.approx(start, rel=1e-5)
    assert f"{record.maps[1].steps[row, column]} steps" in facts["said"] and "Adam: " in facts["said"]
    assert facts["rate"] > 1.05 and facts["moved"] == pytest.approx(0.004 * facts["rate"])
    stable = result_of(StabilityRequest(surface="quadratic"))
    assert facts["stable"] == [list(row) for row in stable.map.shares()]
    assert 0.0 < facts["hyper"]["momentum"] < 1.0 and facts["hyper"]["lr"] > 0.0
