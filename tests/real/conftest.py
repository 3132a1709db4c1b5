"""A real window on a real (virtual) X server: `real_window(drive_file, function)` drives it and returns its facts.

Set EXPLORER_SHOTS to a folder to keep the screenshots and look at them.
"""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.fixture
def real_window(x_server, tmp_path, request):
    """Call with (function, ...) of the drive file named like the test module: test_why.py is driven by drive_why.py."""
    module = Path(request.path).stem.removeprefix("test_")
    return functools.partial(drive, x_server, tmp_path, (module,))


@pytest.fixture(scope="module")
def one_window(x_server, tmp_path_factory):
    """Call with ((drive, ...), function, ...): the drive files are made one after the other in the same window."""
    folder = tmp_path_factory.mktemp("window")
    own = {name: str(folder / name) for name in ("EXPLORER_STATE", "EXPLORER_CONFIG")}  # each test's own come too late for it
    return functools.partial(drive, x_server, folder, **own)


def drive(x_server, folder, modules, function, *, theme="light", language="en", size=(1440, 900), timeout=110, **environment):
    """Start the program, let `function` of the drive file of each of `modules` use it, and return the facts."""
    kept = os.environ.get("EXPLORER_SHOTS")
    out = Path(kept) / f"{'-'.join(modules)}-{function}-{theme}-{language}-{size[0]}" if kept else folder / function
    drives = os.pathsep.join(str(HERE / f"drive_{module}.py") for module in modules)
    command = [sys.executable, "-X", "faulthandler", str(HERE / "driver.py"), drives, function]
    command += [str(out), theme, language, str(size[0]), str(size[1])]
    env = {key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}
    env |= {"DISPLAY": x_server, "QT_QPA_PLATFORM": "xcb", "QT_ACCESSIBILITY": "0", **environment}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
    for word in ("Traceback", "QThread", "Destroyed while", "already deleted"):
        assert word not in done.stderr, done.stderr[-4000:]
    shots = sorted(out.glob("*.png"))
    assert shots, "a drive without a screenshot"
    for shot in shots:
        assert shot.stat().st_size > 15_000, f"{shot.name} is nearly empty"
    return json.loads((out / "facts.json").read_text())
