"""The numbers that shape a surface: sliders for a preset's parameters and for the letters of a formula, and the domain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget, QWidgetAction

from explorer.gui import numerals, theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.optimizers_choice import NumberedChoice
from explorer.gui.widgets.decimal_box import DecimalBox
from explorer.gui.widgets.slider import NumberSlider, digits_for
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_

FIRST = 3  # sliders that are shown before "More"
LOW_WINDOW = 700  # pixels of a window in which every row counts
LOW, HIGH = -10.0, 10.0  # of a letter, where no range was chosen
Span = tuple[float, float]


@dataclass(frozen=True)
class Knob:
    """One number of a surface. `letter`: of an own formula, its range can be changed."""

    name: str
    label: str
    help: str
    default: float
    low: float
    high: float
    log: bool = False
    choices: tuple[str, ...] = ()
    whole: bool = False
    letter: bool = False


def knobs_of(entry: dict[str, Any]) -> tuple[Knob, ...]:
    """Of a preset, as the catalogue has it."""
    return tuple(Knob(**{**one, "choices": tuple(one.get("choices", ()))}) for one in entry.get("parameters", ()))


def letters(names: list[str], ranges: dict[str, Span]) -> tuple[Knob, ...]:
    """Of an own formula."""
    text = N_("A number in the formula.")
    return tuple(Knob(name, name, text, 1.0, *ranges.get(name, (LOW, HIGH)), letter=True) for name in names)


class RangeButton(QToolButton):
    """From where to where a letter's slider goes. `changed(low, high)`."""

    changed = Signal(float, float)

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.setText("…")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        words.say(self, N_("Range of the slider"), "tip")
        menu, action = QMenu(self), QWidgetAction(self)
        page = QWidget()
        line = QHBoxLayout(page)
        self.low, self.high = (number_box(value) for value in span)
        for box, text in ((self.low, N_("from")), (self.high, N_("to"))):
            label = QLabel()
            words.say(label, text)
            words.say(box, text, "name")
            line.addWidget(label)
            line.addWidget(box)
            box.editingFinished.connect(self._edited)
        action.setDefaultWidget(page)
        menu.addAction(action)
        self.setMenu(menu)
        self._span = span

    def _edited(self) -> None:
        span = (self.low.value(), self.high.value())
        if span != self._span and span[0] < span[1]:
            self._span = span
            self.changed.emit(*span)


class FreeBox(DecimalBox):
    """Any number of ordinary size, without a tail of noughts. In a menu, which has no language from its window."""

    def textFromValue(self, value: float) -> str:
        """As a person would write it."""
        return numerals.locale().toString(value, "g", 6)

    def showEvent(self, event: QShowEvent) -> None:
        """The language may have changed."""
        self.setLocale(numerals.locale())
        super().showEvent(event)


def number_box(value: float) -> DecimalBox:
    """A FreeBox that starts at `value`."""
    box = FreeBox()
    box.setRange(-1e6, 1e6)
    box.setDecimals(4)
    box.setStepType(DecimalBox.StepType.AdaptiveDecimalStepType)
    box.setKeyboardTracking(False)
    box.setValue(value)
    box.setFont(theme.tabular(box.font()))
    return box


