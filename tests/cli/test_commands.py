"""Every command on a real picture, with no display; the shapes of JSON that the README promises."""

import csv
import io
import json

import numpy as np
import pytest

from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path, video_frames
from explorer.picture.stills import read_rgb, write_png
from explorer.requests.network import DetectRequest


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def explorer(capfd):
    """Run a command; returns (exit code, JSON lines of standard output)."""

    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return code, [json.loads(line) for line in said.out.splitlines()]

    return run


@pytest.fixture(scope="module")
def coffee_png(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "coffee.png"
    write_png(path, read_rgb(sample_path("coffee")), {})
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A short video of the coffee, 320 x 240."""
    from explorer.picture.clip import Clip
    from explorer.picture.video import VideoWriter

    clip = Clip(read_rgb(sample_path("coffee")), (320, 240), 6)
    path = tmp_path_factory.mktemp("film") / "coffee.mp4"
    with VideoWriter(path, 10, (320, 240)) as writer:
        for index in range(6):
            writer.write(clip.frame(index))
    return path


def test_classify(explorer, coffee_png, tmp_path):
    code, lines = explorer("classify", "efficientnet_lite0", coffee_png, "--json", "-o", tmp_path / "t.csv")
    assert code == 0
    assert list(lines[0]) == ["top"]
    assert len(lines[0]["top"]) == 5
    best = lines[0]["top"][0]
    assert (best["index"], best["label"]) == (967, "espresso")
    assert 0.5 < best["score"] <= 1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text())))
    assert [row["label"] for row in rows] == [item["label"] for item in lines[0]["top"]]


def test_filters(explorer, tmp_path):
    code, lines = explorer("filters", "squeezenet1_1", "-o", tmp_path / "f.png", "--json")
    assert code == 0
    assert lines[0]["tiles"] == 64
    sheet = read_rgb(tmp_path / "f.png")
    assert sheet.std(axis=(0, 1)).min() > 10
    assert b"Recipe" in (tmp_path / "f.png").read_bytes()[:2000]


def test_filters_as_numbers(explorer, tmp_path):
    assert explorer("filters", "lenet5", "-o", tmp_path / "f.npz", "--json")[0] == 0
    with np.load(tmp_path / "f.npz", allow_pickle=False) as kept:
        assert kept["values"].shape[0] == 6


def test_activations(explorer, coffee_png, tmp_path):
    args = ("activations", "efficientnet_lite0", coffee_png, "--layer", "blocks.3")
    assert explorer(*args, "-o", tmp_path / "a.png", "--json")[0] == 0
    code, lines = explorer(*args, "-o", tmp_path / "a.csv", "--json")
    assert (code, lines[0]["layer"], lines[0]["tiles"]) == (0, "blocks.3", 40)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert sorted(int(row["channel"]) for row in rows) == list(range(40))
    assert len({row["mean"] for row in rows}) > 30


def test_dream_grows_and_the_seed_repeats_the_bytes(explorer, tmp_path):
    args = ("dream", "squeezenet1_1", "--layer", "features.6", "--channel", "5", "--steps", "12", "--size", "96", "--json")
    code, lines = explorer(*args, "--seed", "0", "-o", tmp_path / "one.png")
    assert code == 0
    assert lines[0]["after"] >= 5 * lines[0]["before"]
    explorer(*args, "--seed", "0", "-o", tmp_path / "two.png")
    explorer(*args, "--seed", "1", "-o", tmp_path / "three.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert not np.array_equal(read_rgb(tmp_path / "one.png"), read_rgb(tmp_path / "three.png"))


def test_dream_on_a_picture_as_an_animation(explorer, coffee_png, tmp_path):
    args = ("--picture", coffee_png, "--steps", "3", "--octaves", "2", "--size", "96", "-o", tmp_path / "d.gif", "--json")
    code, lines = explorer("dream", "squeezenet1_1", "--layer", "features.6", *args)
    assert (code, lines[0]["start"]) == (0, "picture")
    assert (tmp_path / "d.gif").read_bytes().startswith(b"GIF89a")
    assert explorer("dream", "squeezenet1_1", "--start", "picture", "-o", tmp_path / "d.png")[0] == 2


def test_detect_a_video(explorer, film, tmp_path):
    code, lines = explorer(
        "detect", film, "--model", "yolov3_tiny", "--json", "-o", tmp_path / "out.mp4", "--frames", "4", "--confidence", "0.2"
    )
    assert code == 0
    assert [line["frame"] for line in lines] == [0, 1, 2, 3]
    assert all(list(line) == ["frame", "time", "size", "detections"] for line in lines)
    assert [line["time"] for line in lines] == [0.0, 0.1, 0.2, 0.3] and lines[0]["size"] == [320, 240]
    found = [item for line in lines for item in line["detections"]]
    assert "cup" in {item["label"] for item in found}
    engine = Engine(threads=2)
    for line, frame in zip(lines, video_frames(film, 4), strict=True):  # what the film's own pixels say, frame by frame
        record = result_of(DetectRequest(confidence=0.2), Work(engine, frame))
        assert [item["label"] for item in line["detections"]] == [record.label(at) for at in range(len(record))]
        assert [item["score"] for item in line["detections"]] == pytest.approx(record.score.tolist(), abs=0.01)
    for item in found:
        assert list(item) == ["label", "score", "xyxy"]
        x0, y0, x1, y1 = item["xyxy"]
        assert 0 <= x0 < x1 <= 320
        assert 0 <= y0 < y1 <= 240

    assert len(list(video_frames(tmp_path / "out.mp4"))) == 4


def test_detect_pictures_into_a_folder_and_a_table(explorer, coffee_png, tmp_path):
    code, lines = explorer("detect", coffee_png, sample_path("chelsea"), "--json", "-o", f"{tmp_path}/boxes/")
    assert code == 0
    assert [line["file"] for line in lines] == [str(coffee_png), str(sample_path("chelsea"))]
    assert sorted(path.name for path in (tmp_path / "boxes").iterdir()) == ["chelsea.png", "coffee.png"]
    low = ("--confidence", "0.05")
    few = explorer("detect", coffee_png, "--json")[1][0]["detections"]
    code, lines = explorer("detect", coffee_png, "--json", *low, "-o", tmp_path / "boxes.csv")
    assert len(lines[0]["detections"]) > len(few) >= 1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "boxes.csv").read_text())))
    assert [row["label"] for row in rows] == [item["label"] for item in lines[0]["detections"]]


def test_segment(explorer, tmp_path):
    cat = sample_path("chelsea")
    code, lines = explorer("segment", cat, "--model", "u2netp", "-o", tmp_path / "m.png", "--json")
    assert (code, lines[0]["size"]) == (0, [451, 300])
    mask = read_rgb(tmp_path / "m.png")
    assert mask.shape == (300, 451, 3)
    assert abs((mask[..., 0] > 127).mean() - lines[0]["share"]) < 0.01
    assert mask[150, 200, 0] > 200 > 60 > mask[10, 10, 0]


def test_race(explorer, tmp_path):
    six = "gd,momentum,nesterov,adagrad,rmsprop,adam"
    args = ("race", "saddle", "--optimizers", six, "--start=-1,0.001", "--steps", "300", "--json")
    code, lines = explorer(*args, "-o", tmp_path / "race.gif", "--frames", "6")
    assert code == 0
    assert lines[0]["surface"] == "saddle"
    runs = lines[0]["runs"]
    assert [run["optimizer"] for run in runs] == six.split(",")
    for run in runs:
        assert {"optimizer", "end", "value", "steps", "status"} <= set(run)
        assert len(run["end"]) == 2
    assert (tmp_path / "race.gif").read_bytes().startswith(b"GIF89a")
    explorer(*args, "-o", tmp_path / "race.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "race.csv").read_text())))
    assert rows[0] == ["optimizer", "step", "x", "y", "value"]
    assert rows[1][:4] == ["gd", "0", "-1.0", "0.001"]
    last = {row[0]: row for row in rows[1:]}
    for run in runs:
        assert [float(last[run["optimizer"]][2]), float(last[run["optimizer"]][3])] == run["end"]
        assert int(last[run["optimizer"]][1]) == run["steps"]


@pytest.mark.parametrize("ending", ["mp4", "png", "npz"])
def test_race_in_every_form(explorer, tmp_path, ending):
    target = tmp_path / f"race.{ending}"
    assert explorer("race", "himmelblau", "--steps", "20", "--frames", "3", "--json", "-o", target)[0] == 0
    assert target.stat().st_size > 1000


def test_models(explorer, tmp_path):
    code, lines = explorer("models", "squeezenet1_1", "lenet5", "--json")
    assert code == 0
    assert [line["name"] for line in lines] == ["squeezenet1_1", "lenet5"]
    for line in lines:
        assert isinstance(line["weights"], str)
        assert all({"name", "kind", "shape"} <= set(layer) for layer in line["layers"])
    assert lines[0]["layers"][0] == {"name": "features.0", "kind": "Conv2d", "shape": [64, 113, 113]}


def test_weights_file_flag(explorer, coffee_png, tmp_path):
    bad = tmp_path / "bad.pth"
    bad.write_bytes(b"<html>not weights</html>" * 50)
    assert explorer("classify", "squeezenet1_1", coffee_png, "--weights", bad, "--json") == (4, [])
    code, lines = explorer("classify", "squeezenet1_1", coffee_png, "--weights", "random", "--exact", "--json")
    assert code == 0
    assert lines[0]["top"][0]["score"] < 0.5


def test_a_device_that_is_not_there_is_said_once(capfd):
    assert run_program(["filters", "lenet5", "--device", "nonsuch", "--json"], restore=True) == 0
    said = capfd.readouterr()
    assert json.loads(said.out)["tiles"] == 6
    assert said.err.count("nonsuch") == 1


def test_weights_list(explorer):
    code, lines = explorer("weights", "--json")
    assert code == 0
    states = {line["name"]: line["state"] for line in lines}
    assert {states[name] for name in ("squeezenet1_1", "efficientnet_lite0", "yolov3_tiny", "u2netp")} == {"cached"}
    assert explorer("weights", "nothing-such", "--json") == (2, [])


def test_plugins(explorer):
    code, lines = explorer("plugins", "--json")
    assert code == 0
    assert len(lines) >= 2
    assert all(line["error"] is None for line in lines)
