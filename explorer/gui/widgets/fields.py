"""One editor per kind of parameter. All have `value()`, `set_value(value)`, `refresh(desk)`, `changed`, `dragging`."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.widgets.decimal_box import DecimalBox
from explorer.gui.widgets.option_titles import OPTION_TITLES
from explorer.gui.widgets.slider import NumberSlider, digits_for, space_stays_a_key
from explorer.i18n import N_, tr
from explorer.requests.base import ParameterInfo

INT_MAX = 2**31 - 1


class Choices(Protocol):
    """What a field needs of the desk."""

    def choices(self, kind: str) -> tuple[str, ...]:
        """Names that may be chosen."""
        ...

    def title_of(self, kind: str, name: str) -> str:
        """A name for people."""
        ...


class Field(QWidget):
    """Base: a widget for `info`. `changed` comes with every edit."""

    changed = Signal()

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__()
        self.info = info
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(theme.px(2))

    @property
    def dragging(self) -> bool:
        """Whether a slider is held just now."""
        return False

    def value(self) -> Any:
        """As the request wants it."""
        raise NotImplementedError  # not an ABC: its metaclass and Qt's do not mix

    def set_value(self, value: Any) -> None:
        """Show, without a signal."""
        raise NotImplementedError

    def refresh(self, desk: Choices) -> None:
        """The choices or the language changed."""


class SliderField(Field):
    """A number with both limits."""

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__(info)
        low, high = float(info.low or 0), float(info.high or 0)
        whole = info.kind == "int"
        wide = whole and low >= 1 and high / low >= 200
        self.slider = NumberSlider(low, high, float(info.default), step=info.step, whole=whole, log=info.log or wide)
        self._line.addWidget(self.slider)
        self.setFocusProxy(self.slider)
        self.slider.changed.connect(self._moved)
        self.slider.settled.connect(self.changed)

    def _moved(self, value: float) -> None:
        if self.slider.dragging:
            self.changed.emit()

    @property
    def dragging(self) -> bool:
        """Whether the handle is held."""
        return self.slider.dragging

    def value(self) -> Any:
        """int or float."""
        found = self.slider.value()
        return round(found) if self.info.kind == "int" else found

    def set_value(self, value: Any) -> None:
        """Show, without a signal."""
        self.slider.set_value(float(value))

    def refresh(self, desk: Choices) -> None:
        """The unit, in the new language."""
        self.slider.set_unit(tr(self.info.unit))


class SpinField(Field):
    """A number without a useful slider (a seed), or one that may be empty."""

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__(info)
        self._floor = round(info.low or 0)
        self.spin = QSpinBox()
        self.spin.setRange(self._floor - int(info.optional), min(int(info.high if info.high is not None else INT_MAX), INT_MAX))
        self.spin.setSingleStep(max(1, int(info.step or 1)))
        self.spin.setKeyboardTracking(False)
        self.spin.setFont(theme.tabular(self.spin.font()))
        self.spin.installEventFilter(self)
        self._line.addWidget(self.spin, 1)
        self.setFocusProxy(self.spin)
        self.spin.valueChanged.connect(self.changed)

    def value(self) -> int | None:
        """None where the box says so."""
        found = self.spin.value()
        return None if self.info.optional and found < self._floor else found

    def set_value(self, value: Any) -> None:
        """Show, without a signal."""
        with QSignalBlocker(self.spin):
            self.spin.setValue(self._floor - 1 if value is None else int(value))

    def refresh(self, desk: Choices) -> None:
        """The word for "none" and the unit."""
        none = tr("automatic") if self.info.unit or not self.info.optional else tr("all")
        self.spin.setSpecialValueText(none if self.info.optional or self._floor == -1 else "")  # -1: the program chooses
        self.spin.setSuffix(f" {tr(self.info.unit)}" if self.info.unit else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel over a form scrolls the form, not the numbers."""
        return space_stays_a_key(event) or _wheel_belongs_to_form(watched, event) or super().eventFilter(watched, event)


class CheckField(Field):
    """Yes or no; carries its own label."""

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__(info)
        self.box = QCheckBox()
        words.say(self.box, info.label)
        self._line.addWidget(self.box)
        self.setFocusProxy(self.box)
        self.box.toggled.connect(self.changed)

    def value(self) -> bool:
        """Whether it is ticked."""
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        """Show, without a signal."""
        with QSignalBlocker(self.box):
            self.box.setChecked(bool(value))


