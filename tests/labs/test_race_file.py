import csv
import io
import json

import av
import numpy as np
import pytest
from PIL import Image

from explorer.cli.program import run_program
from explorer.jobs import Progress, Result, result_of, run
from explorer.records.errors import ExplorerError
from explorer.requests.race import RaceExportRequest, RaceRequest, TorchRaceExportRequest, export_of, torch_part


def export(path, **fields):
    return result_of(RaceExportRequest(path=str(path), surface="saddle", frames=6, width=320, height=240, **fields))


@pytest.mark.parametrize("ending", [".gif", ".mp4"])
def test_films_have_the_frames_asked_for(tmp_path, ending):
    path = tmp_path / f"race{ending}"
    assert export(path) == str(path)
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) == 6 and frames[0].shape == (240, 320, 3) and (frames[0] != frames[-1]).any()


def test_a_picture_carries_its_recipe(tmp_path):
    path = tmp_path / "race.png"
    export(path, optimizers=("gd", "adam"))
    with Image.open(path) as picture:
        assert picture.size == (320, 240)
        assert json.loads(picture.text["explorer-request"])["optimizers"] == ["gd", "adam"]
    export(tmp_path / "race.jpg")
    with Image.open(tmp_path / "race.jpg") as picture:
        assert picture.size == (320, 240)


def test_a_table_has_every_step(tmp_path):
    path = tmp_path / "race.csv"
    export(path, optimizers=("gd",), steps=10)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "optimizer,step,x,y,value" and len(lines) == 12 and lines[1] == "gd,0,-1.0,0.001,0.999999"


def test_the_same_request_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        export(tmp_path / f"{name}.gif")
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_progress_is_told_and_a_cancelled_export_leaves_the_old_file(tmp_path):
    path = tmp_path / "race.gif"
    path.write_bytes(b"old")
    steps = run(RaceExportRequest(path=str(path), frames=20, width=320, height=240))
    told = [next(step for step in steps if isinstance(step, Progress) and step.text == "frames")]
    assert told[0].total == 20
    steps.close()
    assert path.read_bytes() == b"old" and [item.name for item in tmp_path.iterdir()] == ["race.gif"]


def test_another_ending_is_refused_with_the_ones_there_are(tmp_path):
    with pytest.raises(ExplorerError, match=r"cannot be written as \.bmp; it can be \.gif"):
        export(tmp_path / "race.bmp")
    assert not list(tmp_path.iterdir())
    assert isinstance(list(run(RaceExportRequest(path=str(tmp_path / "x.csv"), steps=2)))[-1], Result)


@pytest.mark.parametrize("ending", ["svg", "csv", "npz", "png", "gif"])
def test_classes_of_torch_are_in_the_file_from_the_window_and_from_the_command_line(tmp_path, ending):
    race = RaceRequest(surface="saddle", optimizers=("gd", "adam"), torch=("SGD(lr=0.02, momentum=0.9)",), steps=20)
    request = export_of(race, str(tmp_path / f"window.{ending}"), frames=3)
    assert isinstance(request, TorchRaceExportRequest) and request.place == "engine"
    result_of(request)
    args = ["race", "saddle", "--optimizers", "gd,adam", "--torch", race.torch[0], "--steps", "20", "--frames", "3"]
    assert run_program([*args, "-o", str(tmp_path / f"cli.{ending}")], restore=True) == 0
    saved = (tmp_path / f"window.{ending}").read_bytes()
    assert saved == (tmp_path / f"cli.{ending}").read_bytes()
    (theirs,) = result_of(torch_part(race)).runs
    if ending == "svg":
        assert theirs.optimizer in saved.decode()
    elif ending == "csv":
        rows = [line for line in csv.reader(saved.decode().splitlines()) if line[0] == theirs.optimizer]
        assert [[float(x), float(y)] for _, _, x, y, _ in rows] == theirs.points.tolist()
    elif ending == "npz":
        np.testing.assert_array_equal(np.load(io.BytesIO(saved))[f"{theirs.optimizer}_points"], theirs.points)
    else:
        result_of(export_of(race.model_copy(update={"torch": ()}), str(tmp_path / f"bare.{ending}"), frames=3))
        assert saved != (tmp_path / f"bare.{ending}").read_bytes()


def test_without_torch_s_child_the_others_are_written(tmp_path):
    export(tmp_path / "race.csv", optimizers=("gd",), torch=("SGD",), steps=4)
    assert "torch" not in (tmp_path / "race.csv").read_text()
