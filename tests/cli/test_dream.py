"""`explorer dream`: the same record as in Python, goals, recipes that repeat the bytes, films, what Ctrl-C leaves."""

import json
import signal

import numpy as np
import pytest

from explorer.cli.goals import Goals, words
from explorer.cli.program import run_program
from explorer.cli.running import Bar
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import png_text, read_rgb, write_png
from explorer.records.frame import Frame
from explorer.requests.dream import ChannelsRequest, DreamRequest
from explorer.requests.goals import Goal

NET = ("dream", "squeezenet1_1", "--weights", "random", "--layer", "features.3")
QUICK = ("--steps", "4", "--size", "64")


@pytest.fixture
def explorer(capfd):
    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return code, [json.loads(line) for line in said.out.splitlines() if line.startswith("{")], said

    return run


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=1)


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("features.6:5", Goal(layer="features.6", channel=5)),
        ("features.6:5*0.5", Goal(layer="features.6", channel=5, weight=0.5)),
        ("features.6*-2", Goal(layer="features.6", weight=-2.0)),
        (":7", Goal(channel=7)),
        ("class=:281", Goal(objective="class", channel=281)),
        ("features.6:5@3,4", Goal(objective="neuron", layer="features.6", channel=5, y=3, x=4)),
        ("direction=a.b:0.5,-1,2*3", Goal(objective="direction", layer="a.b", direction=(0.5, -1, 2), weight=3.0)),
        ("cosine=a:1,0", Goal(objective="cosine", layer="a", direction=(1.0, 0.0))),
    ],
)
def test_goals_are_written_as_they_are_read(text, goal):
    assert Goals().convert(text, None, None) == goal
    assert Goals().convert(words(goal), None, None) == goal


def test_the_command_gives_the_record_of_the_python_call(explorer, engine, tmp_path):
    goals = ("--goal", "features.3:5", "--goal", "features.4:2*0.5")
    code, lines, _ = explorer(*NET, *QUICK, *goals, "-o", tmp_path / "a.png", "--json")
    chosen = (Goal(layer="features.3", channel=5), Goal(layer="features.4", channel=2, weight=0.5))
    request = DreamRequest(weights="random", layer="features.3", steps=4, size=64, goals=chosen)
    record = result_of(request, Work(engine=engine))
    np.testing.assert_array_equal(read_rgb(tmp_path / "a.png"), record.rgb)
    assert code == 0 and lines[0] == json.loads(json.dumps(record.facts))


def test_a_picture_is_its_own_recipe(explorer, tmp_path):
    one, two, three = (tmp_path / name for name in ("one.png", "two.png", "three.png"))
    more = ("--batch", "2", "--canvas", "pixels", "--seed", "9", "--goal", ":3*2")
    explorer(*NET, *QUICK, *more, "-o", one, "--save-recipe", tmp_path / "r.json")
    assert explorer("dream", "--recipe", one, "-o", two)[0] == 0
    assert explorer("dream", "--recipe", tmp_path / "r.json", "-o", three)[0] == 0
    assert one.read_bytes() == two.read_bytes() == three.read_bytes()
    assert explorer("dream", "--recipe", one, "--seed", "10", "-o", two)[0] == 0  # what is said goes before
    assert json.loads(png_text(two.read_bytes())["Recipe"])["request"]["seed"] == 10
    assert one.read_bytes() != two.read_bytes()


def test_a_recipe_knows_its_picture(explorer, tmp_path):
    here = tmp_path / "cat.png"
    write_png(here, read_rgb(sample_path("chelsea"))[::2, ::2], {})
    args = ("--picture", here, "--octaves", "1", *QUICK)
    explorer(*NET, *args, "-o", tmp_path / "a.png", "--save-recipe", tmp_path / "r.json")
    assert explorer("dream", "--recipe", tmp_path / "r.json", "-o", tmp_path / "b.png")[0] == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    code, _, said = explorer("dream", "--recipe", tmp_path / "a.png", "-o", tmp_path / "c.png")
    assert code == 2 and "--picture" in said.err  # the PNG names the picture, but not where it lies
    code, _, said = explorer("dream", "--recipe", tmp_path / "r.json", "--picture", "coffee", "-o", tmp_path / "c.png")
    assert code == 0 and "another picture" in said.err


