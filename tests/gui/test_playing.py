"""The bar of what can be played, and the keys of the Playback menu."""

import numpy as np
import pytest

from explorer.gui.widgets.video_bar import SPEEDS, clock, next_speed
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.source import SourceInfo
from explorer.requests.source import SourceRequest


def run(program, name):
    program.window.actions_by_name[name].trigger()


def frame(seq=0):
    return Frame(np.full((40, 60, 3), 120, np.uint8), seq, source="grey")


@pytest.fixture
def video(program, qtbot):
    """A video of 101 pictures stands at picture 50."""
    desk, bar = program.desk, program.window.strip.bar
    desk.open_source(SourceRequest(kind="video", path="a.mp4"))
    desk.host.source(state="playing", info=SourceInfo("a.mp4", 60, 40, 25.0, 101, True))
    desk.host.frame(frame(), index=50)
    qtbot.waitUntil(lambda: bar.isVisible() and bar.seek.value() == 50)
    return program


def test_the_keys_and_the_buttons_do_the_same(video):
    desk, bar = video.desk, video.window.strip.bar
    run(video, "from_here")
    assert desk.session.picture.start == 2.0 and bar.seek.marks == (50, None) and bar.start.isChecked()
    bar.whole.click()
    assert desk.session.picture.start == 0.0 and bar.seek.marks == (None, None) and not bar.start.isChecked()
    bar.end.click()
    assert desk.session.picture.end == 2.04 and bar.seek.marks == (None, 51)
    run(video, "whole_video")
    run(video, "play_faster")
    assert desk.session.picture.speed == bar.speed.value() == 1.25
    bar.speed.stepBy(-1)
    assert desk.session.picture.speed == 1.0
    bar.speed.setValue(7.3)
    assert desk.session.picture.speed == 7.3
    run(video, "play_loop")
    assert not desk.session.picture.loop and not bar.loop.isChecked()
    bar.loop.click()
    assert desk.session.picture.loop


def test_what_is_held_stays_held_when_it_is_played_otherwise(video):
    desk = video.desk
    run(video, "picture_on")
    assert desk.frozen and desk.host.asked[-1] == ("step", 1)
    run(video, "from_here")
    assert desk.frozen and desk.host.asked[-1] == ("pause", True)
    assert desk.host.sources[-1].start == 2.0
    assert not desk.can_undo or desk.session.picture.kind == "video"


def test_a_point_behind_the_other_takes_it_away(video, qtbot):
    desk, bar = video.desk, video.window.strip.bar
    run(video, "to_here")
    desk.host.frame(frame(1), index=80)
    qtbot.waitUntil(lambda: bar.seek.value() == 80)
    run(video, "from_here")
    assert (desk.session.picture.start, desk.session.picture.end) == (3.2, 0.0)


def test_a_still_cannot_be_played_and_says_so(program, qtbot):
    program.desk.host.source(state="ended", info=SourceInfo("coffee", 600, 400, 0.0, 1))
    before = program.desk.session
    run(program, "from_here")
    run(program, "play_faster")
    assert program.desk.session == before and not program.window.strip.bar.isVisible()
    qtbot.waitUntil(lambda: "cannot be played" in program.window.notices.text.text())


def test_a_folder_counts_pictures_and_has_no_points(program, qtbot):
    desk, bar = program.desk, program.window.strip.bar
    desk.open_source(SourceRequest(kind="folder", path="/pictures"))
    desk.host.source(state="playing", info=SourceInfo("pictures", 60, 40, 0.5, 12, True))
    desk.host.frame(frame(), index=2)
    qtbot.waitUntil(lambda: bar.time.text() == "3 of 12")
    assert not bar.start.isVisible() and not bar.end.isVisible() and bar.seek.isVisible()
    run(program, "from_here")
    assert desk.session.picture.start == 0.0


def test_a_camera_has_no_bar_and_a_source_without_places_no_slider(program, qtbot):
    desk, bar = program.desk, program.window.strip.bar
    desk.open_source(SourceRequest(kind="camera"))
    desk.host.source(state="playing", info=SourceInfo("Camera 0", 60, 40, 30.0, live=True))
    desk.open_source(SourceRequest(kind="plugin", path="ants"))
    desk.host.source(state="playing", info=SourceInfo("ants", 60, 40, 25.0))
    qtbot.waitUntil(bar.isVisible)
    assert not bar.seek.isVisible() and not bar.start.isVisible() and not bar.back.isVisible() and bar.play.isVisible()
    desk.host.source(state="failed", trouble=Trouble("plugin", "It ended."))
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_a_click_on_the_groove_goes_there(video, qtbot):
    from PySide6.QtCore import QPoint, Qt

    seek = video.window.strip.bar.seek
    with qtbot.waitSignal(seek.sought) as told:
        qtbot.mouseClick(seek, Qt.MouseButton.LeftButton, pos=QPoint(round(seek.x_of(25)), seek.height() // 2))
    assert abs(told.args[0] - 25) <= 1
    assert video.desk.host.asked[-1] == ("seek", told.args[0])


@pytest.mark.parametrize(("seconds", "said"), [(0, "0:00.0"), (62.56, "1:02.5"), (3723.9, "1:02:03"), (-1, "0:00.0")])
def test_the_clock(seconds, said):
    assert clock(seconds) == said


def test_speeds_go_up_and_down_the_ladder():
    assert next_speed(1.0, 1) == 1.25 and next_speed(1.1, -1) == 1.0
    assert next_speed(SPEEDS[-1], 1) == 8.0 and next_speed(SPEEDS[0], -1) == 0.1


def test_playing_faster_is_no_other_picture(video):
    """A kept answer, a chosen class, a point that is looked back from stay where they are."""
    picture = video.desk.session.picture
    run(video, "play_faster")
    run(video, "from_here")
    now = video.desk.session.picture
    assert now != picture and now.same_as(picture)
    assert not now.same_as(SourceRequest(kind="video", path="b.mp4"))
    assert not SourceRequest(kind="camera", mirror=True).same_as(SourceRequest(kind="camera"))


def test_at_the_end_play_begins_again(video, qtbot):
    desk = video.desk
    desk.host.source(state="ended", info=SourceInfo("a.mp4", 60, 40, 25.0, 101, True))
    qtbot.waitUntil(lambda: desk.source.state == "ended")
    video.window.strip.bar.play.click()
    assert desk.host.asked[-1] == ("pause", False) and not desk.frozen
