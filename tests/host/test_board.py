"""The bookkeeping of jobs by hand: no process, no thread, a clock that is told what time it is."""

from __future__ import annotations

import pytest
from fixtures_faulty import FaultyRequest

from explorer.host.board import ACK_S, KILL_S, RELOAD, Board
from explorer.host.messages import ChildLog, EngineState
from explorer.host.post import LOG_LINES, Post
from explorer.host.wire import CancelJob, HoldJob, JobEvent
from explorer.jobs import CancelledJob, Failed, Preview, Progress, Result, Started
from explorer.records.errors import Trouble
from explorer.records.network import NetworkInfo

TROUBLE = Trouble("engine.died", "died")


class Table:
    """A board, its letters and what was sent."""

    def __init__(self):
        self.sent = []
        self.post = Post(lambda: None)
        self.board = Board(self.post, lambda kind, message: self.sent.append(message))

    def begin(self, channel="a", now=0.0, follows=False):
        return self.board.begin(channel, FaultyRequest(), "engine", now, follows=follows)

    def say(self, task, *events):
        for event in events:
            self.board.heard(JobEvent(task.channel, task.generation, event))

    def letters(self):
        return [(letter.generation, letter.event) for letter in self.post.take()]


@pytest.fixture
def table():
    return Table()


def test_events_pass_and_the_last_ends_the_task(table):
    task = table.begin()
    table.say(task, Started("x"), Progress(1, 2), Preview("p"), Result("r"))
    assert [event for _, event in table.letters()] == [Started("x"), Progress(1, 2), Preview("p"), Result("r")]
    assert not table.board.busy("engine")
    table.say(task, Result("again"))
    assert not table.letters()


def test_a_newer_task_silences_the_older_one(table):
    old = table.begin()
    table.say(old, Started("x"), Preview("old"))
    new = table.begin()
    assert table.sent == [CancelJob("a", old.generation)]
    table.say(old, Preview("older still"), Result("old"))
    table.say(new, Result("new"))
    assert table.letters() == [(new.generation, Result("new"))]


def test_stop_is_answered_in_time_whatever_the_child_does(table):
    task = table.begin()
    table.say(task, Started("x"), Preview("so far"))
    table.letters()
    table.board.stop("a", 10.0)
    table.board.stop("a", 10.05)
    assert table.sent == [CancelJob("a", task.generation)]
    table.say(task, Preview("later"))
    assert not table.board.tick("engine", 10.0 + ACK_S / 2) and not table.letters()
    assert not table.board.tick("engine", 10.0 + ACK_S)
    assert table.letters() == [(task.generation, CancelledJob("later"))]
    table.say(task, CancelledJob("x"))
    assert not table.letters() and not table.board.busy("engine")


def test_a_started_job_that_will_not_end_costs_the_child_its_life(table):
    task = table.begin()
    table.say(task, Started("x"))
    table.board.stop("a", 0.0)
    assert not table.board.tick("engine", KILL_S - 0.1)
    assert table.board.tick("engine", KILL_S)
    assert not table.board.tick("calc", KILL_S)


def test_a_job_that_waits_does_not(table):
    table.begin()
    table.board.stop("a", 0.0)
    assert not table.board.tick("engine", 100.0)


def test_a_result_after_stop_is_a_cancelled_job_with_it(table):
    task = table.begin()
    table.board.stop("a", 0.0)
    table.say(task, Result("whole"))
    assert table.letters() == [(task.generation, CancelledJob("whole"))]


def test_a_death_answers_for_everything_of_that_child(table):
    first, second = table.begin("a"), table.begin("b")
    table.board.stop("b", 0.0)
    other = table.board.begin("c", FaultyRequest(), "calc", 0.0)
    followed = table.begin("f", follows=True)
    followed.sent(0)
    table.board.lost("engine", TROUBLE, final=False)
    assert table.letters() == [(first.generation, Failed(TROUBLE)), (second.generation, CancelledJob(None))]
    assert table.board.follows("engine") == [followed] and not followed.flying and followed.seen == -1
    assert table.board.busy("calc") and other.place == "calc"
    table.board.lost("engine", TROUBLE, final=True)
    assert table.letters() == [(followed.generation, Failed(TROUBLE))]


