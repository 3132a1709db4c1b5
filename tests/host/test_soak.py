"""Live for long: simulated 720p at 30 a second while a follow runs; memory, handles, order, counts (reliability.md C, row 11).

Every commit runs a minute of it, and a quarter of one with plugs pulled and engines killed; `make soak` runs the same code for
EXPLORER_SOAK_MINUTES, and as long with the real engine and YOLOv3-tiny. What is kept of it does not grow with its length.
"""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import psutil
import pytest
from fixtures_dangling import shared_memory
from fixtures_faulty import LookRequest
from fixtures_media import BREAKFAST, FAKE, LECTURE, LECTURE_FPS, LOOSE, LOOSE_S, stamp_of

from explorer.host.messages import Answer, EngineState, FrameArrived, SourceState
from explorer.jobs import Result
from explorer.records.vision import Detections
from explorer.requests.network import DetectRequest
from explorer.requests.source import SourceRequest

MINUTES = float(os.environ.get("EXPLORER_SOAK_MINUTES", "60"))
INFERENCE_S, BEAT_S = 0.02, 0.016
LOOK = LookRequest(seconds=INFERENCE_S)
SAMPLE_S, LEVEL_S = 0.1, 2.0  # memory is looked at ten times a second; the least in two seconds is what stays


def slack():
    """Deadlines in the suite are five times the promise, and more where others keep this machine busy."""
    load = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 1.0
    return 5 * max(1.0, load)


class Times:
    """How often what lasted so long, to a millisecond, up to ten seconds."""

    def __init__(self):
        self._counts = np.zeros(10_001, np.int64)

    def add(self, seconds):
        self._counts[min(10_000, round(1000 * seconds))] += 1

    def quantile(self, share):
        return float(np.searchsorted(np.cumsum(self._counts), share * self._counts.sum())) / 1000


class Live:
    """Drains as a window does, and keeps account of every frame and every process."""

    def __init__(self, desk, script, request=LOOK):
        self.desk = desk
        self.memory, self.handles = {}, {}
        self.gaps, self.ages, self.waits = Times(), Times(), Times()
        self.torn = self.disorder = self.shown = self.answered = self.found = 0
        self.first = self.last = None
        self.troubles = []
        desk.host.open_source(SourceRequest(kind="camera", index=script))
        desk.host.follow("look", request)
        desk.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Result), 60)
        desk.wait(2.0)
        desk.events.clear()
        self.shown_at = time.monotonic()

    def run(self, seconds, often=lambda now: None):
        began = beat = time.monotonic()
        sampled = 0.0
        while (now := time.monotonic() - began) < seconds:
            self.desk.woken.wait(BEAT_S)
            for event in self.desk.drain():
                self.take(event)
            self.desk.events.clear()
            self.gaps.add(time.monotonic() - beat)
            beat = time.monotonic()
            if now >= sampled:
                sampled += SAMPLE_S
                self.sample(int(now / LEVEL_S))
                often(now)

    def take(self, event):
        if isinstance(event, FrameArrived):
            now = time.monotonic()
            self.torn += stamp_of(event.frame.rgb) is None
            if self.last is not None:
                self.disorder += event.frame.seq <= self.last.frame.seq or event.index <= self.last.index
            self.first, self.last = self.first or event, event
            self.shown += 1
            self.ages.add(event.age)
            self.waits.add(now - self.shown_at)
            self.shown_at = now
        elif isinstance(event, Answer):
            self.answered += isinstance(event.event, Result)
            record = getattr(event.event, "record", None)
            self.found += len(record) if isinstance(record, Detections) else 0
        elif isinstance(event, (SourceState, EngineState)) and not (
            isinstance(event, SourceState) and event.state == "playing"
        ):
            self.troubles.append(event)

    def sample(self, level):
        for name, pid in (("window", os.getpid()), ("engine", self.desk.pid("engine")), ("capture", self.desk.pid("capture"))):
            try:
                process = psutil.Process(pid or 0)
                now = process.memory_info().rss / 2**20, process.num_threads(), process.num_fds()
            except psutil.Error:
                continue
            levels = self.memory.setdefault(name, {})
            levels[level] = min(levels.get(level, np.inf), now[0])
            self.handles.setdefault(name, [now[1:]])[1:] = [now[1:]]

    def assert_in_order(self):
        assert self.torn == 0 and self.disorder == 0

    def came(self):
        return self.last.arrived - self.first.arrived

    def assert_counted(self):
        """in = shown + dropped, but for the few that are on their way."""
        assert abs(self.came() - (self.shown - 1) - (self.last.dropped - self.first.dropped)) <= 6


