"""`explorer contest`: the command, the Python call and the card are one; same seed, same bytes; clear errors."""

import json

import pytest

from explorer.cli.contest_shapes import task, turned
from explorer.cli.program import run_program
from explorer.jobs import result_of
from explorer.records.contest_card import card, card_text
from explorer.requests.contest import ContestRequest, TaskRequest, TurnedRequest

SMALL = ("--budget", "100", "--trials", "6", "--seeds", "4", "--tuning-seeds", "2")


@pytest.fixture
def explorer(capfd):
    """Run a command; returns (exit code, standard output, standard error)."""

    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return code, said.out, said.err

    return run


def plain(value):
    return json.loads(json.dumps(value))


def test_the_command_and_the_call_are_one(explorer, tmp_path):
    args = ("contest", "quadratic", "--set", "condition=9", "--optimizers", "gd,cg", *SMALL, "--noise", "0.2", "--start=-2,1")
    code, out, _ = explorer(*args, "--json", "-o", tmp_path / "a.json", "-o", tmp_path / "a.png")
    request = ContestRequest(
        surface="quadratic", values={"condition": 9.0}, optimizers=("gd", "cg"), budget=100, trials=6, seeds=4, tuning_seeds=2,
        noise=0.2, start=(-2.0, 1.0),
    )  # fmt: skip
    record = result_of(request)
    assert code == 0 and json.loads(out) == plain(card(record))
    assert (tmp_path / "a.json").read_text() == card_text(record)
    assert explorer(*args, "-o", tmp_path / "b.json", "-o", tmp_path / "b.png")[0] == 0
    for ending in ("json", "png"):
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_a_card_is_run_again(explorer, tmp_path):
    explorer("contest", "--formula", "x^2 + a y^2", "--set", "a=4", "--optimizers", "gd,adam", *SMALL, "-o", tmp_path / "a.png")
    code, out, _ = explorer("contest", "--card", tmp_path / "a.png", "-o", tmp_path / "b.json", "-o", tmp_path / "b.png")
    assert code == 0 and "to the last digit" in out
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    told = json.loads((tmp_path / "b.json").read_text())
    told["target"] *= 2
    (tmp_path / "c.json").write_text(json.dumps(told, indent=1))
    code, out, _ = explorer("contest", "--card", tmp_path / "c.json")
    assert code == 1 and "otherwise: target" in out


def test_the_lesson_and_the_tasks(explorer, tmp_path):
    code, out, _ = explorer(
        "contest", "--lesson", "rotation", "--optimizers", "gd,adagrad", "--angles", "2", *SMALL, "--json",
        "-o", tmp_path / "t.csv", "-o", tmp_path / "t.png", "-o", tmp_path / "t.txt", "-o", tmp_path / "t.json",
    )  # fmt: skip
    request = TurnedRequest(optimizers=("gd", "adagrad"), angles=2, budget=100, trials=6, seeds=4, tuning_seeds=2)
    assert code == 0 and json.loads(out) == plain(turned(result_of(request))) == json.loads((tmp_path / "t.json").read_text())
    assert (tmp_path / "t.csv").read_text().splitlines()[0] == "optimizer,angle,low,median,high"
    code, out, _ = explorer("contest", "--task", "3", "--seed", "1", "--json")
    record = result_of(TaskRequest(number=3, seed=1))
    assert code == 0 and json.loads(out) == plain(task(record)) and 0 <= record.answer < 4
    code, out, _ = explorer("contest", "--task", "3", "--seed", "1")
    assert code == 0 and "Answer: " in out and "  A  " in out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "Name a SURFACE"),
        (("quadratic", "--task", "1"), "Name a SURFACE"),
        (("quadratic", "--angles", "3"), "--angles: only with --lesson"),
        (("--task", "1", "--noise", "0.5"), "--noise: not with --task"),
        (("--task", "99"), "99"),
        (("--lesson", "rotation", "--batch", "3"), "--batch: not with --lesson"),
        (("--lesson", "upside-down"), "upside-down"),
        (("quadratic", "--optimizers", "gd,gd"), "twice"),
        (("quadratic", "--optimizers", "gdd", *SMALL), "gd"),
        (("quadrati", *SMALL), "quadratic"),
        (("quadratic", "-o", "card.gif"), ".gif"),
        (("quadratic", "--share", "2"), "--share"),
        (("quadratic", "--target", "1e9", *SMALL), "nobody has to move"),
    ],
)
def test_errors_are_said(explorer, args, said):
    code, out, err = explorer("contest", *args)
    assert code == 2 and said in err and not out


def test_a_file_that_is_no_card(explorer, tmp_path):
    for name, data in (("a.json", b"{}"), ("b.json", b"\xff\xfe"), ("c.png", b"no picture")):
        (tmp_path / name).write_bytes(data)
        code, _, err = explorer("contest", "--card", tmp_path / name)
        assert code == 2 and "no card" in err
    assert explorer("contest", "--card", tmp_path / "none.json")[0] == 2
