"""The real program in processes of its own: it ends well whenever it is asked to, and starts well after it did not."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

START = "import sys; from explorer.gui.app import Wishes, main; sys.exit(main((), Wishes(quit_after={after})))"
HANG_S = 20.0  # five times the promise and the start: tells a hang, nothing else
BAD_WORDS = ("Traceback", "Destroyed while thread", "QThread", "Segmentation", "already deleted", "took more than", "leaked")


def environment(home, **more):
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    folders = {"EXPLORER_STATE": str(home / "state"), "EXPLORER_CONFIG": str(home / "config")}
    return {**kept, "QT_QPA_PLATFORM": "offscreen", **folders, **more}


STARTED = []


@pytest.fixture(autouse=True)
def none_left_running():
    yield
    while STARTED:
        child = STARTED.pop()
        if child.poll() is None:
            child.kill()
        child.communicate()


def start(home, after=None, **more):
    command = [sys.executable, "-c", START.format(after=after)]
    child = subprocess.Popen(command, env=environment(home, **more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    STARTED.append(child)
    return child


def furnished(child):
    """Wait until the window has its helpers and a moment more: it then has a session to save."""
    wait_for(lambda: len(family(child.pid)) >= 2 or child.poll() is not None, "helpers")
    time.sleep(0.3)
    return child


def family(pid):
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def end(child):
    """(exit code, stderr) once it is gone; a child that hangs is killed and fails the test."""
    try:
        _, errors = child.communicate(timeout=HANG_S)
    except subprocess.TimeoutExpired:
        child.kill()
        _, errors = child.communicate()
        pytest.fail(f"hangs: {errors[-2000:]}")
    return child.returncode, errors


def wait_for(found, what, seconds=HANG_S):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    pytest.fail(f"never came: {what}")
    return None


def stage(home):
    path = home / "state" / "running" / "slot-0.json"
    try:
        return json.loads(path.read_text())["stage"]
    except (OSError, ValueError):
        return ""


def nothing_left(home, pids):
    assert not list((home / "state" / "running").glob("*")), "a sentinel is left"
    assert not list((home / "state").rglob("*.part-*")), "a part file is left"
    assert not list((home / "state" / "crash").glob("crash-*.log")), "a crash log is left"
    shared = [path for pid in pids for path in Path("/dev/shm").glob(f"*-{pid}-*")]
    assert not shared, "shared memory is left"


def one_quit(home, after):
    child = start(home, after)
    watched, began = set(), time.monotonic()
    while child.poll() is None and time.monotonic() - began < HANG_S:
        watched |= {process.pid for process in family(child.pid)}
        time.sleep(0.05)
    code, errors = end(child)
    assert code == 0, f"after {after:.2f} s: exit {code}\n{errors[-3000:]}"
    assert not [word for word in BAD_WORDS if word in errors], errors[-3000:]
    gone = wait_for(lambda: not any(psutil.pid_exists(pid) for pid in watched), f"the end of {watched}", 5)
    assert gone
    nothing_left(home, {child.pid, *watched})
    return home


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.soak)])
@pytest.mark.timeout(2400)
def test_random_quits_end_well(tmp_path, count):
    """Quits while starting, loading, computing; exit 0, nothing left, each within 3 s (else the watchdog exits 6)."""
    generator = random.Random(20_260_802)
    delays = [generator.uniform(0.0, 1.8) for _ in range(count)]
    homes = [tmp_path / f"h{number}" for number in range(len(delays))]
    with ThreadPoolExecutor(3) as pool:
        for _ in pool.map(one_quit, homes, delays):
            pass
    saved = [home for home in homes if (home / "state" / "session.json").exists()]
    assert saved, "no session was ever saved"
    for home in saved:
        assert json.loads((home / "state" / "session.json").read_text())["session"]["version"] == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_saves_and_leaves_with_its_code(tmp_path, number, code):
    child = furnished(start(tmp_path))
    child.send_signal(number)
    got, errors = end(child)
    assert got == code, errors[-2000:]
    assert signal.Signals(number).name in errors
    assert (tmp_path / "state" / "session.json").exists()
    nothing_left(tmp_path, {child.pid})


def test_a_kill_while_starting_makes_the_next_start_safe(tmp_path):
    child = start(tmp_path)
    wait_for(lambda: stage(tmp_path) == "starting", "the sentinel")
    (tmp_path / "state" / "session.json").write_text('{"session": {"panel": "dream"}}')
    child.kill()
    end(child)
    again = furnished(start(tmp_path))
    again.send_signal(signal.SIGTERM)
    assert end(again)[0] == 143
    assert (tmp_path / "state" / "session.crashed.json").read_text() == '{"session": {"panel": "dream"}}'
    assert json.loads((tmp_path / "state" / "session.json").read_text())["session"]["panel"] == "welcome"


def test_helpers_do_not_outlive_a_killed_window(tmp_path):
    child = start(tmp_path)
    helpers = wait_for(lambda: family(child.pid), "a helper")
    child.kill()
    end(child)
    wait_for(
        lambda: not any(process.is_running() and process.status() != "zombie" for process in helpers), "the helpers' end", 10
    )


def test_two_windows_keep_apart(tmp_path):
    first = furnished(start(tmp_path))
    second = furnished(start(tmp_path))
    second.send_signal(signal.SIGTERM)
    assert end(second)[0] == 143
    assert (tmp_path / "state" / "session-1.json").exists()
    first.send_signal(signal.SIGTERM)
    assert end(first)[0] == 143
    assert (tmp_path / "state" / "session.json").exists()


def test_a_foreign_plugin_path_does_no_harm(tmp_path):
    code, errors = end(start(tmp_path, after=0.2, QT_PLUGIN_PATH="/nowhere", QT_QPA_PLATFORM_PLUGIN_PATH="/nowhere/platforms"))
    assert code == 0, errors


@pytest.mark.parametrize("display", ["", ":989"])
def test_without_a_display_one_line_says_what_to_do(tmp_path, display):
    child = start(tmp_path, after=0.2, QT_QPA_PLATFORM="xcb", **({"DISPLAY": display} if display else {}))
    code, errors = end(child)
    assert code == 5
    assert len(errors.strip().splitlines()) == 1
    assert "explorer tour" in errors


def test_what_is_imported_before_the_first_paint(tmp_path):
    code = (
        "import sys\n"
        "from explorer.gui.app import Wishes, application, build\n"
        "app = application(); program, clean = build(app, Wishes()); program.window.show(); app.processEvents()\n"
        "heavy = {'numpy', 'pydantic', 'pyqtgraph', 'torch', 'cv2', 'multiprocessing'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy)); sys.stdout.flush(); import os; os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, timeout=HANG_S
    )
    assert "heavy: []" in done.stdout, done.stdout + done.stderr[-2000:]
