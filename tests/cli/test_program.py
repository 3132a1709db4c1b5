"""The group of commands: lazy, translated, with the right exit codes."""

import os
import subprocess
import sys

import pytest

from explorer.cli.program import COMMANDS, run_program

HEAVY = ("torch", "PySide6", "pyqtgraph", "cv2", "numpy", "openvino", "av", "pydantic", "shiboken6")

WATCH = """
import sys
from explorer.cli import main
code = main({args!r})
print("HEAVY", [name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""


def child(*args, code=None, **kwargs):
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "explorer", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, **kwargs)


@pytest.mark.parametrize("args", [["--help"], ["--version"], []], ids=["help", "version", "no display"])
def test_start_imports_nothing_heavy(args):
    plain = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = child(code=WATCH.format(args=args, heavy=HEAVY), env=plain)
    assert "HEAVY []" in done.stderr
    assert done.returncode == (0 if args else 5)


@pytest.mark.parametrize(
    "name", ["race", "classify", "detect", "dream", "filters", "models", "weights", "cameras", "doctor", "tour"]
)
def test_help_of_a_command_imports_neither_torch_nor_qt(name):
    done = child(code=WATCH.format(args=[name, "--help"], heavy=("torch", "PySide6", "cv2", "numpy")))
    assert done.returncode == 0, done.stderr
    assert "HEAVY []" in done.stderr
    assert f"explorer {name}" in done.stdout


def test_help_lists_every_command(capfd):
    assert run_program(["--help"], restore=True) == 0
    shown = capfd.readouterr().out
    for name in COMMANDS:
        assert f"\n  {name} " in shown


def test_no_display_is_one_line_with_the_way_out():
    plain = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = child(env=plain)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == "There is no display. All jobs work without one, as in: explorer tour --out tour/\n"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["clasify"], 2, "Did you mean classify"),
        (["race"], 2, "SURFACE"),
        (["race", "saddle", "--steps", "0"], 2, "--steps"),
        (["race", "saddle", "--start", "one,two"], 2, "two numbers"),
        (["race", "saddle", "--optimizers", "gd,gd"], 2, "twice"),
        (["race", "saddle", "--hyper", "adam=x"], 2, "NUMBER"),
        (["race", "saddle", "-o", "race.xyz"], 2, ".gif"),
        (["race", "nowhere"], 2, "nowhere"),
        (["race", "saddle", "--optimizers", "gd,magic"], 2, "magic"),
        (["detect", "no-such-file.png"], 3, "no-such-file.png"),
        (["filters", "squeezenet"], 2, "squeezenet1_1"),
        (["segment", "a.png", "b.png", "-o", "out.png"], 2, "folder"),
    ],
)
def test_wrong_use_is_said_in_words(args, code, words, capfd):
    assert run_program(args, restore=True) == code
    said = capfd.readouterr()
    assert said.out == ""
    assert words in said.err
    assert "Traceback" not in said.err


def test_everything_speaks_hungarian():
    done = child("race", "--help", env={**os.environ, "LANGUAGE": "hu"})
    assert done.returncode == 0
    assert "Használat:" in done.stdout
    assert "Kapcsolók:" in done.stdout
    assert "--optimizers" in done.stdout
    wrong = child("clasify", env={**os.environ, "LANGUAGE": "hu"})
    assert "Nincs" in wrong.stderr
