"""Recordings: several files at once, a whole video file frame by frame, and what is left when something fails."""

from __future__ import annotations

import csv
import json
import os
import signal
import time

import numpy as np
import pytest
from fixtures_found import FindRequest
from fixtures_media import BLOCKS, GOOD, UNPLUGGED

from explorer.host.messages import FrameArrived, RecordState, SourceState
from explorer.picture.film import Film
from explorer.picture.video import VideoWriter
from explorer.requests.live import LiveLook
from explorer.requests.source import SourceRequest


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """30 frames at 20 a second; frame k is grey of brightness 5 k."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with VideoWriter(path, 20, (64, 48)) as writer:
        for number in range(30):
            writer.write(np.full((48, 64, 3), 5 * number, np.uint8))
    return path


def playing(desk, **request):
    desk.host.open_source(SourceRequest(**request))
    desk.source("playing")


def recorded(desk, state="done", patience=20.0):
    return desk.until(lambda e: isinstance(e, RecordState) and e.state == state, patience)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def pictures(path):
    found = []
    with Film(path) as film:
        while (one := film.read()) is not None:
            found.append(one)
    return found


def numbers(rows):
    return [row["detections"][0]["track"] - 1 for row in rows]


def test_a_whole_file_is_recorded_frame_by_frame_however_slow_the_network_is(desk, film, tmp_path):
    targets = [tmp_path / f"out{ending}" for ending in (".mp4", ".jsonl", ".csv", ".json")]
    playing(desk, kind="video", path=str(film))
    desk.host.follow("detect", FindRequest(seconds=0.02))
    plain = LiveLook(boxes=False, names=False, scores=False, numbers=False, trails=False)
    desk.host.record(targets, plain, whole=True)
    done = recorded(desk)
    assert (done.frames, done.objects, done.dropped, done.total) == (30, 30, 0, 30)
    assert done.paths == tuple(str(path) for path in targets) and done.path == str(targets[0])

    rows = lines(targets[1])
    assert numbers(rows) == list(range(30)) and [row["frame"] for row in rows] == list(range(30))
    assert [row["time"] for row in rows] == [round(k / 20, 4) for k in range(30)]
    assert rows[3] == {
        "frame": 3,
        "time": 0.15,
        "source": "film.mp4",
        "size": [64, 48],
        "detections": [{"label": "cat", "score": 0.5, "xyxy": [3.0, 10.0, 23.0, 40.0], "track": 4}],
    }
    table = list(csv.DictReader(targets[2].read_text().splitlines()))
    assert [(row["frame"], row["x0"], row["track"]) for row in table] == [(str(k), f"{k}.0", str(k + 1)) for k in range(30)]
    coco = json.loads(targets[3].read_text())
    assert len(coco["images"]) == 30 and coco["annotations"][3]["bbox"] == [3.0, 10.0, 20.0, 30.0]
    shown = pictures(targets[0])
    assert [round(float(rgb.mean()) / 5) for rgb, _ in shown] == list(range(30))
    assert [time for _, time in shown] == pytest.approx([k / 20 for k in range(30)], abs=0.002)
    assert desk.events[-1].state in ("paused", "done") or isinstance(desk.events[-1], FrameArrived)


def test_only_the_part_between_the_points(desk, film, tmp_path):
    playing(desk, kind="video", path=str(film), start=0.5, end=1.0)
    desk.host.follow("detect", FindRequest())
    desk.host.record([tmp_path / "out.jsonl", tmp_path / "out.mp4"], whole=True)
    assert recorded(desk).frames == 10
    rows = lines(tmp_path / "out.jsonl")
    assert numbers(rows) == list(range(10, 20)) == [row["frame"] for row in rows], "numbers of the film, not of the recording"
    assert pictures(tmp_path / "out.mp4")[-1][1] == pytest.approx(0.45, abs=0.002)


def test_touching_the_player_ends_a_whole_recording(desk, film, tmp_path):
    playing(desk, kind="video", path=str(film))
    desk.host.follow("detect", FindRequest(seconds=0.05))
    desk.host.record(tmp_path / "out.jsonl", whole=True)
    recorded(desk, "recording")
    desk.host.seek_source(20)
    done = recorded(desk)
    assert 0 < done.frames < 30 and numbers(lines(tmp_path / "out.jsonl")) == list(range(done.frames))


def test_the_whole_of_a_camera_cannot_be_recorded(desk, tmp_path):
    playing(desk, kind="camera", index=GOOD)
    desk.host.record(tmp_path / "out.mp4", whole=True)
    assert recorded(desk, "failed").trouble.code == "record.not-a-file"
    desk.host.record(tmp_path / "out.exe")
    assert recorded(desk, "failed").trouble.code == "record.ending"


def test_a_camera_that_is_lost_and_comes_back_goes_on_in_the_same_files(desk, tmp_path):
    """Row 2 of the fault matrix: the recording up to the last frame is complete, and goes on."""
    desk.host.record([tmp_path / "out.jsonl", tmp_path / "out.mp4"])
    desk.host.follow("detect", FindRequest())
    desk.host.open_source(SourceRequest(kind="camera", index=UNPLUGGED))
    desk.seen_or_until(lambda e: isinstance(e, SourceState) and e.state == "no signal")
    before = len(desk.of(FrameArrived))
    desk.until(lambda e: len(desk.of(FrameArrived)) > before + 20)
    desk.host.open_source(SourceRequest(path="coffee"))  # another source, of another size
    desk.until(lambda e: isinstance(e, FrameArrived) and e.frame.source == "coffee")
    desk.host.record(None)
    done = recorded(desk)
    rows = lines(tmp_path / "out.jsonl")
    assert len(rows) == done.frames == len(pictures(tmp_path / "out.mp4"))
    assert len(rows) > 15 and rows[-1]["size"] == [600, 400] and rows[0]["size"] == [64, 48]
    found = [len(row.get("detections", ())) for row in rows]
    assert found[-5:] == [1] * 5 and sum(found) > len(rows) - 10, "frames are plain only until the network answers"


def test_a_recorder_that_dies_leaves_all_lines_so_far(desk, tmp_path):
    playing(desk, kind="camera", index=GOOD)
    targets = [tmp_path / "out.mp4", tmp_path / "out.jsonl", tmp_path / "out.csv", tmp_path / "out.json"]
    desk.host.record(targets)
    recorded(desk, "recording")
    desk.wait(1.2)
    os.kill(desk.pid("recorder"), signal.SIGKILL)
    failed = recorded(desk, "failed")
    assert failed.trouble.code == "record.broken"
    assert set(failed.kept) >= {str(targets[1]), str(targets[2])} and str(targets[3]) not in failed.kept
    rows = lines(targets[1])
    frames = [row["frame"] for row in rows]
    assert frames == sorted(set(frames)) and len(rows) > 20, "numbers of the camera's pictures"
    assert targets[2].read_text().startswith("frame,time,source,label,score,x0,y0,x1,y1,track\n")
    assert len(pictures(targets[0])) > 5, "whole fragments of the film can be played"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.jsonl", "out.mp4"]
    desk.host.record(tmp_path / "again.jsonl")
    recorded(desk, "recording")
    desk.host.record(None)
    assert recorded(desk).frames > 0


def test_one_file_that_cannot_be_written_keeps_what_the_others_have(desk, tmp_path):
    (tmp_path / "file").write_text("")
    playing(desk, kind="camera", index=GOOD)
    desk.host.record([tmp_path / "out.jsonl", tmp_path / "file" / "out.csv"])
    assert recorded(desk, "failed").trouble is not None
    desk.host.record([tmp_path / "good.jsonl"])
    recorded(desk, "recording")
    began = time.monotonic()
    desk.host.open_source(SourceRequest(kind="camera", index=BLOCKS))  # a driver that never answers again
    desk.wait(0.5)
    desk.host.record(None)
    assert recorded(desk).frames > 0 and time.monotonic() - began < 5
