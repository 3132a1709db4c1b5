"""The chart of a race under a line of choices: which quantity, against what, on which axis. They live in the Session."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.widgets.loss_chart import LossChart
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.picture.race_series import QUANTITIES
from explorer.requests.base import changed
from explorer.requests.race_look import RaceLook


class ChartPart(QWidget):
    """`chart`, and above it what it shows. `arrows` stands beside the legend (Side)."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.chart = LossChart()
        self.quantity = self._box(N_("Curve"), N_("What the chart shows."))
        tip = N_("Against the gradients asked, not the steps: a line search asks several.")
        self.against = tool_button("numbers", tip, "∇", checkable=True)
        self.log = tool_button(
            "numbers", N_("Logarithmic: each line is ten times the one below, or as much more."), checkable=True
        )
        words.say(self.log, N_("log"))
        for button in (self.against, self.log):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.arrows = tool_button(
            "memory",
            N_("Memory at the heads: an arrow for the velocity, a rectangle for the root of the squared gradients (M)"),
            checkable=True,
        )
        self.quantity.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line = QHBoxLayout()
        line.setContentsMargins(theme.px(1), 0, 0, 0)
        line.setSpacing(theme.px(1))
        line.addWidget(self.quantity, 1)
        line.addWidget(self.against)
        line.addWidget(self.log)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.chart, 1)
        self.quantity.activated.connect(lambda at: self._change(quantity=self.quantity.itemData(at)))
        self.against.toggled.connect(lambda on: self._change(against="gradients" if on else "steps"))
        self.log.toggled.connect(lambda on: self._change(logarithmic=on))
        self.arrows.toggled.connect(lambda on: self._change(arrows=on))
        self.retranslate()
        self.show_look(desk.session.race_look)

    def _box(self, name: str, tip: str) -> QComboBox:
        box = QComboBox()
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(4)
        words.say(box, name, "name")
        words.say(box, tip, "tip")
        return box

    def _change(self, **fields: Any) -> None:
        self._desk.change(undoable=False, race_look=changed(self._desk.session.race_look, **fields))

    def show_look(self, look: RaceLook) -> None:
        """Show the choices in force, without a signal."""
        self.quantity.setCurrentIndex(self.quantity.findData(look.quantity))
        switches = ((self.against, look.against == "gradients"), (self.log, look.logarithmic), (self.arrows, look.arrows))
        for button, on in switches:
            with QSignalBlocker(button):
                button.setChecked(on)
        self.chart.set_look(look)

    def retranslate(self) -> None:
        """The language changed."""
        chosen = self.quantity.currentData()
        self.quantity.clear()
        for name, text in QUANTITIES.items():
            self.quantity.addItem(tr(text), name)
        self.quantity.setCurrentIndex(max(0, self.quantity.findData(chosen)))
        self.chart.set_race(self.chart.race)
