"""`explorer race mlp_plane --all-weights`: the record's numbers, files, and what has no larger space is refused."""

import json

from explorer.cli.program import run_program
from explorer.cli.race_space import shape
from explorer.jobs import result_of
from explorer.requests.neural import FullSpaceRequest

ASKED = ("race", "mlp_plane", "--all-weights", "--optimizers", "gd,adam", "--steps", "8", "--resolution", "16")


def test_the_command_says_what_the_record_says(capfd, tmp_path):
    assert run_program([*ASKED, "--json", "-o", str(tmp_path / "p.csv")], restore=True) == 0
    told = json.loads(capfd.readouterr().out)
    record = result_of(FullSpaceRequest(surface="mlp_plane", optimizers=("gd", "adam"), steps=8, resolution=16))
    assert told == json.loads(json.dumps(shape(record)))
    assert told["weights"] == 105 and told["paths"][1]["distance"][-1] > 0.1 > told["paths"][1]["distance"][0]
    assert len((tmp_path / "p.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * 9
    for name in ("a.png", "b.png", "p.npz"):
        assert run_program([*ASKED, "-o", str(tmp_path / name)], restore=True) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert "from the plane" in capfd.readouterr().out


def test_a_surface_that_is_no_plane_in_a_larger_space_is_refused(capfd):
    assert run_program(["race", "saddle", "--all-weights"], restore=True) == 2
    assert "not a plane in a larger space" in capfd.readouterr().err
