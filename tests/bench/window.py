"""From the start of the process to the first painted window, to all panels, to the engine: beside a bare PySide6 window.

Each in a process of its own under an X server (its own Xvfb where there is no display), taken in rotation. The promise:
first paint within 2.5 x of the bare window, all panels within 8 x, the engine ready within 1.5 s of what importing torch takes.

A panel is made when it is first seen, else in an idle moment. So "all panels there" is when every panel that can be seen is
made and every other tab can be raised: at a first start (the first page is seen, no panel is made) and at one that comes back
to a panel (that one is made; the heaviest is taken). What was put off is told beside it: the time from raising each tab to
its painted panel, when nothing was made in advance (each at most 8 / 9 of the bare window: together they are then what they
were when they all were made at the start), and, in the plain start with nobody at it, when the last of them was made and the
longest single step of that, which is the longest that a key can wait. The latter two run beside the start of the engine.
"""

import contextlib
import json
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
steps = []
def timed(steps_of):
    while True:
        began = time.perf_counter()
        if next(steps_of, "end") == "end":
            return
        steps.append(time.perf_counter() - began)
        yield
def furnished():
    print("panels", time.time(), flush=True)
    program.idle._steps = timed(program.idle._steps)
    program.desk.engine_changed.connect(engine)
    if program.desk.engines.get("engine") and program.desk.engines["engine"].kind == "ready":
        engine(program.desk.engines["engine"])
def engine(state):
    if state.child == "engine" and state.kind == "ready":
        print("engine", time.time(), flush=True)
        end()
def complete():
    print("complete", time.time(), flush=True)
    print("took", "step", max(steps) * 1e3, flush=True)
    end()
ends = []
def end():
    ends.append(1)
    if len(ends) == 2:
        program.quit()
program.complete.connect(complete)
program.furnished.connect(furnished)
program.open()
QTimer.singleShot(30000, program.quit)
code = app.exec()
clean()
sys.exit(code)
"""
RAISED = """
import sys, time
from explorer.gui.app import Wishes, application, build
app = application()
program, clean = build(app, Wishes())
from PySide6.QtCore import QEvent, QObject, QTimer
class Painted(QObject):
    seen = False
    def eventFilter(self, watched, event):
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False
def furnished():
    print("panels", time.time(), flush=True)
    program.idle.stop()
    QTimer.singleShot(1500, program, raise_all)  # the engine's start is over, which would be counted else
def raise_all():
    made = tuple(program.window.panels.made)
    for name in program.window.panels:
        if name in made:
            continue
        began, painted = time.perf_counter(), Painted()
        program.window.go_to(name)
        program.window.panels[name].installEventFilter(painted)
        while not painted.seen:
            app.processEvents()
        print("took", name, (time.perf_counter() - began) * 1e3, flush=True)
    program.quit()
program.furnished.connect(furnished)
program.open()
code = app.exec()
clean()
sys.exit(code)
"""
TORCH = "import time, torch; print('torch', time.time(), flush=True)"


def once(code, environment):
    """What a process told: name -> milliseconds since it was started, or the milliseconds that it says something took."""
    began = time.time()
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told = [line.split() for line in done.stdout.splitlines()]
    took = {words[1]: float(words[2]) for words in told if len(words) == 3 and words[0] == "took"}
    return {words[0]: (float(words[1]) - began) * 1e3 for words in told if len(words) == 2} | took


def coming_back(environment):
    """The same, with a state that has a session in which Filters was seen last."""
    state = f"{environment['EXPLORER_STATE']}-back"
    os.makedirs(state, exist_ok=True)
    with open(f"{state}/session.json", "w") as file:
        json.dump({"session": {"panel": "filters"}}, file)
    return {**environment, "EXPLORER_STATE": state}


@contextlib.contextmanager
def display():
    """An environment with a display: the present one's, else an Xvfb of our own."""
    environment = {**os.environ}
    environment.pop("QT_QPA_PLATFORM", None)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:  # a child may still write its compiled files
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
            try:
                yield {**environment, "DISPLAY": f":{number}"}
            finally:
                server.terminate()


def lines():
    """One line for each stage, in milliseconds and times the bare window."""
    taken = {}
    with display() as environment:
        for code in (BARE, OURS, RAISED, TORCH):
            once(code, environment)  # the file cache is warm from here on
        for _ in range(TURNS):
            for kind, code in (("bare", BARE), ("ours", OURS), ("back", RAISED), ("raised", RAISED), ("torch", TORCH)):
                place = coming_back(environment) if kind == "back" else environment
                for name, ms in once(code, place).items():
                    taken.setdefault((kind, name), []).append(ms)
    middle = {key: statistics.median(values) for key, values in taken.items()}
    bare, torch = middle["bare", "painted"], middle["torch", "torch"]
    yield {"what": "bare PySide6 window painted", "ms": round(bare)}
    for name, limit in (("painted", 2.5), ("panels", 8.0)):
        ms = middle["ours", name]
        yield {"what": f"explorer: {name}", "ms": round(ms), "ratio_to_bare_window": round(ms / bare, 2), "limit_ratio": limit}
    ms = middle["back", "panels"]
    what = "explorer: panels, coming back to Filters"
    yield {"what": what, "ms": round(ms), "ratio_to_bare_window": round(ms / bare, 2), "limit_ratio": 8.0}
    each = {name: round(ms) for (kind, name), ms in middle.items() if kind == "raised" and name != "panels"}
    worst = max(each.values())
    what = "explorer: raising a tab for the first time, the slowest"
    yield {"what": what, "ms": worst, "ratio_to_bare_window": round(worst / bare, 2), "limit_ratio": 0.89, "each_ms": each}
    yield {"what": "explorer: the last panel made, nobody at it", "ms": round(middle["ours", "complete"])}
    yield {"what": "explorer: the longest step of that", "ms": round(middle["ours", "step"])}
    yield {"what": "import torch", "ms": round(torch)}
    if ("ours", "engine") in middle:
        ms = middle["ours", "engine"]
        yield {"what": "explorer: engine ready", "ms": round(ms), "ms_after_torch": round(ms - torch), "limit_ms": 1500}
