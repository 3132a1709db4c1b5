"""Which frame a child looks at next, by hand: no process, no thread, a feed without memory."""

from __future__ import annotations

from itertools import count

import pytest
from fixtures_faulty import LookRequest

from explorer.host.board import Board
from explorer.host.feed import Feed, Held
from explorer.host.post import Post
from explorer.host.rounds import Rounds
from explorer.host.wire import CancelJob, FrameIn, Hungry, JobEvent, SlotRef
from explorer.jobs import CancelledJob, Result


class Bare(Feed):
    """Frames that are only counted."""

    def __init__(self):
        self.freed = []
        super().__init__(lambda ring, slot: self.freed.append(slot))
        self._rings["r"], self._held["r"], self._slots = None, 0, count()

    def come(self):
        slot = next(self._slots)
        held = Held(FrameIn(1, "r", slot, 4, 4, slot / 30, slot / 30, "s", slot), next(self._seqs))
        self._change("newest", held)
        return held

    def lend(self, held, to):
        return SlotRef("r", 0, 4, 4, held.seq, 0.0, "s", 0)

    def _remove(self, name):
        pass


class Table:
    def __init__(self):
        self.asked, self.cancelled, self.shown = [], [], []
        self.feed = Bare()
        self.post = Post(lambda: None)
        self.board = Board(self.post, lambda kind, message: self.cancelled.append(message))
        self.rounds = Rounds(self.feed, self.board, self.sent, lambda held: self.shown.append(held.seq))

    def sent(self, kind, channel, message):
        assert kind == "engine" and message.follows
        self.asked.append((channel, message.slot.seq))

    def follow(self, channel="a"):
        task = self.board.begin(channel, LookRequest(), "engine", 0.0, follows=True)
        self.rounds.look("engine")
        return task

    def frame(self):
        held = self.feed.come()
        self.rounds.look("engine")
        return held.seq

    def hungry(self, task, seq):
        self.rounds.hungry("engine", Hungry(task.channel, task.generation, seq))

    def say(self, task, event):
        about = self.rounds.frame_of("engine", task.generation)
        self.board.heard(JobEvent(task.channel, task.generation, event))
        self.rounds.answered("engine", task.generation)
        self.rounds.look("engine")
        return about.seq if about is not None else None

    def heard(self):
        return [letter.event for letter in self.post.take()]


@pytest.fixture
def table():
    return Table()


def test_without_a_word_of_the_child_one_frame_at_a_time(table):
    task = table.follow()
    for _ in range(3):
        table.frame()
    assert table.asked == [("a", 0)] and table.shown == []
    assert table.say(task, Result("zero")) == 0
    assert table.asked == [("a", 0), ("a", 2)] and table.shown == [0] and table.heard() == [Result("zero")]


def test_a_hungry_child_gets_the_newest_frame_ahead_and_never_a_third(table):
    task = table.follow()
    table.frame()
    table.frame()
    newest = table.frame()
    table.hungry(task, 0)
    assert table.asked == [("a", 0), ("a", newest)]
    table.frame()
    table.hungry(task, newest)  # its pass has begun, while the answer to the first is still read out
    assert len(table.asked) == 2
    assert table.say(task, Result("first")) == 0
    assert table.shown == [0] and table.asked[2:] == [("a", 3)]
    assert table.say(task, Result("second")) == newest and table.shown == [0, newest]
    assert table.heard() == [Result("second")]  # the newest of those that nobody took


def test_a_frame_that_comes_after_the_word_is_sent_at_once(table):
    task = table.follow()
    table.frame()
    table.hungry(task, 0)
    assert table.asked == [("a", 0)]
    table.frame()
    assert table.asked == [("a", 0), ("a", 1)]
    table.frame()
    assert len(table.asked) == 2


def test_a_word_about_an_older_frame_came_too_late(table):
    task = table.follow()
    table.frame()
    table.say(task, Result("zero"))
    table.frame()
    table.hungry(task, 0)
    table.frame()
    assert table.asked == [("a", 0), ("a", 1)]


def test_with_two_follows_or_another_job_nothing_is_sent_ahead(table):
    one, two = table.follow("a"), table.follow("b")
    table.frame()
    table.frame()
    table.hungry(one, 0)
    assert table.asked == [("a", 0)]
    table.say(one, Result("a0"))
    table.hungry(two, 0)
    assert table.asked == [("a", 0), ("b", 0)] and table.shown == []
    table.say(two, Result("b0"))
    assert table.shown == [0] and set(table.heard()) == {Result("a0"), Result("b0")}
    table.board.stop("b", 0.0)
    table.board.begin("load", LookRequest(), "engine", 0.0)  # it waits for its first turn
    before = len(table.asked)
    table.hungry(one, 1)
    assert len(table.asked) == before


def test_a_changed_request_throws_away_what_waits(table):
    old = table.follow()
    table.frame()
    table.frame()
    table.hungry(old, 0)
    new = table.follow()
    assert table.cancelled == [CancelJob("a", old.generation)] and len(table.asked) == 2
    newest = table.frame()
    table.say(old, CancelledJob())
    assert len(table.asked) == 2  # it still has the other frame
    table.say(old, CancelledJob())
    assert table.asked[2:] == [("a", newest)] and table.shown == []
    table.say(new, Result("new"))
    assert table.shown == [newest] and table.heard() == [Result("new")]


def test_after_a_seek_the_frame_that_was_sent_ahead_is_not_shown(table):
    task = table.follow()
    table.frame()
    table.frame()
    table.hungry(task, 0)
    table.rounds.leave()
    sought = table.frame()
    table.say(task, Result("before"))
    table.say(task, Result("beside the point"))
    assert table.shown == [0] and table.heard() == [Result("before")]
    table.say(task, Result("after"))
    assert table.shown == [0, sought] and table.heard() == [Result("after")]


def test_a_seek_that_leads_nowhere_leaves_the_newest_frame(table):
    task = table.follow()
    table.frame()
    table.frame()
    table.hungry(task, 0)
    table.rounds.leave()
    table.say(task, Result("zero"))
    table.say(task, Result("one"))
    assert table.shown == [0, 1]


def test_the_death_of_the_child_lets_both_frames_go(table):
    task = table.follow()
    table.frame()
    table.frame()
    table.hungry(task, 0)
    table.frame()
    assert table.rounds and len(table.asked) == 2
    table.rounds.lost("engine")
    table.board.lost("engine", None, final=False)
    assert not table.rounds and task.flying == 0 and not task.hungry
    table.rounds.look("engine")
    assert table.asked[2:] == [("a", 2)]
    table.say(task, Result("two"))
    assert sorted(table.feed.freed) == [] or table.shown == [2]


def test_a_still_picture_is_shown_though_its_follow_ended(table):
    table.follow()
    table.frame()
    table.board.stop("a", 0.0)
    table.rounds.look("engine")
    assert table.shown == [0]
