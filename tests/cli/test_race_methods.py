"""`explorer race` with schedules, changes under way, budgets and long paths, beside the same request run in Python."""

import csv
import io
import json

import numpy as np
import pytest

from explorer.cli.program import run_program
from explorer.jobs import result_of
from explorer.requests.race import RaceRequest


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
    ):
        code, out, err = explorer("race", "saddle", *args)
        assert code == 2 and words in err and not out
