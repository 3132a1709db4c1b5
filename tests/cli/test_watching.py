"""`explorer detect`, `segment` and `classify`: several outputs, classes alone, numbers, descriptions as networks."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from explorer.cli import media
from explorer.cli.program import run_program
from explorer.picture.sources import sample_path, video_frames
from explorer.picture.stills import read_rgb
from explorer.picture.video import VideoWriter


@pytest.fixture
def explorer(capfd):
    """Run a command; returns (exit code, JSON lines of standard output, standard error)."""

    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    return run


CFG = """[net]
width=64
height=64
channels=3
[convolutional]
filters=16
size=4
stride=4
pad=0
activation=leaky
[convolutional]
filters=21
size=1
stride=1
pad=0
activation=linear
[yolo]
mask=0,1,2
anchors=4,4, 8,8, 16,12
classes=2
num=3
"""


def test_any_description_of_darknet_is_a_detector(explorer, tmp_path):
    """A cfg with the weights beside it, named as the network."""
    cfg = tmp_path / "tiny.cfg"
    cfg.write_text(CFG)
    (tmp_path / "tiny.names").write_text("thing\nother\n")
    count = 16 * 3 * 16 + 16 + 21 * 16 + 21
    numbers = np.random.default_rng(0).normal(0, 0.3, count).astype("<f4")
    (tmp_path / "tiny.weights").write_bytes(bytes([0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0] + [0] * 8) + numbers.tobytes())
    ask = ("--confidence", "0.2", "--limit", "9", "--json")
    code, lines, _ = explorer("detect", "coffee", "--model", cfg, *ask)
    found = lines[0]["detections"]
    assert code == 0 and 0 < len(found) <= 9 and {one["label"] for one in found} <= {"thing", "other"}
    assert explorer("detect", "coffee", "--weights", cfg, *ask)[1] == lines
    soft = explorer("detect", "coffee", "--model", cfg, *ask, "--suppression", "gaussian", "--sigma", "0.1")[1][0]["detections"]
    assert soft[0] == found[0] and soft != found
    assert explorer("detect", "coffee", "--model", cfg, *ask, "--weights", tmp_path / "gone.weights")[0] == 3


@pytest.mark.weights
def test_classes_alone_and_all_pictures_in_one_file(explorer, tmp_path):
    outputs = [part for name in ("a.json", "a.jsonl", "a.csv") for part in ("-o", tmp_path / name)]
    command = ("detect", "coffee", "chelsea", "--confidence", "0.1", "--classes", "cup,cat", "--json", *outputs)
    code, lines, _ = explorer(*command)
    assert code == 0 and next(one["label"] for line in lines for one in line["detections"]) == "cup"
    assert {one["label"] for line in lines for one in line["detections"]} <= {"cup", "cat"}
    coco = json.loads((tmp_path / "a.json").read_text())
    assert [one["file_name"] for one in coco["images"]] == ["coffee.jpg", "chelsea.jpg"]
    written = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [row["source"] for row in written] == ["coffee.jpg", "chelsea.jpg"]
    assert [row["detections"] for row in written] == [line["detections"] for line in lines]
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert len(rows) == len(coco["annotations"]) == sum(len(line["detections"]) for line in lines)


@pytest.mark.weights
def test_a_class_nobody_has_is_an_error_with_near_names(explorer):
    code, lines, said = explorer("detect", "coffee", "chelsea", "--only", "cup,elefant", "--json")
    assert (code, lines) == (2, []) and "elefant" in said and "elephant" in said and said.count("elefant") == 1


@pytest.mark.weights
def test_answers_of_a_classifier_are_drawn_into_a_film(explorer, tmp_path):
    outputs = ("-o", tmp_path / "a.mp4", "-o", tmp_path / "a.jsonl", "-o", tmp_path / "a.csv")
    code, lines, _ = explorer("classify", "squeezenet1_1", "clip", "--frames", "3", "--top", "2", "--json", *outputs)
    assert code == 0 and [line["frame"] for line in lines] == [0, 1, 2] and len(lines[0]["top"]) == 2
    film = [frame.rgb for frame in video_frames(tmp_path / "a.mp4")]
    plain = [frame.rgb for frame in media.frames("clip", 3)]
    change = np.abs(film[2].astype(int) - plain[2]).mean(2)
    assert len(film) == 3 and change[-60:, :300].mean() > 20 > 5 > change[:300].mean(), "written at the bottom, nowhere else"
    written = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [row["top"] for row in written] == [line["top"] for line in lines]
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 7


def test_outputs_are_checked_before_any_work(explorer, tmp_path):
    assert explorer("detect", "coffee", "-o", tmp_path / "a.doc")[0] == 2
    assert explorer("detect", "coffee", "chelsea", "-o", tmp_path / "a.png")[0] == 2
    assert explorer("detect", "coffee", "-o", tmp_path / "a.csv", "-o", tmp_path / "a.csv")[0] == 2
    assert explorer("detect", "coffee", "-o", tmp_path / "a.npz")[0] == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.weights
def test_a_mask_goes_into_a_picture_and_into_annotations(explorer, tmp_path):
    code, lines, _ = explorer("segment", "chelsea", "--json", "-o", tmp_path / "m.png", "-o", tmp_path / "m.json")
    note = json.loads((tmp_path / "m.json").read_text())["annotations"][0]
    x, y, wide, tall = note["bbox"]
    assert code == 0 and lines[0]["xyxy"] == [x, y, x + wide, y + tall]
    picture = read_rgb(tmp_path / "m.png")
    assert picture.shape == read_rgb(sample_path("chelsea")).shape
    assert abs((picture[..., 0] > 127).sum() - note["area"]) / note["area"] < 0.01


def test_frames_have_the_numbers_of_their_film(explorer, tmp_path):
    film = tmp_path / "film.mp4"
    with VideoWriter(film, 10.0, (64, 48)) as writer:
        for level in range(0, 200, 10):
            writer.write(np.full((48, 64, 3), level, np.uint8))
    outputs = [part for name in ("a.json", "a.jsonl", "a.csv") for part in ("-o", tmp_path / name)]
    for name, first in ((f"{film}#t=0.5,0.8", 5), ("clip#t=1,1.1", 25)):
        network = ("detect", name, "--model", "yolov3_tiny", "--weights", "random", "--confidence", "0.2", "--limit", "1")
        code, lines, _ = explorer(*network, "--json", *outputs)
        numbers = list(range(first, first + 3))
        assert code == 0 and [line["frame"] for line in lines] == numbers
        assert [json.loads(line)["frame"] for line in (tmp_path / "a.jsonl").read_text().splitlines()] == numbers
        images = json.loads((tmp_path / "a.json").read_text())["images"]
        assert [one["frame"] for one in images] == numbers and images[0]["file_name"].endswith(f"_{first:06d}.jpg")
        rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
        assert [int(row["frame"]) for row in rows] == [line["frame"] for line in lines for _ in line["detections"]]
