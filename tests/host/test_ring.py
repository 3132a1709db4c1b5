"""Shared memory: who creates, who removes, who may write; frames on the window's side."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import numpy as np
import pytest
from fixtures_dangling import shared_memory
from fixtures_media import stamp_of, stamped

from explorer.host import ring as rings
from explorer.host.feed import Feed
from explorer.host.ring import Attached, Reader, Ring
from explorer.host.wire import FrameIn
from explorer.records.errors import MediaError

NBYTES = 48 * 64 * 3


def test_what_is_written_is_read_and_only_the_creator_removes():
    ring = Ring(NBYTES, 3)
    assert shared_memory() == [ring.name]
    there = Attached(ring.name)
    rgb = np.ascontiguousarray(stamped(5)[:, :, ::-1])
    there.write(2 * NBYTES, rgb)
    there.close()
    assert shared_memory() == [ring.name]
    assert np.array_equal(ring.copy(2, 48, 64), rgb) and not ring.copy(0, 48, 64).any()
    frame = Reader()
    assert frame.frame(ring.name, 2 * NBYTES, 48, 64, 9, 1.5, "x").seq == 9
    frame.close()
    ring.close()
    ring.close()
    assert not shared_memory()


def test_a_process_that_attaches_and_dies_removes_nothing():
    ring = Ring(NBYTES)
    code = f"from explorer.host.ring import Attached; a = Attached({ring.name!r}); print(a.copy(0, 4, 4).sum())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "0" and not done.stderr, done.stderr
    time.sleep(0.2)
    assert shared_memory() == [ring.name]
    ring.close()


def test_more_than_is_free_is_refused_before_anything_is_mapped(monkeypatch):
    monkeypatch.setattr(rings, "free_shared_bytes", lambda: rings.SPARE + 3 * NBYTES - 1)
    monkeypatch.setattr(rings, "SharedMemory", lambda *args, **kwargs: pytest.fail("it was mapped"))
    with pytest.raises(MediaError) as caught:
        Ring(NBYTES, 3)
    assert caught.value.trouble.exit_code == 5


def test_the_real_limit_is_the_file_system_s():
    free = rings.free_shared_bytes()
    with pytest.raises(MediaError):
        Ring(free, 2)
    assert not shared_memory()


class Writer:
    """The capture child's part, as a test plays it: writes only into free slots."""

    def __init__(self):
        self.free = set()
        self.feed = Feed(lambda ring, slot: self.give_back(slot))
        answer = self.feed.adopt(Ring(NBYTES))
        self.name, self.slots = answer.name, answer.slots
        self.free = set(range(answer.slots))
        self.memory = Attached(answer.name)
        self.number = self.missed = 0

    def give_back(self, slot):
        assert slot not in self.free
        self.free.add(slot)

    def write(self):
        self.number += 1
        if not self.free:
            self.missed += 1
            return None
        slot = self.free.pop()
        self.memory.write(slot * NBYTES, np.ascontiguousarray(stamped(self.number)[:, :, ::-1]))
        missed, self.missed = self.missed, 0
        return self.feed.arrived(FrameIn(1, self.name, slot, 48, 64, self.number, time.monotonic(), "x", missed=missed))

    def close(self):
        self.memory.close()
        self.feed.close()


@pytest.fixture
def writer():
    it = Writer()
    yield it
    it.close()


def test_the_newest_frame_is_shown_and_the_rest_counted(writer):
    for _ in range(10):
        writer.feed.show(writer.write())
    event = writer.feed.take()
    assert stamp_of(event.frame.rgb) == 10 and event.dropped == 9 and event.arrived == 10
    assert writer.feed.take() is None
    assert len(writer.free) == writer.slots - 1  # only the one that is visible is held


def test_a_slot_is_never_written_while_anyone_holds_it(writer):
    """A thousand random steps with readers that take their time; every frame read is whole, and in = shown + dropped."""
    rng = random.Random(4)
    feed, lent, shown, last = writer.feed, [], 0, -1
    for _ in range(1000):
        act = rng.random()
        if act < 0.5:
            held = writer.write()
            if held is not None and rng.random() < 0.7:
                feed.show(held)
        elif act < 0.65 and feed.newest is not None and len(lent) < 3:
            lent.append(feed.lend(feed.newest, "engine"))
        elif act < 0.8 and lent:
            ref = lent.pop(rng.randrange(len(lent)))
            assert stamp_of(writer.memory.copy(ref.offset, ref.height, ref.width)) is not None
            feed.returned(ref.lease)
            feed.returned(ref.lease)
        else:
            event = feed.take()
            if event is not None:
                assert event.frame.seq > last and stamp_of(event.frame.rgb) == event.frame.time
                last, shown = event.frame.seq, shown + 1
                assert 0 <= event.arrived - event.dropped - shown <= writer.slots
    feed.returned_by("engine")
    assert len(writer.free) >= writer.slots - 3


def test_an_older_frame_is_not_shown_after_a_newer_one(writer):
    feed = writer.feed
    old = feed.hold(writer.write())
    feed.show(writer.write())
    assert feed.take().frame.time == 2
    assert not feed.show(old) and feed.take() is None
    feed.drop(old)


def test_an_old_ring_stays_while_it_is_looked_at(writer):
    feed = writer.feed
    held = writer.write()
    ref = feed.lend(held, "engine")
    feed.begin()
    assert feed.ring_for(100 * NBYTES) is None
    bigger = feed.adopt(Ring(100 * NBYTES))
    assert bigger.name != writer.name and len(shared_memory()) == 2
    assert feed.ring_for(60 * NBYTES) == bigger  # it fits
    feed.returned(ref.lease)
    assert shared_memory() == [bigger.name]


def test_slots_are_fewer_for_pictures_that_nobody_streams():
    assert rings.slots_for(1280 * 720 * 3) == 6 and rings.slots_for(40 << 20) == 4 and rings.slots_for(300 << 20) == 3
