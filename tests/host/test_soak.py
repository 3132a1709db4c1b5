"""The long run: live pictures while the camera is unplugged and the engine is killed. EXPLORER_SOAK_MINUTES, default 10."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import psutil
import pytest
from fixtures_dangling import shared_memory
from fixtures_faulty import LookRequest
from fixtures_media import GOOD, stamp_of

from explorer.host.messages import Answer, FrameArrived
from explorer.requests.source import SourceRequest

MINUTES = float(os.environ.get("EXPLORER_SOAK_MINUTES", "10"))


def live(desk, seconds, kill_every):
    """Run, draining as a window does; returns samples of the memory of this process, and checks every frame."""
    desk.host.open_source(SourceRequest(kind="camera", index=GOOD))
    desk.host.follow("look", LookRequest(seconds=0.02))
    desk.frame()
    process, memory, last, frames = psutil.Process(), [], -1, 0
    began = killed = time.monotonic()
    gaps, before = [], time.monotonic()
    while time.monotonic() - began < seconds:
        for event in desk.wait(0.2):
            if isinstance(event, FrameArrived):
                assert event.frame.seq > last and stamp_of(event.frame.rgb) is not None
                last, frames = event.frame.seq, frames + 1
                gaps.append(time.monotonic() - before)
                before = time.monotonic()
        desk.events.clear()
        memory.append(process.memory_info().rss / 2**20)
        if kill_every and time.monotonic() - killed > kill_every and desk.pid() is not None:
            os.kill(desk.pid(), signal.SIGKILL)
            killed = time.monotonic()
    return np.array(memory), frames, max(gaps)


def slope(memory, seconds):
    """MiB in ten minutes over the last 80 %."""
    tail = memory[len(memory) // 5 :]
    times = np.linspace(0, seconds * 0.8 / 600, len(tail))
    return np.polyfit(times, tail, 1)[0]


def test_a_live_view_of_some_seconds_does_not_grow(desk):
    memory, frames, gap = live(desk, 6.0, 0)
    assert frames > 20 and gap < 3.0
    assert memory[-1] - memory[len(memory) // 3] < 20
    assert len(shared_memory()) <= 1


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_live_view_for_long_with_kills(desk):
    memory, frames, gap = live(desk, 60 * MINUTES, 61)  # one death a minute: never three within one
    assert frames > 300 * MINUTES and gap < 10
    assert slope(memory, 60 * MINUTES) < 1.0 + 30 / MINUTES
    desk.until(lambda e: isinstance(e, Answer))
