"""A slider and a typed value for one number: linear or logarithmic, snaps back to its start value on a double-click."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QSpinBox, QWidget

from explorer.gui import theme
from explorer.gui.widgets.decimal_box import DecimalBox

TICKS = 1000


def digits_for(step: float, most: int = 6) -> int:
    """Digits behind the point that a step of this size needs, at most `most`."""
    return min(most, max(0, math.ceil(-math.log10(step) - 1e-9))) if step > 0 else 3


class RatioBox(DecimalBox):
    """A spin box for quantities that span decades: three figures that count instead of a row of noughts."""

    def textFromValue(self, value: float) -> str:
        """As a person would write it."""
        return self.locale().toString(value, "g", 3 if value < 1000 else 4)


class NumberSlider(QWidget):
    """`value` in [low, high]. `changed(value)` comes with every move; `settled()` when the person let go or typed."""

    changed = Signal(float)
    settled = Signal()

    def __init__(
        self,
        low: float,
        high: float,
        start: float,
        *,
        step: float | None = None,
        whole: bool = False,
        log: bool = False,
        unit: str = "",
    ) -> None:
        super().__init__()
        if not low < high or (log and low <= 0):
            raise ValueError(f"no slider from {low} to {high}")
        self._low, self._high, self._start = low, high, start
        self._log, self._whole = log, whole
        self._step = step or (1.0 if whole else (high - low) / 200)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, TICKS)
        self.slider.setPageStep(TICKS // 10)
        self.slider.setMinimumWidth(64)
        self.spin: QSpinBox | QDoubleSpinBox = QSpinBox() if whole else RatioBox() if log else DecimalBox()
        self._value = float(start)
        if isinstance(self.spin, QSpinBox):
            self.spin.setRange(int(low), int(high))
            self.spin.setSingleStep(max(1, int(self._step)))
        else:
            self.spin.setDecimals(max(2, digits_for(self._step), digits_for(low, 14) if log else 0))
            self.spin.setRange(low, high)
            self.spin.setSingleStep(self._step)
        if log:
            self.spin.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.spin.setKeyboardTracking(False)
        self.spin.setFont(theme.tabular(self.spin.font()))
        self.spin.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.set_unit(unit)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(2))
        line.addWidget(self.slider, 1)
        line.addWidget(self.spin)
        self.setFocusProxy(self.slider)
        self.slider.installEventFilter(self)
        self.spin.installEventFilter(self)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(self.settled)
        self.spin.valueChanged.connect(self._typed)
        self.set_value(start)

    @property
    def dragging(self) -> bool:
        """Whether the handle is held."""
        return self.slider.isSliderDown()

    def value(self) -> float:
        """The number as typed or slid."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value without a signal."""
        self._value = value = min(max(value, self._low), self._high)
        with QSignalBlocker(self.spin), QSignalBlocker(self.slider):
            if isinstance(self.spin, QSpinBox):
                self.spin.setValue(round(value))
            else:
                self.spin.setValue(value)
            if not self.slider.isSliderDown():
                self.slider.setValue(self._tick(value))

    def setAccessibleName(self, name: str) -> None:
        """Screen readers meet the handle and the number, not the widget that holds them."""
        super().setAccessibleName(name)
        self.slider.setAccessibleName(name)
        self.spin.setAccessibleName(name)

    def set_unit(self, unit: str) -> None:
        """Show a unit behind the number."""
        self.spin.setSuffix(f" {unit}" if unit else "")

    def _tick(self, value: float) -> int:
        if self._log:
            part = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            part = (value - self._low) / (self._high - self._low)
        return round(part * TICKS)

    def _at(self, tick: int) -> float:
        part = tick / TICKS
        if self._log:
            value = float(self._low * (self._high / self._low) ** part)
            digits = 2 - math.floor(math.log10(value))  # three figures that count
            return min(max(round(value, digits), self._low), self._high)
        value = self._low + part * (self._high - self._low)
        value = self._low + round((value - self._low) / self._step) * self._step
        return min(max(value, self._low), self._high)

    def _slid(self, tick: int) -> None:
        value = self._at(tick)
        self._value = float(round(value)) if self._whole else value
        with QSignalBlocker(self.spin):
            if isinstance(self.spin, QSpinBox):
                self.spin.setValue(round(value))
            else:
                self.spin.setValue(value)
        self.changed.emit(self.value())
        if not self.slider.isSliderDown():
            self.settled.emit()

    def _typed(self, value: float) -> None:
        self._value = min(max(float(value), self._low), self._high)
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._tick(self._value))
        self.changed.emit(self.value())
        self.settled.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Double-click snaps back; the wheel acts only on what has the focus, so that forms can be scrolled."""
        if watched is self.slider and event.type() == QEvent.Type.MouseButtonDblClick:
            self.set_value(self._start)
            self.changed.emit(self.value())
            self.settled.emit()
            return True
        if watched is self.spin and space_stays_a_key(event):
            return True
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def space_stays_a_key(event: QEvent) -> bool:
    """Whether `event` asks if Space is text here: no number has a blank, so it plays, dreams or stops as everywhere."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride or event.key() != Qt.Key.Key_Space:
        return False
    event.ignore()
    return True
