"""`explorer surface` and `explorer race --formula`: the shapes of JSON, files, and a caret under what is wrong."""

import csv
import io
import json

import numpy as np
import pytest

from explorer.cli.program import run_program
from explorer.cli.surface import probe_shape, shape
from explorer.jobs import result_of
from explorer.picture.stills import read_rgb
from explorer.requests.points import PointsRequest
from explorer.requests.race import ProbeRequest, RaceRequest, SurfaceRequest


@pytest.fixture
def explorer(capfd):
    """Run a command; returns (exit code, standard output, standard error)."""

    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return code, said.out, said.err

    return run


def test_a_formula_is_the_same_by_command_and_by_request(explorer, tmp_path):
    args = ("surface", "x^2 + a y^2 - xy", "--set", "a=10", "--domain", "-2,2,-1,1", "--resolution", "40")
    code, out, _ = explorer(*args, "--json", "-o", tmp_path / "s.npz")
    told = json.loads(out)
    request = SurfaceRequest(formula="x^2 + a y^2 - xy", values={"a": 10.0}, domain=(-2.0, 2.0, -1.0, 1.0), resolution=40)
    record = result_of(request)
    assert code == 0 and told == json.loads(json.dumps(shape(record)))
    assert told["domain"] == [-2.0, 2.0, -1.0, 1.0] and told["parameters"] == {"a": 10.0} and told["holes"] == 0
    assert told["gradient"] == ["2*x-y", "2*a*y-x"] and told["hessian"] == [["2", "-1"], ["-1", "2*a"]]
    (mark,) = told["landmarks"]
    assert (mark["x"], mark["y"], mark["kind"], mark["exact"]) == (0.0, 0.0, "minimum", False)
    np.testing.assert_allclose(mark["eigenvalues"], np.linalg.eigvalsh([[2, -1], [-1, 20]]))
    with np.load(tmp_path / "s.npz") as saved:
        np.testing.assert_array_equal(saved["z"], record.z)
        assert saved["landmarks"].shape == (1, 3)
    explorer(*args, "-o", tmp_path / "t.npz")
    assert (tmp_path / "t.npz").read_bytes() == (tmp_path / "s.npz").read_bytes()


def test_pictures_and_tables(explorer, tmp_path):
    assert explorer("surface", "log(x)", "-o", tmp_path / "s.png", "--resolution", "32")[0] == 0
    rgb = read_rgb(tmp_path / "s.png")
    assert rgb.shape == (600, 960, 3) and len(np.unique(rgb.reshape(-1, 3), axis=0)) > 10
    assert explorer("surface", "xy", "-o", tmp_path / "s.csv", "--resolution", "16")[0] == 0
    rows = list(csv.reader(io.StringIO((tmp_path / "s.csv").read_text())))
    assert rows[0] == ["x", "y", "value"] and len(rows) == 257
    assert all(float(x) * float(y) == pytest.approx(float(value)) for x, y, value in rows[1:])


def test_a_named_surface_too(explorer):
    code, out, _ = explorer("surface", "himmelblau", "--json")
    told = json.loads(out)
    assert code == 0 and told["surface"] == "himmelblau" and "gradient" not in told
    kinds = [mark["kind"] for mark in told["landmarks"]]
    assert kinds.count("minimum") == 4
    for mark in told["landmarks"]:
        low, high = mark["eigenvalues"]
        assert low <= high and (mark["kind"], low > 0, high > 0) in {("minimum", 1, 1), ("maximum", 0, 0), ("saddle", 0, 1)}


def test_a_point_looked_at_closely_is_the_same_by_command_and_by_request(explorer):
    code, out, _ = explorer("surface", "x^2 + a x y + y^2", "--set", "a=3", "--at", "1,0.5", "--json", "--resolution", "16")
    told = json.loads(out)["probe"]
    record = result_of(ProbeRequest(formula="x^2 + a x y + y^2", values={"a": 3.0}, at=(1.0, 0.5), resolution=16))
    assert code == 0 and told == json.loads(json.dumps(probe_shape(record))) and told["shape"] == "saddle"
    said = explorer("surface", "x^2 + 2y^2", "--at=1,1", "--resolution", "16")[1]
    assert "f(1, 1) = 3  ∇f = (2, 4)  λ = 2, 4" in said and "Newton's step leads to (0, 0)." in said
    assert "two numbers with a comma" in explorer("surface", "x", "--at", "1")[2]


def test_what_a_person_reads(explorer):
    _, out, _ = explorer("surface", "log(x) + y^2 - |x|")
    assert "Holes: 20000 of 40000 points have no value" in out and "∂f/∂x = 1/x-sign(x)" in out and "∂²f/∂y² = 2" in out
    assert "saddle" in out and "(1, 0)  f = -1" in explorer("surface", "log(x) + y^2 - x")[1]
    assert "no value anywhere" in explorer("surface", "log(-1)")[1]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("surface", "x^2 + foo(y)"), 3, "x^2 + foo(y)\n      ^\nThere is no function 'foo'."),
        (("surface", "x+" + "y+" * 300), 3, "too long: 602 characters"),
        (("surface", "saddel"), 2, "did you mean saddle"),
        (("surface", ""), 3, "There is no formula."),
        (("surface", "x^2", "--set", "b=2"), 2, "has no 'b'"),
        (("surface", "a x^2", "--set", "a"), 2, "NAME=NUMBER"),
        (("surface", "x", "--domain", "1,2"), 2, "four numbers"),
        (("surface", "x", "--domain", "1,1,0,1"), 2, "--domain"),
        (("surface", "x", "-o", "s.gif"), 2, ".png"),
        (("surface", "__import__('os')"), 3, "'_' is not allowed"),
        (("race",), 2, "SURFACE"),
        (("race", "saddle", "--formula", "x"), 2, "SURFACE"),
        (("race", "--formula", "x^"), 3, "x^\n  ^\nThe formula ends too early."),
        (("race", "--formula", ""), 3, "There is no formula."),
    ],
)
def test_mistakes_are_said_in_words(explorer, args, code, words):
    got, out, err = explorer(*args)
    assert got == code and words in err and not out


def test_a_race_on_a_formula(explorer):
    code, out, _ = explorer("race", "--formula", "x^2+10*y^2", "--steps", "60", "--json")
    told = json.loads(out)
    race = result_of(RaceRequest(formula="x^2+10*y^2", steps=60))
    assert code == 0 and told["surface"] == "formula"
    assert [run["end"] for run in told["runs"]] == [run.points[-1].tolist() for run in race.runs]
    assert told["runs"][0]["status"] == "converged"


def test_points_from_a_table_in_a_file(explorer, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("x;y\n1,5;2\n-1;0,5\n0;3\n")
    code, out, _ = explorer("surface", "least_squares", "--points", path, "--json")
    told = json.loads(out)
    table = result_of(PointsRequest(path=str(path)))
    assert code == 0 and told["low"] == result_of(SurfaceRequest(surface="least_squares", points=table.points)).z.min()
    slope, offset = np.polyfit(*np.array(table.points).T, 1)
    assert [told["landmarks"][0][axis] for axis in "xy"] == pytest.approx([slope, offset])
    code, _, said = explorer("surface", "logistic", "--points", path)
    assert code == 3 and "Line 2: x, y and the class" in said
    code, _, said = explorer("race", "least_squares", "--points", "1,2;3,b")
    assert code == 2 and "neither points" in said
