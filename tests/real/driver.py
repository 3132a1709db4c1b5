"""The child of `real_window`: the whole program in a window on an X server, driven by one function of a drive file.

`python driver.py DRIVE.py FUNCTION OUT [THEME LANGUAGE WIDTH HEIGHT]` calls FUNCTION(app) with an `App` once the window stands,
its network is loaded and its picture is there. `SPECS` of the drive file replaces what runs in a child (fake cameras).
Exit code 0 if it returned; `OUT/facts.json` holds what it put into `app.facts`. Several drive files, separated as in PATH,
are made one after the other in the same window; then the facts are kept under the names of the files.

`python driver.py` alone takes such commands as lines of JSON, {"command": [...], "environment": {...}}, and answers each with
"driven: EXIT CODE". Every one gets a program of its own; the children stay (a third of a drive is the start of its engine).
"""

import functools
import importlib.util
import json
import os
import sys
import time
import traceback
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from explorer.gui import app as gui_app
from explorer.host.host import Host
from explorer.session import Selection, Session

PATIENCE_S = 60.0
SETTLED_S, SETTLING_S = 0.2, 5.0


class StayingHost(Host):
    """One window after the other has it: what a window leaves behind is stopped, the children stay."""

    def __init__(self):
        super().__init__(lambda: self.bell())
        self.bell = lambda: None

    def serve(self, wake):
        """Another window; it hears of the children that are there."""
        self.drain()
        self.bell = wake
        for child in self._children.values():
            if child.ready:
                child._say("ready", facts=child._facts)
        return self

    def close(self, budget_s=3.0):
        """The window goes: nothing of it runs on."""
        self.bell = lambda: None
        self.record(None)
        self.end_peek()
        self.close_source()
        for channel in list(self._board._tasks):
            self.stop(channel)
        end = time.monotonic() + budget_s
        while self._board._tasks and time.monotonic() < end:
            time.sleep(0.005)
        self.drain()

    def end(self):
        """The children go too."""
        super().close()


