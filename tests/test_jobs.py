from typing import ClassVar

import pytest

from explorer import jobs
from explorer.jobs import Cancelled, CancelledJob, CancelToken, Failed, Preview, Progress, Result, Started, Work, result_of, run
from explorer.records.errors import BadRequestError, ExplorerError, Trouble
from explorer.requests.base import Request, parameter


class Count(Request):
    job: ClassVar[str] = f"{__name__}:count"
    upto: int = parameter(3, "Up to", "Where to stop.", ge=0, le=10)
    seed: int = parameter(7, "Seed", "A seed.")


def count(request, work):
    for n in range(request.upto):
        yield Progress(n, request.upto)
        yield Preview(n, n, request.upto)
    yield Result(request.upto)


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Jobs are imported by name; a test module has none under importlib mode."""
    names = globals()
    monkeypatch.setattr(jobs, "find", lambda name: names[name.partition(":")[2]])


def test_a_job_ends_with_exactly_one_last_event():
    events = list(run(Count()))
    assert events[0] == Started("Count", 7)
    assert [type(event) for event in events[1:-1]] == [Progress, Preview] * 3
    assert isinstance(events[-1], Result) and events[-1].record == 3
    assert sum(isinstance(event, jobs.LAST) for event in events) == 1
    assert result_of(Count(upto=2)) == 2


def test_cancel_stops_at_the_next_yield_and_keeps_the_last_preview():
    token = CancelToken()
    seen = []
    for event in run(Count(upto=10), Work(token=token)):
        seen.append(event)
        if isinstance(event, Preview) and event.record == 1:
            token.cancel()
    assert seen[-1] == CancelledJob(1)


def test_cancel_before_the_start_runs_nothing():
    token = CancelToken()
    token.cancel()
    assert list(run(Count(), Work(token=token))) == [Started("Count", 7), CancelledJob(None)]


class Broken(Request):
    job: ClassVar[str] = f"{__name__}:broken"
    how: str = "ours"


CLEANED = []


def broken(request, work):
    try:
        yield Progress(0, 1)
        if request.how == "ours":
            raise BadRequestError(Trouble("layer.unknown", "There is no layer {name}.", {"name": "x"}))
        if request.how == "memory":
            raise MemoryError
        if request.how == "file":
            raise FileNotFoundError(2, "No such file", "gone.png")
        if request.how == "nothing":
            return
        raise ZeroDivisionError("by zero")
    finally:
        CLEANED.append(request.how)


@pytest.mark.parametrize(
    ("how", "code", "exit_code"),
    [("ours", "layer.unknown", 3), ("memory", "memory", 5), ("file", "file.missing", 3), ("other", "unforeseen", 6)],
)
def test_every_failure_is_one_event_with_a_reason(how, code, exit_code, caplog):
    events = list(run(Broken(how=how)))
    assert isinstance(events[-1], Failed)
    assert (events[-1].trouble.code, events[-1].trouble.exit_code) == (code, exit_code)
    assert events[-1].trouble.english()
    assert CLEANED[-1] == how
    with pytest.raises(ExplorerError):
        result_of(Broken(how=how))
    caplog.clear()


def test_a_job_without_a_result_is_a_failure_not_silence():
    assert isinstance(list(run(Broken(how="nothing")))[-1], Failed)


def test_leaving_early_closes_the_job():
    CLEANED.clear()
    events = run(Broken(how="ours"))
    next(events), next(events)
    events.close()
    assert CLEANED == ["ours"]


def test_a_job_stopped_at_a_yield_hears_of_it_and_may_show_a_last_preview(monkeypatch):
    token = CancelToken()

    def job(request, work):
        try:
            yield Preview("first")
            raise AssertionError("it was stopped")
        except Cancelled:
            yield Preview("last")
            raise

    monkeypatch.setattr(jobs, "find", lambda name: job)
    steps = run(Request(), Work(token=token))
    next(steps), next(steps)
    token.cancel()
    assert list(steps) == [CancelledJob("last")]
