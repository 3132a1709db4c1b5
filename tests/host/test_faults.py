"""The faults of capture and media (reliability.md B1, rows 1 to 13), and what of them is tested where.

Names of tests are cut short; "here" is this module, the others stand in tests/host or, with a stroke, in tests/picture.

 1 no camera, busy, blocked    test_camera: the_real_camera, an_absent_camera, opens_but_gives_nothing; test_peek: says_why
 2 unplugged in mid-stream     test_camera: unplugged_in_mid_stream; here: the_view_goes_on, a_recording_is_whole
 3 a read blocks for ever      test_camera: a_blocked_read, while_a_read_blocks; /test_capture_rule; here: no_call_waits
 4 stream stalls, ends, mute   test_stream
 5 odd frames, other sizes     test_camera: odd_frames, a_change_of_size; here: an_answer_belongs_to_its_own_frame
 6 frozen picture              test_camera: a_frozen_picture; here: a_frozen_camera_is_looked_at
 7 damaged video               /test_film: a_cut_file, zeros_inside; here: a_damaged_film_says_how_much
 8 absurd counts and rates     test_camera: absurd_properties; here: a_camera_without_a_rate
 9 protocols, lists, patterns  /test_film, /test_stills, /test_camera; test_stream: asleep; here: no_source_but_a_stream
10 image bombs                 /test_stills; here: a_bomb_leaves_the_picture
11 faster than its consumer    test_camera: a_slow_engine, a_window_that_does_not_drain; test_soak
12 500 random switches         test_sources: random_switches (with peeks, pauses, two follows); conftest: dangling
13 decoder crash               test_camera: a_decoder_crash; test_sources: kills_its_decoder; here: damaged_files
"""

from __future__ import annotations

import os
import signal
import struct
import time
import zlib

import numpy as np
import psutil
import pytest
from fixtures_faulty import LookRequest
from fixtures_media import BLOCKS, FROZEN, GOOD, NO_RATE, RESIZED, STALLS, UNPLUGGED, MjpegServer, stamp_of

from explorer.host.messages import Answer, FrameArrived, RecordState, SourceState
from explorer.jobs import Result
from explorer.picture.film import Film
from explorer.picture.opencv import cv2
from explorer.requests.source import SourceRequest


def camera(index, **fields):
    return SourceRequest(kind="camera", index=index, **{"width": 0, "height": 0, **fields})


def answers(desk):
    return [e.event.record.facts for e in desk.of(Answer) if isinstance(e.event, Result)]


def states(desk):
    return [e.state for e in desk.of(SourceState)]


def test_the_view_goes_on_through_a_stall_a_death_and_a_return(desk):
    """Acceptance 4: the camera hangs, gives up, fails once more, comes back; then its whole process is killed."""
    desk.host.open_source(camera(STALLS, mirror=True))
    desk.host.follow("look", LookRequest())
    desk.frame()
    stalled = desk.source("no signal")
    assert stalled.trouble is None and stalled.seconds >= 1.5 and stalled.info.name == f"Camera {STALLS}"
    before = desk.of(FrameArrived)[-1]
    desk.source("playing")
    attempts = [e.trouble.values["attempt"] for e in desk.of(SourceState) if e.trouble is not None]
    assert attempts == [1, 2]
    after = desk.until(lambda e: isinstance(e, FrameArrived) and e.frame.seq > before.frame.seq)
    assert after.index > before.index
    os.kill(desk.pid("capture"), signal.SIGKILL)
    last = desk.of(FrameArrived)[-1].frame.seq
    desk.until(lambda e: isinstance(e, FrameArrived) and e.frame.seq > last)
    seen = [e.frame for e in desk.of(FrameArrived)]
    assert [f.seq for f in seen] == sorted({f.seq for f in seen})
    assert None not in [stamp_of(f.rgb[:, ::-1]) for f in seen], "mirrored before and after, and never torn"
    desk.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Result) and e.event.record.facts["seq"] > last)
    assert "failed" not in states(desk)


def test_a_recording_is_whole_although_the_camera_was_unplugged(desk, tmp_path):
    desk.host.open_source(camera(UNPLUGGED))
    desk.host.record(tmp_path / "out.mp4")
    desk.source("no signal")
    desk.wait(0.2)
    shown = len(desk.of(FrameArrived))
    desk.host.record(None)
    done = desk.until(lambda e: isinstance(e, RecordState) and e.state == "done")
    with Film(done.path) as film:
        count = 0
        while film.read() is not None:
            count += 1
        assert film.trouble is None
    assert count == done.frames and 5 < count <= 37 and done.frames + done.dropped >= shown - 12


def test_no_call_of_the_window_waits_for_a_driver(desk):
    desk.host.open_source(camera(BLOCKS))
    desk.frame()
    desk.source("no signal")
    slowest = 0.0
    for call in (
        lambda: desk.host.pause_source(True),
        lambda: desk.host.seek_source(3),
        lambda: desk.host.step_source(1),
        lambda: desk.host.peek(camera(BLOCKS)),
        lambda: desk.host.end_peek(),
        lambda: desk.host.follow("look", LookRequest()),
        lambda: desk.host.open_source(camera(GOOD)),
        lambda: desk.host.drain(),
        lambda: desk.host.close_source(),
    ):
        began = time.monotonic()
        call()
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < 5 * 0.1


