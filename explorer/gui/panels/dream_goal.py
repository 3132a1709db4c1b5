"""One goal of a dream as a small card: what, where, how strongly."""

from __future__ import annotations

import contextlib

from pydantic import ValidationError
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QFrame, QHBoxLayout, QLineEdit, QSpinBox, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.widgets.slider import NumberSlider, space_stays_a_key
from explorer.i18n import N_, tr
from explorer.requests.goals import Goal

WEIGHTS = (-5.0, 5.0)
DIRECTIONS = ("direction", "cosine")


class GoalCard(QFrame):
    """`goal()` is what it shows. `edited` with every change, `removed` when it is to go."""

    edited = Signal()
    removed = Signal()

    def __init__(self, desk: Desk, goal: Goal) -> None:
        super().__init__()
        self._desk = desk
        self._goal = goal
        self.setProperty("kind", "card")
        self.objective = self._combo(N_("What is to grow"))
        self.remove = QToolButton()
        set_icon(self.remove, "close")
        words.say(self.remove, N_("Take this goal off the list"), "tip")
        self.remove.clicked.connect(self.removed)
        self.layer = self._combo(N_("Layer"), search=True)
        self.place = self._spin(N_("Channel"), N_("all"))
        self.label = self._combo(N_("Class"), search=True)
        self.row = self._spin(N_("Row of the map"), N_("middle"), "y ")
        self.column = self._spin(N_("Column of the map"), N_("middle"), "x ")
        self.direction = QLineEdit()
        words.say(self.direction, N_("Direction: one number a channel"), "name")
        words.say(self.direction, N_("One number a channel, from channel 0 on, with blanks between: 0 0 1 -0.5"), "tip")
        self.direction.editingFinished.connect(self._edited)
        self.weight = NumberSlider(*WEIGHTS, 1.0, step=0.05)
        words.say(self.weight, N_("Weight"), "name")
        words.say(self.weight, N_("How strongly; below zero: away from it"), "tip")
        self.weight.changed.connect(self._edited)
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        margin = theme.px(2)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(theme.px(1.5))
        for widgets in (
            (self.objective, self.remove),
            (self.layer, self.place),
            (self.label,),
            (self.row, self.column),
            (self.direction,),
            (self.weight,),
        ):
            line = QHBoxLayout()
            line.setSpacing(theme.px(1))
            for number, widget in enumerate(widgets):
                line.addWidget(widget, int(number == 0 or widget is self.column))
            column.addLayout(line)

    def _combo(self, name: str, search: bool = False) -> QComboBox:
        box = QComboBox()
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(6)
        box.setMaxVisibleItems(20)
        box.installEventFilter(self)
        words.say(box, name, "name")
        words.say(box, name, "tip")
        if search:
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            completer = box.completer() or QCompleter(box)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            box.setCompleter(completer)
        box.activated.connect(self._edited)
        return box

    def _spin(self, name: str, nothing: str, prefix: str = "") -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(-1, 65535)
        spin.setPrefix(prefix)
        spin.setKeyboardTracking(False)
        spin.setFont(theme.tabular(spin.font()))
        spin.installEventFilter(self)
        spin.setProperty("nothing", nothing)
        words.say(spin, name, "name")
        words.say(spin, name, "tip")
        spin.valueChanged.connect(self._edited)
        return spin

    # -- value -------------------------------------------------------------------------------------------------------
    @property
    def dragging(self) -> bool:
        """Whether the weight's handle is held."""
        return self.weight.dragging

    def goal(self) -> Goal:
        """As it stands."""
        return self._goal

    def set_goal(self, goal: Goal) -> None:
        """Show another one, without a signal."""
        if goal != self._goal:
            self._goal = goal
            if not self.dragging:
                self.refresh()

    def refresh(self) -> None:
        """Choices, language, values."""
        goal, desk = self._goal, self._desk
        quiet = (self.objective, self.layer, self.label, self.place, self.row, self.column)
        blockers = [QSignalBlocker(item) for item in quiet]
        _fill(self.objective, [(name, desk.title_of("objective", name)) for name in desk.choices("objective")], goal.objective)
        _fill(self.layer, [(name, name) for name in desk.choices("layer")], goal.layer)
        classes = desk.network.classes if desk.network is not None else ()
        if self.label.count() != len(classes) + 1:
            _fill(self.label, [(str(number), name) for number, name in enumerate(classes)], "")
        self.label.setCurrentIndex(-1 if goal.channel is None else self.label.findData(str(goal.channel)))
        for spin, value in ((self.place, goal.channel), (self.row, goal.y), (self.column, goal.x)):
            spin.setSpecialValueText(tr(str(spin.property("nothing"))))
            spin.setValue(-1 if value is None else value)
        self.direction.setText(" ".join(f"{number:g}" for number in goal.direction))
        self.weight.set_value(goal.weight)
        del blockers
        named = goal.objective == "class" and bool(classes)
        self.label.setVisible(named)
        self.layer.setVisible(goal.objective != "class")
        self.place.setVisible(not named and goal.objective not in ("layer", *DIRECTIONS))
        self.row.setVisible(goal.objective == "neuron")
        self.column.setVisible(goal.objective == "neuron")
        self.direction.setVisible(goal.objective in DIRECTIONS)

    def _edited(self, *_: object) -> None:
        objective = str(self.objective.currentData() or "")
        place: int | None = self.place.value()
        if objective == "class" and not self.label.isHidden():
            place = int(self.label.currentData() or -1) if self.label.currentIndex() >= 0 else -1
        numbers = self._goal.direction
        with contextlib.suppress(ValueError):
            numbers = tuple(float(word) for word in self.direction.text().replace(",", " ").split())
        fields = {
            "objective": objective,
            "layer": str(self.layer.currentData() or ""),
            "channel": None if place is None or place < 0 else place,
            "y": self.row.value() if self.row.value() >= 0 else None,
            "x": self.column.value() if self.column.value() >= 0 else None,
            "direction": numbers,
            "weight": self.weight.value(),
        }
        try:
            goal = Goal.model_validate(fields)
        except ValidationError:  # a number too many, or one that is no number: what was there stays
            self.refresh()
            return
        if goal != self._goal:
            self._goal = goal
            self.edited.emit()
            if not self.dragging:
                self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel over a form scrolls the form; Space stays a key."""
        if isinstance(watched, QSpinBox) and space_stays_a_key(event):
            return True
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _fill(box: QComboBox, entries: list[tuple[str, str]], wanted: str) -> None:
    box.clear()
    box.addItem(tr("automatic"), "")
    for name, title in entries:
        box.addItem(title, name)
    at = box.findData(wanted)
    if at < 0:
        box.addItem(wanted, wanted)
        at = box.count() - 1
    box.setCurrentIndex(at)
