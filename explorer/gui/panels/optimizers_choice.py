"""A choice that is a number to the engine: a hyper-parameter whose value is a place in a short list."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.gui.desk import Desk
from explorer.gui.widgets.fields import ChoiceField
from explorer.requests.base import ParameterInfo


class NumberedChoice(QWidget):
    """A hyper-parameter that is the place of one of a few choices, used like a NumberSlider."""

    changed = Signal(float)
    settled = Signal()
    dragging = False

    def __init__(self, choices: tuple[str, ...], start: float, desk: Desk) -> None:
        super().__init__()
        self._choices, self._desk = choices, desk
        info = ParameterInfo(
            "", "choice", "", "", choices[0], None, None, None, "", False, False, "", choices, "", False, False
        )  # fmt: skip
        self.field = ChoiceField(info)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.field)
        self.setFocusProxy(self.field)
        self.field.changed.connect(self._chosen)
        self.set_value(start)

    def value(self) -> float:
        """The place of what is chosen."""
        return float(self._choices.index(self.field.value()))

    def set_value(self, value: float) -> None:
        """Show, without a signal."""
        self.field.refresh(self._desk)
        self.field.set_value(self._choices[min(max(int(value), 0), len(self._choices) - 1)])

    def _chosen(self) -> None:
        self.changed.emit(self.value())
        self.settled.emit()
