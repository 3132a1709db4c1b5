"""`explorer xray`: files of every stage, the same numbers as the record, errors in words."""

import json

import numpy as np
import pytest

from explorer.cli.media import still
from explorer.cli.program import run_program
from explorer.cli.xray import summary
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.stills import read_rgb
from explorer.requests.xray import XrayRequest


def explorer(capfd, *args):
    code = run_program([str(arg) for arg in args], restore=True)
    out = capfd.readouterr()
    return code, out.out, out.err


def test_every_stage_as_picture_and_numbers(capfd, tmp_path):
    code, out, _ = explorer(capfd, "xray", "yolov3_tiny", "coffee", "--confidence", "0.05", "-o", tmp_path / "x", "--json")
    assert code == 0
    told = json.loads(out)
    record = result_of(XrayRequest(confidence=0.05), Work(Engine(threads=2), still("coffee")))
    assert {name: told[name] for name in ("model", "cell", "object", "candidate")} == {
        "model": "yolov3_tiny",
        "cell": list(record.cell),
        "object": 0,
        "candidate": 0,
    }
    said, known = told["stages"][7], json.loads(json.dumps(summary(record)["stages"][7]))
    said_steps, known_steps = said.pop("steps"), known.pop("steps")
    assert said == known
    assert len(said_steps) == len(known_steps) == 5
    for one, other in zip(said_steps, known_steps, strict=True):  # two engines may sum with other numbers of threads
        assert one == pytest.approx(other, rel=1e-4)
    assert sorted(told["files"]) == sorted(path.name for path in (tmp_path / "x").iterdir())
    assert json.loads((tmp_path / "x" / "index.json").read_text())["labels"][41] == "cup"
    for number, stage in enumerate(record.stages, 1):
        name = f"{number:02d}-{stage.name}"
        picture = read_rgb(tmp_path / "x" / f"{name}.png")
        assert min(picture.shape[:2]) > 200 and picture.std() > 10, name
        with np.load(tmp_path / "x" / f"{name}.npz") as kept:
            for array, values in stage.arrays().items():
                if values.dtype.kind == "f":
                    np.testing.assert_allclose(kept[array], values, rtol=1e-4, atol=1e-4, err_msg=f"{name} {array}")
                else:
                    assert np.array_equal(kept[array], values), (name, array)


def test_a_cell_and_a_class_in_words(capfd):
    code, out, _ = explorer(capfd, "xray", "yolov3_tiny", "coffee", "--cell", "1,12,9", "--class", "dining table")
    assert code == 0
    assert "scale 1, row 12, column 9 · Anchor 1: 10 × 14" in out and "is it this: dining table?" in out
    assert "p_w · e^{t_w} = 10 · e^{" in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["yolov3_tiny", "coffee", "--cell", "9,1,1,1"], "no cell 9, 1, 1, 1"),
        (["yolov3_tiny", "coffee", "--cell", "here"], "SCALE,ROW,COLUMN,ANCHOR"),
        (["yolov3_tiny", "coffee", "--class", "cupp"], "cup"),
        (["squeezenet1_1", "coffee"], "SqueezeNet"),
        (["yolov3_tiny", "nonsuch.png"], "nonsuch.png"),
    ],
)
def test_what_cannot_be_done_is_said(capfd, args, words):
    code, out, err = explorer(capfd, "xray", *args)
    assert code != 0 and not out and words in err and "Traceback" not in err


def test_nothing_found_still_writes_everything(capfd, tmp_path):
    code, out, _ = explorer(capfd, "xray", "yolov3_tiny", "chelsea", "--confidence", "1", "-o", tmp_path, "--json")
    assert code == 0
    told = json.loads(out)
    assert told["object"] is None and "Lower the confidence" in told["stages"][6]["empty"]
    assert len(told["files"]) == 19
