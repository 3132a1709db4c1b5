"""Samples, files, folders, videos and the clip through the capture child: play, pause, step, seek, loop, end, fail."""

from __future__ import annotations

import random

import numpy as np
import pytest
from fixtures_faulty import FAULTY, LookRequest
from fixtures_media import FAST, GOOD

from explorer.host.messages import Answer, FrameArrived, RecordState, SourceState
from explorer.host.process import ChildSpec
from explorer.jobs import Result, result_of
from explorer.picture.film import Film
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb, write_png
from explorer.picture.video import VideoWriter
from explorer.requests.source import SourceRequest


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """40 frames at 20 a second; frame k is grey of brightness 5 k."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with VideoWriter(path, 20, (64, 48)) as writer:
        for number in range(40):
            writer.write(np.full((48, 64, 3), 5 * number, np.uint8))
    return path


def brightness(event):
    return round(float(event.frame.rgb.mean()) / 5)


def test_a_sample_is_one_frame_and_ends(desk):
    desk.host.open_source(SourceRequest(path="coffee"))
    ended = desk.source("ended")
    event = desk.seen_or_until(lambda e: isinstance(e, FrameArrived))
    assert np.array_equal(event.frame.rgb, read_rgb(sample_path("coffee")))
    assert event.frame.source == "coffee" and ended.info.frames == 1 and not ended.info.seekable


def test_mirror(desk):
    desk.host.open_source(SourceRequest(path="coffee", mirror=True))
    assert np.array_equal(desk.frame().frame.rgb, read_rgb(sample_path("coffee"))[:, ::-1])


def test_a_submit_takes_the_frame_that_is_shown(desk):
    desk.host.open_source(SourceRequest(path="coffee"))
    frame = desk.frame().frame
    for given in (frame, None):
        last = desk.end_of("look", desk.host.submit("look", LookRequest(), given))
        assert last.record.facts["seq"] == frame.seq and last.record.facts["sum"] == int(frame.rgb.sum())


def test_a_frame_of_ones_own_is_sent_along(desk, coffee):
    last = desk.end_of("look", desk.host.submit("look", LookRequest(), coffee))
    assert last.record.facts["sum"] == int(coffee.rgb.sum())


def test_a_still_is_followed_once_per_request(desk):
    desk.host.open_source(SourceRequest(path="coffee"))
    frame = desk.frame().frame
    for value in (1, 2):
        desk.host.follow("look", LookRequest(value=value))
        answer = desk.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Result))
        assert answer.event.record.facts["value"] == value and answer.event.record.facts["seq"] == frame.seq
    desk.events.clear()
    desk.wait(0.4)
    assert not desk.of(Answer)


def test_a_video_plays_in_time_to_its_end(desk, film):
    desk.host.open_source(SourceRequest(kind="video", path=str(film), loop=False, speed=2))
    ended = desk.source("ended")
    assert ended.trouble is None
    frames = desk.of(FrameArrived)
    assert [e.index for e in frames] == sorted({e.index for e in frames}) and len(frames) > 25
    assert all(abs(brightness(e) - e.index) <= 1 for e in frames)
    assert ended.info.frames == 40 and ended.info.fps == 20 and ended.info.seekable


def test_a_video_loops(desk, film):
    desk.host.open_source(SourceRequest(kind="video", path=str(film), speed=8))
    desk.until(lambda e: isinstance(e, FrameArrived) and e.index > 30)
    desk.until(lambda e: isinstance(e, FrameArrived) and e.index < 10)
    assert "ended" not in [e.state for e in desk.of(SourceState)]


def test_pause_step_and_seek(desk, film):
    desk.host.open_source(SourceRequest(kind="video", path=str(film)))
    desk.until(lambda e: isinstance(e, FrameArrived) and e.index >= 3)
    desk.host.pause_source(True)
    desk.source("paused")
    desk.wait(0.2)
    here = desk.of(FrameArrived)[-1].index
    desk.events.clear()
    desk.wait(0.3)
    assert not desk.of(FrameArrived)
    for by in (1, 1, -1, -1):
        here += by
        desk.host.step_source(by)
        event = desk.frame()
        assert event.index == here and abs(brightness(event) - here) <= 1
    desk.host.seek_source(30)
    assert desk.frame().index == 30
    desk.host.pause_source(False)
    desk.until(lambda e: isinstance(e, FrameArrived) and e.index > 32)


def test_changing_the_speed_does_not_start_again(desk, film):
    desk.host.open_source(SourceRequest(kind="video", path=str(film), speed=0.5))
    desk.until(lambda e: isinstance(e, FrameArrived) and e.index >= 4)
    desk.host.open_source(SourceRequest(kind="video", path=str(film), speed=1.0))
    desk.source("playing")
    assert desk.frame().index >= 4


def test_the_clip_is_720p(desk):
    desk.host.open_source(SourceRequest(kind="clip"))
    event = desk.until(lambda e: isinstance(e, FrameArrived) and e.index > 2)
    assert event.frame.rgb.shape == (720, 1280, 3)


def test_a_folder_shows_what_can_be_read(desk, tmp_path):
    for number, name in enumerate(["p1.png", "p2.png", "p10.png"]):
        write_png(tmp_path / name, np.full((8, 8 + number, 3), number * 50, np.uint8))
    (tmp_path / "p3.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    desk.host.open_source(SourceRequest(kind="folder", path=str(tmp_path), speed=8, loop=False))
    desk.source("ended")
    assert [e.frame.source for e in desk.of(FrameArrived)] == ["p1.png", "p2.png", "p10.png"]


@pytest.mark.parametrize(
    "request_",
    [
        SourceRequest(kind="file", path="/nowhere/at/all.png"),
        SourceRequest(kind="video", path="concat:a.mp4|b.mp4"),
        SourceRequest(kind="video", path="http://127.0.0.1:9/a.mp4"),
        SourceRequest(kind="folder", path="/nowhere"),
        SourceRequest(kind="sample", path="../../etc/passwd"),
    ],
)
def test_what_cannot_be_opened_fails_with_a_reason(desk, request_):
    desk.host.open_source(request_)
    assert desk.source("failed").trouble.english()
    desk.host.open_source(SourceRequest())
    desk.frame()


def test_the_job_of_a_source_request_gives_its_first_frame():
    frame = result_of(SourceRequest(path="chelsea"))
    assert np.array_equal(frame.rgb, read_rgb(sample_path("chelsea")))


def test_a_recording_holds_what_was_shown(desk, tmp_path):
    desk.host.open_source(SourceRequest(kind="camera", index=GOOD))
    desk.frame()
    desk.host.record(tmp_path / "out.mp4")
    desk.until(lambda e: isinstance(e, RecordState) and e.state == "recording")
    desk.wait(1.0)
    desk.host.record(None)
    done = desk.until(lambda e: isinstance(e, RecordState) and e.state == "done")
    assert done.frames > 10 and done.path == str(tmp_path / "out.mp4")
    with Film(done.path) as film:
        count, last = 0, 0.0
        while (found := film.read()) is not None:
            count, last = count + 1, found[1]
    assert count == done.frames and film.trouble is None and 0.3 < last < 3.0


def test_a_recording_that_cannot_be_written_fails_with_a_reason(desk, tmp_path):
    (tmp_path / "file").write_text("")
    desk.host.open_source(SourceRequest(kind="camera", index=GOOD))
    desk.host.record(tmp_path / "file" / "out.mp4")
    failed = desk.until(lambda e: isinstance(e, RecordState) and e.state == "failed")
    assert failed.trouble is not None
    desk.frame()


def test_a_file_that_kills_its_decoder_is_not_opened_again(make_desk, film):
    desk = make_desk({"capture": ChildSpec("fixtures_media:crashing_capture"), "engine": FAULTY})
    desk.host.start("engine")
    desk.host.open_source(SourceRequest(kind="video", path=str(film)))
    failed = desk.source("failed")
    assert failed.trouble.code == "media.crashed" and failed.trouble.values["name"] == "film.mp4"
    assert len(desk.of(FrameArrived)) >= 5
    desk.host.open_source(SourceRequest(kind="video", path=str(film)))
    assert desk.source("failed", 2.0).trouble.code == "media.crashed"
    desk.host.open_source(SourceRequest(path="coffee"))
    desk.until(lambda e: isinstance(e, FrameArrived) and e.frame.source == "coffee")
    deaths = [e.child for e in desk.events if getattr(e, "kind", "") == "restarting"]
    assert deaths == ["capture"]


def switch(desk, film, number, seed):
    rng = random.Random(seed)
    choices = [
        SourceRequest(path="coffee"),
        SourceRequest(path="chelsea"),
        SourceRequest(kind="clip"),
        SourceRequest(kind="video", path=str(film)),
        SourceRequest(kind="camera", index=GOOD),
        SourceRequest(kind="camera", index=FAST),
        SourceRequest(kind="file", path="/nowhere.png"),
        None,
    ]
    for _ in range(number):
        chosen = rng.choice(choices)
        if chosen is None:
            desk.host.close_source()
        else:
            desk.host.open_source(chosen)
        if rng.random() < 0.3:
            desk.host.pause_source(rng.random() < 0.5)
        if rng.random() < 0.2:
            desk.host.peek(SourceRequest(kind="camera", index=rng.choice([GOOD, FAST])))
        elif rng.random() < 0.2:
            desk.host.end_peek()
        if rng.random() < 0.3:
            desk.host.follow(rng.choice("ab"), LookRequest() if rng.random() < 0.7 else None)
        desk.wait(rng.choice([0.0, 0.0, 0.005, 0.05]))
    desk.host.end_peek()
    generation = desk.host.open_source(SourceRequest(path="chelsea"))
    desk.until(lambda e: isinstance(e, SourceState) and e.state == "ended" and e.generation == generation)
    desk.wait(0.3)
    desk.drain()
    last = desk.of(FrameArrived)[-1]
    assert last.frame.source == "chelsea"
    seqs = [e.frame.seq for e in desk.of(FrameArrived)]
    assert seqs == sorted(set(seqs))
    assert not [e for e in desk.events if getattr(e, "kind", "") in ("restarting", "dead")]


def test_a_hundred_random_switches_end_with_the_last(desk, film):
    switch(desk, film, 100, seed=3)


@pytest.mark.soak
def test_five_hundred_random_switches_end_with_the_last(desk, film):
    switch(desk, film, 500, seed=4)
