"""The engine dies, hangs, refuses: what the window hears, and that nothing is left (matrix rows 16, 17, 18, 22)."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import pytest
from fixtures_faulty import FAULTY, FaultyCalcRequest, FaultyRequest

from explorer.host.messages import Answer, ChildLog, EngineState
from explorer.host.process import ChildSpec
from explorer.jobs import LAST, CancelledJob, Failed, Preview, Progress, Result, Started
from explorer.records.frame import Frame


def test_a_job_runs_and_its_events_arrive_in_order(desk):
    generation = desk.host.submit("a", FaultyRequest(steps=3, seconds=0.05, value=7))
    last = desk.end_of("a", generation)
    assert isinstance(last, Result) and last.record.facts["value"] == 7
    kinds = [type(event.event) for event in desk.of(Answer)]
    assert kinds[0] is Started and kinds[-1] is Result and set(kinds[1:-1]) <= {Progress, Preview}
    assert Preview in kinds
    assert [state.kind for state in desk.of(EngineState)] == ["starting", "ready"]


def test_errors_are_reasons_not_deaths(desk):
    for fault, code in [("raises", "unforeseen"), ("refuses", "planted"), ("allocates", "memory")]:
        last = desk.end_of("a", desk.host.submit("a", FaultyRequest(fault=fault)))
        assert isinstance(last, Failed) and last.trouble.code == code
    assert isinstance(desk.end_of("a", desk.host.submit("a", FaultyRequest())), Result)
    assert any("planted" in log.text and "ZeroDivisionError" in log.text for log in desk.of(ChildLog))
    assert "restarting" not in [state.kind for state in desk.of(EngineState)]


@pytest.mark.parametrize("fault", ["unpicklable", "stranger"])
def test_a_result_that_may_not_cross_is_a_failure(desk, fault):
    assert isinstance(desk.end_of("a", desk.host.submit("a", FaultyRequest(fault=fault))), Failed)
    assert isinstance(desk.end_of("a", desk.host.submit("a", FaultyRequest())), Result)


def test_a_frame_that_cannot_be_sent_ends_its_job(desk):
    desk.host.start("engine")
    desk.engine("ready")
    generation = desk.host.submit("a", FaultyRequest(), Unpicklable(np.zeros((2, 2, 3), np.uint8)))
    assert isinstance(desk.end_of("a", generation), CancelledJob)
    assert isinstance(desk.end_of("a", desk.host.submit("a", FaultyRequest())), Result)


class Unpicklable(Frame):
    def __reduce__(self):
        raise TypeError("planted")


@pytest.mark.parametrize(("fault", "how"), [("segv", "SIGSEGV"), ("killed", "SIGKILL"), ("exit", "exit status 1")])
def test_a_death_is_said_and_repaired_and_the_preview_stays(desk, fault, how):
    generation = desk.host.submit("dream", FaultyRequest(steps=4, seconds=0.05, fault=fault))
    last = desk.end_of("dream", generation)
    assert isinstance(last, Failed) and last.trouble.code == "engine.died" and last.trouble.values["how"] == how
    assert [event.event for event in desk.of(Answer) if isinstance(event.event, Preview)][-1].record.facts["value"] >= 3
    state = desk.seen_or_until(lambda e: isinstance(e, EngineState) and e.kind == "restarting")
    assert state.restarts == 1 and state.detail == how
    if fault == "segv":
        assert "Segmentation fault" in state.log and "fixtures_faulty.py" in state.log  # faulthandler's report
    assert isinstance(desk.end_of("a", desk.host.submit("a", FaultyRequest())), Result)


def test_the_death_of_an_idle_child_is_noticed_at_once(desk):
    desk.host.start("engine")
    desk.engine("ready")
    began = time.monotonic()
    os.kill(desk.pid(), signal.SIGKILL)
    desk.engine("restarting")
    assert time.monotonic() - began < 1.0
    desk.engine("ready")


def test_three_deaths_in_a_minute_are_the_end_until_asked(desk):
    for _ in range(3):
        last = desk.end_of("a", desk.host.submit("a", FaultyRequest(fault="exit")))
        assert isinstance(last, Failed)
    dead = desk.seen_or_until(lambda e: isinstance(e, EngineState) and e.kind == "dead")
    assert dead.child == "engine"
    generation = desk.host.submit("a", FaultyRequest())
    last = desk.end_of("a", generation)
    assert isinstance(last, Failed) and last.trouble.code == "engine.dead"
    assert isinstance(desk.end_of("c", desk.host.submit("c", FaultyCalcRequest())), Result)  # the playground lives on
    desk.host.restart("engine")
    desk.engine("ready")
    assert isinstance(desk.end_of("a", desk.host.submit("a", FaultyRequest())), Result)


def test_a_child_that_cannot_start_ends_dead_with_its_log(make_desk):
    desk = make_desk({"engine": ChildSpec("fixtures_faulty:broken_engine")})
    generation = desk.host.submit("a", FaultyRequest())
    assert isinstance(desk.end_of("a", generation), Failed)
    dead = desk.seen_or_until(lambda e: isinstance(e, EngineState) and e.kind == "dead")
    assert "it cannot even start" in dead.log


def test_stop_answers_within_200_ms_and_ends_a_job_that_will_not(desk, monkeypatch):
    monkeypatch.setattr("explorer.host.board.KILL_S", 1.0)
    generation = desk.host.submit("a", FaultyRequest(steps=2, seconds=0.02, fault="hangs"))
    desk.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Preview) and e.event.done == 2)
    pid = desk.pid()
    began = time.monotonic()
    desk.host.stop("a")
    last = desk.end_of("a", generation)
    answered = time.monotonic() - began
    assert isinstance(last, CancelledJob) and last.record.facts["value"] == 2
    assert answered < 1.0  # the promise is 0.2; five times that tells a hang
    other = desk.host.submit("b", FaultyRequest())
    last = desk.end_of("b", other)
    assert time.monotonic() - began < 15
    assert isinstance(last, (Result, Failed)) and desk.pid() != pid
    assert isinstance(desk.end_of("b", desk.host.submit("b", FaultyRequest())), Result)


def test_a_tidy_job_stops_by_itself(desk):
    generation = desk.host.submit("a", FaultyRequest(steps=5000, seconds=0.02))
    desk.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Preview))
    pid = desk.pid()
    desk.host.stop("a")
    last = desk.end_of("a", generation)
    assert isinstance(last, CancelledJob) and last.record is not None
    desk.wait(0.3)
    assert desk.pid() == pid


def test_a_long_step_that_ends_is_said_too(desk, monkeypatch):
    monkeypatch.setattr("explorer.host.supervisor.SLOW_S", 0.5)
    generation = desk.host.submit("a", FaultyRequest(seconds=1.5))
    desk.until(lambda e: isinstance(e, EngineState) and e.kind == "slow" and e.job)
    again = desk.engine("ready")
    assert again.facts["faulty"] and isinstance(desk.end_of("a", generation), Result)


@pytest.mark.parametrize("fault", ["hangs", "deaf"])
def test_a_hang_is_seen_and_restart_ends_it(desk, fault, monkeypatch):
    monkeypatch.setattr("explorer.host.supervisor.SLOW_S", 1.0)
    desk.host.submit("a", FaultyRequest(fault=fault))
    slow = desk.until(lambda e: isinstance(e, EngineState) and e.kind == "slow" and e.job)
    assert slow.job == "FaultyRequest" and slow.seconds >= 1.0
    desk.host.restart("engine")
    desk.engine("restarting")
    desk.engine("ready")
    assert isinstance(desk.end_of("a", desk.host.submit("a", FaultyRequest())), Result)


def test_the_newest_request_of_a_channel_wins(desk):
    desk.host.start("engine")
    desk.engine("ready")
    generations = [desk.host.submit("model", FaultyRequest(seconds=0.3, value=number)) for number in range(200)]
    last = desk.end_of("model", generations[-1])
    assert isinstance(last, Result) and last.record.facts["value"] == 199
    desk.wait(0.5)
    answers = desk.of(Answer)
    assert {answer.generation for answer in answers if isinstance(answer.event, LAST)} == {generations[-1]}


def test_a_stale_answer_never_arrives_after_a_newer_submit(desk):
    desk.end_of("m", desk.host.submit("m", FaultyRequest()))
    newest = 0
    for number in range(30):
        newest = desk.host.submit("m", FaultyRequest(value=number, steps=2, seconds=0.002))
        for event in desk.wait(0.01 * (number % 4)):
            assert not isinstance(event, Answer) or event.generation == newest
    desk.end_of("m", newest)


def test_channels_do_not_disturb_each_other(desk):
    generations = {name: desk.host.submit(name, FaultyRequest(seconds=0.02, value=ord(name))) for name in "abcdef"}
    got = {}
    while len(got) < len(generations):
        answer = desk.until(lambda e: isinstance(e, Answer) and isinstance(e.event, LAST))
        for event in desk.of(Answer):
            if isinstance(event.event, Result):
                got[event.channel] = event.event.record.facts["value"]
        assert answer
    assert got == {name: ord(name) for name in "abcdef"}


def test_a_lost_device_restarts_the_child_and_the_second_time_it_computes_on_the_cpu(desk, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for _ in range(2):
        last = desk.end_of("a", desk.host.submit("a", FaultyRequest(fault="device lost")))
        assert isinstance(last, Failed) and last.trouble.code == "device.broken"
        desk.engine("ready")
    last = desk.end_of("a", desk.host.submit("a", FaultyRequest()))
    assert last.record.facts["gpus"] == ""
    details = [state.detail for state in desk.of(EngineState) if state.kind == "restarting"]
    assert len(details) == 2 and "CPU" in details[1] and "CPU" not in details[0]


def test_wake_is_called_once_until_drained(make_desk):
    desk = make_desk({"engine": FAULTY})
    desk.host.submit("a", FaultyRequest(steps=10, seconds=0.01))
    time.sleep(1.5)
    assert desk.wakes == 1
    desk.host.drain()
    desk.host.submit("a", FaultyRequest())
    desk.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Result))
    assert desk.wakes > 1


def test_a_short_job_is_served_while_a_long_one_goes_on(desk):
    """One thread takes the jobs in turns: a picture is looked at while a dream dreams."""
    desk.host.submit("long", FaultyRequest(steps=200, seconds=0.02, value=1))
    desk.until(lambda e: isinstance(e, Answer) and e.channel == "long" and isinstance(e.event, Preview))
    for value in (7, 8, 9):
        desk.host.submit("short", FaultyRequest(value=value))
        answer = desk.until(lambda e: isinstance(e, Answer) and e.channel == "short" and isinstance(e.event, LAST))
        assert isinstance(answer.event, Result) and answer.event.record.facts["value"] == value
    ended = [e for e in desk.of(Answer) if e.channel == "long" and isinstance(e.event, LAST)]
    assert not ended
    asked = time.monotonic()
    desk.host.stop("long")
    last = desk.until(lambda e: isinstance(e, Answer) and e.channel == "long" and isinstance(e.event, LAST))
    assert isinstance(last.event, CancelledJob) and last.event.record is not None
    assert time.monotonic() - asked < 1.0
