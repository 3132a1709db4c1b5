"""What is decided before a window exists: sentinels, environment, crash logs, one sink for exceptions."""

import gc
import json
import os
import subprocess
import sys
import threading

import pytest

from explorer.gui import collector, crash, environment, sentinel
from explorer.gui.notices import Sink


# -- sentinels ---------------------------------------------------------------------------------------------------------------
def test_two_windows_at_once_have_slots_of_their_own(tmp_path):
    first, second = sentinel.take(tmp_path), sentinel.take(tmp_path)
    assert (first.slot, second.slot) == (0, 1)
    assert second.crashed == ()
    first.clear()
    assert sentinel.take(tmp_path).slot == 0


def leave(tmp_path, stage, pid=None, born="1"):
    pid = pid or int(
        subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True).stdout
    )
    (tmp_path / "slot-0.json").write_text(json.dumps({"pid": pid, "born": born, "stage": stage}))


@pytest.mark.parametrize("stage", ["starting", "running"])
def test_a_dead_process_is_noticed_with_its_stage(tmp_path, stage):
    leave(tmp_path, stage)
    found = sentinel.take(tmp_path)
    assert found.crashed == (stage,)
    assert found.slot == 0
    found.clear()
    assert sentinel.take(tmp_path).crashed == ()


def test_another_process_with_the_same_number_is_not_the_dead_one(tmp_path):
    leave(tmp_path, "running", pid=os.getpid(), born="long ago")
    assert sentinel.take(tmp_path).crashed == ("running",)


def test_a_sentinel_that_is_just_being_written_is_no_crash(tmp_path):
    (tmp_path / "slot-0.json").write_text("")
    found = sentinel.take(tmp_path)
    assert found.crashed == ()
    assert found.slot == 1


def test_the_stage_is_written(tmp_path):
    mark = sentinel.take(tmp_path)
    mark.stage("running")
    assert json.loads(mark.path.read_text())["stage"] == "running"


# -- environment -------------------------------------------------------------------------------------------------------------
def test_foreign_plugin_paths_are_removed_and_ours_stay(monkeypatch):
    own = str(environment.qt_folder() / "Qt" / "plugins")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/usr/lib/python3/cv2/qt/plugins")
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", own)
    assert environment.prepare() == ["QT_PLUGIN_PATH=/usr/lib/python3/cv2/qt/plugins"]
    assert "QT_PLUGIN_PATH" not in os.environ
    assert os.environ["QT_QPA_PLATFORM_PLUGIN_PATH"] == own


def test_without_a_display_there_is_one_line_with_the_way_out(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    line = environment.obstacle()
    assert "explorer tour" in line
    assert "\n" not in line
    monkeypatch.setenv("DISPLAY", ":987")
    assert "does not answer" in environment.obstacle()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert environment.obstacle() == ""


def test_a_missing_library_is_named_with_its_package(monkeypatch):
    def refuse(path):
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(environment.ctypes, "CDLL", refuse)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(environment, "display_answers", lambda display: True)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert "apt-get install libxcb-cursor0" in environment.obstacle()
    egl = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert "libegl1" in environment.missing_text(environment.library_of(egl))


# -- exceptions --------------------------------------------------------------------------------------------------------------
@pytest.fixture
def hooks():
    made = crash.Hooks(Sink())
    yield made
    made.remove()


def test_a_thousand_exceptions_are_one_notice(hooks):
    def fail():
        raise ValueError("paint")

    for _ in range(1000):
        try:
            fail()
        except ValueError as error:
            sys.excepthook(ValueError, error, error.__traceback__)
    (notice,) = hooks.sink.take()
    assert notice.count == 1000
    assert "ValueError" in notice.text
    assert "in fail" in notice.detail


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_exception_in_a_thread_is_told(hooks):
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
    (notice,) = hooks.sink.take()
    assert "ZeroDivisionError" in notice.text


def test_an_exception_in_del_is_told(hooks):
    class Broken:
        def __del__(self):
            raise RuntimeError("in del")

    broken = Broken()
    del broken
    gc.collect()
    (notice,) = hooks.sink.take()
    assert "RuntimeError" in notice.text


@pytest.mark.qt_no_exception_capture
def test_an_exception_in_a_slot_and_in_paint_leaves_the_loop_alive(hooks, qtbot, qapp):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget

    class Bad(QWidget):
        def paintEvent(self, event):
            raise ValueError("paint")

    bad = Bad()
    qtbot.addWidget(bad)
    bad.show()
    clock = QTimer()
    clock.timeout.connect(lambda: [][1])
    clock.start(1)
    alive = []
    QTimer.singleShot(60, lambda: alive.append(1))
    qtbot.waitUntil(lambda: bool(alive))
    clock.stop()
    bad.hide()
    kinds = {notice.key.split(":")[1]: notice.count for notice in hooks.sink.take()}
    assert set(kinds) == {"ValueError", "IndexError"}
    assert kinds["IndexError"] > 5


@pytest.mark.qt_log_ignore("something odd", extend=True)
def test_qts_own_complaints_are_told(hooks):
    from PySide6.QtCore import qCritical

    qCritical("something odd")
    (notice,) = hooks.sink.take()
    assert "something odd" in notice.text


def test_old_crash_logs_become_reports(tmp_path):
    (tmp_path / "crash-999999.log").write_text("Fatal Python error: Segmentation fault")
    (tmp_path / "crash-999998.log").write_text("")
    log = crash.CrashLog(tmp_path)
    assert [path.read_text() for path in log.old_reports] == ["Fatal Python error: Segmentation fault"]
    log.close()
    assert not list(tmp_path.glob("crash-*.log"))


def test_garbage_is_collected_in_the_gui_thread_only(qtbot, qapp):
    threads = set()

    def note(phase, info):
        threads.add(threading.current_thread().name)

    made = collector.Collector(qapp)
    made.start()
    made._timer.setInterval(5)
    gc.callbacks.append(note)
    done = []

    def allocate():
        for _ in range(300):
            cycle = [{} for _ in range(100)]
            cycle.append(cycle)
        done.append(1)

    worker = threading.Thread(target=allocate)
    try:
        worker.start()
        qtbot.waitUntil(lambda: bool(done) and bool(threads))
        worker.join()
    finally:
        gc.callbacks.remove(note)
        made.stop()
    assert threads == {"MainThread"}
    assert gc.isenabled()


def test_the_exit_watchdog_ends_what_hangs_and_can_be_called_off():
    code = (
        "import time; from explorer.gui.leaving import Watchdog\n"
        "one = Watchdog(0.2); one.call_off(); time.sleep(0.4)\n"
        "two = Watchdog(0.2); two.step = 'save session'; time.sleep(20)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=15)
    assert done.returncode == 6
    assert done.stderr.strip().endswith("last step: save session")
