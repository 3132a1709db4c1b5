"""`explorer landscape`: map, path, files; the same numbers as the record; errors in words."""

import json

import numpy as np
import pytest

from explorer.cli.landscape import shape
from explorer.cli.media import still
from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.requests.landscape import DescentRequest, LandscapeRequest

SMALL = {"model": "lenet5", "size": 9, "views": 2}
FLAGS = ("--size", "9", "--views", "2")


def explorer(capfd, *args):
    code = run_program([str(arg) for arg in args], restore=True)
    out = capfd.readouterr()
    return code, out.out, out.err


def test_map_and_path(capfd, tmp_path):
    args = ("landscape", "lenet5", "coffee", *FLAGS, "--descend", "Adam(lr=0.002)", "--steps", "5")
    code, out, _ = explorer(capfd, *args, "--json", "-o", tmp_path / "loss.npz")
    assert code == 0
    told = json.loads(out)
    work = Work(Engine(threads=2), still("coffee"))
    record = result_of(LandscapeRequest(**SMALL), work)
    path = result_of(DescentRequest(**SMALL, method="Adam(lr=0.002)", steps=5), work)
    known = json.loads(json.dumps(shape(record, path)))
    np.testing.assert_allclose(told["z"], known["z"], rtol=1e-4)
    np.testing.assert_allclose(told["path"]["distance"], known["path"]["distance"], rtol=1e-3, atol=1e-6)
    assert told["path"]["method"] == "torch.Adam(lr=0.002)" and told["target"] == known["target"]
    with np.load(tmp_path / "loss.npz") as kept:
        np.testing.assert_allclose(kept["path_values"], told["path"]["values"], rtol=1e-5)
        assert kept["z"].shape == (9, 9)
    for name in ("loss.png", "path.csv"):
        code, out, _ = explorer(capfd, *args, "-o", tmp_path / name)
        assert code == 0 and "away from the plane" in out
    lines = (tmp_path / "path.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "step,x,y,loss,loss_on_plane,distance" and len(lines) == 7


def test_the_same_seed_gives_the_same_bytes(capfd, tmp_path):
    for name in ("a.png", "b.png"):
        assert explorer(capfd, "landscape", "lenet5", *FLAGS, "--seed", "4", "-o", tmp_path / name)[0] == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("--descend", "Adm"), 2, "no class Adm"),
        (("--target", "5000"), 2, "no class 5000"),
        (("--size", "4"), 2, "size"),
        (("-o", "x.mp4"), 2, "ending"),
    ],
)
def test_what_is_wrong_is_said(capfd, args, code, said):
    found, _, err = explorer(capfd, "landscape", "lenet5", "coffee", *args)
    assert found == code and said in err
