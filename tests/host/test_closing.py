"""Quit, kill and Ctrl-C at any moment: nothing stays, it is quick, and the parent's death takes the children along (row 48)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from fixtures_dangling import shared_memory
from fixtures_faulty import FAULTY, FaultyCalcRequest, FaultyRequest, LookRequest
from fixtures_media import BLOCKS, GOOD

from explorer.host.process import ChildSpec
from explorer.requests.source import SourceRequest

TESTS = Path(__file__).resolve().parent.parent
WINDOW = """
import sys, threading, time, signal
sys.path.insert(0, {tests!r})
from fixtures_faulty import FAULTY, FaultyCalcRequest, FaultyRequest, LookRequest
from fixtures_media import FAKE
from explorer.host.host import Host
from explorer.requests.source import SourceRequest
woken = threading.Event()
host = Host(woken.set, {{"engine": FAULTY, "calc": FAULTY, "capture": FAKE}})
over = threading.Event()
signal.signal(signal.SIGTERM, lambda *a: over.set())
host.open_source(SourceRequest(kind="camera", index=0))
host.follow("look", LookRequest(seconds=0.01))
host.submit("dream", FaultyRequest(steps=5000, seconds=0.01))
host.submit("race", FaultyCalcRequest(steps=5000, seconds=0.01))
host.record({film!r})
print("up", flush=True)
while not over.is_set():
    if woken.wait(0.02):
        woken.clear()
        host.drain()
began = time.monotonic()
host.close()
print(f"{{time.monotonic() - began:.3f}}", flush=True)
"""


def start_window(tmp_path):
    code = WINDOW.format(tests=str(TESTS), film=str(tmp_path / "film.mp4"))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def gone(pids, patience=5.0):
    until = time.monotonic() + patience
    while time.monotonic() < until:
        left = [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]
        if not left:
            return True
        time.sleep(0.02)
    return False


def run_and_end(tmp_path, delay, how):
    window = start_window(tmp_path)
    with window:
        assert window.stdout.readline().strip() == "up"
        time.sleep(delay)
        children = [child.pid for child in psutil.Process(window.pid).children(recursive=True)]
        window.send_signal(how)
        out, errors = window.communicate(timeout=30)
    assert gone(children), "a child lives on"
    until = time.monotonic() + 5  # the resource tracker removes what a killed window left
    while shared_memory(window.pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not shared_memory(window.pid)
    assert not list(tmp_path.glob(".film.part-*")) or how == signal.SIGKILL
    return window.returncode, out, errors


def quits(tmp_path, number, seed):
    rng = random.Random(seed)
    for _ in range(number):
        code, out, errors = run_and_end(tmp_path, rng.uniform(0.0, 1.0), signal.SIGTERM)
        assert code == 0 and not errors, errors
        assert float(out) < 3.0, "the promise"


def test_random_quits_leave_nothing(tmp_path):
    quits(tmp_path, 6, seed=1)


@pytest.mark.soak
def test_two_hundred_random_quits_leave_nothing(tmp_path):
    quits(tmp_path, 200, seed=2)


@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_a_killed_window_takes_its_children_along(tmp_path, delay):
    code, _, _ = run_and_end(tmp_path, delay, signal.SIGKILL)
    assert code == -signal.SIGKILL


@pytest.mark.parametrize("kind", ["engine", "calc", "capture", "recorder"])
def test_any_child_can_be_killed_at_any_moment(desk, tmp_path, kind):
    desk.host.open_source(SourceRequest(kind="camera", index=GOOD))
    desk.host.follow("look", LookRequest())
    desk.host.record(tmp_path / "film.mp4")
    desk.host.submit("race", FaultyCalcRequest(steps=1000, seconds=0.01))
    desk.frame()
    desk.wait(0.3)
    os.kill(desk.pid(kind), signal.SIGKILL)
    desk.until(lambda e: getattr(e, "kind", "") == "restarting" and e.child == kind)
    desk.until(lambda e: getattr(e, "kind", "") == "ready" and e.child == kind)
    desk.events.clear()
    desk.frame()


def test_close_is_quick_whatever_the_children_do(make_desk):
    desk = make_desk(
        {"engine": FAULTY, "calc": FAULTY, "capture": _fake(), "recorder": ChildSpec("fixtures_faulty:deaf_engine")}
    )
    desk.host.open_source(SourceRequest(kind="camera", index=BLOCKS))
    desk.host.start("recorder")
    desk.host.submit("a", FaultyRequest(fault="deaf"))
    desk.host.submit("b", FaultyCalcRequest(fault="hangs"))
    desk.frame()
    desk.wait(0.5)
    began = time.monotonic()
    desk.host.close()
    assert time.monotonic() - began < 3.5
    desk.host.close()
    assert desk.host.submit("a", FaultyRequest()) == 0 and desk.host.open_source(SourceRequest()) == 0


def test_close_during_start_and_without_start(make_desk):
    make_desk().host.close()
    for delay in (0.0, 0.05, 0.2):
        desk = make_desk({"engine": FAULTY})
        desk.host.submit("a", FaultyRequest())
        time.sleep(delay)
        began = time.monotonic()
        desk.host.close()
        assert time.monotonic() - began < 3.0


def test_children_do_not_hear_ctrl_c(desk):
    desk.host.start("engine")
    desk.engine("ready")
    assert os.getpgid(desk.pid()) != os.getpgid(0)


def test_nothing_of_the_current_folder_poses_as_a_module(make_desk, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('hijacked')")
    (tmp_path / "numpy.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    desk = make_desk({"engine": FAULTY})
    desk.host.start("engine")
    desk.engine("ready")


def _fake():
    from fixtures_media import FAKE

    return FAKE
