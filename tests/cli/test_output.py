"""Standard output is ours alone, whatever libraries print, and whoever stops reading."""

import json
import math
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from explorer.cli import output

NOISY = """
import ctypes, os, sys
import explorer.descent.race as room
quiet = room.race
def noisy(request, work):
    print("python says hello")
    sys.stdout.write("half a line")
    os.write(1, b"descriptor one\\n")
    ctypes.CDLL(None).printf(b"buffered by C until the end\\n")
    sys.__stdout__.write("the original stdout object\\n")
    yield from quiet(request, work)
room.race = noisy
from explorer.cli import main
sys.exit(main(["race", "saddle", "--steps", "5", "--json"]))
"""


def test_noisy_libraries_do_not_reach_the_json():
    done = subprocess.run([sys.executable, "-c", NOISY], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["surface"] == "saddle"
    assert done.stdout.count(b"\n") == 1
    for words in (b"python says hello", b"descriptor one", b"buffered by C", b"original stdout"):
        assert words in done.stderr


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, None),
        (-math.inf, None),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.array([[1.0, np.inf]]), [[1.0, None]]),
        ((1, "é"), [1, "é"]),
        ({1: True}, {"1": True}),
    ],
)
def test_what_json_can_say(value, written):
    assert output.plain(value) == written
    json.dumps(output.plain(value), allow_nan=False)


def test_closed_pipe_ends_quietly(samples_many):
    command = [sys.executable, "-c", COUNTING.format(files=samples_many)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = process.stdout.readline()
    process.stdout.close()
    with process.stderr:
        said = process.stderr.read()
    assert process.wait(60) == 0
    assert json.loads(first)["file"] == samples_many[0]
    assert said == ""


COUNTING = """
import sys
import explorer.vision.classify as room
from explorer.cli.running import Runner
from explorer.jobs import Result
from explorer.records.vision import ClassScore, TopK
import time
Runner.engine = None
def fake(request, work):
    time.sleep(0.01)
    yield Result(TopK((ClassScore(0, "x" * 2000, 1.0),)))
room.classify = fake
from explorer.cli import main
sys.exit(main(["classify", "squeezenet1_1", *{files!r}, "--json"]))
"""


@pytest.fixture(scope="module")
def samples_many(tmp_path_factory):
    """A hundred small pictures."""
    from explorer.picture.stills import write_png

    folder = tmp_path_factory.mktemp("many")
    names = [str(folder / f"{index:03d}.png") for index in range(100)]
    for name in names:
        write_png(name, np.full((8, 8, 3), 90, np.uint8), {})
    return names


def test_one_bad_file_of_a_hundred(samples_many, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"not a picture")
    files = [*samples_many[:42], str(bad), *samples_many[42:99]]
    done = subprocess.run([sys.executable, "-c", COUNTING.format(files=files)], capture_output=True, text=True, timeout=60)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 3
    assert [line["file"] for line in lines] == [name for name in files if name != str(bad)]
    complaints = done.stderr.splitlines()
    assert len(complaints) == 2
    assert complaints[0].startswith(f"{bad}: ")
    assert complaints[1] == "99 of 100 done."


def test_ctrl_c_in_a_batch_keeps_what_is_done(samples_many):
    command = [sys.executable, "-c", COUNTING.format(files=samples_many)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    begin = time.monotonic()
    rest, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - begin < 10
    lines = [json.loads(line) for line in (first + rest).splitlines()]
    assert 1 <= len(lines) < 100
    assert said == "Stopped.\n"


def test_closed_standard_files_do_not_break_anything(tmp_path):
    target = tmp_path / "race.csv"
    script = f'exec "$0" -m explorer race saddle --steps 5 -o "{target}" <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", script, sys.executable], timeout=60)
    assert done.returncode == 0
    assert target.read_text().startswith("optimizer,step,x,y,value\ngd,0,")
