"""The page of the turned valley: gradients to the target against the angle, and what the figures say."""

from __future__ import annotations

from html import escape
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.notices import trouble_text
from explorer.gui.panels.contest_page import ContestPage, Page, button
from explorer.gui.panels.contest_table import MethodTable
from explorer.gui.panels.contest_words import TURNED_COLUMNS, turned_place, turned_plot, turned_rows
from explorer.gui.widgets.band_chart import BandChart, Plot
from explorer.gui.widgets.one_line import OneLine
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result
from explorer.records.contest import Turned, spoken
from explorer.requests.base import changed
from explorer.requests.contest import TurnedRequest
from explorer.session import Session

TURNED = "contest.turned"


class TurnedPage(ContestPage):
    """Started by hand, and the first time that it is seen."""

    channel: ClassVar[str] = TURNED
    title: ClassVar[str] = N_("Turned valley")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.record: Turned | None = None
        self._asked: TurnedRequest | None = None
        self._stopped = False
        self._form = Form(TurnedRequest, desk, "turned")
        heading = OneLine()
        heading.setProperty("kind", "title")
        words.say(heading, N_("Do methods that scale each axis help when the valley is turned?"))
        self.go = button(N_("Measure"), N_("The same fair race at each angle, from 0° to 45° (R)"), "play", primary=True)
        self.top.addWidget(heading, 1)
        self.top.addWidget(self.go)
        self.chart = BandChart(lambda name, share: turned_place(self.record, name, share) if self.record is not None else "")
        words.say(self.chart, N_("Gradients to the target against the angle of the valley"), "name")
        self.table, self.told = MethodTable(desk, TURNED_COLUMNS), Page()
        words.say(self.table, N_("Who takes part, and how they came out"), "name")
        words.say(self.told, N_("What the figures say"), "name")
        below = QSplitter(Qt.Orientation.Horizontal)
        below.setChildrenCollapsible(False)
        below.addWidget(self.table)
        below.addWidget(self.told)
        below.setSizes([theme.px(130), theme.px(140)])
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.chart)
        split.addWidget(below)
        split.setSizes([theme.px(100), theme.px(80)])
        self.body.addWidget(split, 1)
        self.go.clicked.connect(self.start)
        self.chart.hovered.connect(self._point)
        self.table.pointed.connect(self._point)
        self.table.chosen.connect(lambda names: desk.change(turned=changed(desk.session.turned, optimizers=names)))
        desk.session_changed.connect(self._session_changed)
        desk.choices_changed.connect(self.retranslate)
        self.retranslate()

    def form(self) -> QWidget:
        """Condition number, angles, budget, trials."""
        return self._form

    def show_first(self) -> None:
        """The first time it measures by itself."""
        if self._asked is None:
            self.start()

    def start(self) -> None:
        """Measure."""
        self._asked, self._stopped = self.desk.session.turned, False
        self.desk.submit(TURNED, self._asked)
        self._say()

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.turned != old.turned:
            self.table.show_chosen(new.turned.optimizers)
            self._say()

    def take(self, event: Event) -> None:
        """The lesson, angle by angle."""
        if isinstance(event, (Preview, Result, CancelledJob)) and isinstance(event.record, Turned):
            self.record = event.record
        self._stopped = isinstance(event, CancelledJob)
        if isinstance(event, Failed):
            self.record = None
            self._say(trouble_text(event.trouble))
        elif isinstance(event, (Preview, Result, CancelledJob)):
            self._say()

    def _say(self, problem: str = "") -> None:
        record = self.record
        if record is None or not record.done:
            self.chart.set_plot(Plot(), problem or tr("The same race in a valley that is turned, angle by angle."))
            self.detail.setText("")
            self.table.show_rows({}, ())
            self.told.say([])
            return
        self.chart.set_plot(turned_plot(record))
        self.table.show_rows(turned_rows(record), [run.optimizer for run in record.runs])
        text = tr("Condition number {condition}, {done} of {all} angles, target {target}")
        said = text.format(
            condition=f"{record.request['condition']:g}",
            done=record.done,
            all=len(record.angles),
            target=f"{record.facts['target']:.3g}",
        )
        if self._stopped:
            said = tr("Stopped. What is shown is not complete.")
        elif record.sentences and self._asked != self.desk.session.turned:
            said = tr("Changed. Measure again (R).") + "  " + said
        self.detail.setText(said)
        self.told.say([escape(spoken(one)) for one in record.sentences])

    def _point(self, name: str) -> None:
        self.chart.set_highlight(name)
        self.table.mark(name)

    def retranslate(self) -> None:
        """Words of the table and of what is put together here."""
        self.table.refresh()
        self.table.show_chosen(self.desk.session.turned.optimizers)
        self._say()

    def numbers(self) -> str:
        """A line for each method and angle, tab-separated."""
        lines = ["optimizer\tangle\tlow\tmedian\thigh"]
        for run in self.record.runs if self.record is not None else ():
            for angle, *values in zip(self.record.angles if self.record else (), *run.curve(), strict=True):
                lines.append("\t".join([run.optimizer, f"{angle:g}", *(f"{value:g}" for value in values)]))
        return "\n".join(lines)