def test_follows_answer_together_and_the_newest_wins(table):
    one, two = table.begin("a", follows=True), table.begin("b", follows=True)
    table.say(one, Started("x"), Progress(1, 9, "fetching"), Preview("never shown"))
    assert table.letters() == [(one.generation, Progress(1, 9, "fetching"))]
    for number in (1, 2):
        table.say(one, Started("x"), Result(number))
        assert number == 2 or not table.letters()
        table.say(two, Result(10 * number))
        table.board.deliver("engine", float(number))
    assert table.letters() == [(one.generation, Result(2)), (two.generation, Result(20))]


def test_a_follow_ends_after_three_failures_in_a_row(table):
    task = table.begin(follows=True)
    fail = Failed(TROUBLE)
    table.say(task, fail, fail, Result(1), fail, fail)
    assert table.board.follows()
    table.say(task, fail)
    assert not table.board.follows() and table.letters()[-1] == (task.generation, fail)


def test_stopping_a_follow_ends_it_at_once(table):
    task = table.begin(follows=True)
    task.sent(0)
    table.board.stop("a", 0.0)
    assert table.letters() == [(task.generation, CancelledJob())] and table.board.busy("engine")
    table.say(task, Result("late"))
    assert not table.letters() and not table.board.busy("engine")


def test_the_last_good_load_is_remembered_and_its_repetition_is_quiet(table):
    info = NetworkInfo("n", "N", "classify", "w", 1, ())
    task = table.begin()
    table.say(task, Failed(TROUBLE))
    assert table.board.loaded is None
    task = table.begin()
    table.say(task, Result(info))
    assert table.board.loaded == task.request
    table.letters()
    quiet = table.begin(RELOAD)
    table.say(quiet, Started("x"), Result(info))
    assert not table.letters()


def test_the_post_wakes_once_until_taken_and_keeps_the_newest_news():
    wakes = []
    post = Post(lambda: wakes.append(1))
    for number in range(50):
        post.answer("a", 1, Progress(number, 50))
        post.answer("a", 1, Preview(number))
    post.answer("a", 1, Result("r"))
    assert len(wakes) == 1
    assert [letter.event for letter in post.take()] == [Progress(49, 50), Preview(49), Result("r")]
    assert post.take() == []
    post.put(EngineState("ready"))
    assert len(wakes) == 2


def test_the_post_forgets_one_channel_only():
    post = Post(lambda: None)
    post.answer("a", 1, Result(1))
    post.answer("b", 2, Result(2))
    post.put(EngineState("ready"))
    post.forget("a")
    left = post.take()
    assert len(left) == 2 and left[0].channel == "b"


def test_the_post_keeps_a_bounded_log():
    post = Post(lambda: None)
    post.put(EngineState("ready"))
    for number in range(LOG_LINES + 10):
        post.put(ChildLog("engine", 20, "x", str(number)))
    letters = post.take()
    assert len(letters) == LOG_LINES + 1 and letters[1].text == "10" and letters[-1].text == str(LOG_LINES + 9)


def test_a_held_job_is_told_once_and_blocks_no_follow(table):
    assert not table.board.hold("a", True)
    task = table.begin()
    assert table.board.busy("engine")
    assert table.board.hold("a", True) and table.board.hold("a", True)
    assert table.sent == [HoldJob("a", task.generation, True)] and not table.board.busy("engine")
    assert table.board.hold("a", False) and table.sent[-1] == HoldJob("a", task.generation, False)
    table.board.hold("a", True)
    table.board.stop("a", 0.0)
    assert table.sent[-1] == CancelJob("a", task.generation) and not table.board.hold("a", False)
    assert table.board.tick("engine", ACK_S) is False and table.letters() == [(task.generation, CancelledJob(None))]


def test_a_follow_and_the_successor_of_a_held_job_are_not_held(table):
    table.begin("f", follows=True)
    assert not table.board.hold("f", True)
    table.begin()
    table.board.hold("a", True)
    newer = table.begin()
    assert not newer.held and table.sent[-1] == CancelJob("a", newer.generation - 1)


def test_the_death_of_the_child_ends_a_held_job(table):
    task = table.begin()
    table.say(task, Started("x"), Preview("p"))
    table.board.hold("a", True)
    table.letters()
    table.board.lost("engine", TROUBLE, final=False)
    assert table.letters() == [(task.generation, Failed(TROUBLE))]


def test_a_follow_that_is_replaced_answers_for_both_its_frames(table):
    old = table.begin(follows=True)
    old.sent(0)
    old.sent(1)
    table.begin(follows=True)
    assert table.sent == [CancelJob("a", old.generation)] and table.board.busy("engine")
    table.say(old, CancelledJob())
    assert table.board.busy("engine")
    table.say(old, Result("late"))
    assert not table.board.busy("engine") and not table.letters()
