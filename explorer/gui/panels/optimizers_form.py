"""The right dock of the Optimizers panel: the request's form, and below it every method's own hyper-parameters."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.optimizers_legend import Swatch
from explorer.gui.widgets.fields import ChoiceField
from explorer.gui.widgets.slider import NumberSlider
from explorer.i18n import tr
from explorer.requests.base import ParameterInfo
from explorer.requests.race import RaceRequest

# Epsilon and its like: a slider could not show them and a race hardly does. They are set by `hyper` in a scene or on the
# command line.
SMALLEST = 1e-6

Hyper = dict[str, dict[str, float]]


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


class HyperForm(QWidget):
    """A slider for each hyper-parameter of the methods that take part. `edited(hyper, done)`: the request's `hyper`."""

    edited = Signal(object, bool)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._request = desk.session.race
        self._built_for: tuple[Any, ...] = ()
        self.sliders: dict[tuple[str, str], NumberSlider | NumberedChoice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(3), 0, theme.px(3), theme.px(3))
        self._column.setSpacing(theme.px(1))
        self.show_request(self._request)

    def show_request(self, request: RaceRequest) -> None:
        """Show the values in force, without a signal."""
        self._request = request
        key = (request.surface, request.optimizers, self._desk.choices("optimizer"))
        if key != self._built_for:
            self._built_for = key
            self._build()
        for (name, own), slider in self.sliders.items():
            if not slider.dragging:
                slider.set_value(request.hyper.get(name, {}).get(own, self._default(name, own)))

    def _default(self, name: str, own: str) -> float:
        surface = self._desk.catalogue.entries("surface").get(self._request.surface, {})
        rates: dict[str, float] = surface.get("rates", {})
        if own == "lr" and name in rates:
            return rates[name]
        entry = self._desk.catalogue.entries("optimizer")[name]
        if own == "lr" and entry.get("like") in rates:
            return rates[entry["like"]] * float(entry.get("share", 1.0))
        hyper: list[dict[str, Any]] = entry.get("hyper", [])
        return float(next(one["default"] for one in hyper if one["name"] == own))

    def _build(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.setParent(None)
                old.deleteLater()
        self.sliders = {}
        entries = self._desk.catalogue.entries("optimizer")
        for name in self._request.optimizers:
            if name in entries:
                self._column.addWidget(self._section(name, entries[name]))
        self._column.addStretch(1)

    def _section(self, name: str, entry: dict[str, Any]) -> QWidget:
        holder = QWidget()
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
        for one in entry.get("hyper", []):
            if one["low"] >= SMALLEST or one["low"] == 0:
                self._add_slider(column, name, one)
        return holder

    def _add_slider(self, column: QVBoxLayout, name: str, one: dict[str, Any]) -> None:
        own = str(one["name"])
        step = float(one["low"]) if one["log"] else 0.001
        start = self._default(name, own)
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
        self.sliders[name, own] = slider

    def _with(self, name: str, own: str, value: float) -> Hyper:
        hyper = {other: dict(values) for other, values in self._request.hyper.items()}
        hyper.setdefault(name, {})[own] = value
        if value == self._default(name, own):
            del hyper[name][own]
        return {other: values for other, values in hyper.items() if values}

    def _moved(self, name: str, own: str, value: float) -> None:
        self.edited.emit(self._with(name, own, value), False)

    def _settled(self, name: str, own: str) -> None:
        self.edited.emit(self._with(name, own, self.sliders[name, own].value()), True)


class OptimizersForm(QWidget):
    """Both parts."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("kind", "ground")
        self.form = Form(RaceRequest, desk, "race", without=("surface", "rate", "optimizers", "start"), back=False)
        self.hyper = HyperForm(desk)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.form)
        column.addWidget(self.hyper, 1)
