"""The page of basins: every start coloured by where each method ends, side by side; the rate is dragged and borders move."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.basins_asking import basins_of, path_from
from explorer.gui.panels.basins_page import MOST_LINES, BasinsPage
from explorer.gui.panels.basins_rules import RulesPart
from explorer.gui.panels.basins_words import MANY, map_note, start_words, with_rules
from explorer.gui.widgets.end_legend import EndLegend
from explorer.gui.widgets.end_map import EndMapView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.slider import NumberSlider
from explorer.i18n import N_, tr
from explorer.picture.basin_map import basin_picture, colour_of, legend, numbered
from explorer.picture.race_chart import number, ticks
from explorer.records.basins import Basins
from explorer.records.basins import rows as table_rows
from explorer.records.descent import Race
from explorer.requests.base import Request, changed
from explorer.requests.basins import MOST_METHODS, RULES, BasinsExportRequest, BasinsRequest

LINES, FEWER = 5, 3  # of a legend; where a map would have too little room
FEW = 12  # minima that are all numbered on the map


class StartsPage(BasinsPage[Basins]):
    """Up to four maps."""

    title: ClassVar[str] = N_("Basins")
    channels: ClassVar[tuple[str, ...]] = ("basins.map", "basins.path")
    path_channel: ClassVar[str] = "basins.path"
    field: ClassVar[str] = "basins"
    export_type: ClassVar[type[Request]] = BasinsExportRequest

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, Basins)
        self._at: tuple[int, int, int] | None = None  # the map and cell under the cursor
        self._form = Form(BasinsRequest, desk, "basins", without=("surface", "rate", "resolution", "levels", *RULES))
        self.rules = RulesPart(desk)
        self._form.place(self.rules, "grid")
        self.views = [EndMapView() for _ in range(MOST_METHODS)]
        self.legends = [EndLegend(LINES) for _ in range(MOST_METHODS)]
        self.rate = NumberSlider(0.01, 100.0, 1.0, step=0.01, log=True, unit="×")
        self.rate.setMinimumWidth(theme.px(42))
        self.rate.setMaximumWidth(theme.px(56))
        words.say(
            self.rate, N_("Multiplies every method's own learning rate on this surface. Drag it: the borders move."), "tip"
        )
        words.say(self.rate, N_("Learning rate factor"), "name")
        self.race_button = self._button(
            "optimizers", N_("Race from here"), N_("These methods race from the chosen start, with this rate (R)")
        )
        self._build()
        self.rate.changed.connect(self._rate_moved)
        self.rate.settled.connect(self._rate_settled)
        self.race_button.clicked.connect(self.race)
        for index, view in enumerate(self.views):
            view.pointed.connect(partial(self._pointed, index))
            view.left.connect(self._left)
            view.chosen.connect(partial(self._chosen, index))
        self.show_session()

    def _build(self) -> None:
        label = OneLine(QSizePolicy.Policy.Maximum)
        label.setProperty("kind", "muted")
        words.say(label, N_("Learning rate"))
        self.tools.addWidget(label)
        self.tools.addWidget(self.rate)
        self.tools.addStretch(1)
        self.tools.addWidget(self.race_button)
        self.tools.addWidget(self.export_button)
        self.grid = QGridLayout()
        self.grid.setSpacing(theme.px(3))
        self.column.addLayout(self.grid, 1)
        self.boxes = []
        for view, rows in zip(self.views, self.legends, strict=True):
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(theme.px(1))
            column.addWidget(view, 1)
            legend_line = QHBoxLayout()
            legend_line.setContentsMargins(theme.px(8), 0, 0, 0)
            legend_line.addWidget(rows)
            column.addLayout(legend_line)
            self.boxes.append(box)
        self.column.addLayout(self.below)
        self.said.setText(self.usual())

    def form(self) -> Form:
        """Methods, steps, grid."""
        return self._form

    def wanted(self) -> BasinsRequest:
        """On the race's surface."""
        return basins_of(self.desk.session.basins, self.desk.session.race)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fewer lines in the legends where there is little room."""
        super().resizeEvent(event)
        if [rows for rows in self.legends if rows.reserved != self._lines()]:
            self.show_session()
            self.show_record()

    def _lines(self) -> int:
        """Of each legend: fewer where the maps stand in two rows and there is little room."""
        crowded = len(self.desk.session.basins.optimizers) == MOST_METHODS and self.height() < theme.px(190)
        return FEWER if crowded else LINES

    # -- showing -----------------------------------------------------------------------------------------------------
    def show_session(self) -> None:
        """As many maps as methods, each in its place; the rate."""
        names = self.desk.session.basins.optimizers
        for index, box in enumerate(self.boxes):
            shown = index < len(names)
            self.legends[index].reserve(self._lines())
            columns = 2 if len(names) == 4 else max(1, len(names))
            self.grid.removeWidget(box)
            if shown:
                self.grid.addWidget(box, index // columns, index % columns)
                words.say(self.views[index], N_("Basins of {method}"), "name",
                          method=self.desk.title_of("optimizer", names[index]))  # fmt: skip
            box.setVisible(shown)
        if not self.rate.dragging:
            with QSignalBlocker(self.rate):
                self.rate.set_value(self.desk.session.basins.rate)
        self._show_start()

    def show_nothing(self, text: str) -> None:
        """In place of every map."""
        for view, rows in zip(self.views, self.legends, strict=True):
            view.empty = text
            view.set_picture(None)
            rows.set_rows([])

    def show_record(self) -> None:
        """Paint what came last, in the present language and theme."""
        record, dark = self.record, theme.tokens().name == "dark"
        if record is None:
            self.said.setText(self.usual())
            return
        x0, x1, y0, y1 = record.facts["domain"]
        across = [((value - x0) / (x1 - x0), number(value)) for value in ticks(x0, x1, 5)]
        up = [((value - y0) / (y1 - y0), number(value)) for value in ticks(y0, y1, 5)]
        minima = sum(mark.kind == "minimum" for mark in record.ends)
        crowded = len(record.ends) > MANY
        marks = [
            ((mark.x - x0) / (x1 - x0), (mark.y - y0) / (y1 - y0), "+" if mark.kind == "minimum" else "x",
             str(own) if mark.kind == "minimum" and minima <= FEW else "")
            for own, mark in zip(numbered(record.ends), record.ends, strict=True)
            if not (crowded and mark.kind != "minimum")
        ]  # fmt: skip
        for view, rows, one in zip(self.views, self.legends, record.maps, strict=False):
            view.title = self.desk.title_of("optimizer", one.optimizer)
            view.note = map_note(one, record.grid)
            view.ticks, view.marks = (across, up), marks
            view.set_picture(basin_picture(one, record.ends, dark), one.ends.shape)
            told = legend(one, record.ends, self._lines(), places=minima > FEW)
            rows.set_rows([(colour_of(end, record.ends, dark), text) for end, text in told])
        self.rules.set_record(record)
        self._show_start()
        if self._at is not None and self._at[0] < len(record.maps):
            self._say(self._at[0])
        elif self._at is None:
            self.said.setText(self.usual())

    def _show_start(self) -> None:
        record, start = self.record, self.desk.session.race.start
        place = None
        if record is not None and start is not None:
            x0, x1, y0, y1 = record.facts["domain"]
            place = ((start[0] - x0) / (x1 - x0), (start[1] - y0) / (y1 - y0))
        self.race_button.setEnabled(record is not None)
        for view in self.views:
            view.start = place
            view.update()

    def show_path(self, race: Race) -> None:
        """Each method's, on its own map."""
        record = self.record
        if record is None or self._at is None:
            return
        x0, x1, y0, y1 = record.facts["domain"]
        runs = {run.optimizer: run.points for run in race.runs}
        for view, one in zip(self.views, record.maps, strict=False):
            points = runs.get(one.optimizer)
            view.set_path(None if points is None else (points - (x0, y0)) / np.array([x1 - x0, y1 - y0]))

    # -- the cursor --------------------------------------------------------------------------------------------------
    def _pointed(self, index: int, across: float, up: float) -> None:
        record = self.record
        if record is None or index >= len(record.maps):
            return
        rows, columns = record.maps[index].ends.shape
        at = index, min(int(up * rows), rows - 1), min(int(across * columns), columns - 1)
        if at != self._at:
            self._at = at
            self._say(index)
            start = record.start(*at)
            self.path_pace.want(path_from(self.desk.session.basins, self.desk.session.race, start))

    def _say(self, index: int) -> None:
        assert self.record is not None and self._at is not None
        rows, columns = self.record.maps[index].ends.shape
        self.said.setText(start_words(self.desk, self.record, index, min(self._at[1], rows - 1), min(self._at[2], columns - 1)))

    def _left(self) -> None:
        if self._at is not None:
            self._at = None
            self.path_pace.forget()
            for view in self.views:
                view.set_path(None)
            self.said.setText(self.usual())

    def usual(self) -> str:
        """What colours mean, and what a click does."""
        told = tr("Colour: where a start ends. Fainter: more steps. Click a start to race from it.")
        return with_rules(self.record, told)

    def _chosen(self, index: int, across: float, up: float) -> None:
        """The start of the race, here and there."""
        self._pointed(index, across, up)
        if self.record is not None and self._at is not None:
            x, y = self.record.start(*self._at)
            race = self.desk.session.race
            self.desk.change(race=changed(race, start=(float(f"{x:.6g}"), float(f"{y:.6g}"))))

    def race(self) -> None:
        """The Optimizers panel, with these methods, this rate and the chosen start."""
        session = self.desk.session
        own = session.basins
        names = (*own.optimizers, *(name for name in session.race.optimizers if name not in own.optimizers))
        race = changed(session.race, optimizers=names, rate=own.rate, steps=own.steps)
        self.desk.change(race=race, panel="optimizers")

    def numbers(self) -> str:
        """A line a start, as far as a clipboard is for; all of them are in an exported file."""
        if self.record is None:
            return ""
        head = "optimizer\tx\ty\tend\tkind\tend_x\tend_y\tsteps"
        return "\n".join([head, *("\t".join(map(str, one)) for one in islice(table_rows(self.record), MOST_LINES))])

    # -- the rate ----------------------------------------------------------------------------------------------------
    def _rate_moved(self, value: float) -> None:
        self._change(undoable=False, rate=value)

    def _rate_settled(self) -> None:
        self._change(rate=self.rate.value())

    def _change(self, undoable: bool = True, **fields: Any) -> None:
        self.desk.change(undoable=undoable, basins=changed(self.desk.session.basins, **fields))
