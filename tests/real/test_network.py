"""The network map in a real window, against the same request run here."""

import pytest

from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.records.network_map import COLUMNS
from explorer.requests.network_map import NetworkMapRequest


@pytest.mark.timeout(150)
def test_the_map_in_the_window_is_the_map(real_window):
    facts = real_window("journey", timeout=140)
    record = result_of(NetworkMapRequest(model="resnet18", weights="random", passes=0), Work(Engine(threads=1)))
    head, *lines = [line.split("\t") for line in facts["numbers"].split("\n")]
    assert tuple(head) == COLUMNS
    timeless = len(COLUMNS) - 3  # times differ, and stand before the last column
    same = [[*line[:timeless], line[-1]] for line in lines]
    assert same == [[*map(str, line[:timeless]), str(line[-1])] for line in record.table()]
    assert len(facts["found"]) == 9 and facts["crumbs"] == "layer2.0.downsample"
    assert facts["joined"] == ["layer2.0.bn2", "layer2.0.downsample"]
    assert facts["dearest"] in ("layer1", "layer2") and facts["filters"] == "layer2.0.conv2"
