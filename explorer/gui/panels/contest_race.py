"""The page of the fair race: who takes part, the search as it goes, loss against gradients with bands, the card."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QTabWidget, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.contest_measured import MeasuredPage
from explorer.gui.panels.contest_page import button
from explorer.gui.panels.contest_words import FAIR_COLUMNS, fair_place, fair_plot, fair_rows, fair_summary
from explorer.gui.widgets.one_line import OneLine
from explorer.i18n import N_, figures, tr
from explorer.records.contest import Contest
from explorer.records.contest_card import constants, method_lines, place_text
from explorer.requests.base import changed
from explorer.requests.contest import ContestExportRequest, ContestRequest
from explorer.session import Session

RACE, EXPORT = "contest.race", "contest.export"
FOLLOWED = ("surface", "values", "points", "formula", "domain", "start")  # of the Optimizers panel's race
KINDS = {
    ".json": N_("Card"),
    ".png": N_("Picture of the card"),
    ".txt": N_("Text of the card"),
    ".csv": N_("Table of the curves"),
}


def asked(session: Session) -> ContestRequest:
    """The race that a Session means: its own numbers, on the surface and from the start of the Optimizers panel."""
    return changed(session.contest, **{name: getattr(session.race, name) for name in FOLLOWED})


def _constants(record: Contest) -> Iterator[str]:
    for what, value in constants(record):
        yield f"<b>{escape(what)}</b> &nbsp;{escape(value)}"


def _methods(record: Contest) -> Iterator[str]:
    for one in record.ordered():
        told = "<br>".join(escape(line) for line in method_lines(record, one))
        yield f"<b>{place_text(one)} {escape(tr(one.title))}</b> &nbsp;{told}"


class FairPage(MeasuredPage[Contest]):
    """Everybody tuned by the same search, then the seeds that count."""

    channels: ClassVar[tuple[str, ...]] = (RACE,)
    title: ClassVar[str] = N_("Fair race")
    field: ClassVar[str] = "contest"
    columns: ClassVar[tuple[str, ...]] = FAIR_COLUMNS
    empty: ClassVar[str] = N_("The same budget and the same search for everybody. Press Race (R).")

    def __init__(self, desk: Desk) -> None:
        go = button(N_("Race"), N_("Tune everybody alike, then run the seeds (R)"), "play", primary=True)
        super().__init__(desk, Contest, go)
        self.card = self.told
        self.surface = QComboBox()
        self.surface.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.surface.setMinimumContentsLength(15)
        words.say(self.surface, N_("Surface"), "name")
        words.say(self.surface, N_("The surface and the start are those of the Optimizers panel."), "tip")
        self.formula = OneLine()
        self.formula.setProperty("kind", "muted")
        self.show_paths = button(
            N_("Show in Optimizers"), N_("The tuned methods as a race: the first reported seed, with its start and noise"),
            "optimizers",
        )  # fmt: skip
        self.save = button(N_("Save card..."), N_("Every constant of this race and what came out, to be run again"), "save")
        for widget, stretch in ((self.surface, 0), (self.formula, 1), (self.go, 0)):
            self.top.addWidget(widget, stretch)
        words.say(self.chart, N_("Loss against gradients: median and quartiles over the seeds"), "name")
        words.say(self.card, N_("What this race rests on"), "name")
        self.below = QTabWidget()
        self._split(self.below, (100, 70))
        self.below.setDocumentMode(True)
        self.below.addTab(self.table, "")
        self.below.addTab(self.card, "")
        deeds = QWidget()
        corner = QHBoxLayout(deeds)
        corner.setContentsMargins(0, 0, 0, 0)
        corner.setSpacing(theme.px(1))
        for deed in (self.show_paths, self.save):
            deed.setProperty("kind", "quiet")
            corner.addWidget(deed)
        self.below.setCornerWidget(deeds)
        words.say(self.below, N_("Ranking and card"), "name")
        self.surface.activated.connect(self._surface_chosen)
        self.save.clicked.connect(self.save_card)
        self.show_paths.clicked.connect(self.to_optimizers)
        desk.session_changed.connect(self._session_changed)
        desk.choices_changed.connect(self.retranslate)
        self.retranslate()

    def _make_form(self) -> Form:
        """Budget, trials, seeds, noise."""
        return Form(ContestRequest, self.desk, self.field, without=("surface", "resolution", "levels"))

    def wanted(self) -> ContestRequest:
        """On the surface and from the start of the Optimizers panel."""
        return asked(self.desk.session)

    # -- asking ------------------------------------------------------------------------------------------------------
    def _surface_chosen(self, index: int) -> None:
        name = self.surface.itemData(index)
        if name:
            fields: dict[str, Any] = {"formula": "", "values": {}, "points": (), "domain": None, "start": None}
            self.desk.change(race=changed(self.desk.session.race, surface=name, **fields))

    def _session_changed(self, new: Session, old: Session) -> None:
        if asked(new) != asked(old):
            self._show_request()
            self._say()

    def _show_request(self) -> None:
        race = self.desk.session.race
        self.table.show_chosen(self.desk.session.contest.optimizers)
        with QSignalBlocker(self.surface):
            own = self.surface.findData("")
            if race.formula and own < 0:
                self.surface.insertItem(0, tr("Own formula"), "")
            elif not race.formula and own >= 0:
                self.surface.removeItem(own)
            self.surface.setCurrentIndex(self.surface.findData("" if race.formula else race.surface))
        entry = self.desk.catalogue.entries("surface").get(race.surface, {})
        self.formula.setText(race.formula or figures(str(entry.get("formula", ""))))

    # -- answers -----------------------------------------------------------------------------------------------------
    def _place(self, record: Contest, name: str, share: float) -> str:
        return fair_place(record, name, share)

    def _say(self, problem: str = "") -> None:
        done = self.record is not None and self.record.stage == "done"
        for deed in (self.save, self.show_paths):  # while it runs, the words and Stop need the room
            deed.setVisible(done)
            deed.setEnabled(done)
        super()._say(problem)

    def _show_record(self, record: Contest) -> None:
        done = record.stage == "done"
        self.chart.set_plot(fair_plot(record))
        said = fair_summary(record)
        if self._stopped:
            said = tr("Stopped. What is shown is not complete.")
        elif done and self._asked != self.wanted():
            said = tr("Changed. Race again (R).") + "  " + said
        self.detail.setText(said)
        order = [one.optimizer for one in record.ordered()] if done else []
        self.table.show_rows(fair_rows(record), order)
        self.card.say([*_constants(record), *(_methods(record) if done else ())])

    def retranslate(self) -> None:
        """Words of the lists and of what is put together here."""
        with QSignalBlocker(self.surface):
            self.surface.clear()
            for name in self.desk.choices("surface"):
                self.surface.addItem(self.desk.title_of("surface", name), name)
        for index, text in enumerate((N_("Ranking"), N_("Card"))):
            self.below.setTabText(index, tr(text))
        self._show_request()
        super().retranslate()

    # -- deeds -------------------------------------------------------------------------------------------------------
    def to_optimizers(self) -> None:
        """The tuned numbers into the Optimizers panel, with the first reported seed."""
        record = self.record
        if record is None or record.stage != "done":
            return
        made = {name: record.request[name] for name in FOLLOWED if name != "start"}
        race = changed(
            self.desk.session.race, **made, start=record.starts[0], seed=record.seeds[0], rate=1.0,
            optimizers=tuple(one.optimizer for one in record.ordered()), budget=record.request["budget"],
            hyper={one.optimizer: one.hyper for one in record.contenders}, noise=record.request["noise"],
            batch=record.request["batch"], schedule="constant", shape={}, changes=(), clip=0.0,
        )  # fmt: skip
        self.desk.change(race=race, panel="optimizers")

    def save_card(self) -> None:
        """Ask where, and let the calc child write it."""
        record = self.record
        if record is None or record.stage != "done":
            return
        kinds = {f"{tr(text)} (*{ending})": ending for ending, text in KINDS.items()}
        start = str(Path.home() / f"{record.facts['surface']}.json")
        chosen, kind = QFileDialog.getSaveFileName(self, tr("Save the card"), start, ";;".join(kinds))
        if chosen:
            path = Path(chosen)
            ending = kinds.get(kind, ".json")
            self.export(str(path if path.suffix.lower() in KINDS else path.with_name(path.name + ending)))

    def export(self, path: str) -> None:
        """Write the race that is shown to `path`; it is run again, which gives the same."""
        if self.record is not None:
            dark = theme.tokens().name == "dark"
            self.desk.submit(EXPORT, ContestExportRequest.model_validate({**self.record.request, "path": path, "dark": dark}))

    def numbers(self) -> str:
        """The table, tab-separated."""
        head = [tr("Method"), *map(tr, FAIR_COLUMNS)]
        return "\n".join(["\t".join(head), *self.table.lines()])