def slope(memory):
    """(MiB in ten minutes by least squares over the last 80 %, its 95 % upper bound)."""
    tail = np.asarray(memory[len(memory) // 5 :])
    at = np.arange(len(tail)) * LEVEL_S / 600
    coefficients, residuals, *_ = np.polyfit(at, tail, 1, full=True)
    spread = float(residuals[0]) if len(residuals) else 0.0
    error = np.sqrt(spread / max(1, len(tail) - 2) / np.sum((at - at.mean()) ** 2))
    return float(coefficients[0]), float(coefficients[0] + 1.96 * error)


def assert_flat(live, most):
    for name, levels in live.memory.items():
        memory = list(levels.values())
        found, bound = slope(memory)
        print(f"{name}: {memory[0]:.1f} -> {memory[-1]:.1f} MiB, {found:.2f} (surely under {bound:.2f}) MiB in ten minutes")
        assert found <= 0 or bound <= most, (
            f"{name} grows by {found:.2f} (at most {bound:.2f}) MiB in ten minutes: {memory[:: len(memory) // 30]}"
        )
        assert live.handles[name][-1] == live.handles[name][0], f"threads and files of {name}: {live.handles[name]}"


def assert_smooth(live):
    times = slack()
    facts = {"beat p99": live.gaps.quantile(0.99), "beat worst": live.gaps.quantile(1.0), "age p95": live.ages.quantile(0.95)}
    print(
        f"{live.came()} in, {live.shown} shown, {live.answered} answers", *(f"{k} {1000 * v:.0f} ms" for k, v in facts.items())
    )
    assert facts["beat p99"] <= times * 0.025 and facts["beat worst"] <= times * 0.1
    assert facts["age p95"] <= times * (INFERENCE_S + 0.05)


def steady(desk, seconds, most, script=LECTURE, request=LOOK):
    live = Live(desk, script, request)
    rings = shared_memory()
    live.run(seconds)
    assert_flat(live, most)  # first: its figures are printed, whatever else a busy machine did
    assert shared_memory() == rings and len(rings) == 1
    live.assert_in_order()
    live.assert_counted()
    assert_smooth(live)
    assert live.came() >= 0.9 * LECTURE_FPS * seconds and live.answered >= 0.5 * live.came()
    assert not live.troubles, live.troubles
    return live


def test_a_minute_of_720p_at_30_a_second_stays_flat(desk):
    steady(desk, 60.0, 30.0)  # 1.7 kilobytes that stay with every frame; one step of the allocator is ten


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_an_hour_of_720p_at_30_a_second_stays_flat(desk):
    steady(desk, 60 * MINUTES, 60 / MINUTES)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_an_hour_with_the_real_detector_stays_flat(make_desk):
    """The camera alone is simulated: the engine runs YOLOv3-tiny on 30 pictures a second most with a cup in them."""
    live = steady(make_desk({"capture": FAKE}), 60 * MINUTES, 60 / MINUTES, BREAKFAST, DetectRequest(model="yolov3_tiny"))
    print(f"{live.found / live.answered:.2f} objects a picture")
    assert live.found >= live.answered / 2


def shaken(desk, monkeypatch, seconds, kill_every):
    """The plug falls out every few seconds and the engine is killed in between; the view comes back each time."""
    monkeypatch.setattr("explorer.host.supervisor.WITHIN_S", 0.1)  # three deaths within a minute would be the end
    live = Live(desk, LOOSE)
    kills = []

    def kill(now):
        if now > (len(kills) + 0.5) * kill_every and desk.pid("engine") is not None:
            kills.append(now)
            os.kill(desk.pid("engine"), signal.SIGKILL)

    live.run(seconds, kill)
    live.assert_in_order()
    lost = [one for one in live.troubles if isinstance(one, SourceState) and one.trouble is not None]
    deaths = [one.child for one in live.troubles if isinstance(one, EngineState) and one.kind == "restarting"]
    assert {one.state for one in lost} == {"no signal"} and {one.trouble.values["attempt"] for one in lost} == {1}
    assert deaths == ["engine"] * len(kills)
    print(f"{len(lost)} unplugged, {len(kills)} killed, {live.shown} shown, longest wait {live.waits.quantile(1.0):.2f} s")
    assert live.waits.quantile(1.0) <= slack() * 2.0  # promised: two seconds; a plug is tried again after one
    assert len(shared_memory()) == 1
    desk.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Result))
    return len(lost), len(kills)


def test_three_unplugs_and_three_kills_are_got_over(desk, monkeypatch):
    lost, kills = shaken(desk, monkeypatch, 3 * (LOOSE_S + 1) + 1, LOOSE_S + 1)
    assert lost >= 3 and kills == 3


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_an_hour_of_unplugs_and_kills_is_got_over(desk, monkeypatch):
    lost, kills = shaken(desk, monkeypatch, 60 * MINUTES, 2 * (LOOSE_S + 1))
    assert lost >= 60 * MINUTES / (LOOSE_S + 3) and kills >= MINUTES
