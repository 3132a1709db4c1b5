"""Surgery by options and by file, the ranking of channels and the kernel, each the same as the Python call."""

import csv
import json

import click
import numpy as np
import pytest

from explorer.cli.flags import build, request_flags
from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import png_text, read_rgb
from explorer.records.frame import Frame
from explorer.requests.ablation import AblateRequest
from explorer.requests.kernel import KernelRequest
from explorer.requests.network import ClassifyRequest
from explorer.requests.surgery import Edit, SurgeryFile

SOBEL = (-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0)


@pytest.fixture
def explorer(capfd):
    """Run a command; returns (exit code, standard output, standard error)."""

    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return code, said.out, said.err

    return run


@pytest.fixture(scope="module")
def frame():
    return Frame(read_rgb(sample_path("coffee")), source="coffee")


def parse(*args, model=ClassifyRequest):
    kept = {}

    @click.command()
    @request_flags(model)
    def command(**values):
        kept.update(values)

    command.main(list(args), standalone_mode=False)
    return build(model, kept)


def test_every_form_of_edit(tmp_path):
    got = parse(
        *(
            "--replace-kernel",
            "features.0:5:1=-1,0,1/-2,0,2/-1,0,1",
            "--replace-kernel",
            "features.0:6=sobel_x",
            "--swap",
            "a.b:3,4",
        ),
        *("--mute", "features.3:1,2,7-9", "--mute", "x:0", "--keep", "features.6:5", "--rescale", "features.9:3*-0.5"),
    )
    assert got.surgery == (
        Edit(kind="mute", layer="features.3", channels=(1, 2, 7, 8, 9)),
        Edit(kind="mute", layer="x", channels=(0,)),
        Edit(kind="keep", layer="features.6", channels=(5,)),
        Edit(kind="scale", layer="features.9", channels=(3,), factor=-0.5),
        Edit(kind="swap", layer="a.b", channels=(3, 4)),
        Edit(kind="kernel", layer="features.0", channels=(5,), input_channel=1, rows=3, columns=3, numbers=SOBEL),
        Edit(kind="kernel", layer="features.0", channels=(6,), rows=3, columns=3, numbers=SOBEL),
    )
    path = tmp_path / "cuts.json"
    path.write_text(SurgeryFile(model="squeezenet1_1", surgery=got.surgery).text())
    assert parse("--surgery", str(path)).surgery == got.surgery
    assert parse("--surgery", str(path), "--mute", "z:1").surgery == (*got.surgery, Edit(kind="mute", layer="z", channels=(1,)))


BAD = [
    ("--mute", "features.3"),
    ("--mute", "features.3:"),
    ("--mute", ":3"),
    ("--mute", "features.3:-1"),
    ("--mute", "features.3:0-99999999"),
    ("--swap", "features.3:1"),
    ("--rescale", "features.3:1*nan"),
    ("--rescale", "features.3:1*1e9"),
    ("--replace-kernel", "features.0:1=1,2/3"),
    ("--replace-kernel", "features.0=1"),
    ("--replace-kernel", "features.0:1=sobel_z"),
    ("--replace-kernel", "features.0:1=gaussian@4"),
    ("--surgery", "nowhere.json"),
]


@pytest.mark.parametrize(("option", "text"), BAD)
def test_bad_edits_are_usage_errors(option, text):
    with pytest.raises(click.UsageError) as error:
        parse(option, text)
    assert len(error.value.format_message()) < 300


def test_bad_files(tmp_path):
    for content in ("", "[]", '{"surgery": [{"kind": "cut"}]}', '{"surgery": 3}', "\0", "\udcff"):
        path = tmp_path / "bad.json"
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(click.UsageError, match="no surgery file"):
            parse("--surgery", str(path))


def test_classify_with_surgery(explorer, frame):
    edits = (
        Edit(kind="mute", layer="features.12", channels=(395, 311)),
        Edit(kind="scale", layer="features.3", channels=(5,), factor=2),
    )
    code, out, _ = explorer(
        "classify", "squeezenet1_1", "coffee", "--json", "--mute", "features.12:395,311", "--rescale", "features.3:5*2"
    )
    record = result_of(ClassifyRequest(surgery=edits), Work(Engine(threads=2), frame))
    assert code == 0
    top = json.loads(out)["top"]
    assert [one["label"] for one in top] == [one.label for one in record.top]
    assert [one["score"] for one in top] == pytest.approx([one.score for one in record.top], rel=1e-4)
    code, _, said = explorer("classify", "squeezenet1_1", "coffee", "--mute", "features.12:512")
    assert code == 2 and "no channel 512" in said
    code, _, said = explorer("dream", "squeezenet1_1", "--mute", "nowhere:1", "--steps", "1")
    assert code == 2 and "no layer" in said


def test_a_saved_picture_carries_the_surgery(explorer, tmp_path):
    target = tmp_path / "maps.png"
    code, _, _ = explorer(
        "activations", "squeezenet1_1", "coffee", "--layer", "features.3", "--keep", "features.1:2", "-o", target
    )
    said = json.loads(png_text(target.read_bytes())["Recipe"])
    assert (
        code == 0
        and said["surgery"] == [{"kind": "keep", "layer": "features.1", "channels": [2]}]
        and said["layer"] == "features.3"
    )


def test_ablate(explorer, frame, tmp_path):
    table = tmp_path / "t.csv"
    code, out, _ = explorer(
        *("ablate", "squeezenet1_1", "coffee", "--layer", "features.12.expand1x1", "--class", "Espresso", "--json", "-o", table)
    )
    said = json.loads(out)
    record = result_of(AblateRequest(layer="features.12.expand1x1", class_index=967), Work(Engine(threads=2), frame))
    assert code == 0 and said["label"] == "espresso" and said["class_index"] == 967 and said["together_count"] == 5
    assert [one["channel"] for one in said["channels"][:5]] == record.channels[:5].tolist()
    assert said["together"] == pytest.approx(record.together, rel=1e-4)
    with table.open(newline="") as handle:
        lines = list(csv.DictReader(handle))
    assert len(lines) == 256 and lines[0]["rank"] == "1" and int(lines[0]["channel"]) == record.channels[0]
    assert float(lines[0]["probability_drop"]) == pytest.approx(record.drop(0), abs=1e-6)
    code, out, _ = explorer("ablate", "squeezenet1_1", "coffee", "--layer", "features.2")
    assert code == 0 and "without the first 5 together" in out
    code, _, error = explorer("ablate", "squeezenet1_1", "coffee", "--class", "expresso")
    assert code == 2 and "espresso" in error


def test_kernel(explorer, frame, tmp_path):
    target = tmp_path / "edges.png"
    code, out, _ = explorer(
        "kernel", "coffee", "--numbers", "-1,0,1/-2,0,2/-1,0,1", "--display", "absolute", "-o", target, "--json"
    )
    record = result_of(KernelRequest(display="absolute"), Work(frame=frame))
    assert code == 0 and json.loads(out)["numbers"] == list(SOBEL) == record.facts["numbers"]
    assert np.array_equal(read_rgb(target), record.rgb) and json.loads(png_text(target.read_bytes())["Recipe"])["rows"] == 3
    code, out, _ = explorer("kernel", "coffee", "--preset", "filter", "--channel", "3")
    assert code == 0 and "answers from" in out
    code, _, error = explorer("kernel", "coffee", "--numbers", "1,2/3")
    assert code == 2 and "rows of one length" in error
