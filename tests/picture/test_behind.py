"""Findings written by a thread: the same files, in order, errors heard, little memory, quick to stop."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest

from explorer.picture.behind import AHEAD, Behind
from explorer.picture.film import Film
from explorer.picture.findings import Findings
from explorer.records.export import Place
from explorer.records.vision import Detections

COUNT = 24


def frame(number):
    return np.full((48, 64, 3), 10 * number, np.uint8)


def record(number):
    box = np.array([[number, 5, number + 20, 30]], np.float32)
    return Detections(box, np.array([0.5], np.float32), np.array([0]), ("cup",), (48, 64))


def give(out, count=COUNT):
    for number in range(count):
        out.write(frame(number), (record(number),), Place(number, number / 25, "a.mp4", (64, 48)))


def test_the_files_are_those_written_at_once(tmp_path):
    for folder in ("now", "later"):
        (tmp_path / folder).mkdir()
    names = ("a.mp4", "a.jsonl", "a.csv", "a.json")
    with Findings([tmp_path / "now" / name for name in names], 25) as out:
        give(out)
    with Behind(Findings([tmp_path / "later" / name for name in names], 25)) as out:
        give(out)
    for name in names:
        assert (tmp_path / "later" / name).read_bytes() == (tmp_path / "now" / name).read_bytes(), name
    with Film(tmp_path / "later" / "a.mp4") as film:
        read = [film.read() for _ in range(COUNT + 1)]
    assert read[-1] is None and abs(int(read[COUNT - 1][0][-1, -1, 0]) - 10 * (COUNT - 1)) <= 6
    assert not [thread for thread in threading.enumerate() if thread.name == "films"]


def test_who_is_faster_waits(tmp_path):
    """Never more than AHEAD frames are kept, and one in work."""
    written, most = [], 0

    def slowly(rgb, records):
        time.sleep(0.01)
        written.append(int(rgb[0, 0, 0]))
        return rgb

    with Behind(Findings([tmp_path / "a.mp4"], 25, draw=slowly)) as out:
        for number in range(COUNT):
            out.write(frame(number), (), Place(number, 0.0, "", (64, 48)))
            most = max(most, number + 1 - len(written))
    assert written == [10 * number for number in range(COUNT)] and most <= AHEAD + 2


@pytest.mark.parametrize("count", [COUNT, 3])
def test_an_error_of_the_thread_is_the_callers(tmp_path, count):
    """With the next frames, or at the end if there are none; no film stays behind."""

    def fail(rgb, records):
        if rgb[0, 0, 0] == 20:
            raise OSError("no space left")
        return rgb

    with pytest.raises(OSError, match="no space"), Behind(Findings([tmp_path / "a.mp4"], 25, draw=fail)) as out:
        give(out, count)
    assert list(tmp_path.iterdir()) == []


def test_a_stop_is_quick_and_keeps_the_lines(tmp_path):
    drawn = []

    def slowly(rgb, records):
        time.sleep(0.2)
        drawn.append(time.monotonic())
        return rgb

    paths = [tmp_path / "a.mp4", tmp_path / "a.jsonl"]
    began = 0.0
    with pytest.raises(KeyboardInterrupt), Behind(Findings(paths, 25, draw=slowly)) as out:
        give(out, AHEAD + 1)
        began = time.monotonic()
        raise KeyboardInterrupt
    assert len([when for when in drawn if when > began]) <= 1, "the frame in work, none of those that wait"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
    rows = [json.loads(line)["frame"] for line in paths[1].read_text().splitlines()]
    assert rows == list(range(AHEAD + 1))
