"""Tab goes through a panel as it is read, also through what is made later."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from explorer.gui.panels.panel import Panel


def button(name, parent=None):
    made = QPushButton(name, parent)
    made.setObjectName(name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def test_tab_follows_the_layout_and_not_the_making(desk, qtbot):
    panel = Panel(desk)
    qtbot.addWidget(panel)
    last, second, first = button("last"), button("second"), button("first")
    cells = [button(f"cell {row} {column}") for row in (1, 0) for column in (1, 0)]
    grid = QGridLayout()
    for one in cells:
        grid.addWidget(one, *map(int, one.objectName().split()[1:]))
    inside = QWidget()
    column = QVBoxLayout(inside)
    area = QScrollArea()
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    area.setWidgetResizable(True)
    split = QSplitter()
    split.addWidget(area)
    split.addWidget(last)
    top = QHBoxLayout()
    top.addWidget(first)
    top.addWidget(second)
    whole = QVBoxLayout(panel)
    whole.addLayout(top)
    whole.addLayout(grid)
    whole.addWidget(split)
    panel.show()
    panel.activateWindow()
    column.addWidget(button("late"))  # after everything else
    inside.findChild(QPushButton).show()
    first.setFocus()
    seen = [first.objectName()]
    for _ in range(7):
        panel.focusNextPrevChild(True)
        seen.append(panel.focusWidget().objectName())
    assert seen == ["first", "second", "cell 0 0", "cell 0 1", "cell 1 0", "cell 1 1", "late", "last"]
    panel.focusNextPrevChild(False)
    assert panel.focusWidget().objectName() == "late"
