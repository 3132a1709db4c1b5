"""`explorer race` with schedules, changes under way, budgets and long paths, beside the same request run in Python."""

import csv
import io
import json

import numpy as np
import pytest

from explorer.cli.program import run_program
from explorer.jobs import result_of
from explorer.requests.race import RaceExportRequest, RaceRequest
from explorer.requests.starts import StartsRequest


@pytest.fixture
def explorer(capfd):
    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        return code, said.out, said.err

    return run


def test_flags_say_what_the_request_says(explorer, tmp_path):
    code, out, _ = explorer(
        "race", "rosenbrock", "--optimizers", "adam,bfgs,newton,sgd", "--steps", "90", "--seed", "3", "--noise", "0.1",
        "--schedule", "restarts", "--shape", "period=20,growth=2", "--changes", "31,adam,lr,0.01;40,adam,beta1,0.5",
        "--hyper", "newton.kind=2", "--json", "-o", tmp_path / "race.npz",
    )  # fmt: skip
    assert code == 0
    request = RaceRequest(
        surface="rosenbrock", optimizers=("adam", "bfgs", "newton", "sgd"), steps=90, seed=3, noise=0.1, schedule="restarts",
        shape={"period": 20, "growth": 2}, changes=((31, "adam", "lr", 0.01), (40, "adam", "beta1", 0.5)),
        hyper={"newton": {"kind": 2}},
    )  # fmt: skip
    record, told, kept = result_of(request), json.loads(out)["runs"], np.load(tmp_path / "race.npz")
    for run, one in zip(record.runs, told, strict=True):
        assert one["end"] == run.points[-1].tolist() and one["evaluations"] == run.evaluations[-1] and one["hyper"] == run.hyper
        np.testing.assert_array_equal(kept[f"{run.optimizer}_points"], run.points)
        np.testing.assert_array_equal(kept[f"{run.optimizer}_evaluations"], run.evaluations)
    assert told[0]["snapshots"] == [20, 60] and told[0]["changes"] == [[31, "lr", 0.01], [40, "beta1", 0.5]]


def test_a_table_has_every_step_however_many(explorer, tmp_path):
    assert explorer("race", "rosenbrock", "--optimizers", "gd", "--steps", "150000", "-o", tmp_path / "race.csv")[0] == 0
    rows = list(csv.reader(io.StringIO((tmp_path / "race.csv").read_text())))
    assert len(rows) == 150_002 and rows[-1][1] == "150000"


def test_wrong_flags_are_explained(explorer):
    for args, words in (
        (("--shape", "period"), "NAME=NUMBER"),
        (("--schedule", "cosin"), "did you mean"),
        (("--changes", "1,gd"), "changes"),
        (("--torch", "SGD", "--starts", "grid"), "neither --starts nor"),
    ):
        code, out, err = explorer("race", "saddle", *args)
        assert code == 2 and words in err and not out


def test_many_starts_say_what_the_job_says(explorer, tmp_path):
    flags = (
        "race",
        "himmelblau",
        "--optimizers",
        "gd,newton",
        "--steps",
        "80",
        "--starts",
        "cloud",
        "--count",
        "6",
        "--seed",
        "4",
    )
    code, out, _ = explorer(*flags, "--json", "-o", tmp_path / "ends.csv")
    assert code == 0
    swarm = result_of(
        StartsRequest(surface="himmelblau", optimizers=("gd", "newton"), steps=80, starts="cloud", count=6, seed=4)
    )
    told = json.loads(out)
    assert told["starts"] == swarm.starts.tolist() and [run["optimizer"] for run in told["runs"]] == ["gd", "newton"]
    for row, run in enumerate(told["runs"]):
        assert [[end["x"], end["y"]] for end in run["ends"]] == swarm.ends[row].tolist()
        assert sum(one["count"] for one in run["counts"]) == 6
    rows = list(csv.DictReader(io.StringIO((tmp_path / "ends.csv").read_text(encoding="utf-8"))))
    assert (
        len(rows) == 12 and float(rows[7]["x"]) == swarm.ends[1, 1, 0] and rows[0]["end"] == told["runs"][0]["ends"][0]["end"]
    )
    code, out, _ = explorer(*flags)
    assert code == 0 and len(out.splitlines()) == sum(len(run["counts"]) for run in told["runs"])
    code, _, err = explorer(*flags, "-o", tmp_path / "ends.gif")
    assert code == 2 and ".csv .npz" in err


def test_a_drawing_is_the_same_from_the_command_line_and_the_window(explorer, tmp_path):
    code, _, _ = explorer("race", "saddle", "--optimizers", "gd,adam", "--steps", "40", "-o", tmp_path / "race.svg")
    request = RaceExportRequest(surface="saddle", optimizers=("gd", "adam"), steps=40, path=str(tmp_path / "window.svg"))
    result_of(request)
    assert code == 0 and (tmp_path / "race.svg").read_bytes() == (tmp_path / "window.svg").read_bytes()
