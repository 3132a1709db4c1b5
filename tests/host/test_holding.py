"""A job that is paused rests in its child: it gets no turn, blocks nobody, is no hang, and goes on exactly where it was."""

from __future__ import annotations

import os
import signal
import time

from fixtures_faulty import FaultyRequest

from explorer.host.messages import Answer, EngineState
from explorer.jobs import CancelledJob, Failed, Preview, Result

LONG = FaultyRequest(steps=60, seconds=0.02, value=5)


def previews(events, channel="a"):
    mine = [event.event for event in events if isinstance(event, Answer) and event.channel == channel]
    return [event.record.facts["value"] for event in mine if isinstance(event, Preview)]


def running(desk, request=LONG):
    """A job of channel "a" that has shown something."""
    generation = desk.host.submit("a", request)
    desk.until(lambda e: isinstance(e, Answer) and e.channel == "a" and isinstance(e.event, Preview))
    return generation


def test_a_held_job_rests_others_go_on_and_it_continues_where_it_was(desk, monkeypatch):
    monkeypatch.setattr("explorer.host.supervisor.SLOW_S", 0.5)
    generation = running(desk)
    assert desk.host.hold("a", True)
    desk.wait(0.4)  # the turn that was under way, and the beat that brings its last preview
    before = previews(desk.events)
    other = desk.end_of("b", desk.host.submit("b", FaultyRequest(steps=3, value=9)))
    assert isinstance(other, Result) and other.record.facts["value"] == 9
    came = desk.wait(0.7)
    assert previews(came) == [] and not [e for e in came if isinstance(e, EngineState)], "a pause is no hang"
    assert desk.host.hold("a", False)
    last = desk.end_of("a", generation)
    assert isinstance(last, Result) and last.record.facts["value"] == 5
    after = previews(desk.events)[len(before) :]
    assert after and after[0] > before[-1] and after == sorted(after)
    assert not desk.host.hold("a", True)


def test_stop_ends_a_held_job_at_once_with_its_picture(desk):
    generation = running(desk)
    desk.host.hold("a", True)
    desk.wait(0.2)
    pid, began = desk.pid(), time.monotonic()
    desk.host.stop("a")
    last = desk.end_of("a", generation)
    assert isinstance(last, CancelledJob) and last.record is not None and time.monotonic() - began < 1.0
    desk.wait(0.2)
    assert desk.pid() == pid


def test_a_newer_job_replaces_a_held_one(desk):
    running(desk)
    desk.host.hold("a", True)
    desk.wait(0.2)
    last = desk.end_of("a", desk.host.submit("a", FaultyRequest(steps=2, value=3)))
    assert isinstance(last, Result) and last.record.facts["value"] == 3


def test_a_job_held_before_its_child_is_there_waits(desk):
    generation = desk.host.submit("a", FaultyRequest(steps=6, seconds=0.1, value=4))
    assert desk.host.hold("a", True)
    desk.engine("ready")
    desk.wait(0.6)
    assert len(previews(desk.events)) <= 1 and not [e for e in desk.of(Answer) if isinstance(e.event, Result)]
    desk.host.hold("a", False)
    assert isinstance(desk.end_of("a", generation), Result)


def test_the_death_of_the_engine_is_told_for_a_held_job_too(desk):
    generation = running(desk)
    desk.host.hold("a", True)
    desk.wait(0.2)
    os.kill(desk.pid(), signal.SIGKILL)
    last = desk.end_of("a", generation)
    assert isinstance(last, Failed) and last.trouble.code == "engine.died"
    assert isinstance(desk.end_of("a", desk.host.submit("a", FaultyRequest(steps=2))), Result)


def test_a_host_closes_in_time_with_a_held_job(desk):
    running(desk)
    desk.host.hold("a", True)
    desk.wait(0.1)
    began = time.monotonic()
    desk.host.close()
    assert time.monotonic() - began < 3.0 and not desk.host.hold("a", False)
