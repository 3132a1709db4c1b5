"""A paused job: the board's clock rests, the strip says so."""

import pytest

from explorer.gui import jobboard
from explorer.gui.jobboard import JobBoard
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.jobs import Preview, Result, Started
from explorer.requests.dream import DreamRequest


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(jobboard.time, "monotonic", lambda: now[0])
    return now


def test_time_left_does_not_run_during_a_pause(clock):
    board = JobBoard()
    board.began("dream", DreamRequest())
    board.event("dream", Started("x"))
    clock[0] += 10.0
    board.event("dream", Preview(None, 10, 30))
    assert board.get("dream").left(clock[0]) == pytest.approx(20.0)
    assert board.hold("dream", True) and not board.hold("dream", True)
    clock[0] += 500.0
    assert board.get("dream").left(clock[0]) == pytest.approx(20.0)
    assert board.hold("dream", False)
    clock[0] += 10.0
    board.event("dream", Preview(None, 20, 30))
    assert board.get("dream").spent(clock[0]) == pytest.approx(20.0) and board.get("dream").left(clock[0]) == pytest.approx(
        10.0
    )
    board.event("dream", Result(None))
    assert not board.hold("dream", True) and not board.hold("other", True)


def test_a_job_held_before_it_began_rests_from_its_first_moment(clock):
    board = JobBoard()
    board.began("dream", DreamRequest())
    board.hold("dream", True)
    clock[0] += 50.0
    board.event("dream", Started("x"))
    clock[0] += 50.0
    assert board.get("dream").spent(clock[0]) == 0.0


def test_the_strip_says_paused_and_the_desk_knows(desk, qtbot):
    strip = ProgressStrip()
    qtbot.addWidget(strip)
    told = []
    desk.jobs_changed.connect(lambda: (told.append(1), strip.show_job(desk.jobs.get("dream"))))
    desk.submit("dream", DreamRequest())
    assert desk.hold("dream", True) and desk.host.held == {"dream": True}
    assert "paused" in strip.label.text() and not strip.isHidden()
    count = len(told)
    desk.hold("dream", True)
    assert len(told) == count
    desk.hold("dream", False)
    assert len(told) == count + 1 and desk.jobs.get("dream").held is None
