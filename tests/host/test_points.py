"""Points, mirror and speed of what is playing: changed without a new start, and nothing is shown outside the points."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from explorer.host.messages import FrameArrived, SourceState
from explorer.picture.stills import write_png
from explorer.picture.video import VideoWriter
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest


@pytest.fixture(scope="module")
def part(tmp_path_factory):
    """0.5 s to 1.0 s of 40 frames at 20 a second; frame k is grey of brightness 5 k, black on the left."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with VideoWriter(path, 20, (64, 48)) as writer:
        for number in range(40):
            rgb = np.full((48, 64, 3), 5 * number, np.uint8)
            rgb[:, :16] = 0
            writer.write(rgb)
    return SourceRequest(kind="video", path=str(path), start=0.5, end=1.0, speed=2)


def frames(desk):
    return desk.of(FrameArrived)


def assert_pictures_fit_their_places(desk):
    for event in frames(desk):
        assert abs(event.frame.rgb[:, -16:].mean() / 5 - event.index) <= 1


def paused(desk, request):
    desk.host.open_source(request)
    desk.frame()
    desk.host.pause_source(True)
    desk.source("paused")
    desk.wait(0.1)
    return frames(desk)[-1].index


def test_a_loop_goes_from_the_second_point_to_the_first(desk, part):
    desk.host.open_source(part)
    playing = desk.source("playing")
    assert playing.info.frames == 40 and playing.info.fps == 20  # the slider is that of the whole film
    desk.until(lambda e: isinstance(e, FrameArrived) and e.frame.seq > 15)
    places = [e.index for e in frames(desk)]
    assert places[0] == 10 and set(places) <= set(range(10, 20))
    assert any(one > other for one, other in pairwise(places))
    assert_pictures_fit_their_places(desk)


def test_without_a_loop_it_ends_at_the_second_point_and_plays_again_from_the_first(desk, part):
    desk.host.open_source(changed(part, loop=False, speed=8))
    desk.source("ended")
    assert frames(desk)[-1].index == 19
    desk.host.pause_source(False)
    assert desk.frame().index < 15


def test_steps_and_jumps_stay_between_the_points(desk, part):
    paused(desk, changed(part, speed=0.5))
    for seek, place in ((0, 10), (39, 19), (12, 12)):
        desk.host.seek_source(seek)
        assert desk.frame().index == place
    for by, place in ((-1, 11), (-1, 10), (-1, 10), (9, 19), (1, 19)):
        desk.host.step_source(by)
        assert desk.frame().index == place
    assert_pictures_fit_their_places(desk)


def test_points_can_be_moved_while_it_plays(desk, part):
    desk.host.open_source(changed(part, start=0, end=0.5, speed=0.5))
    desk.frame()
    desk.events.clear()
    desk.host.open_source(changed(part, start=1.5, end=2.0))
    assert desk.frame().index in range(30, 33)  # from outside it goes to the nearest frame at once
    assert desk.until(lambda e: isinstance(e, FrameArrived) and e.index > 33).index < 40
    assert [e.state for e in desk.of(SourceState)] == ["opening", "playing"]


def test_impossible_points_are_said_and_the_old_ones_stay(desk, part):
    desk.host.open_source(part)
    desk.frame()
    desk.events.clear()
    desk.host.open_source(changed(part, start=1.0, end=0.5))
    state = desk.until(lambda e: isinstance(e, SourceState) and e.trouble is not None)
    assert (state.state, state.trouble.code) == ("playing", "source.points")
    desk.frame()
    assert {e.index for e in frames(desk)} <= set(range(10, 20))
    desk.host.open_source(changed(part, path=part.path + "x"))
    desk.source("failed")
    desk.host.open_source(changed(part, start=1.0, end=0.5))
    assert desk.source("failed").trouble.code == "source.points"


def test_mirror_turns_the_picture_that_is_shown_and_nothing_starts_again(desk, part):
    here = paused(desk, part)
    desk.events.clear()
    desk.host.open_source(changed(part, mirror=True))
    event = desk.frame()
    assert event.index == here and event.frame.rgb[:, -16:].mean() < 10 < event.frame.rgb[:, :16].mean()
    desk.wait(0.2)
    assert len(frames(desk)) == 1 and [e.state for e in desk.of(SourceState)] == ["opening", "paused"]
    desk.host.pause_source(False)
    event = desk.until(lambda e: isinstance(e, FrameArrived) and e.index != here)
    assert event.frame.rgb[:, -16:].mean() < 10


def test_a_held_source_stays_held_when_its_speed_changes(desk, part):
    here = paused(desk, part)
    desk.events.clear()
    desk.host.open_source(changed(part, speed=4))
    desk.wait(0.3)
    assert {e.index for e in frames(desk)} == {here}
    desk.host.pause_source(False)
    desk.until(lambda e: isinstance(e, FrameArrived) and e.index != here)


def test_a_folder_has_points_and_shows_its_last_picture_as_long_as_the_others(desk, tmp_path):
    for number in range(6):
        write_png(tmp_path / f"{number}.png", np.full((8, 8, 3), number * 40, np.uint8))
    desk.host.open_source(SourceRequest(kind="folder", path=str(tmp_path), start=2, end=6, speed=8))
    shown = []
    while len(shown) < 5:
        shown.append((desk.frame().index, time.monotonic()))
    assert [index for index, _ in shown] == [1, 2, 1, 2, 1]
    waits = np.diff([at for _, at in shown])
    assert (waits > 0.15).all(), waits  # two seconds at eight times the speed