class ChoiceField(Field):
    """One of a fixed few, or of what the desk knows just now (then it can be searched by typing)."""

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__(info)
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(8)
        self.box.setMaxVisibleItems(24)
        self.box.installEventFilter(self)
        self._wanted: Any = info.default
        self._searchable = info.choices in ("layer", "convolution")
        if self._searchable:
            self.box.setEditable(True)
            self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            completer = self.box.completer() or QCompleter(self.box)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._line.addWidget(self.box, 1)
        self.setFocusProxy(self.box)
        self.box.activated.connect(self._chosen)

    def value(self) -> Any:
        """The name, "" or None for the automatic choice."""
        return self._wanted

    def set_value(self, value: Any) -> None:
        """Show, without a signal; a name that is not among the choices stays as it is."""
        self._wanted = value
        at = self.box.findData("" if value is None else value)
        with QSignalBlocker(self.box):
            if at < 0:
                self.box.addItem(str(value), value)
                at = self.box.count() - 1
            self.box.setCurrentIndex(at)

    def refresh(self, desk: Choices) -> None:
        """Read the choices again; what is chosen stays chosen."""
        kind = self.info.choices
        names = desk.choices(kind) if kind else self.info.options
        with QSignalBlocker(self.box):
            self.box.clear()
            if self.info.optional or self.info.default == "":
                self.box.addItem(tr("automatic"), "")
            for name in names:
                self.box.addItem(desk.title_of(kind, name) if kind else tr(OPTION_TITLES.get(name, name)), name)
        self.set_value(self._wanted)

    def _chosen(self, at: int) -> None:
        data = self.box.itemData(at)
        self._wanted = None if data == "" and self.info.optional else data
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel over a form scrolls the form, not the choices."""
        return _wheel_belongs_to_form(watched, event) or super().eventFilter(watched, event)


class ManyField(Field):
    """Some of what the desk knows, as tick boxes: in two columns where their names are short enough for a narrow dock."""

    WIDEST = 60  # in steps of the spacing grid, both columns together

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__(info)
        self._wanted: tuple[str, ...] = tuple(info.default or ())
        self.boxes: dict[str, QCheckBox] = {}
        holder = QWidget()
        self._grid = QGridLayout(holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.px(1))
        self._line.addWidget(holder, 1)

    def value(self) -> tuple[str, ...]:
        """The ticked names: as they were set, if it is the same names, else in the order of the list."""
        ticked = tuple(name for name, box in self.boxes.items() if box.isChecked()) if self.boxes else self._wanted
        return self._wanted if set(ticked) == set(self._wanted) else ticked

    def set_value(self, value: Any) -> None:
        """Show, without a signal."""
        self._wanted = tuple(value or ())
        for name, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(name in self._wanted)

    def refresh(self, desk: Choices) -> None:
        """Read the choices again."""
        wanted = self.value()
        names = desk.choices(self.info.choices) or wanted
        for box in self.boxes.values():
            self._grid.removeWidget(box)
            box.setParent(None)
            box.deleteLater()
        self.boxes = {}
        for name in names:
            box = QCheckBox(desk.title_of(self.info.choices, name))
            box.setChecked(name in wanted)
            box.toggled.connect(self.changed)
            self.boxes[name] = box
        widest = max((box.sizeHint().width() for box in self.boxes.values()), default=0)
        columns = 2 if 2 * widest <= theme.px(self.WIDEST) else 1
        for at, box in enumerate(self.boxes.values()):
            self._grid.addWidget(box, at // columns, at % columns)


class PointField(Field):
    """Two numbers, or empty."""

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__(info)
        self.own = QCheckBox()
        words.say(self.own, N_("own"))
        self.spins = (DecimalBox(), DecimalBox())
        if info.optional:
            self._line.addWidget(self.own)
        for spin, axis in zip(self.spins, "xy", strict=True):
            words.say(spin, axis, "name")
            spin.setRange(-1e6, 1e6)
            spin.setDecimals(max(4, digits_for(info.step or 0.01)))
            spin.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
            spin.setKeyboardTracking(False)
            spin.installEventFilter(self)
            self._line.addWidget(spin, 1)
            spin.valueChanged.connect(self.changed)
        self.own.toggled.connect(self._toggled)
        self.set_value(info.default)

    def _toggled(self, on: bool) -> None:
        for spin in self.spins:
            spin.setEnabled(on or not self.info.optional)
        self.changed.emit()

    def value(self) -> tuple[float, float] | None:
        """(x, y), or None for the automatic one."""
        if self.info.optional and not self.own.isChecked():
            return None
        return self.spins[0].value(), self.spins[1].value()

    def set_value(self, value: Any) -> None:
        """Show, without a signal."""
        blockers = [QSignalBlocker(item) for item in (self.own, *self.spins)]
        self.own.setChecked(value is not None)
        for spin, number in zip(self.spins, value or (0.0, 0.0), strict=True):
            spin.setEnabled(value is not None or not self.info.optional)
            spin.setValue(float(number))
        del blockers

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel over a form scrolls the form, not the numbers."""
        return _wheel_belongs_to_form(watched, event) or super().eventFilter(watched, event)


class TextField(Field):
    """Free text; enters on Return or when the field is left."""

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__(info)
        self.edit = QLineEdit()
        self._line.addWidget(self.edit, 1)
        self.setFocusProxy(self.edit)
        self.edit.editingFinished.connect(self.changed)

    def value(self) -> str | None:
        """The text, or None where that is allowed and it is empty."""
        return self.edit.text() or (None if self.info.optional else "")

    def set_value(self, value: Any) -> None:
        """Show, without a signal."""
        with QSignalBlocker(self.edit):
            self.edit.setText("" if value is None else str(value))


def field_for(info: ParameterInfo) -> Field | None:
    """The editor of a parameter; None for kinds that no form shows (tables of numbers)."""
    if info.kind == "bool":
        return CheckField(info)
    if info.kind == "choice" or (info.kind == "text" and info.choices):
        return ChoiceField(info)
    if info.kind == "list" and info.choices:
        return ManyField(info)
    if info.kind == "point":
        return PointField(info)
    if info.kind in ("int", "float"):
        limited = info.low is not None and info.high is not None
        if limited and not info.optional and (info.kind == "float" or _slides(info)):
            return SliderField(info)
        return SpinField(info)
    return TextField(info) if info.kind == "text" else None


def _slides(info: ParameterInfo) -> bool:
    return ((info.high or 0) - (info.low or 0)) / (info.step or 1) <= 4096 and info.name != "input_channel"


def _wheel_belongs_to_form(watched: QObject, event: QEvent) -> bool:
    if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
        event.ignore()
        return True
    return False
