"""`explorer compare`: the record, a drawing, a table, errors in words."""

import csv
import json

import numpy as np

from explorer.cli.media import still
from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.stills import read_rgb
from explorer.requests.arena import ArenaRequest, ArenaSide


def explorer(capfd, *args):
    code = run_program([str(arg) for arg in args], restore=True)
    out = capfd.readouterr()
    return code, out.out, out.err


def test_fast_against_exact(capfd, tmp_path):
    files = (tmp_path / "c.png", tmp_path / "c.csv")
    command = ("compare", "coffee", "--confidence", "0.05", "--b-overlap", "0.9", "--repeats", "1")
    code, out, _ = explorer(capfd, *command, "--json", "-o", files[0])
    told = json.loads(out)
    request = ArenaRequest(a=ArenaSide(confidence=0.05), b=ArenaSide(confidence=0.05, overlap=0.9, exact=True), repeats=1)
    record = result_of(request, Work(Engine(), still("coffee")))
    assert code == 0 and told["counts"] == record.counts and told["said"] == record.said.english()
    assert [one["kind"] for one in told["pairs"]] == [one.kind for one in record.pairs]
    boxes = [one["b"]["xyxy"] for one in told["pairs"] if "b" in one]
    np.testing.assert_allclose(sorted(boxes), sorted(record.b.answer.xyxy.tolist()), atol=0.01)
    assert told["a"]["runs_on"] == record.a.runs_on.short() and len(told["a"]["runs_ms"]) == 1
    assert told["b"]["weights_bytes"] == record.b.weights_bytes and told["b"]["median_ms"] > 0
    picture = read_rgb(files[0])
    assert picture.shape == (400, 1208, 3) and (picture[:, 600:608] == 255).all()
    code, out, _ = explorer(capfd, *command, "-o", files[1])
    rows = list(csv.DictReader(files[1].read_text().splitlines()))
    assert code == 0 and [row["kind"] for row in rows] == [one.kind for one in record.pairs]
    assert record.said.text() in out and "median" in out


def test_surgery_operates_on_the_second(capfd):
    code, out, _ = explorer(
        capfd,
        "compare",
        "coffee",
        "--a",
        "squeezenet1_1",
        "--a-exact",
        "--mute",
        "features.12:0-300",
        "--repeats",
        "1",
        "--json",
    )
    told = json.loads(out)
    assert code == 0 and (told["a"]["edits"], told["b"]["edits"]) == (0, 301) and told["task"] == "classify"
    assert told["scores"][0]["label"] == "espresso" and told["scores"][0]["a"] > told["scores"][0]["b"]


def test_what_cannot_be_compared(capfd):
    code, out, err = explorer(capfd, "compare", "coffee", "--a", "squeezenet1_1", "--b", "yolov3_tiny", "--json")
    assert code == 2 and out == "" and "cannot be compared" in err
    assert explorer(capfd, "compare", "coffee", "-o", "x.mp4")[0] == 2
    assert explorer(capfd, "compare", "coffee", "--b", "nobody")[0] == 2
