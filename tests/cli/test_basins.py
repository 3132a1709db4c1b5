"""explorer basins and explorer stability: the same answer as Python, the same bytes, words, files."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest

from explorer.cli.basins import shape, stability_shape
from explorer.cli.output import plain
from explorer.cli.program import run_program
from explorer.jobs import result_of
from explorer.labs.basins_file import table
from explorer.picture.basin_map import basin_picture, colour_of, legend, stability_picture, upwards_ticks
from explorer.records.basins import LEFT
from explorer.requests.basins import BasinsExportRequest, BasinsRequest, StabilityRequest


@pytest.fixture
def explorer(capfd):
    """Run a command: what it said and how it ended."""

    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return run


ARGUMENTS = ["himmelblau", "--optimizers", "gd,adam", "--grid", "32", "--steps", "120", "--rate", "2"]
REQUEST = BasinsRequest(surface="himmelblau", optimizers=("gd", "adam"), grid=32, steps=120, rate=2.0)


def test_the_command_says_what_python_says(explorer):
    done = explorer("basins", *ARGUMENTS, "--json")
    record = result_of(REQUEST)
    assert done.code == 0 and json.loads(done.out) == json.loads(json.dumps(plain(shape(record))))
    words = explorer("basins", *ARGUMENTS).out
    assert "Adam" in words and "minimum 1 (3, 2)" in words
    done = explorer("stability", "quadratic", "--grid", "16", "--steps", "50", "--json")
    told = stability_shape(result_of(StabilityRequest(surface="quadratic", grid=16, steps=50)))
    assert json.loads(done.out) == json.loads(json.dumps(plain(told)))
    assert [one["name"] for one in told["bounds"]] == ["1/L", "2/L", "2(1+β)/L"] and told["fastest"]["steps"] < 50
    assert "1/L = 0.04" in explorer("stability", "quadratic", "--grid", "16", "--steps", "50").out


def test_the_same_arguments_give_the_same_bytes(explorer, tmp_path):
    for ending in ("png", "csv", "npz"):
        files = [tmp_path / f"{turn}.{ending}" for turn in (1, 2)]
        for file in files:
            assert explorer("basins", *ARGUMENTS, "-o", file).code == 0
        assert files[0].read_bytes() == files[1].read_bytes()
    record = result_of(REQUEST)
    assert (tmp_path / "1.csv").read_text() == table(record)
    with np.load(io.BytesIO((tmp_path / "1.npz").read_bytes())) as kept:
        assert (kept["adam_ends"] == record.maps[1].ends).all() and (kept["gd_steps"] == record.maps[0].steps).all()
    map_ = tmp_path / "map.csv"
    assert explorer("stability", "quadratic", "--grid", "16", "--steps", "20", "-o", map_).code == 0
    assert map_.read_text().startswith("lr,momentum,end,kind,steps\n") and len(map_.read_text().splitlines()) == 257


def test_schedule_noise_and_clipping_have_flags_and_are_said(explorer, tmp_path):
    flags = ["--schedule", "cosine", "--shape", "floor=0.1", "--noise", "0.5", "--clip", "3", "--seed", "7"]
    fields = {"schedule": "cosine", "shape": {"floor": 0.1}, "noise": 0.5, "clip": 3.0, "seed": 7}
    done = explorer("basins", *ARGUMENTS, *flags, "--json", "-o", tmp_path / "cli.csv")
    record = result_of(BasinsRequest(**{**REQUEST.model_dump(), **fields}))
    assert json.loads(done.out) == json.loads(json.dumps(plain(shape(record)))) and json.loads(done.out)["rules"] == fields
    assert (tmp_path / "cli.csv").read_text() == table(record)
    result_of(BasinsExportRequest(**{**REQUEST.model_dump(), **fields}, path=str(tmp_path / "window.png")))
    assert explorer("basins", *ARGUMENTS, *flags, "-o", tmp_path / "cli.png").code == 0
    assert (tmp_path / "cli.png").read_bytes() == (tmp_path / "window.png").read_bytes()
    said = explorer("stability", "quadratic", "--grid", "16", "--steps", "20", *flags).out
    assert said.startswith("cosine, noise 0.5, seed 7, gradients no longer than 3\n")
    assert explorer("basins", *ARGUMENTS, "--schedule", "cosin").code == 2


def test_own_formulas_and_refusals(explorer, tmp_path):
    done = explorer("basins", "--formula", "x^4 - x^2 + y^2", "--optimizers", "gd", "--grid", "16", "--json")
    told = json.loads(done.out)
    assert [one["kind"] for one in told["ends"]] == ["minimum", "minimum", "saddle"]
    assert sorted(one["end"] for one in told["maps"][0]["shares"]) == [0, 1]
    assert explorer("basins").code == 2 and explorer("basins", "saddle", "-o", tmp_path / "a.bmp").code == 2
    assert explorer("basins", "saddle", "--optimizers", "gd,adam,momentum,nesterov,lion").code == 2
    done = explorer("stability", "quadratic", "--second", "beta2")
    assert done.code == 2 and "momentum" in done.err


def test_the_window_s_export_writes_the_command_s_file(explorer, tmp_path):
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    explorer("basins", *ARGUMENTS, "-o", theirs)
    assert result_of(BasinsExportRequest(**REQUEST.model_dump(), path=str(ours))) == str(ours)
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize("dark", [True, False])
def test_colours_tell_ends_apart_and_steps_shade_them(dark):
    record = result_of(REQUEST)
    one = record.maps[0]
    rgb = basin_picture(one, record.ends, dark)
    assert rgb.shape == (32, 32, 3) and rgb.dtype == np.uint8
    row, column = np.argwhere(one.ends == 0)[np.argmin(one.steps[one.ends == 0])]
    full = np.array(colour_of(0, record.ends, dark), int)
    assert np.abs(rgb[31 - row, column].astype(int) - full).max() < 40  # the fastest is nearly the pure colour
    assert len({colour_of(end, record.ends, dark) for end in (0, 1, 2, 3, 5, -1, -2, -3)}) == 8
    words = [text for _, text in legend(one, record.ends)]
    assert any("%" in text and "median" in text for text in words)
    stable = result_of(StabilityRequest(surface="quadratic", grid=16, steps=60))
    picture = stability_picture(stable.map, stable.ends, dark)
    assert (picture[::-1][stable.map.ends == LEFT] == colour_of(LEFT, stable.ends, dark)).all()
    assert [text for _, text in upwards_ticks(stable)] == ["0.2", "0.4", "0.6", "0.8"]
