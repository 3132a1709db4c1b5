"""What was changed while the race ran: the switch that sends a slider's move to the present step, and the list of changes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.swatch import Swatch
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.picture.race_chart import number
from explorer.requests.race import RaceRequest

Change = tuple[int, str, str, float]


class ChangesPart(QWidget):
    """`dropped(change)`: take it out; `made_start(change)`: its value from the start. `wanted`: the switch as it was set."""

    dropped = Signal(object)
    made_start = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.wanted = False
        self._number, self._last, self._playing = 0, 0, False
        self.switch = QCheckBox()
        words.say(
            self.switch,
            N_("A slider that is moved now holds from the step that is shown on; the path before it stays as it was. While the "
               "race plays it is always so."),
            "tip",
        )  # fmt: skip
        self.switch.clicked.connect(self._clicked)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), 0, theme.px(3), 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.switch)
        column.addLayout(self._list)
        self.rows: list[tuple[Change, QWidget]] = []
        self.show_request(desk.session.race)

    @property
    def step(self) -> int | None:
        """The first step that a slider's move changes; None where it holds from the start."""
        return self._number + 1 if (self._playing or self.wanted) and 0 < self._number < self._last else None

    def _clicked(self, on: bool) -> None:
        self.wanted = on

    def show_step(self, number: int, last: int, playing: bool) -> None:
        """Where the playing stands; `number` of `last` steps."""
        if (number, last, playing) == (self._number, self._last, self._playing):
            return
        self._number, self._last, self._playing = number, last, playing
        self._say()

    def _say(self) -> None:
        under_way = 0 < self._number < self._last
        with QSignalBlocker(self.switch):
            self.switch.setEnabled(under_way and not self._playing)
            self.switch.setChecked(under_way and (self._playing or self.wanted))
        text = tr("Sliders: from here on") if not under_way else tr("Sliders: from step {step} on")
        self.switch.setText(text.format(step=self._number + 1))

    def show_request(self, request: RaceRequest) -> None:
        """List the changes of a race."""
        wanted = tuple(sorted(request.changes))
        if tuple(change for change, _ in self.rows) != wanted:
            for _, row in self.rows:
                self._list.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = [(change, self._row(change)) for change in wanted]
            for _, row in self.rows:
                self._list.addWidget(row)
        self._say()

    def _row(self, change: Change) -> QWidget:
        step, name, own, value = change
        entry = self._desk.catalogue.entries("optimizer").get(name, {})
        hyper = next((one for one in entry.get("hyper", []) if one["name"] == own), {"label": own})
        choices = hyper.get("choices") or ()
        told = tr(choices[int(value)]) if 0 <= int(value) < len(choices) else number(value)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(1))
        label = OneLine()
        label.setText(tr("{step}: {value} · {what}").format(step=step, what=tr(str(hyper["label"])), value=told))
        label.explained = str(entry.get("title", name))
        start = tool_button("home", N_("From the start: this value holds for the whole path"))
        drop = tool_button("close", N_("Take this change out"))
        start.clicked.connect(partial(self.made_start.emit, change))
        drop.clicked.connect(partial(self.dropped.emit, change))
        line.addWidget(Swatch(name))
        line.addWidget(label, 1)
        line.addWidget(start)
        line.addWidget(drop)
        return row

    def retranslate(self) -> None:
        """The language changed."""
        request = self._desk.session.race
        self.show_request(RaceRequest())
        self.show_request(request)
