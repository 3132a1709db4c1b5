"""A kernel changed with the mouse, the wheel and the keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from explorer.gui.widgets.kernel_grid import PIXELS_A_STEP, KernelGrid


@pytest.fixture
def grid(desk, qtbot):
    made = KernelGrid()
    made.resize(300, 300)
    qtbot.addWidget(made)
    made.show()
    made.set_numbers(np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]))
    made.told = []
    made.edited.connect(lambda numbers, done: made.told.append((numbers.tolist(), done)))
    return made


def middle(grid, row, column):
    return grid.cell_rect(row, column).center().toPoint()


def test_a_drag_changes_one_cell_and_ends_as_one_step(grid, qtbot):
    at = middle(grid, 1, 1)
    qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=at)
    for steps in (1, 3):
        qtbot.mouseMove(grid, at - QPoint(0, steps * PIXELS_A_STEP))
    grid.set_numbers(np.zeros((3, 3)))  # what the Session echoes meanwhile does not disturb
    qtbot.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=at - QPoint(0, 3 * PIXELS_A_STEP))
    assert grid.numbers[1, 1] == 3.0 and grid.numbers[0, 0] == -1.0
    assert [done for _, done in grid.told] == [False] * (len(grid.told) - 1) + [True]


def test_wheel_right_click_and_keys(grid, qtbot):
    at = QPointF(middle(grid, 0, 1))
    for turn in (120, 120, -120):
        wheel = QWheelEvent(
            at,
            at,
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(grid, wheel)
    assert grid.numbers[0, 1] == 1.0
    qtbot.mouseClick(grid, Qt.MouseButton.RightButton, pos=middle(grid, 2, 2))
    assert grid.numbers[2, 2] == 0.0 and grid.at == (2, 2)
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    qtbot.keyClick(grid, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ShiftModifier)
    assert grid.numbers[1, 2] == pytest.approx(2.9)
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    assert grid.numbers[1, 2] == 0.0 and all(done for _, done in grid.told)


def test_typed_numbers(grid, qtbot):
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=middle(grid, 0, 0))
    qtbot.keyClicks(grid, "-2,5")
    assert grid.typed == "-2.5" and grid.numbers[0, 0] == -1.0
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.numbers[0, 0] == -2.5
    qtbot.keyClicks(grid, "9")
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert grid.numbers[0, 0] == -2.5 and grid.typed is None
    qtbot.keyClicks(grid, "41")
    qtbot.keyClick(grid, Qt.Key.Key_Backspace)
    qtbot.keyClick(grid, Qt.Key.Key_Right)  # moving on takes it
    assert grid.numbers[0, 0] == 4.0 and grid.at == (0, 1)
    qtbot.keyClicks(grid, "-")
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.numbers[0, 1] == 0.0
    assert "row 1, column 2: 0" in grid.accessibleDescription()
    grid.grab()


def test_bad_shapes_are_not_shown(grid):
    grid.set_numbers(np.zeros((0, 3)))
    grid.set_numbers(np.zeros(3))
    assert grid.numbers.shape == (3, 3)
    grid.set_numbers(np.zeros((15, 15)))
    assert grid.step == 1.0 and grid.at == (7, 7)
    grid.grab()
