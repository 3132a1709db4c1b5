"""Faults of what we stand on, asked again at every upgrade: while one of these fails or stops failing, read its comment."""

import os
import subprocess
import sys
from importlib import metadata

import pytest

from explorer.doctor import known_bad


def child(code, *args):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-800:]}"
    return done.stdout.strip()


EMIT = """
import sys
from PySide6.QtCore import QObject, Signal
class Bell(QObject):
    rung = Signal(bool)
bell = Bell()
bell.rung.connect(lambda on: None)
for _ in range(50):
    bell.rung.emit(True)
before = sys.getrefcount(True), sys.getrefcount(None)
for _ in range(400):
    bell.rung.emit(True)
after = sys.getrefcount(True), sys.getrefcount(None)
print(max(abs(a - b) for a, b in zip(before, after)))
"""

VOID = """
import sys
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
widget = QWidget()
widget.update()
before = sys.getrefcount(None)
for _ in range(1000):
    widget.update()
    widget.setEnabled(True)
print(abs(sys.getrefcount(None) - before))
"""


def test_signals_keep_the_references_of_true_and_none():
    """PySide6 6.12.0 on CPython 3.11 loses one reference at every emit() and aborts after some hundred (pin: 6.11.3)."""
    assert int(child(EMIT)) < 50


def test_void_calls_keep_the_references_of_none():
    """The same version loses one reference of None at every void call: update(), setEnabled(), ..."""
    assert int(child(VOID)) < 50


def test_the_pinned_qt_is_installed():
    assert metadata.version("PySide6-Essentials") == "6.11.3"
    assert known_bad("PySide6-Essentials", "6.12.0", (3, 11))
    assert not known_bad("PySide6-Essentials", "6.12.0", (3, 12))
    assert not known_bad("PySide6-Essentials", "6.11.3", (3, 11))


def test_torch_is_new_enough_to_open_weights():
    """Before 2.10 weights_only could be made to corrupt the heap."""
    assert tuple(int(part) for part in metadata.version("torch").split("+")[0].split(".")[:2]) >= (2, 10)
    assert known_bad("torch", "2.9.1", (3, 11))


SHORT = """
import os, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
from pathlib import Path
from explorer.atomic import write_bytes
target = Path(sys.argv[1])
try:
    write_bytes(target, b"n" * 200_000)
except OSError:
    print("refused", target.read_bytes() == b"old")
"""


def test_a_short_write_is_an_error_and_the_old_file_stays(tmp_path):
    """QSaveFile committed a truncated file on a full disk and returned True; our one writer must not."""
    target = tmp_path / "file"
    target.write_bytes(b"old")
    assert child(SHORT, str(target)) == "refused True"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


BANNER = """
import cv2, os, sys
print(sorted(key for key in os.environ if key.startswith("QT_QPA") and key != "QT_QPA_PLATFORM"))
"""


def test_opencv_brings_no_second_qt():
    """opencv-python (not headless) points Qt at its own plugins when it is imported."""
    assert child(BANNER) == "[]"


@pytest.mark.parametrize("module", ["readNetFromDarknet"])
def test_opencv_5_reads_no_darknet(module):
    """It went with OpenCV 5.0; our own reader and its golden file stand in for it."""
    assert child(f"import cv2; print(hasattr(cv2.dnn, {module!r}))") == str(metadata.version("opencv-python-headless") < "5")
