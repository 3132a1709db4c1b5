"""One request on its way; of those wanted since then only the newest; a newer picture asks again."""

import numpy as np
import pytest

from explorer.gui.newest import Newest
from explorer.host.messages import FrameArrived
from explorer.jobs import CancelledJob, Progress, Result
from explorer.records.frame import Frame
from explorer.requests.receptive import ReceptiveRequest


def at(y):
    return ReceptiveRequest(layer="a", y=y)


def frame(seq):
    return Frame(np.zeros((2, 2, 3), np.uint8), seq=seq)


@pytest.fixture
def newest(desk, qtbot):
    desk.host.say(FrameArrived(frame(1)))
    qtbot.wait(1)
    return Newest(desk, "filters.field")


def asked(desk):
    return [request.y for request in desk.host.requests("filters.field")]


def test_only_the_newest_of_what_was_wanted_meanwhile_is_asked(newest, desk):
    for y in range(6):
        newest.want(at(y))
    assert asked(desk) == [0]
    assert newest.heard(Progress(1, 2)) is None and asked(desk) == [0]
    assert newest.heard(Result("zero")).record == "zero"  # late, but of use while the mouse moves
    assert asked(desk) == [0, 5]
    newest.heard(Result("five"))
    newest.want(at(5))
    assert asked(desk) == [0, 5]  # the same on the same picture is not asked twice


def test_an_answer_that_is_no_longer_wanted_is_dropped(newest, desk):
    newest.want(at(1))
    newest.want(None)
    newest.want(at(2))
    assert newest.heard(Result("one")) is None and asked(desk) == [1, 2]
    newest.want(None)
    assert newest.heard(Result("two")) is None and asked(desk) == [1, 2]


def test_a_newer_picture_asks_again_at_the_pace_of_the_answers(newest, desk, qtbot):
    newest.want(at(1))
    for seq in (2, 3, 4):
        desk.host.say(FrameArrived(frame(seq)))
        qtbot.wait(1)
        newest.frame(desk.frame)
    assert asked(desk) == [1]
    newest.heard(Result("on 1"))
    assert asked(desk) == [1, 1]
    newest.heard(Result("on 4"))
    assert asked(desk) == [1, 1]
    newest.live = False
    desk.host.say(FrameArrived(frame(5)))
    qtbot.wait(1)
    newest.frame(desk.frame)
    assert asked(desk) == [1, 1]
    newest.again()
    assert asked(desk) == [1, 1, 1]


def test_a_stopped_job_is_not_asked_again_by_itself(newest, desk):
    newest.want(at(1))
    assert newest.heard(CancelledJob()) is None and asked(desk) == [1]
    newest.want(at(2))
    assert asked(desk) == [1, 2]


def test_nothing_is_asked_before_there_is_a_picture(desk):
    early = Newest(desk, "filters.field")
    early.want(at(1))
    assert asked(desk) == []
