"""`explorer map` and `explorer regions`: the same record as in Python, as JSON, table, picture and numbers."""

import csv
import json

import numpy as np
import pytest

from explorer.cli.mapping import shape as map_shape
from explorer.cli.media import still
from explorer.cli.program import run_program
from explorer.cli.regions import shape as regions_shape
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.region_map import cell_size, region_map
from explorer.picture.stills import read_rgb
from explorer.records.network_map import COLUMNS
from explorer.requests.network_map import NetworkMapRequest
from explorer.requests.regions import RegionsRequest


@pytest.fixture
def explorer(capfd):
    """Run a command; returns (exit code, standard output, standard error)."""

    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return code, said.out, said.err

    return run


def timeless(lines):
    return [{key: value for key, value in line.items() if key not in ("ms", "share")} for line in lines]


def test_map(explorer, tmp_path):
    code, out, _ = explorer("map", "lenet5", "--passes", 1, "--json", "-o", tmp_path / "map.csv")
    found = json.loads(out)
    record = result_of(NetworkMapRequest(model="lenet5", passes=1), Work(Engine()))
    expected = json.loads(json.dumps(map_shape(record)))
    assert code == 0 and timeless(found["layers"]) == timeless(expected["layers"])
    for key in ("macs", "weights", "nodes", "edges", "answers", "input_size", "passes"):
        assert found[key] == expected[key]
    assert found["ms"] > 0 and found["macs"] == 416_520 and all(layer["ms"] > 0 for layer in found["layers"])
    with open(tmp_path / "map.csv", newline="") as handle:
        rows = list(csv.reader(handle))
    assert tuple(rows[0]) == COLUMNS and [row[0] for row in rows[1:]] == [row.name for row in record.rows]
    assert rows[1][COLUMNS.index("from")] == "picture" and rows[2][COLUMNS.index("from")] == "c1"


def test_map_for_people(explorer):
    code, out, _ = explorer("map", "lenet5", "--passes", 0)
    assert code == 0 and "61,706 weights" in out and "tanh1" in out and "14x14" in out
    code, _, err = explorer("map", "lenet5", "-o", "map.png")
    assert code == 2 and ".csv" in err


def test_regions(explorer, tmp_path):
    asked = ("regions", "lenet5", "coffee", "--size", 9, "--extent", 40, "--seed", 3)
    code, out, _ = explorer(*asked, "--json", "-o", tmp_path / "r.npz")
    request = RegionsRequest(model="lenet5", size=9, extent=40.0, seed=3)
    record = result_of(request, Work(Engine(), still("coffee")))
    assert code == 0 and json.loads(out) == json.loads(json.dumps(regions_shape(record)))
    with np.load(tmp_path / "r.npz") as kept:
        assert np.array_equal(kept["answer"], record.answer) and np.array_equal(kept["score"], record.score)
        assert np.array_equal(kept["pattern"], record.pattern) and kept["one"].shape == (32, 32, 3)
    code, out, _ = explorer(*asked, "-o", tmp_path / "r.png")
    assert code == 0 and "tanh" in out
    assert np.array_equal(read_rgb(tmp_path / "r.png"), region_map(record, cell_size(record)))
    assert explorer(*asked, "-o", tmp_path / "r.csv")[0] == 0
    with open(tmp_path / "r.csv", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 81 and int(rows[40]["answer"]) == record.own_answer and float(rows[0]["right"]) == -40.0


def test_regions_of_a_layer_that_is_not_there(explorer):
    code, _, err = explorer("regions", "lenet5", "coffee", "--size", 5, "--layer", "nothing")
    assert code == 2 and "nothing" in err
