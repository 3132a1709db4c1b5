"""`explorer teach` and `explorer classify --model SAVED`, with no display."""

import json

import numpy as np
import pytest

from explorer.cli.program import run_program
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb, write_jpeg


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def lessons(tmp_path):
    """Two classes of three pictures."""
    for name in ("coffee", "rocket"):
        rgb = read_rgb(sample_path(name))
        for number in range(3):
            write_jpeg(tmp_path / "set" / name / f"{number}.jpg", np.ascontiguousarray(rgb[10 * number :, 10 * number :]))
    return tmp_path / "set"


def test_taught_saved_and_used(lessons, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("explorer.vision.teach_features.cache_dir", lambda: tmp_path / "cache")
    saved = tmp_path / "mine.safetensors"
    assert run_program(["teach", str(lessons), "-o", str(saved), "--json"], restore=True) == 0
    said = json.loads(capfd.readouterr().out)
    assert [row["name"] for row in said["classes"]] == ["coffee", "rocket"] and said["check"] == "folds"
    assert sum(map(sum, said["confusion"])) == said["tried"] == 6 and said["layer"] == "classifier.1"
    facts = json.loads(saved.with_suffix(".json").read_text("utf-8"))
    assert facts["counts"] == [3, 3] and facts["preprocessing"]["order"] == "bgr"
    picture = str(sample_path("coffee"))
    lines = []
    for start in (["classify", "--model", str(saved), picture], ["classify", str(saved), picture]):
        assert run_program([*start, "--exact", "--json"], restore=True) == 0
        lines.append(capfd.readouterr().out)
    assert lines[0] == lines[1] and json.loads(lines[0])["top"][0]["label"] == "coffee"
    assert run_program(["teach", str(lessons), "-o", str(tmp_path / "t.csv")], restore=True) == 0
    told = capfd.readouterr().out
    assert "Rows: what it is. Columns: what was said." in told and "3  coffee" in told and "5 more of “rocket”" in told
    table = (tmp_path / "t.csv").read_text("utf-8").splitlines()
    assert len(table) == 7 and table[0] == "picture,class,said,score,seen,group" and table[1].startswith("coffee/0.jpg,coffee,")


def test_what_cannot_be_is_said(lessons, tmp_path, capfd):
    assert run_program(["teach", str(tmp_path / "nothing")], restore=True) == 3
    assert run_program(["teach", str(lessons / "coffee")], restore=True) == 3
    assert "There are not two classes" in capfd.readouterr().err
    assert run_program(["teach", str(lessons), "-o", "x.pth"], restore=True) == 2
    assert run_program(["classify", "squeezenet1_1"], restore=True) == 2
    assert "Which pictures?" in capfd.readouterr().err
