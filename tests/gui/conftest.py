"""A desk, and a whole window, over a host without processes."""

import importlib.util
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from explorer import i18n
from explorer.records.network import NetworkInfo, TapInfo

_spec = importlib.util.spec_from_file_location("fake_host", Path(__file__).with_name("fake_host.py"))
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
FakeHost = _module.FakeHost


@pytest.fixture(autouse=True)
def nothing_stays():
    """Widgets that a test leaves behind are dressed anew in every later one, which takes longer and longer."""
    yield
    app = QApplication.instance()
    if app is not None:
        for widget in QApplication.topLevelWidgets():
            widget.hide()
            widget.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def no_screen_to_wait_for(monkeypatch):
    """What a child says is heard at once; how often at most is tested in test_pace.py."""
    monkeypatch.setattr("explorer.gui.pace.frame_s", lambda: 0.0)


@pytest.fixture
def english():
    i18n.use_language("en")
    yield
    i18n.use_language("en")


@pytest.fixture
def desk(qtbot, english, qapp):
    """A desk with a FakeHost, dressed in the light theme."""
    from explorer.gui import theme
    from explorer.gui.desk import Desk
    from explorer.settings import Settings

    theme.apply(qapp, "light")
    made = Desk(FakeHost, Settings())
    yield made
    made.closing = True
    made.sink.wake = None


@pytest.fixture
def program(qtbot, english, qapp, request, monkeypatch):
    """The whole window over a FakeHost, furnished; ended in order."""
    # What start-up made is not set aside: beside torch and all tests before, that looks at a million objects each time.
    monkeypatch.setattr("explorer.gui.collector.Collector.freeze", lambda self: None)
    from explorer.gui import theme
    from explorer.gui.notices import Sink
    from explorer.gui.panels.log_lines import LogHandler
    from explorer.gui.program import Program
    from explorer.settings import Settings

    theme.apply(qapp, "light")
    made = Program(qapp, Settings(), Sink(), LogHandler(), make_host=FakeHost, **getattr(request, "param", {}))
    if "all_panels" not in request.fixturenames:  # a test makes the panels that it looks at: not all of them, unasked
        made.furnished.connect(lambda: made.idle and made.idle.stop())
    with qtbot.waitSignal(made.furnished, timeout=20_000):
        made.open()
    yield made
    made.dismantle()
    qapp.setStyleSheet("")


@pytest.fixture
def all_panels(program, qtbot):
    """The same window, once every panel is made."""
    qtbot.waitUntil(lambda: "complete" in program.times, timeout=20_000)
    return program


@pytest.fixture
def network():
    """A NetworkInfo of three layers."""
    taps = (
        TapInfo("features.0", "Conv2d", (64, 113, 113), 1792, (64, 3, 3, 3)),
        TapInfo("features.1", "ReLU", (64, 113, 113)),
        TapInfo("classifier.1", "Conv2d", (1000, 13, 13), 513_000, (1000, 512, 1, 1)),
    )
    return NetworkInfo("squeezenet1_1", "SqueezeNet 1.1", "classify", "imagenet-1k", 224, taps, parameters=1_235_496)


@pytest.fixture
def put_up(desk, qtbot):
    """Put a panel on the screen as the window does: channels heard, pictures passed on, its form kept alive, active."""

    def show(panel, size=(1000, 700)):
        qtbot.addWidget(panel)
        qtbot.addWidget(panel.form())
        for channel in panel.channels:
            desk.register(channel, panel.take)
        desk.frame_arrived.connect(panel.frame_arrived)
        panel.resize(*size)
        panel.show()
        panel.set_active(True)
        return panel

    return show
