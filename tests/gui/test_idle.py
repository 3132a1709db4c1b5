"""Steps are taken while nobody touches the window, and none while somebody does."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget

from explorer.gui import idle


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(100, 100)
    made.show()
    qtbot.waitExposed(made)
    return made


def count_to(taken, number):
    for step in range(number):
        taken.append(step)
        yield


def test_the_steps_come_one_by_one_and_then_it_says_so(window, qtbot):
    taken = []
    with qtbot.waitSignal(idle.Idle(window, count_to(taken, 3)).done):
        assert taken == []  # none before the event loop
    assert taken == [0, 1, 2]


def test_a_touch_puts_them_off(window, qtbot, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(idle.time, "monotonic", lambda: now[0])
    taken = []
    made = idle.Idle(window, count_to(taken, 2))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
    made._step()
    assert taken == []
    now[0] += idle.QUIET_MS / 1e3 + 0.001
    made._step()
    assert taken == [0]
    QTest.mousePress(window.windowHandle(), Qt.MouseButton.LeftButton)
    made._step()
    assert taken == [0]
    made.stop()


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard", extend=True)
def test_an_open_menu_puts_them_off(window, qtbot):
    taken = []
    made = idle.Idle(window, count_to(taken, 2))
    menu = QMenu(window)
    menu.addAction("one")
    menu.popup(window.mapToGlobal(window.rect().center()))
    made._step()
    assert taken == []
    menu.close()
    made._step()
    assert taken == [0]
    made.stop()


def test_stopped_it_leaves_the_rest_undone(window, qtbot):
    taken = []
    made = idle.Idle(window, count_to(taken, 2))
    made.stop()
    qtbot.wait(20)
    assert taken == []
    assert not made.eventFilter(window, QEvent(QEvent.Type.KeyPress))
