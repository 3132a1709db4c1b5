"""Trying a camera: what is seen, who holds the device, and that nothing waits for it or stays behind."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

import psutil
import pytest
from fixtures_faulty import FAULTY
from fixtures_media import ABSENT, ALONE, BLOCKS, CRASHES, DARK, DEAF, DEVICE, FAKE, FAST, GOOD, UNPLUGGED, MjpegServer

from explorer.host import peek_cameras
from explorer.host.messages import FrameArrived, PeekSeen, SourceState
from explorer.host.process import ChildSpec
from explorer.jobs import Cancelled, CancelToken, Progress, Result, Work, result_of
from explorer.picture.camera_list import named_cameras
from explorer.requests.source import CamerasRequest, SourceRequest


def camera(index, **fields):
    return SourceRequest(kind="camera", index=index, **{"width": 0, "height": 0, **fields})


def seen(desk, number, state="seen", patience=20.0):
    return desk.seen_or_until(lambda e: isinstance(e, PeekSeen) and e.id == number and e.state == state, patience)


def peeks(desk):
    return [child for child in psutil.Process().children() if '"peek"' in " ".join(child.cmdline())]


def test_a_peek_sees_small_pictures_and_measures(desk):
    number = desk.host.peek(camera(FAST, width=320, height=240))
    assert desk.until(lambda e: isinstance(e, PeekSeen)).state == "opening"
    event = desk.until(lambda e: isinstance(e, PeekSeen) and e.report is not None and e.report.rate > 0)
    report, picture = event.report, event.picture
    assert event.id == number and not event.live and event.trouble is None
    assert (report.width, report.height) == (480, 360) and picture.rgb.shape == (90, 120, 3)
    assert 30 < report.rate <= 240 and report.nominal == 0.0 and abs(report.brightness - 0.5) < 0.05
    assert [notice.code for notice in report.notices] == ["camera.given"]
    began = time.monotonic()
    desk.wait(1.0)
    assert len([e for e in desk.of(PeekSeen) if e.state == "seen"]) >= 3 and time.monotonic() - began < 2
    desk.host.end_peek()
    seen(desk, number, "ended")
    count = len(desk.of(PeekSeen))
    desk.wait(0.4)
    assert len(desk.of(PeekSeen)) == count and not desk.of(FrameArrived) and not desk.of(SourceState)


def test_a_covered_lens_is_said(desk):
    desk.host.peek(camera(DARK))
    event = desk.until(lambda e: isinstance(e, PeekSeen) and e.report is not None and e.report.notices)
    assert event.report.notices[0].english().startswith("The picture is black: is the lens covered?")


@pytest.mark.parametrize(
    ("script", "code"), [(ABSENT, "camera.absent"), (UNPLUGGED, "camera.silent"), (CRASHES, "camera.crashed")]
)
def test_a_camera_that_fails_says_why_and_once(desk, script, code):
    number = desk.host.peek(camera(script))
    event = seen(desk, number, "failed")
    assert event.trouble.code == code and event.trouble.english()
    desk.wait(0.3)
    assert [e.state for e in desk.of(PeekSeen)][-1] == "failed" and not peeks(desk)


@pytest.mark.parametrize("script", [DEAF, BLOCKS])
def test_a_driver_that_does_not_answer_is_killed(desk, script, monkeypatch):
    monkeypatch.setattr("explorer.host.peek.DEAF_S", 1.0)
    number = desk.host.peek(camera(script))
    event = seen(desk, number, "failed")
    assert event.trouble.code == "camera.deaf" and f"Camera {script}" in event.trouble.english()
    desk.wait(0.2)
    assert not peeks(desk)


def test_a_hanging_peek_ends_at_once_when_nobody_looks(desk):
    number = desk.host.peek(camera(DEAF))
    desk.wait(0.6)
    began = time.monotonic()
    desk.host.end_peek()
    assert time.monotonic() - began < 5 * 0.1  # the window never waits; five times the promise: the machine may be busy
    seen(desk, number, "ended", 5.0)
    assert time.monotonic() - began < 4 and not peeks(desk)


@pytest.fixture
def alone(make_desk, tmp_path):
    """A Host whose camera ALONE can be held by one process only."""
    return make_desk({"capture": ChildSpec(FAKE.target, FAKE.options, {DEVICE: str(tmp_path / "device")}), "engine": FAULTY})


def test_the_real_opening_waits_until_the_peek_has_let_the_device_go(alone):
    number = alone.host.peek(camera(ALONE))
    seen(alone, number)
    generation = alone.host.open_source(camera(ALONE))
    alone.source("playing")
    alone.frame()
    assert [e.state for e in alone.of(SourceState) if e.generation == generation] == ["opening", "playing"]
    assert seen(alone, number, "ended") and not peeks(alone)


def test_a_peek_waits_for_a_camera_that_is_being_closed(alone):
    alone.host.open_source(camera(ALONE))
    alone.frame()
    alone.host.open_source(camera(GOOD))
    number = alone.host.peek(camera(ALONE))
    assert seen(alone, number).report.width == 64


def test_a_newer_peek_takes_the_place_of_the_older(alone):
    first = alone.host.peek(camera(ALONE))
    seen(alone, first)
    second = alone.host.peek(camera(ALONE))
    assert seen(alone, second).report.width == 64 and seen(alone, first, "ended")
    assert len(peeks(alone)) == 1


def test_the_camera_that_is_open_is_shown_from_its_own_frames(alone):
    alone.host.open_source(camera(ALONE))
    alone.frame()
    number = alone.host.peek(camera(ALONE))
    event = alone.until(lambda e: isinstance(e, PeekSeen) and e.report is not None and e.report.rate > 0)
    assert event.live and event.id == number and event.report.width == 64 and not peeks(alone)
    alone.host.open_source(camera(GOOD))
    seen(alone, number, "ended")


def test_another_source_plays_on_beside_a_peek(desk):
    desk.host.open_source(camera(GOOD))
    desk.frame()
    number = desk.host.peek(camera(FAST))
    seen(desk, number)
    desk.host.open_source(SourceRequest(kind="clip"))
    desk.until(lambda e: isinstance(e, FrameArrived) and e.frame.width == 1280)
    desk.events.clear()
    seen(desk, number)


def test_a_stream_is_tried_only_where_a_person_asked_for_it(desk):
    with MjpegServer("good") as server:
        request = SourceRequest(kind="stream", path=server.url)
        number = desk.host.peek(request)
        assert seen(desk, number, "failed").trouble.code == "stream.asleep" and server.connections == 0
        desk.host.allow_stream(server.url)
        number = desk.host.peek(request)
        assert seen(desk, number).report.width == 64 and server.connections == 1
        desk.host.end_peek()
        seen(desk, number, "ended")


def test_closing_the_host_ends_a_peek_that_hangs(make_desk):
    desk = make_desk({"capture": FAKE})
    desk.host.peek(camera(DEAF))
    desk.wait(0.5)
    began = time.monotonic()
    desk.host.close()
    assert time.monotonic() - began < 3.5 and not peeks(desk)
    assert desk.host.peek(camera(GOOD)) == 0


def test_the_list_is_the_systems_and_opens_nothing():
    began = time.monotonic()
    found = result_of(CamerasRequest())
    assert found.cameras == (named_cameras() or found.cameras) and found.trouble is None
    assert time.monotonic() - began < 1 or named_cameras() is None


TRIES = (
    "import sys, time\nwith open(sys.argv[1], 'a') as answer:\n    print(0, 2, sep='\\n', file=answer, flush=True)\n    {then}"
)


@pytest.mark.parametrize(("then", "whole"), [("pass", True), ("time.sleep(60)", False), ("import os; os.abort()", False)])
def test_numbers_are_tried_in_a_process_that_can_be_killed(then, whole):
    events = list(peek_cameras._tried(Work(), [sys.executable, "-c", TRIES.format(then=then)], 1.5))
    assert all(isinstance(event, Progress) for event in events[:-1]) and isinstance(events[-1], Result)
    found = events[-1].record
    assert [(one.index, one.name, one.known) for one in found.cameras] == [(0, "Camera 0", False), (2, "Camera 2", False)]
    assert (found.trouble is None) == whole


def test_trying_numbers_can_be_stopped():
    token = CancelToken()
    steps = peek_cameras._tried(Work(token=token), [sys.executable, "-c", "import time; time.sleep(60)"], 60)
    next(steps)
    token.cancel()
    with pytest.raises(Cancelled):
        next(steps)
    assert not [child for child in psutil.Process().children() if "time.sleep" in " ".join(child.cmdline())]


def test_the_process_that_tries_numbers(tmp_path):
    answer = tmp_path / "numbers"
    answer.touch()
    subprocess.run([sys.executable, "-m", "explorer.host.peek_cameras", answer], check=True, timeout=60, env={**os.environ})
    known = {str(one.index) for one in named_cameras() or ()}
    assert set(answer.read_text().split()) <= known


def test_a_device_that_only_one_may_hold_is_always_there_for_the_last_who_asks(alone):
    """At random: try, stop trying, close, open. Every opening plays, whoever held the device before."""
    rng = random.Random(7)
    for number in range(14):
        act = "open" if number % 5 == 4 else rng.choice(["peek", "end", "close", "open"])
        if act == "peek":
            alone.host.peek(camera(ALONE))
        elif act == "end":
            alone.host.end_peek()
        elif act == "close":
            alone.host.close_source()
        else:
            generation = alone.host.open_source(camera(ALONE))
            said = alone.until(
                lambda e, g=generation: isinstance(e, SourceState) and e.generation == g and e.state != "opening"
            )
            assert said.state == "playing", said.trouble
        alone.wait(rng.choice([0.0, 0.0, 0.05, 0.3]))
