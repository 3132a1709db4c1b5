"""The page of the turned valley: gradients to the target against the angle, and what the figures say."""

from __future__ import annotations

from html import escape
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.contest_measured import MeasuredPage
from explorer.gui.panels.contest_page import button
from explorer.gui.panels.contest_words import TURNED_COLUMNS, turned_place, turned_plot, turned_rows
from explorer.i18n import N_, tr
from explorer.records.contest import Turned, spoken
from explorer.requests.contest import TurnedRequest
from explorer.session import Session

TURNED = "contest.turned"


class TurnedPage(MeasuredPage[Turned]):
    """The same race at each angle of the valley."""

    channels: ClassVar[tuple[str, ...]] = (TURNED,)
    title: ClassVar[str] = N_("Turned valley")
    field: ClassVar[str] = "turned"
    columns: ClassVar[tuple[str, ...]] = TURNED_COLUMNS
    empty: ClassVar[str] = N_("The same race in a valley that is turned, angle by angle.")

    def __init__(self, desk: Desk) -> None:
        go = button(N_("Measure"), N_("The same fair race at each angle, from 0° to 45° (R)"), "play", primary=True)
        super().__init__(desk, Turned, go)
        heading = QLabel()
        heading.setWordWrap(True)
        heading.setProperty("kind", "title")
        words.say(heading, N_("Do methods that scale each axis help when the valley is turned?"))
        self.top.addWidget(heading, 1)
        self.top.addWidget(self.go)
        words.say(self.chart, N_("Gradients to the target against the angle of the valley"), "name")
        words.say(self.told, N_("What the figures say"), "name")
        below = QSplitter(Qt.Orientation.Horizontal)
        self._split(below, (100, 80))
        below.setChildrenCollapsible(False)
        below.addWidget(self.table)
        below.addWidget(self.told)
        below.setSizes([theme.px(130), theme.px(140)])
        desk.session_changed.connect(self._session_changed)
        desk.choices_changed.connect(self.retranslate)
        self.retranslate()

    def _make_form(self) -> Form:
        """Condition number, angles, budget, trials."""
        return Form(TurnedRequest, self.desk, self.field)

    def wanted(self) -> TurnedRequest:
        """As the form has it."""
        return self.desk.session.turned

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.turned != old.turned:
            self.table.show_chosen(new.turned.optimizers)
            self._say()

    def _place(self, record: Turned, name: str, share: float) -> str:
        return turned_place(record, name, share)

    def _shown(self) -> Turned | None:
        return self.record if self.record is not None and self.record.done else None

    def _show_record(self, record: Turned) -> None:
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
        elif record.sentences and self._asked != self.wanted():
            said = tr("Changed. Measure again (R).") + "  " + said
        self.detail.setText(said)
        self.told.say([escape(spoken(one)) for one in record.sentences])

    def retranslate(self) -> None:
        """Words of the table and of what is put together here."""
        self.table.show_chosen(self.desk.session.turned.optimizers)
        super().retranslate()

    def numbers(self) -> str:
        """A line for each method and angle, tab-separated."""
        lines = ["optimizer\tangle\tlow\tmedian\thigh"]
        for run in self.record.runs if self.record is not None else ():
            for angle, *values in zip(self.record.angles if self.record else (), *run.curve(), strict=True):
                lines.append("\t".join([run.optimizer, f"{angle:g}", *(f"{value:g}" for value in values)]))
        return "\n".join(lines)
