"""The page of the stability map: one method from one start, for every pair of two of its numbers."""

from __future__ import annotations

from itertools import islice
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.basins_asking import path_with, stability_of
from explorer.gui.panels.basins_page import MOST_LINES, BasinsPage
from explorer.gui.panels.basins_rules import RulesPart
from explorer.gui.panels.basins_side import BoundsKey, SpeedScale
from explorer.gui.panels.basins_words import label_of, map_note, pair_words, theory_rows, with_rules
from explorer.gui.widgets.end_legend import EndLegend
from explorer.gui.widgets.end_map import EndMapView
from explorer.i18n import N_, tr
from explorer.picture.basin_map import along, colour_of, legend, stability_picture, upwards, upwards_ticks
from explorer.picture.race_chart import number
from explorer.records.basins import Stability, pairs
from explorer.records.descent import Race
from explorer.requests.base import Request, changed
from explorer.requests.basins import RULES, StabilityExportRequest, StabilityRequest, axes_of

ARRIVED = (94, 201, 98)  # from the middle of the scale of steps


class StabilityPage(BasinsPage[Stability]):
    """The map on the left, what its colours and lines mean on the right."""

    title: ClassVar[str] = N_("Stability")
    channels: ClassVar[tuple[str, ...]] = ("basins.stability", "basins.trial")
    path_channel: ClassVar[str] = "basins.trial"
    field: ClassVar[str] = "stability"
    export_type: ClassVar[type[Request]] = StabilityExportRequest

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, Stability)
        self._at: tuple[int, int] | None = None
        skipped = ("surface", "resolution", "levels", *RULES, "optimizer")
        self._form = Form(StabilityRequest, desk, "stability", without=skipped)
        self.rules = RulesPart(desk)
        self._form.place(self.rules, "grid")
        self.view, self.legend = EndMapView(), EndLegend()
        self.theory, self.key, self.scale = EndLegend(), BoundsKey(), SpeedScale()
        self.method, self.second = QComboBox(), QComboBox()
        self._build()
        self.method.activated.connect(lambda index: self._change(optimizer=self.method.itemData(index), second=""))
        self.second.activated.connect(lambda index: self._change(second=self.second.itemData(index)))
        self.view.pointed.connect(self._pointed)
        self.view.left.connect(self._left)
        self.view.chosen.connect(self._chosen)
        self.race_button.clicked.connect(self.race)
        self.show_session()

    def _build(self) -> None:
        words.say(self.view, N_("Stability map"), "name")
        words.say(self.method, N_("Whose numbers are tried."), "tip")
        words.say(self.method, N_("Method"), "name")
        words.say(self.second, N_("The number upwards"), "tip")
        words.say(self.second, N_("Second axis"), "name")
        self.race_button = self._button(
            "optimizers", N_("Race with these"), N_("To the race, with the numbers that were chosen here (R)")
        )
        for box in (self.method, self.second):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(5)
            box.setMaximumWidth(theme.px(45))
            self.tools.addWidget(box, 2)
        self.tools.addStretch(1)
        self.tools.addWidget(self.race_button)
        self.tools.addWidget(self.export_button)
        self.split = QSplitter()
        self.column.addWidget(self.split, 1)
        self.column.addLayout(self.below)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.view)
        side = QWidget()
        self.split.addWidget(side)
        column = QVBoxLayout(side)
        column.setContentsMargins(theme.px(2), theme.px(6), 0, 0)
        column.setSpacing(theme.px(3))
        for part in (self.scale, self.key, self.theory, self.legend):
            column.addWidget(part)
        column.addStretch(1)
        side.setMinimumWidth(theme.px(72))
        self.split.setStretchFactor(0, 5)
        self.split.setStretchFactor(1, 3)
        self.said.setText(self.usual())

    def form(self) -> Form:
        """Span, steps, grid, minimum."""
        return self._form

    def wanted(self) -> StabilityRequest:
        """On the race's surface, from its start; the numbers that are axes do not matter there."""
        own, race = self.desk.session.stability, self.desk.session.race
        axes = self._axes(own.optimizer)
        varied = {axes[0], own.second or (axes[1] if len(axes) > 1 else "")}
        numbers = {name: one for name, one in race.hyper.get(own.optimizer, {}).items() if name not in varied}
        return stability_of(own, race, numbers)

    def _change(self, **fields: Any) -> None:
        self.desk.change(stability=changed(self.desk.session.stability, **fields))

    # -- showing -----------------------------------------------------------------------------------------------------
    def show_session(self) -> None:
        """The method, and which of its numbers can stand upwards."""
        own = self.desk.session.stability
        with QSignalBlocker(self.method), QSignalBlocker(self.second):
            self.method.clear()
            for name in self.desk.choices("optimizer"):
                self.method.addItem(self.desk.title_of("optimizer", name), name)
            self.method.setCurrentIndex(self.method.findData(own.optimizer))
            self.second.clear()
            for name in self._axes(own.optimizer)[1:]:
                self.second.addItem(label_of(self.desk, own.optimizer, name), name)
            self.second.setCurrentIndex(max(0, self.second.findData(own.second)))
            self.second.setVisible(self.second.count() > 0)
        if self.record is not None:
            self._show_chosen()

    def _axes(self, optimizer: str) -> tuple[str, ...]:
        hyper = self.desk.catalogue.entries("optimizer").get(optimizer, {}).get("hyper", [])
        return axes_of(str(one["name"]) for one in hyper if not one.get("choices") and not one.get("whole"))

    def show_nothing(self, text: str) -> None:
        """In place of the map and of what stands beside it."""
        self.view.empty = text
        self.view.set_picture(None)
        for rows in (self.legend, self.theory):
            rows.set_rows([])
        self.key.set_bounds(())

    def show_record(self) -> None:
        """Paint what came last, in the present language and theme."""
        record, dark = self.record, theme.tokens().name == "dark"
        if record is None:
            self.said.setText(self.usual())
            return
        view, optimizer = self.view, record.map.optimizer
        low, high = int(np.ceil(np.log10(record.x[0]))), int(np.floor(np.log10(record.x[-1])))
        powers = [10.0**power for power in range(low, high + 1)]
        across = [(float(along(record, np.array([value]))[0]), number(value)) for value in powers]
        view.ticks = (across, upwards_ticks(record))
        view.names = (label_of(self.desk, optimizer, record.first), label_of(self.desk, optimizer, record.second))
        if not record.second:
            view.names = (view.names[0], "")
        view.title = self.desk.title_of("optimizer", optimizer)
        coarse = map_note(record.map, record.grid) if not record.whole or record.map.by == "walks" else ""
        start = tr("from ({x}, {y})").format(x=number(record.start[0]), y=number(record.start[1]))
        view.note = "  ·  ".join(part for part in (coarse, start) if part)
        view.lines = [
            (one.name, np.stack([along(record, one.points[:, 0]), upwards(record, one.points[:, 1])], axis=1))
            for one in record.bounds
        ]
        view.marks = []
        if record.best is not None:
            place = along(record, np.array([record.best[0]]))[0], upwards(record, np.array([record.best[1]]))[0]
            view.marks = [(float(place[0]), float(place[1]) if record.second else 0.5, "star", "")]
        view.set_picture(stability_picture(record.map, record.ends, dark), record.map.ends.shape)
        self._show_chosen()
        self.rules.set_record(record)
        if self._at is None:
            self.said.setText(self.usual())
        self.scale.set_map(record.map)
        self.key.set_bounds(tuple(one.name for one in record.bounds), record.best is not None)
        self.theory.set_rows([(None, text) for text in theory_rows(record)])
        told = legend(record.map, record.ends, 6, places=False, steps=False)
        minima = {end for end, mark in enumerate(record.ends) if mark.kind == "minimum"}
        self.legend.set_rows([(ARRIVED if end in minima else colour_of(end, record.ends, dark), text) for end, text in told])

    def _show_chosen(self) -> None:
        """Where the race's own numbers stand."""
        record = self.record
        assert record is not None
        own = self.desk.session.race.hyper.get(record.map.optimizer, {})
        self.view.start = None
        if record.first in own and (not record.second or record.second in own):
            up = upwards(record, np.array([own[record.second]]))[0] if record.second else 0.5
            self.view.start = float(along(record, np.array([max(own[record.first], 1e-300)]))[0]), float(up)
        self.view.update()

    # -- the cursor --------------------------------------------------------------------------------------------------
    def _pointed(self, across: float, up: float) -> None:
        record = self.record
        if record is None:
            return
        rows, columns = record.map.ends.shape
        at = min(int(up * rows), rows - 1), min(int(across * columns), columns - 1)
        if at != self._at:
            self._at = at
            self.said.setText(pair_words(self.desk, record, *at))

    def _numbers(self) -> dict[str, float]:
        assert self.record is not None and self._at is not None
        record = self.record
        found = {record.first: float(f"{record.x[self._at[1]]:.6g}")}
        if record.second:
            found[record.second] = float(f"{record.y[self._at[0]]:.6g}")
        return found

    def _left(self) -> None:
        if self._at is not None:
            self._at = None
            self.said.setText(self.usual())

    def usual(self) -> str:
        """What colours mean, and what a click does."""
        told = tr("Colour: steps until it stays at a minimum. Click a pair of numbers to give it to the race.")
        return with_rules(self.record, told)

    def _chosen(self, across: float, up: float) -> None:
        """These numbers hold in the race from now on; its factor is 1 again, or they would not."""
        self._pointed(across, up)
        record = self.record
        if record is None or self._at is None or not record.first:
            return
        race, name = self.desk.session.race, record.map.optimizer
        numbers = self._numbers()
        hyper = {**race.hyper, name: {**race.hyper.get(name, {}), **numbers}}
        optimizers = race.optimizers if name in race.optimizers else (*race.optimizers, name)
        self.path_pace.want(path_with(self.desk.session.stability, race, numbers))
        self.desk.change(race=changed(race, hyper=hyper, rate=1.0, optimizers=optimizers))

    def show_path(self, race: Race) -> None:
        """Where it ends, in words."""
        run = race.runs[0]
        record = self.record
        if record is not None and self._at is not None:
            end = number(float(run.values[-1]), 4)
            self.said.setText(f"{pair_words(self.desk, record, *self._at)}  ·  f = {end}")

    def race(self) -> None:
        """The Optimizers panel: a pair is given to the race when it is clicked."""
        self.desk.change(panel="optimizers")

    def numbers(self) -> str:
        """A line a pair, as far as a clipboard is for; all of them are in an exported file."""
        record = self.record
        if record is None:
            return ""
        head = f"{record.first}\t{record.second or '-'}\tend\tkind\tsteps"
        return "\n".join([head, *("\t".join(map(str, one)) for one in islice(pairs(record), MOST_LINES))])