def test_what_the_window_wrote_is_a_recipe_too(explorer, tmp_path):
    request = DreamRequest(weights="random", layer="features.3", channel=4, steps=2, size=64, seed=3).model_dump(mode="json")
    explorer(*NET, *QUICK, "--steps", "2", "--channel", "4", "--seed", "3", "-o", tmp_path / "want.png")
    blank = np.zeros((4, 4, 3), np.uint8)
    write_png(tmp_path / "facts.png", blank, {"explorer-facts": json.dumps({"layer": "ő", "request": request})})
    write_png(tmp_path / "request.png", blank, {"explorer-request": json.dumps(request)})
    (tmp_path / "w.json").write_text(json.dumps({"explorer-recipe": 1, "session": {}, "facts": {"request": request}}))
    for name in ("facts.png", "request.png", "w.json"):
        assert explorer("dream", "--recipe", tmp_path / name, "-o", tmp_path / "got.png")[0] == 0
        assert (tmp_path / "got.png").read_bytes() == (tmp_path / "want.png").read_bytes()


@pytest.mark.parametrize("ending", ["gif", "mp4"])
def test_a_film_has_the_pictures_of_the_flight(explorer, tmp_path, ending):
    from explorer.picture.sources import video_frames

    path = tmp_path / f"film.{ending}"
    args = ("--picture", "coffee", "--octaves", "1", "--frames", "3", "--turn", "2", *QUICK)
    code, lines, _ = explorer(*NET, *args, "-o", path, "--json")
    frames = list(video_frames(path))
    assert code == 0 and len(frames) == 3 and lines[0]["request"]["frames"] == 3
    assert frames[0].rgb.shape[1] == 64


def test_the_channel_by_response(explorer, engine, tmp_path):
    args = ("--picture", "coffee", "--octaves", "1", "--channel", "auto", *QUICK)
    _, lines, _ = explorer(*NET, *args, "--json")
    frame = Frame(read_rgb(sample_path("coffee")))
    best = result_of(ChannelsRequest(weights="random", layer="features.3"), Work(engine=engine, frame=frame))
    assert lines[0]["channel"] == int(best.channels[0])


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("dream",), "Which network"),
        (("dream", "squeezenet1_1", "--channel", "auto"), "--picture"),
        (("dream", "squeezenet1_1", "--channel", "many"), "auto"),
        (("dream", "squeezenet1_1", "--goal", "a:b:c"), "[OBJECTIVE=]"),
        (("dream", "squeezenet1_1", "--goal", ":1*1000"), "[OBJECTIVE=]"),
        (("dream", "squeezenet1_1", "--save-recipe", "r.txt"), ".json"),
        ((*NET, "--mix", "interpolate", "--channel", "1"), "two goals"),
    ],
)
def test_wrong_use_is_explained(explorer, args, word):
    code, _, said = explorer(*args)
    assert code == 2 and word in said.err


@pytest.mark.parametrize("content", [b"{}", b"[1]", b'{"request": {"steps": -1}}', b"\xff\x00", b'{"request": 3}'], ids=str)
def test_files_without_a_recipe_are_refused(explorer, tmp_path, content):
    (tmp_path / "r.json").write_bytes(content)
    code, _, said = explorer("dream", "--recipe", tmp_path / "r.json")
    assert code == 3 and "no recipe" in said.err
    write_png(tmp_path / "r.png", np.zeros((4, 4, 3), np.uint8), {"Recipe": content.decode("latin-1")})
    assert explorer("dream", "--recipe", tmp_path / "r.png")[0] == 3


def test_ctrl_c_keeps_the_newest_picture(explorer, tmp_path, monkeypatch):
    path = tmp_path / "d.png"
    pressed = []

    def press(self, done, total, note=""):
        if done >= 1 and not pressed:  # once: the second one would end this process, wherever it is by then
            pressed.append(done)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Bar, "show", press)
    code, _, _ = explorer(*NET, "--steps", "4096", "--size", "64", "-o", path)
    assert code == 130 and read_rgb(path).shape == (64, 64, 3)
    assert json.loads(png_text(path.read_bytes())["Recipe"])["done"] >= 1