def test_an_answer_belongs_to_its_own_frame_when_the_size_changes(desk):
    desk.host.open_source(camera(RESIZED))
    desk.host.follow("look", LookRequest())
    desk.until(
        lambda e: isinstance(e, Answer) and isinstance(e.event, Result) and e.event.record.facts["shape"] == [96, 128, 3]
    )
    desk.wait(0.1)
    sizes = {e.frame.seq: list(e.frame.rgb.shape) for e in desk.of(FrameArrived)}
    seen = [facts for facts in answers(desk) if facts["seq"] in sizes]
    assert len(seen) >= 3 and all(facts["shape"] == sizes[facts["seq"]] for facts in seen)


def test_a_frozen_camera_is_looked_at_and_not_opened_again(desk):
    desk.host.open_source(camera(FROZEN))
    desk.host.follow("look", LookRequest())
    desk.source("frozen")
    before = len(answers(desk))
    desk.wait(0.5)
    assert len(answers(desk)) > before + 3
    assert not {"no signal", "failed"} & set(states(desk)) and states(desk).count("opening") == 1


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """A film of 100 frames, and copies of it cut and with zeros inside: {name: path}."""
    folder = tmp_path_factory.mktemp("damaged")
    whole = folder / "whole.avi"
    writer = cv2.VideoWriter(str(whole), cv2.VideoWriter.fourcc(*"MJPG"), 100, (64, 48))
    for number in range(100):
        writer.write(np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8))
    writer.release()
    data = whole.read_bytes()
    made = {
        "cut": data[: len(data) * 3 // 4],
        "head": data[:10],
        "none": b"",
        "zeros": data[:20000] + bytes(2000) + data[22000:],
    }
    for name, content in made.items():
        (folder / f"{name}.avi").write_bytes(content)
    return {name: str(folder / f"{name}.avi") for name in (*made, "whole")}


def test_a_damaged_film_says_how_much_of_it_can_be_read(desk, damaged):
    desk.host.open_source(SourceRequest(kind="video", path=damaged["cut"], loop=False, speed=8))
    ended = desk.source("ended")
    assert ended.trouble.code == "video.damaged" and 60 < ended.trouble.values["readable"] < 80
    assert ended.trouble.values["total"] == 100 and desk.of(FrameArrived)


def test_damaged_files_one_after_the_other_and_the_queue_goes_on(desk, damaged):
    for name in ("head", "none", "zeros", "cut", "whole"):
        desk.host.open_source(SourceRequest(kind="video", path=damaged[name], loop=False, speed=8))
        state = desk.until(lambda e: isinstance(e, SourceState) and e.state in ("ended", "failed"))
        assert (state.state == "failed") == (name in ("head", "none"))
        assert name == "zeros" or (state.trouble is None) == (name == "whole")  # a JPEG with zeros inside may pass for one
    assert not [e for e in desk.events if getattr(e, "kind", "") == "restarting"]


def test_a_camera_without_a_rate_can_be_held_and_goes_on(desk):
    desk.host.open_source(camera(NO_RATE))
    desk.frame()
    desk.host.pause_source(True)
    desk.source("paused")
    desk.wait(0.1)
    desk.events.clear()
    desk.wait(0.2)
    assert not desk.of(FrameArrived)
    desk.host.pause_source(False)
    desk.frame()
    desk.host.close_source()
    desk.source("closed")


def test_no_source_but_a_stream_connects_to_anything(desk, tmp_path):
    with MjpegServer("good") as server:
        lists = tmp_path / "list.ffconcat"
        lists.write_text(f"ffconcat version 1.0\nfile {server.url}\n")
        playlist = tmp_path / "list.m3u8"
        playlist.write_text(f"#EXTM3U\n#EXTINF:1,\n{server.url}\n")
        for kind in ("file", "video", "folder", "sample", "clip"):
            for path in (server.url, f"concat:{server.url}", str(lists), str(playlist)):
                desk.host.open_source(SourceRequest(kind=kind, path=path))
                state = desk.until(lambda e: isinstance(e, SourceState) and e.state in ("failed", "playing"))
                assert state.state == ("playing" if kind == "clip" else "failed")
        assert server.connections == 0


def bomb(path, side):
    """A small PNG that declares `side` x `side` pixels."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(3 * side + 1) * 64, 9))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b""))


def test_a_bomb_leaves_the_picture_and_the_memory_as_they_are(desk, tmp_path):
    desk.host.open_source(SourceRequest(path="coffee"))
    desk.frame()
    memory = psutil.Process(desk.pid("capture")).memory_info().rss
    desk.events.clear()
    bomb(tmp_path / "bomb.png", 20000)
    desk.host.open_source(SourceRequest(kind="file", path=str(tmp_path / "bomb.png")))
    failed = desk.source("failed")
    assert failed.trouble.code == "media.too-large" and failed.trouble.values["size"] == 400
    desk.wait(0.2)
    assert not desk.of(FrameArrived)
    assert psutil.Process(desk.pid("capture")).memory_info().rss - memory < 200 << 20