class GroundSliders(QWidget):
    """One slider for each knob, side by side as far as there is room; the first few, the rest under "More".

    `edited(values, done)`: all values that differ from their defaults; `ranged(name, low, high)`: another range was chosen.
    """

    edited = Signal(object, bool)
    ranged = Signal(str, float, float)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._knobs: tuple[Knob, ...] = ()
        self._values: dict[str, float] = {}
        self._cells: list[QWidget] = []
        self._columns = 0
        self.sliders: dict[str, NumberSlider | NumberedChoice] = {}
        self.ranges: dict[str, RangeButton] = {}
        self.more = tool_button("form", N_("All numbers of this surface"), N_("More"), checkable=True)
        self.more.toggled.connect(self._arrange)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(4))
        self._grid.setVerticalSpacing(theme.px(0.5))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.more.setParent(self)
        self.more.hide()

    def show_knobs(self, knobs: tuple[Knob, ...], values: dict[str, float]) -> None:
        """Show numbers and where they stand, without a signal."""
        if knobs != self._knobs:
            self._knobs = knobs
            self._build()
        self._values = values
        for knob in knobs:
            slider = self.sliders[knob.name]
            if not slider.dragging:
                slider.set_value(values.get(knob.name, knob.default))
        self.setVisible(bool(knobs))

    def retranslate(self) -> None:
        """Labels in another language take another width."""
        self._arrange()

    def _build(self) -> None:
        for cell in self._cells:
            cell.setParent(None)
            cell.deleteLater()
        self.sliders, self.ranges = {}, {}
        self._cells = [self._cell(knob) for knob in self._knobs]
        with QSignalBlocker(self.more):
            self.more.setChecked(False)
        self._arrange()

    def _cell(self, knob: Knob) -> QWidget:
        cell = QWidget(self)
        line = QHBoxLayout(cell)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(1))
        label = QLabel(cell)
        label.setProperty("kind", "muted")
        slider: NumberSlider | NumberedChoice
        if knob.choices:
            slider = NumberedChoice(knob.choices, knob.default, self._desk)
        else:
            step = 1.0 if knob.whole else 10.0 ** -digits_for((knob.high - knob.low) / 400)
            start = min(max(knob.default, knob.low), knob.high)
            slider = NumberSlider(knob.low, knob.high, start, step=step, whole=knob.whole, log=knob.log)
        if knob.letter:
            label.setText(f"<i>{knob.label}</i>")
        else:
            words.say(label, knob.label)
        label.setBuddy(slider)
        words.say(slider, knob.help, "tip")
        words.say(slider, knob.label, "name")
        slider.changed.connect(partial(self._moved, knob.name))
        slider.settled.connect(partial(self._settled, knob.name))
        line.addWidget(label)
        line.addWidget(slider, 1)
        if knob.letter:
            button = RangeButton((knob.low, knob.high))
            button.changed.connect(partial(self.ranged.emit, knob.name))
            line.addWidget(button)
            self.ranges[knob.name] = button
        self.sliders[knob.name] = slider
        return cell

    def _arrange(self) -> None:
        while self._grid.takeAt(0) is not None:
            pass
        many = len(self._knobs) > FIRST + 1
        rest = self._cells[FIRST:] if self.window().height() < LOW_WINDOW else self._cells  # in its place, or below it
        shown = self._cells if not many else rest if self.more.isChecked() else self._cells[:FIRST]
        least = max((cell.sizeHint().width() for cell in self._cells), default=1)
        self._columns = max(1, (self.width() + theme.px(4)) // (max(least, theme.px(52)) + theme.px(4)))
        for at, cell in enumerate(shown):
            self._grid.addWidget(cell, at // self._columns, at % self._columns)
        for cell in self._cells:
            cell.setVisible(cell in shown)
        self.more.setVisible(many)
        if many:
            self._grid.addWidget(self.more, len(shown) // self._columns, len(shown) % self._columns, Qt.AlignmentFlag.AlignLeft)
        for column in range(12):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer beside each other."""
        super().resizeEvent(event)
        least = max((cell.sizeHint().width() for cell in self._cells), default=1)
        if self._columns != max(1, (self.width() + theme.px(4)) // (max(least, theme.px(52)) + theme.px(4))):
            self._arrange()

    def _with(self, name: str, value: float) -> dict[str, float]:
        knob = next(one for one in self._knobs if one.name == name)
        values = {**self._values, name: value}
        if value == knob.default:
            del values[name]
        return values

    def _moved(self, name: str, value: float) -> None:
        self.edited.emit(self._with(name, value), False)

    def _settled(self, name: str) -> None:
        self.edited.emit(self._with(name, self.sliders[name].value()), True)


class DomainButton(QToolButton):
    """The part of the plane that is shown, as four numbers. `edited(domain)`: x from, x to, y from, y to; `whole()`: all.

    The page with the numbers is made when it is first opened, or asked for.
    """

    edited = Signal(object)
    whole = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_icon(self, "zoom-in")
        words.say(self, N_("The part that is shown (wheel zooms, middle button drags)"), "tip")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._boxes: list[DecimalBox] = []
        self._shown: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._make)
        self.setMenu(self._menu)

    @property
    def boxes(self) -> list[DecimalBox]:
        """x from, x to, y from, y to."""
        self._make()
        return self._boxes

    def _make(self) -> None:
        if self._boxes:
            return
        page, action = QWidget(), QWidgetAction(self._menu)
        grid = QGridLayout(page)
        for row, axis in enumerate("xy"):
            label = QLabel(f"<i>{axis}</i>")
            grid.addWidget(label, row, 0)
            for column, text in enumerate((N_("from"), N_("to"))):
                box = number_box(self._shown[len(self._boxes)])
                box.setMinimumWidth(theme.px(24))
                words.say(box, text, "name")
                box.editingFinished.connect(self._edited)
                self._boxes.append(box)
                grid.addWidget(box, row, column + 1)
        fit = tool_button("zoom-fit", N_("The whole surface (0)"), N_("The whole surface"))
        fit.clicked.connect(self.whole)
        grid.addWidget(fit, 2, 0, 1, 3)
        action.setDefaultWidget(page)
        self._menu.addAction(action)

    def show_domain(self, domain: tuple[float, ...]) -> None:
        """What is shown now."""
        self._shown = domain
        for box, value in zip(self._boxes, domain, strict=bool(self._boxes)):
            if not box.hasFocus():
                with QSignalBlocker(box):
                    box.setValue(value)

    def _edited(self) -> None:
        typed = tuple(box.value() for box in self._boxes)
        same = all(abs(a - round(b, 4)) < 1e-9 for a, b in zip(typed, self._shown, strict=True))
        if not same and typed[0] < typed[1] and typed[2] < typed[3]:
            self.edited.emit(typed)
