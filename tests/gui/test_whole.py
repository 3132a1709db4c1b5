"""The real window with its real helpers: every panel shows something, and a dream survives the death of its engine."""

import os
import signal
import struct

import pytest

from explorer import i18n
from explorer.gui import app as gui_app
from explorer.gui import theme
from explorer.gui.notices import Sink
from explorer.gui.panels import PANELS
from explorer.gui.panels.log_lines import LogHandler
from explorer.gui.program import Program
from explorer.requests.base import changed
from explorer.settings import Settings

NAMES = tuple(row.name for row in PANELS)

LONG_MS = 60_000


@pytest.fixture
def whole(qapp, qtbot):
    """A Program with the real Host, engine ready."""
    theme.apply(qapp, "light")
    i18n.use_language("en")
    made = Program(qapp, Settings(), Sink(), LogHandler())
    states = []
    with qtbot.waitSignal(made.furnished, timeout=LONG_MS):
        made.open()
    made.desk.engine_changed.connect(states.append)
    made.states = states
    qtbot.waitUntil(lambda: made.desk.network is not None and made.desk.frame is not None, timeout=LONG_MS)
    yield made
    made.dismantle()
    qapp.setStyleSheet("")


@pytest.mark.timeout(180)
def test_a_dream_survives_the_death_of_its_engine(whole, qtbot):
    desk, window = whole.desk, whole.window
    window.go_to("dream")
    panel = window.panels["dream"]
    desk.change(dream=changed(desk.session.dream, steps=4096, size=224))
    panel.begin()
    qtbot.waitUntil(lambda: panel.newest is not None, timeout=LONG_MS)
    os.kill(desk.engines["engine"].facts["pid"], signal.SIGKILL)
    qtbot.waitUntil(lambda: any(state.kind == "restarting" for state in whole.states), timeout=LONG_MS)
    assert panel.newest is not None
    assert not panel.body.picture.image.isNull()
    qtbot.waitUntil(lambda: "engine restarted (1)" in window.notices.text.text(), timeout=LONG_MS)
    qtbot.waitUntil(lambda: not panel.running, timeout=LONG_MS)
    qtbot.waitUntil(lambda: any(state.kind == "ready" for state in whole.states), timeout=LONG_MS)
    desk.change(dream=changed(desk.session.dream, steps=4))
    kept = panel.newest
    panel.begin()
    qtbot.waitUntil(lambda: panel.newest is not kept and not panel.running, timeout=LONG_MS)


@pytest.mark.timeout(180)
def test_screenshots_of_every_panel(tmp_path, qapp):
    written = gui_app.screenshots(tmp_path, theme="dark", size=(1024, 640), language="hu", patience_s=60)
    assert [path.stem for path in written] == [*NAMES, "welcome"]
    for path in written:
        data = path.read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (1024, 640)
        assert len(data) > 20_000, f"{path.name} is nearly empty"
    i18n.use_language("en")
    qapp.setStyleSheet("")
