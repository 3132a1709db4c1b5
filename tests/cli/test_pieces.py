"""`explorer pieces`: the same numbers as the record, the same bytes for the same seed, colours that mean something."""

import json

import numpy as np

from explorer.cli.pieces import shape
from explorer.cli.program import run_program
from explorer.jobs import result_of
from explorer.picture.pieces import piece_colours, pieces_map
from explorer.records.neural import LinearRegions
from explorer.requests.neural import LinearRegionsRequest

FLAGS = ("--width", "4", "--depth", "2", "--resolution", "32", "--seed", "5")


def test_the_command_says_what_the_record_says(capfd, tmp_path):
    assert run_program(["pieces", *FLAGS, "--json", "-o", str(tmp_path / "p.npz")], restore=True) == 0
    told = json.loads(capfd.readouterr().out)
    record = result_of(LinearRegionsRequest(width=4, depth=2, resolution=32, seed=5))
    assert told == json.loads(json.dumps(shape(record)))
    with np.load(tmp_path / "p.npz") as kept:
        np.testing.assert_array_equal(kept["labels"], record.labels)
    for name in ("a.png", "b.png"):
        assert run_program(["pieces", *FLAGS, "-o", str(tmp_path / name)], restore=True) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert run_program(["pieces", *FLAGS, "-o", str(tmp_path / "p.csv")], restore=True) == 0
    assert len((tmp_path / "p.csv").read_text(encoding="utf-8").splitlines()) == record.count + 1
    assert f"{record.count} linear pieces" in capfd.readouterr().out


def test_hue_is_the_direction_and_strength_the_steepness():
    slopes = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]])
    labels = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 2]], np.int32)
    record = LinearRegions(1.0, (), slopes, np.zeros(3), labels, np.zeros((3, 3)), (3,))
    east, west, flat = piece_colours(record, dark=False).tolist()
    assert east[0] > east[2] and west[0] < west[2]  # red and cyan lie opposite each other
    assert max(flat) - min(flat) < max(east) - min(east)
    rgb = pieces_map(record, dark=False)
    assert rgb.shape == (3, 3, 3)
    np.testing.assert_array_equal(rgb[0, 0], flat)  # row 0 is the top of the plot
    assert (rgb[2, 2] < np.array(west)).all(), "a pixel beside another piece is darker"
