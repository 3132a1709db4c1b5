"""What the children say is heard as often as the screen shows pictures, and nothing is lost of it."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject

from explorer.gui import pace
from explorer.gui.pace import frame_s  # before the tests of this folder are given a screen without a rate


def test_at_once_then_in_step_with_the_screen(qtbot, monkeypatch):
    monkeypatch.setattr(pace, "frame_s", lambda: 0.05)
    parent, told = QObject(), []
    made = pace.Pace(lambda: told.append(time.monotonic()), parent)
    made.ask()
    assert len(told) == 1  # nobody waits for a screen that has nothing to show
    made.ask()
    made.ask()
    assert len(told) == 1
    qtbot.waitUntil(lambda: len(told) == 2, timeout=2000)
    assert told[1] - told[0] >= 0.049
    qtbot.wait(120)
    assert len(told) == 2  # two wishes, one answer
    made.ask()
    assert len(told) == 3


def test_the_step_is_that_of_the_screen(qapp, monkeypatch):
    class Screen:
        def __init__(self, rate):
            self.rate = rate

        def refreshRate(self):  # Qt's own name
            return self.rate

    for rate, seconds in ((144.0, 1 / 144), (59.94, 1 / 59.94), (0.0, 1 / 60), (1e9, 1 / 60)):
        monkeypatch.setattr(pace.QGuiApplication, "primaryScreen", lambda rate=rate: Screen(rate))
        assert frame_s() == seconds
