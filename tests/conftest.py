"""Shared fixtures: real pictures nobody made for this program, isolated user folders, no network, nothing left behind."""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import socket
import sys
from collections import Counter
from itertools import zip_longest
from pathlib import Path

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key

if str(Path(__file__).parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent))  # the fixtures_*.py beside this file are imported by name, by children too

from fixtures_workers import LastingFiles, ToldAtOnce

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # two workers on two cores: do not spin
os.environ["LANGUAGE"] = "en"  # tests read English unless they say otherwise

# Few tests, but long ones
LONG = (
    "tests/host/test_soak.py",
    "tests/setup/",
    "tests/test_install.py",
    "tests/gui/test_whole.py",
    "tests/gui/test_process.py",
    "tests/host/test_closing.py",
    "tests/atlas/",
    "tests/tour/",
)
WAITING = "tests/real/"  # long ones too, that wait for a window and its children half of the time


def pytest_configure(config):
    """Workers that take file after file (--dist loadfile) take them in the order below, not those with most tests first."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ToldAtOnce(config))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Files in turn, to the end also when a worker dies."""
    return LastingFiles(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items):
    """Long files first, then those with most tests: at the end no core waits for the other. Within a file nothing changes.

    Files that wait come in turn with others: while one worker waits, the next has something to work out.
    """
    files = [item.nodeid.partition("::")[0] for item in items]
    counts = Counter(files)
    long = [file for name in LONG for file in sorted(counts) if file.startswith(name)]
    waiting = sorted(file for file in counts if file.startswith(WAITING))
    others = sorted(counts.keys() - {*long, *waiting}, key=lambda file: (-counts[file], file))
    in_turn = [file for pair in zip_longest(others, waiting) for file in pair if file]
    place = {file: at for at, file in enumerate([*long, *in_turn])}
    items.sort(key=lambda item: place[item.nodeid.partition("::")[0]])


@pytest.fixture(autouse=True)
def own_folders(request, tmp_path_factory, monkeypatch):
    """Settings and state in a folder of the test; the weights cache stays shared (it is verified by hash)."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("EXPLORER_CONFIG", str(home / "config"))
    monkeypatch.setenv("EXPLORER_STATE", str(home / "state"))
    if "plugin" in request.path.stem:  # they look at the probing itself
        yield
        return
    # What is known of the example plugins (by the checksum of each) holds for all tests: probing them takes two seconds.
    shared, own = tmp_path_factory.getbasetemp() / "verdicts.json", home / "state" / "plugins" / "verdicts.json"
    if shared.exists():
        own.parent.mkdir(parents=True)
        shutil.copy(shared, own)
    yield
    if own.exists() and not shared.exists():
        known = json.loads(own.read_text(encoding="utf-8"))
        shared.write_text(json.dumps({key: one for key, one in known.items() if not key.startswith("user/")}), encoding="utf-8")


@pytest.fixture(autouse=True)
def english_again():
    """A test that failed in the middle of another language leaves it to no other one."""
    yield
    i18n = sys.modules.get("explorer.i18n")
    if i18n is not None and i18n.language() != "en":
        i18n.use_language("en")


@pytest.fixture(autouse=True)
def last_words(request):
    """Where a worker dies it says so, also after a test of the program's own crash file, which turns the handler off.

    The limit of a test is a signal. Code that never comes back to Python does not hear it: a minute later the worker ends.
    """
    stderr = request.config.stash[fault_handler_stderr_fd_key]
    own = request.node.get_closest_marker("timeout")
    limit = own.args[0] if own else float(request.config.getini("timeout"))
    faulthandler.dump_traceback_later(limit + 60, exit=True, file=stderr)
    yield
    faulthandler.cancel_dump_traceback_later()
    if not faulthandler.is_enabled():
        faulthandler.enable(stderr)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Only loopback and local sockets may be connected to."""
    real = socket.socket.connect

    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def _frame(name):
    import skimage.data

    from explorer.records.frame import Frame

    return Frame(getattr(skimage.data, name)()[..., :3], source=name)


@pytest.fixture(scope="session")
def coffee():
    """scikit-image's coffee(): an espresso in a cup on a wooden table, 400 x 600."""
    return _frame("coffee")


@pytest.fixture(scope="session")
def chelsea():
    """scikit-image's chelsea(): a tabby cat, 300 x 451."""
    return _frame("chelsea")


@pytest.fixture(scope="session")
def astronaut():
    """scikit-image's astronaut(): 512 x 512."""
    return _frame("astronaut")
