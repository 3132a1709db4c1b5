"""A Host on stand-ins, and a watch that nothing stays behind."""

from __future__ import annotations

import sys
import threading
import time
from multiprocessing import resource_tracker
from pathlib import Path

import pytest

FOLDER = str(Path(__file__).resolve().parent.parent)
if FOLDER not in sys.path:
    sys.path.insert(0, FOLDER)  # children import the stand-ins by name

from fixtures_dangling import assert_nothing_new, left_behind  # noqa: E402 - after the path
from fixtures_faulty import FAULTY  # noqa: E402
from fixtures_media import FAKE  # noqa: E402

from explorer.host.host import Host  # noqa: E402
from explorer.host.messages import Answer, EngineState, FrameArrived, SourceState  # noqa: E402
from explorer.jobs import LAST  # noqa: E402

PATIENCE = 20.0


@pytest.fixture(autouse=True)
def dangling():
    """No process, thread, open file or shared memory more than before."""
    resource_tracker.ensure_running()
    before = left_behind()
    yield
    assert_nothing_new(before)


class Desk:
    """Collects what a Host says, as a window would."""

    def __init__(self, specs):
        self.wakes = 0
        self.woken = threading.Event()
        self.events = []
        self.host = Host(self._wake, specs)

    def _wake(self):
        self.wakes += 1
        self.woken.set()

    def drain(self):
        self.woken.clear()
        new = self.host.drain()
        self.events += new
        return new

    def until(self, found, patience=PATIENCE):
        """Drain until `found(event)` is true for one; returns it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self.woken.wait(0.05)
            hits = [event for event in self.drain() if found(event)]
            if hits:
                return hits[0]
        raise AssertionError(f"not within {patience} s; the last events: {self.events[-12:]}")

    def wait(self, seconds):
        """Drain for a while; returns what came."""
        end = time.monotonic() + seconds
        came = []
        while (left := end - time.monotonic()) > 0:
            self.woken.wait(min(left, 0.05))
            came += self.drain()
        return came

    def end_of(self, channel, generation, patience=PATIENCE):
        """The last event of a job."""

        def is_it(event):
            mine = isinstance(event, Answer) and (event.channel, event.generation) == (channel, generation)
            return mine and isinstance(event.event, LAST)

        return self.seen_or_until(is_it, patience).event

    def seen_or_until(self, found, patience=PATIENCE):
        """Like `until`, but what came before counts too."""
        return next((event for event in self.events if found(event)), None) or self.until(found, patience)

    def engine(self, kind, patience=PATIENCE):
        return self.until(lambda e: isinstance(e, EngineState) and e.kind == kind, patience)

    def source(self, state, patience=PATIENCE):
        return self.until(lambda e: isinstance(e, SourceState) and e.state == state, patience)

    def frame(self, patience=PATIENCE):
        return self.until(lambda e: isinstance(e, FrameArrived), patience)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def pid(self, kind="engine"):
        process = self.host._children[kind]._process
        return None if process is None else process.pid


@pytest.fixture
def desk():
    """A Host whose engine and calc are faulty and whose cameras are fake."""
    it = Desk({"engine": FAULTY, "calc": FAULTY, "capture": FAKE})
    yield it
    it.host.close()


@pytest.fixture
def make_desk():
    made = []

    def make(specs=None):
        made.append(Desk(specs or {}))
        return made[-1]

    yield make
    for one in made:
        one.host.close()
