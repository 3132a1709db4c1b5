"""`explorer attribute` gives what the Python call gives."""

import json

import numpy as np
import pytest

from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.attribution import AttributeRequest, RandomiseRequest, TrustRequest

pytestmark = pytest.mark.weights


def answer(capfd, *args):
    code = run_program(["attribute", *args], restore=True)
    out, err = capfd.readouterr()
    return code, out, err


def test_the_same_record_as_python(capfd, tmp_path):
    target = tmp_path / "why.npz"
    more = ("--class", "soup bowl", "--trust", "--points", "4", "--randomise", "--stages", "2", "--json", "-o", str(target))
    code, out, err = answer(capfd, "squeezenet1_1", "coffee", "--method", "gradcam", "--method", "saliency", *more)
    assert code == 0, err
    said = json.loads(out)
    work = Work(engine=Engine(), frame=Frame(read_rgb(sample_path("coffee"))))
    fields = {"methods": ("gradcam", "saliency"), "class_index": 809}
    found = result_of(AttributeRequest(**fields), work)
    curves = result_of(TrustRequest(**fields, points=4), work)
    check = result_of(RandomiseRequest(**{**fields, "methods": ("gradcam",)}, stages=2), work)
    assert said["target"] == found.target.english() == "soup bowl" and said["class_index"] == 809
    assert said["score"] == pytest.approx(found.score, rel=1e-4) and said["top"][0]["label"] == "espresso"
    assert [row["method"] for row in said["methods"]] == ["gradcam", "saliency"]
    assert said["methods"][0]["layer"] == "features.12" and said["methods"][0]["why_layer"]
    for row, curve in zip(said["trust"], curves.items, strict=True):
        assert row["areas"] == pytest.approx(curve.areas, abs=1e-4) and len(row["share"]) == 5
    ranks = [stage["correlation"] for stage in said["randomised"][0]["stages"]]
    assert ranks == pytest.approx([stage.correlation for stage in check.stages], abs=1e-4)
    with np.load(target) as arrays:
        assert np.allclose(arrays["gradcam"], found.items[0].heat, atol=1e-4)
        assert np.allclose(arrays["saliency_curves"][1], curves.items[1].deletion, atol=1e-4)
        assert "saliency_random_1" in arrays


def test_a_box_a_unit_and_a_sheet(capfd, tmp_path):
    sheet, table = tmp_path / "why.png", tmp_path / "curves.csv"
    code, out, err = answer(capfd, "yolov3_tiny", "coffee", "--box", "0", "--method", "layercam", "-o", str(sheet))
    assert code == 0 and "cup (box)" in out and sheet.stat().st_size > 20_000, err
    code, out, err = answer(capfd, "squeezenet1_1", "coffee", "--unit", "features.9:12:6:6", "--method", "saliency", "--json")
    assert code == 0 and json.loads(out)["kind"] == "unit", err
    args = ("--method", "saliency", "--trust", "--points", "4", "-o", str(table))
    code, out, err = answer(capfd, "lenet5", "coffee", *args)
    assert code == 0 and "chance" in out, err
    assert table.read_text().splitlines()[0].startswith("method,share,deletion") and len(table.read_text().splitlines()) == 6


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("squeezenet1_1", "coffee", "--class", "expresso"), 2, "espresso"),
        (("squeezenet1_1", "coffee", "--class", "5000"), 2, "no class 5000"),
        (("squeezenet1_1", "coffee", "--method", "gradcan"), 2, "gradcam"),
        (("squeezenet1_1", "coffee", "--unit", "features.9"), 2, "LAYER:CHANNEL"),
        (("yolov3_tiny", "coffee", "--box", "7"), 2, "no object 7"),
        (("squeezenet1_1", "coffee", "--method", "saliency", "-o", "a.csv"), 2, "--trust"),
        (("squeezenet1_1", "coffee", "-o", "a.txt"), 2, "ending"),
        (("squeezenet1_1", "nowhere.png"), 3, "nowhere.png"),
    ],
)
def test_what_is_wrong_is_told(capfd, args, code, words):
    got, out, err = answer(capfd, *args)
    assert got == code and words in err and out == "", err


def test_the_list_of_methods(capfd):
    code, out, _ = answer(capfd, "-", "-", "--method", "list")
    assert code == 0 and "gradcam" in out and "Integrated gradients" in out