class App:
    """The program as a person has it: a window, mouse, keys and eyes. `facts`: what the test wants to compare."""

    def __init__(self, program, out):
        self.program = program
        self.out = out
        self.facts = {}
        self.told = {}  # drive -> its facts, where several are made in one window
        self.prefix = ""  # of the names of screenshots

    @property
    def window(self):
        return self.program.window

    @property
    def desk(self):
        return self.program.desk

    def start_afresh(self, drive):
        """The facts of `drive` are kept, and all that it chose goes back to how the program comes."""
        self.told[drive], self.facts = self.facts, {}
        kept = ("version", "picture", "network", "selection")
        plain = {name: getattr(Session(), name) for name in Session.model_fields if name not in kept}
        self.desk.change(**plain, selection=Selection())
        self.pause(0.1)

    def panel(self, name):
        """Bring a panel to the front and return it."""
        self.window.go_to(name)
        self.wait(lambda: self.window.panels[name].active, f"panel {name} on the screen")
        return self.window.panels[name]

    def wait(self, condition, what, seconds=PATIENCE_S):
        """Let the program run until `condition()`; its value. Fails with `what` in the message."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            let_run(15)
            found = condition()
            if found:
                return found
        self.shot("waited-in-vain")
        raise AssertionError(f"waited {seconds:g} s in vain for: {what}")

    def pause(self, seconds):
        """Let the program run."""
        let_run(round(seconds * 1000))

    def settled(self, widget: QWidget):
        """`widget`, once it has stood where it stands for a while: only then is a place in it worth clicking."""

        def stands():
            return widget.mapTo(widget.window(), QPoint()), widget.size()

        now = since = time.monotonic()
        end, before = now + SETTLING_S, stands()
        while now < end and now - since < SETTLED_S:
            let_run(15)
            now, here = time.monotonic(), stands()
            if here != before:
                since, before = now, here
        return widget

    def click(self, widget: QWidget, x=None, y=None, button=Qt.MouseButton.LeftButton, double=False, modifier=None):
        """A click at (x, y) of the widget, its middle by default."""
        self.wait(lambda: widget.isVisible() and widget.isEnabled(), f"{widget.objectName() or type(widget).__name__} to click")
        at = QPoint(widget.width() // 2 if x is None else round(x), widget.height() // 2 if y is None else round(y))
        keys = modifier or Qt.KeyboardModifier.NoModifier
        QTest.mouseMove(widget, at)
        QTest.mouseClick(widget, button, keys, at)
        if double:
            QTest.mouseDClick(widget, button, keys, at)
        QTest.qWait(20)

    def hover(self, widget: QWidget, x, y):
        """Put the mouse over (x, y) of the widget."""
        QTest.mouseMove(widget, QPoint(round(x) - 1, round(y)))
        QTest.qWait(10)
        QTest.mouseMove(widget, QPoint(round(x), round(y)))
        QTest.qWait(30)

    def drag(self, widget: QWidget, path, button=Qt.MouseButton.LeftButton):
        """Press at the first point of `path`, move along it, release at the last."""
        points = [QPoint(round(x), round(y)) for x, y in path]
        QTest.mousePress(widget, button, Qt.KeyboardModifier.NoModifier, points[0])
        for point in points[1:]:
            QTest.mouseMove(widget, point)
            QTest.qWait(5)
        QTest.mouseRelease(widget, button, Qt.KeyboardModifier.NoModifier, points[-1])
        QTest.qWait(20)

    def key(self, sequence, widget=None):
        """Press keys as in "Ctrl+Shift+P" or "E", in the widget with the focus or `widget`."""
        target = widget or QApplication.focusWidget() or self.window
        QTest.keySequence(target, QKeySequence(sequence))
        QTest.qWait(20)

    def type(self, text, widget=None):
        """Type text."""
        QTest.keyClicks(widget or QApplication.focusWidget() or self.window, text)
        QTest.qWait(20)

    def shot(self, name):
        """What stands on the screen now, as OUT/NAME.png."""
        QTest.qWait(60)
        screen = QGuiApplication.primaryScreen()
        path = self.out / f"{self.prefix}{name}.png"
        assert screen.grabWindow(0).save(str(path)), path
        return path


def let_run(ms):
    """The program runs for `ms`. (QTest.qWait keeps Python's lock: threads that read from child processes would starve.)"""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def loaded(path):
    """The module of a drive file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drive(command, staying=None):
    """Make one drive in a program of its own, over `staying` or a Host of its own; the exit code."""
    drives, function, out = [Path(one) for one in command[0].split(os.pathsep)], command[1], Path(command[2])
    theme, language, width, height = (command[3:7] + ["light", "en", "1440", "900"][len(command) - 3 :])[:4]
    out.mkdir(parents=True, exist_ok=True)
    modules = [loaded(drive) for drive in drives]
    application = gui_app.application()
    assert application is not None and QGuiApplication.platformName() == "xcb", QGuiApplication.platformName()
    wishes = gui_app.Wishes(theme=theme, language=language, size=(int(width), int(height)))
    specs = getattr(modules[0], "SPECS", None)
    own = functools.partial(Host, specs=specs) if specs else None
    program, clean = gui_app.build(application, wishes, staying.serve if staying else own)
    end = {"code": 1}

    def begin():
        app = App(program, out)
        try:
            program.window.move(0, 0)
            program.window.activateWindow()  # no window manager does it; without it no shortcut is heard
            app.wait(program.window.isActiveWindow, "the window to be active", 30)
            app.wait(lambda: program.desk.network is not None and program.desk.frame is not None, "network and picture")
            for module in modules:
                app.prefix = f"{module.__name__.removeprefix('drive_')}-" if len(modules) > 1 else ""
                getattr(module, function)(app)
                if len(modules) > 1:
                    app.start_afresh(module.__name__)
            end["code"] = 0
        except BaseException:
            traceback.print_exc()
        (out / "facts.json").write_text(json.dumps(app.told or app.facts, default=str))
        program.quit()

    program.furnished.connect(lambda: QTimer.singleShot(0, program, begin))
    program.open()
    application.exec()
    clean()
    if program.watchdog is not None:
        program.watchdog.call_off()
    return end["code"]


def serve():
    """Drive after drive, as they are asked for, until there is no more to read."""
    kept, staying, code = dict(os.environ), StayingHost(), 0
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ.clear()
        os.environ.update(kept | asked["environment"])
        code = drive(asked["command"], staying)
        print(f"driven: {code}", flush=True)
    staying.end()
    return code


if __name__ == "__main__":
    sys.exit(drive(sys.argv[1:]) if len(sys.argv) > 1 else serve())
