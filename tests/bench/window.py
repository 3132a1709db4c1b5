"""From the start of the process to the first painted window, to all panels, to the engine: beside a bare PySide6 window.

Each in a process of its own under an X server (its own Xvfb where there is no display), taken in rotation. The promise:
first paint within 2.5 x of the bare window, all panels within 8 x, the engine ready within 1.5 s of what importing torch takes.
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TURNS = 5
BARE = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, self.told)
    def told(self):
        print("painted", time.time(), flush=True)
        QApplication.exit(0)
app = QApplication([])
window = Window()
window.setCentralWidget(QLabel("bare"))
window.menuBar().addMenu("File")
window.resize(1280, 800)
window.show()
sys.exit(app.exec())
"""
OURS = """
import sys, time
from explorer.gui.app import Wishes, application, build
app = application()
program, clean = build(app, Wishes())
from PySide6.QtCore import QEvent, QObject, QTimer
class First(QObject):
    seen = False
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not self.seen:
            self.seen = True
            QTimer.singleShot(0, self.told)
        return False
    def told(self):
        print("painted", time.time(), flush=True)
first = First()
program.window.welcome.installEventFilter(first)
def furnished():
    print("panels", time.time(), flush=True)
    program.desk.engine_changed.connect(engine)
    if program.desk.engines.get("engine") and program.desk.engines["engine"].kind == "ready":
        engine(program.desk.engines["engine"])
def engine(state):
    if state.child == "engine" and state.kind == "ready":
        print("engine", time.time(), flush=True)
        program.quit()
program.furnished.connect(furnished)
program.open()
QTimer.singleShot(30000, program.quit)
code = app.exec()
clean()
sys.exit(code)
"""
TORCH = "import time, torch; print('torch', time.time(), flush=True)"


def once(code, environment):
    """What a process told: name -> milliseconds since it was started."""
    began = time.time()
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    pairs = [line.split() for line in done.stdout.splitlines() if len(line.split()) == 2]
    return {name: (float(when) - began) * 1e3 for name, when in pairs}


@contextlib.contextmanager
def display():
    """An environment with a display: the present one's, else an Xvfb of our own."""
    environment = {**os.environ}
    environment.pop("QT_QPA_PLATFORM", None)
    with tempfile.TemporaryDirectory() as home:
        environment.update(EXPLORER_CONFIG=f"{home}/config", EXPLORER_STATE=f"{home}/state")
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: compiled files are there
        environment["PYTHONPYCACHEPREFIX"] = f"{home}/compiled"
        if environment.get("DISPLAY"):
            yield environment
            return
        if shutil.which("Xvfb") is None:
            yield {**environment, "QT_QPA_PLATFORM": "offscreen"}
            return
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"]
        with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
            os.close(write)
            with os.fdopen(read) as told:
                number = told.readline().strip()
            yield {**environment, "DISPLAY": f":{number}"}
            server.terminate()


def lines():
    """One line for each stage, in milliseconds and times the bare window."""
    taken = {}
    with display() as environment:
        for code in (BARE, OURS, TORCH):
            once(code, environment)  # the file cache is warm from here on
        for _ in range(TURNS):
            for kind, code in (("bare", BARE), ("ours", OURS), ("torch", TORCH)):
                for name, ms in once(code, environment).items():
                    taken.setdefault((kind, name), []).append(ms)
    middle = {key: statistics.median(values) for key, values in taken.items()}
    bare, torch = middle["bare", "painted"], middle["torch", "torch"]
    yield {"what": "bare PySide6 window painted", "ms": round(bare)}
    for name, limit in (("painted", 2.5), ("panels", 8.0)):
        ms = middle["ours", name]
        yield {"what": f"explorer: {name}", "ms": round(ms), "ratio_to_bare_window": round(ms / bare, 2), "limit_ratio": limit}
    yield {"what": "import torch", "ms": round(torch)}
    if ("ours", "engine") in middle:
        ms = middle["ours", "engine"]
        yield {"what": "explorer: engine ready", "ms": round(ms), "ms_after_torch": round(ms - torch), "limit_ms": 1500}
