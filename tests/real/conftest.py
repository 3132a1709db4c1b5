"""A real window on a real (virtual) X server: `real_window(function)` drives it and returns its facts.

Set EXPLORER_SHOTS to a folder to keep the screenshots and look at them.
"""

import functools
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fixtures_dangling import others

from explorer.assets import cache_dir

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def x_server():
    """The display name of an Xvfb of 1600 x 1000 that no window manager shares."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


class Windows:
    """A process that opens one window after the other, for all drives of this worker: its children are started once."""

    def __init__(self, x_server, folder):
        cache = folder / "cache"  # with the weights and nothing of units: what a window shows, it has made
        cache.mkdir()
        for inside in cache_dir().iterdir():
            if inside.name != "units":
                (cache / inside.name).symlink_to(inside)
        self.home = folder / "home"
        own = {"HOME": self.home, "XDG_DATA_HOME": self.home, "EXPLORER_STATE": self.home / "state"}
        own |= {"EXPLORER_CONFIG": self.home / "config", "EXPLORER_CACHE": cache}
        self.environment = on_screen(x_server) | {name: str(path) for name, path in own.items()}
        self.errors = folder / "stderr.txt"
        self.process = None

    def drive(self, command, environment, timeout):
        """Exit code (None: it did not answer in time) and what was written to stderr meanwhile."""
        self.forget()
        process, self.process = self.process or self.start(), None  # after anything but an answer it is not used again
        others.add(process.pid)
        written = self.errors.stat().st_size
        try:
            process.stdin.write(json.dumps({"command": command, "environment": environment}).encode() + b"\n")
            process.stdin.flush()
            code, end, said = None, time.monotonic() + timeout, b""
            while code is None and (left := end - time.monotonic()) > 0:
                if select.select([process.stdout], [], [], left)[0]:
                    said += (part := os.read(process.stdout.fileno(), 65536))
                    found = re.search(rb"^driven: (\d+)$", said, re.MULTILINE)
                    code = int(found[1]) if found else process.wait(10) if not part else None
            if code == 0:
                self.process = process
        finally:
            if self.process is None:
                process.send_signal(signal.SIGABRT)  # the stacks of its threads
                end_of(process)
        with self.errors.open("rb") as file:
            file.seek(written)
            return code, file.read().decode("utf-8", "replace")

    def forget(self):
        """Nothing that a window kept is found by the next, but what is known of the example plugins."""
        state, known = self.home / "state", Path(os.environ.get("EXPLORER_STATE", "")) / "plugins" / "verdicts.json"
        for kept in (*self.home.glob("*"), *state.glob("*")):
            if kept.name not in ("state", "logs"):  # the children write their logs all the while
                shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        (state / "plugins").mkdir(parents=True)
        if known.is_file():
            shutil.copy(known, state / "plugins")

    def start(self):
        with self.errors.open("ab") as errors:
            command = [sys.executable, "-X", "faulthandler", str(HERE / "driver.py")]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            return subprocess.Popen(command, env=self.environment, stderr=errors, bufsize=0, **pipes)

    def close(self):
        """No more drives; the process and its children end in order."""
        if self.process is not None:
            self.process.stdin.close()
            assert self.process.wait(20) == 0, self.errors.read_text()[-4000:]
            end_of(self.process)


def end_of(process):
    """Wait for its end; let go of its pipes."""
    process.wait(20)
    others.discard(process.pid)
    for pipe in (process.stdin, process.stdout):
        pipe.close()


def on_screen(x_server):
    """The environment of a program with a window on that server."""
    env = {key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}
    return env | {"DISPLAY": x_server, "QT_QPA_PLATFORM": "xcb", "QT_ACCESSIBILITY": "0"}


@pytest.fixture(scope="session")
def windows(x_server, tmp_path_factory):
    """The process that opens the windows of this worker."""
    made = Windows(x_server, tmp_path_factory.mktemp("windows"))
    yield made
    made.close()


@pytest.fixture
def real_window(windows, tmp_path, request):
    """Call with (function, ...) of the drive file named like the test module: test_why.py is driven by drive_why.py."""
    module = Path(request.path).stem.removeprefix("test_")
    return functools.partial(drive, windows, tmp_path, (module,))


@pytest.fixture(scope="module")
def one_window(windows, tmp_path_factory):
    """Call with ((drive, ...), function, ...): the drive files are made one after the other in the same window."""
    folder = tmp_path_factory.mktemp("window")
    return functools.partial(drive, windows, folder)


@pytest.fixture
def whole_program(x_server, tmp_path, request):
    """As `real_window`, with a process of its own from its start to its end, and children of its own."""
    module = Path(request.path).stem.removeprefix("test_")
    return functools.partial(drive, x_server, tmp_path, (module,))


def drive(where, folder, modules, function, *, theme="light", language="en", size=(1440, 900), timeout=110, **environment):
    """Let `function` of the drive file of each of `modules` use the program, and return the facts."""
    kept = os.environ.get("EXPLORER_SHOTS")
    out = Path(kept) / f"{'-'.join(modules)}-{function}-{theme}-{language}-{size[0]}" if kept else folder / function
    drives = os.pathsep.join(str(HERE / f"drive_{module}.py") for module in modules)
    command = [drives, function, str(out), theme, language, str(size[0]), str(size[1])]
    if isinstance(where, Windows):
        code, errors = where.drive(command, environment, timeout)
    else:
        whole = [sys.executable, "-X", "faulthandler", str(HERE / "driver.py"), *command]
        env = on_screen(where) | environment
        done = subprocess.run(whole, env=env, capture_output=True, text=True, timeout=timeout, check=False)
        code, errors = done.returncode, done.stdout[-2000:] + done.stderr
    assert code == 0, f"{'no answer' if code is None else code}\n{errors[-6000:]}"
    for word in ("Traceback", "QThread", "Destroyed while", "already deleted"):
        assert word not in errors, errors[-4000:]
    shots = sorted(out.glob("*.png"))
    assert shots, "a drive without a screenshot"
    for shot in shots:
        assert shot.stat().st_size > 15_000, f"{shot.name} is nearly empty"
    return json.loads((out / "facts.json").read_text())
