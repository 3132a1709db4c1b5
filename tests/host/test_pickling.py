"""Only plain records reach the window."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from explorer.host import pickling
from explorer.host.process import how_it_ended
from explorer.host.wire import JobEvent
from explorer.jobs import Result
from explorer.records.picture import Grid, Mosaic
from explorer.requests.race import RaceRequest


def test_records_and_arrays_come_back():
    grid = Grid(2, 3, 3, 2)
    values = np.arange(18, dtype=np.float32).reshape(2, 3, 3)
    low = np.zeros(2, np.float32)
    mosaic = Mosaic(
        grid, np.zeros((3, 7), np.uint8), values, np.arange(2), low, low, np.arange(2), "viridis", facts={"a": [1, None]}
    )
    back = pickling.loads(pickling.dumps(JobEvent("a", 1, Result(mosaic))))
    assert np.array_equal(back.event.record.values, values) and back.event.record.grid == grid
    things = [np.float32(2), np.int64(3), np.bool_(True), values[:, ::2], np.asfortranarray(values), {1, 2}, 1j, RaceRequest()]
    again = pickling.loads(pickling.dumps(things))
    assert again[0] == 2 and np.array_equal(again[3], values[:, ::2]) and again[-1] == RaceRequest()


class Stranger:
    pass


class Subclass(str):
    """As torch.__version__ is one: reading it would import its module."""


@pytest.mark.parametrize("thing", [Stranger(), Subclass("2.13"), os.system, subprocess.run, Stranger, lambda: None])
def test_strangers_are_not_sent(thing):
    with pytest.raises((pickling.NotPlainError, pickle.PicklingError, AttributeError)):
        pickling.dumps([1, thing])


class Payload:
    def __init__(self, function, argument):
        self.what = function, argument

    def __reduce__(self):
        return self.what[0], (self.what[1],)


@pytest.mark.parametrize(
    "bad", [Payload(os.system, "touch canary"), Payload(eval, "1"), Payload(getattr, 1), Payload(__import__, "torch")]
)
def test_code_from_a_child_is_not_run(bad, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pickling.NotPlainError):
        pickling.loads(pickle.dumps(bad))
    assert not list(tmp_path.iterdir())


def test_numpy_s_own_doors_are_shut():
    text = b"cnumpy.testing._private.utils\nrunstring\n."
    with pytest.raises(pickling.NotPlainError):
        pickling.loads(text)


def test_ends_have_names():
    assert [how_it_ended(code) for code in (0, 1, -11, 139, -9, 75)] == [
        "",
        "exit status 1",
        "SIGSEGV",
        "SIGSEGV",
        "SIGKILL",
        "exit status 75",
    ]


def test_the_window_s_side_imports_neither_torch_nor_cv2_nor_qt():
    code = "import sys, explorer.host.host; print([n for n in ('torch', 'cv2', 'av', 'PySide6') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
