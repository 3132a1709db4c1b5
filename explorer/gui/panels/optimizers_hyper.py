"""Every hyper-parameter of the methods that take part, a foldable section each; what is rarely touched under "More"."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.optimizers_choice import NumberedChoice
from explorer.gui.widgets.slider import NumberSlider
from explorer.gui.widgets.swatch import Swatch
from explorer.i18n import N_, tr
from explorer.requests.race import RaceRequest

RARE = 1e-6  # epsilon and its like: a race hardly shows them, so they wait under "More"
FIRST = 1  # sections that are made at once
MANY = 8  # methods from which on every section opens with its learning rate alone
Hyper = dict[str, dict[str, float]]


class HyperForm(QWidget):
    """A slider for each hyper-parameter. They show what holds at the step that is shown. The first sections stand at once, the
    others follow one by one when the form was painted (`complete`).

    `edited(method, name, value, done)`; `done` is false while a handle is dragged.
    """

    edited = Signal(str, str, float, bool)

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._request = desk.session.race
        self._built_for: tuple[Any, ...] = ()
        self._active: tuple[Any, ...] = ()
        self._number = 0
        self._open: dict[str, bool] = {}
        self._roomy = True
        self._rates: dict[str, float] = {}
        self._rates_of: tuple[Any, ...] = ()
        self._sliders: dict[tuple[str, str], NumberSlider | NumberedChoice] = {}
        self._waiting: list[str] = []  # methods whose sections are still to be made
        self._soon = QTimer(self)
        self._soon.timeout.connect(self._next)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(3), 0, theme.px(3), theme.px(3))
        self._column.setSpacing(theme.px(1))
        self.show_request(self._request)

    @property
    def sliders(self) -> dict[tuple[str, str], NumberSlider | NumberedChoice]:
        """By method and name, all of them."""
        while self._waiting:
            self._next()
        return self._sliders

    def complete(self) -> None:
        """Make the sections that are not there yet, one in each turn of the event loop."""
        if self._waiting and not self._soon.isActive():
            self._soon.start(0)

    def show_request(self, request: RaceRequest) -> None:
        """Show the values in force, without a signal."""
        self._request = request
        key = (request.surface, request.optimizers, self._desk.choices("optimizer"))
        if key != self._built_for:
            self._built_for = key
            self._build()
        self._active = ()
        self._show()

    def set_rates(self, rates: dict[str, float]) -> None:
        """The rates that suit the surface as it is shaped now; the catalogue knows those of its first shape."""
        self._rates, self._rates_of = rates, _shape(self._request)
        self._show()

    def show_step(self, number: int) -> None:
        """Values as they hold for the step after `number`."""
        if not self._request.changes:
            self._number = number
            return
        active = tuple(one for one in self._request.changes if one[0] <= number + 1)
        self._number = number
        if active != self._active:
            self._active = active
            self._show()

    def _show(self) -> None:
        held = {(name, own): value for step, name, own, value in self._request.changes if step <= self._number + 1}
        for (name, own), slider in self._sliders.items():
            if not slider.dragging:
                start = self._request.hyper.get(name, {}).get(own, self.default(name, own))
                slider.set_value(held.get((name, own), start))

    def default(self, name: str, own: str) -> float:
        """What a method has on this surface when nobody says otherwise."""
        surface = self._desk.catalogue.entries("surface").get(self._request.surface, {})
        shaped = self._rates_of == _shape(self._request)
        rates: dict[str, float] = self._rates if shaped else surface.get("rates", {})
        if own == "lr" and name in rates:
            return rates[name]
        entry = self._desk.catalogue.entries("optimizer")[name]
        if own == "lr" and entry.get("like") in rates:
            return rates[entry["like"]] * float(entry.get("share", 1.0))
        hyper: list[dict[str, Any]] = entry.get("hyper", [])
        return float(next(one["default"] for one in hyper if one["name"] == own))

    def with_value(self, name: str, own: str, value: float) -> Hyper:
        """The request's `hyper` with one number; only what differs from the default is kept."""
        hyper = {other: dict(values) for other, values in self._request.hyper.items()}
        hyper.setdefault(name, {})[own] = value
        if value == self.default(name, own):
            del hyper[name][own]
        return {other: values for other, values in hyper.items() if values}

    # -- building ----------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.setParent(None)
                old.deleteLater()
        first = FIRST if not self._sliders or self._waiting else MANY * MANY  # who is there already stays in sight
        self._sliders = {}
        entries = self._desk.catalogue.entries("optimizer")
        names = [name for name in self._request.optimizers if name in entries]
        self._roomy = len(names) < MANY
        self._waiting = names
        self._column.addStretch(1)
        for _ in names[:first]:
            self._next()

    def _next(self) -> None:
        """Make one more section."""
        if self._waiting:
            name = self._waiting.pop(0)
            self._add_section(name, self._desk.catalogue.entries("optimizer")[name])
            self._show()
        if not self._waiting:
            self._soon.stop()

    def _add_section(self, name: str, entry: dict[str, Any]) -> None:
        holder = QWidget(self)
        self._column.insertWidget(self._column.count() - 1, holder)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, theme.px(2), 0, 0)
        column.setSpacing(theme.px(0.5))
        head = QHBoxLayout()
        head.setSpacing(theme.px(2))
        title = QLabel()
        title.setProperty("kind", "heading")
        words.say(title, str(entry["title"]))
        head.addWidget(Swatch(name))
        head.addWidget(title, 1)
        column.addLayout(head)
        formula = QLabel(str(entry.get("formula", "")))
        formula.setProperty("kind", "muted")
        formula.setWordWrap(True)
        column.addWidget(formula)
        rows: list[dict[str, Any]] = entry.get("hyper", [])
        first = [one for one in rows if not 0 < one["low"] < RARE]
        first = first if self._roomy else first[:1]
        for one in first:
            self._add_slider(column, name, one)
        rest = [one for one in rows if one not in first]
        if rest:
            self._add_fold(column, name, rest)

    def _add_fold(self, column: QVBoxLayout, name: str, rows: list[dict[str, Any]]) -> None:
        button = QToolButton()
        button.setProperty("kind", "link")
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        words.say(button, N_("More"))
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(theme.px(0.5))
        for one in rows:
            self._add_slider(lines, name, one)
        on = self._open.get(name, False)
        button.setChecked(on)
        inside.setVisible(on)
        set_icon(button, "chevron-down" if on else "chevron-right")
        button.toggled.connect(partial(self._fold, name, button, inside))
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(inside)

    def _fold(self, name: str, button: QToolButton, inside: QWidget, on: bool) -> None:
        self._open[name] = on
        inside.setVisible(on)
        set_icon(button, "chevron-down" if on else "chevron-right")

    def _add_slider(self, column: QVBoxLayout, name: str, one: dict[str, Any]) -> None:
        own = str(one["name"])
        step = float(one["low"]) if one["log"] else 0.001
        start = self.default(name, own)
        slider: NumberSlider | NumberedChoice
        if one.get("choices"):
            slider = NumberedChoice(tuple(one["choices"]), start, self._desk)
        else:
            low, high, whole = float(one["low"]), float(one["high"]), bool(one.get("whole"))
            slider = NumberSlider(low, high, start, step=1.0 if whole else step, whole=whole, log=bool(one["log"]))
        label = QLabel()
        label.setProperty("kind", "muted")
        label.setBuddy(slider)
        words.say(label, str(one["label"]))
        words.say(slider, str(one["help"]), "tip")
        title = tr(str(self._desk.catalogue.entries("optimizer")[name]["title"]))
        slider.setAccessibleName(f"{title}: {tr(str(one['label']))}")
        slider.changed.connect(partial(self._moved, name, own))
        slider.settled.connect(partial(self._settled, name, own))
        column.addWidget(label)
        column.addWidget(slider)
        self._sliders[name, own] = slider

    def _moved(self, name: str, own: str, value: float) -> None:
        self.edited.emit(name, own, value, False)

    def _settled(self, name: str, own: str) -> None:
        self.edited.emit(name, own, self._sliders[name, own].value(), True)


def _shape(request: RaceRequest) -> tuple[Any, ...]:
    """What the rates of a surface depend on."""
    return request.surface, request.formula, request.values, request.points, request.domain
