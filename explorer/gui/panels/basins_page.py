"""What both pages of the Basins panel share: the surface's chooser, progress, the line of words, export."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.notices import trouble_text
from explorer.gui.panels.basins_asking import Pace
from explorer.gui.panels.filters_saving import with_facts
from explorer.gui.panels.optimizers_ground_choice import OWN, SurfaceChoice
from explorer.gui.panels.paged import PanelPage
from explorer.gui.widgets.one_line import OneLine
from explorer.i18n import N_, figures, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result
from explorer.records.basins import Basins, Stability
from explorer.records.descent import Race
from explorer.requests.base import Request, changed
from explorer.requests.race import RaceRequest, SurfaceRequest
from explorer.session import Session

EXPORT = "basins.export"
MOST_LINES = 20_000  # of a table on the clipboard; a file has no limit
ENDINGS = {".png": N_("Picture"), ".csv": N_("Table"), ".npz": N_("Numbers")}


Record = TypeVar("Record", Basins, Stability)


class BasinsPage(PanelPage, Generic[Record]):
    """A page asks for the request that its part of the Session and the race together mean (`wanted`) and paints the record.

    `field`: of the Session; `export_type`: the request that writes a map. `kind` is the class of the record.
    """

    path_channel: ClassVar[str] = ""
    field: ClassVar[str] = ""
    export_type: ClassVar[type[Request]]

    def __init__(self, desk: Desk, kind: type[Record]) -> None:
        super().__init__(desk)
        self._kind: type[Record] = kind
        self.record: Record | None = None
        self.pace, self.path_pace = Pace(desk, self.channels[0]), Pace(desk, self.path_channel)
        self.surface = SurfaceChoice(desk)
        words.say(self.surface, N_("The surface of the race: what is chosen here holds there too (N: the next one)."), "tip")
        self.formula = OneLine()
        self.formula.setProperty("kind", "muted")
        self.said = OneLine()
        self.said.setProperty("kind", "muted")
        self.export_button = self._button("save", N_("Export..."), N_("Write the map as PNG, CSV or NPZ (E)"))
        self.export_button.clicked.connect(self.ask_export)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        self.column.setSpacing(theme.px(2))
        self.top, self.tools, self.below = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for line in (self.top, self.tools, self.below):  # tools in a line of their own: one for all would not fit a projector
            line.setSpacing(theme.px(2))
        self.column.addLayout(self.top)
        self.column.addLayout(self.tools)
        self.top.addWidget(self.surface)
        self.top.addWidget(self.formula, 1)
        self.below.addWidget(self.said, 1)
        self.below.addWidget(self.progress)
        self.surface.picked.connect(self._surface_chosen)
        desk.session_changed.connect(self._session_changed)
        desk.choices_changed.connect(self._choices_changed)
        self._show_surface(desk.session.race)

    def _button(self, icon: str, text: str, tip: str) -> QPushButton:
        button = QPushButton()
        button.setProperty("kind", "quiet")
        set_icon(button, icon)
        words.say(button, text)
        words.say(button, tip, "tip")
        return button

    # -- for subclasses ----------------------------------------------------------------------------------------------
    @abstractmethod
    def wanted(self) -> SurfaceRequest:
        """The request that the Session means now."""

    @abstractmethod
    def show_session(self) -> None:
        """Show the values in force."""

    @abstractmethod
    def show_record(self) -> None:
        """Paint what came last, in the present language and theme."""

    @abstractmethod
    def show_path(self, race: Race) -> None:
        """The path of the place under the cursor."""

    @abstractmethod
    def show_nothing(self, text: str) -> None:
        """There is no map, and why."""

    @abstractmethod
    def race(self) -> None:
        """To the Optimizers panel, with what was chosen here (R)."""

    @abstractmethod
    def usual(self) -> str:
        """What is said while nothing is pointed at."""

    # -- events ------------------------------------------------------------------------------------------------------
    def take(self, channel: str, event: Event) -> None:
        """Maps, coarse first; paths."""
        if channel == self.path_channel:
            self.path_pace.heard(event)
            if isinstance(event, Result) and isinstance(event.record, Race):
                self.show_path(event.record)
            return
        self.pace.heard(event)
        if isinstance(event, (Preview, Result)) and isinstance(event.record, self._kind):
            self.record = event.record
            self.show_record()
        elif isinstance(event, Failed):
            self.record = None
            self.show_nothing(trouble_text(event.trouble))
        elif isinstance(event, CancelledJob) and self.pace.asked == self.wanted():
            self.said.setText(tr("Stopped: this is as far as it came."))
            self.pace.forget()

    def _session_changed(self, new: Session, old: Session) -> None:
        """Another surface, rate, grid."""
        if new.race != old.race or getattr(new, self.field) != getattr(old, self.field):
            self._show_surface(new.race)
            self.show_session()
            self.ask()

    def _choices_changed(self) -> None:
        """The surfaces and methods that there are, in the language that is spoken."""
        self.surface.refresh()
        self._show_surface(self.desk.session.race)
        self.show_session()

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._choices_changed()
        self.show_record()

    def restyle(self) -> None:
        """The maps have other grounds."""
        self.show_record()

    # -- asking ------------------------------------------------------------------------------------------------------
    def set_active(self, on: bool) -> None:
        """Nobody looks: the running map comes to its end, nothing new is asked."""
        super().set_active(on)
        self.ask()

    def ask(self) -> None:
        """Ask for what is wanted now, if somebody looks."""
        if self.active:
            self.pace.want(self.wanted())

    # -- the surface -------------------------------------------------------------------------------------------------
    def _show_surface(self, race: RaceRequest) -> None:
        self.surface.show_choice(OWN if race.formula else race.surface)
        entry = self.desk.catalogue.entries("surface").get(race.surface, {})
        self.formula.setText(race.formula or figures(str(entry.get("formula", ""))))

    def _surface_chosen(self, name: str) -> None:
        """A formula is typed where the surface itself is seen."""
        race = self.desk.session.race
        if name == OWN:
            self.surface.show_choice(OWN if race.formula else race.surface)
            self.desk.change(panel="optimizers")
        else:
            self.desk.change(race=changed(race, surface=name, formula="", values={}, points=(), domain=None, start=None))

    def step_surface(self, by: int) -> None:
        """The next surface of the list."""
        names = [name for name in self.surface.names() if name != OWN]
        at = names.index(self.desk.session.race.surface) if self.desk.session.race.surface in names else -1
        self._surface_chosen(names[(at + by) % len(names)])

    # -- files -------------------------------------------------------------------------------------------------------
    def ask_export(self) -> None:
        """Ask where and write there, in the calc child."""
        kinds = {f"{tr(text)} (*{ending})": ending for ending, text in ENDINGS.items()}
        begin = str(Path.home() / f"{self.desk.session.race.surface}-{self.field}.png")
        chosen, kind = QFileDialog.getSaveFileName(self, tr("Export the map"), begin, ";;".join(kinds))
        if chosen:
            path = Path(chosen)
            ending = kinds.get(kind, ".png")
            self.export_to(str(path if path.suffix.lower() in ENDINGS else path.with_name(path.name + ending)))

    def export_to(self, path: str) -> None:
        """Write the map to `path`; its ending says what."""
        dark = theme.tokens().name == "dark"
        wanted = {**self.wanted().model_dump(), "path": path, "dark": dark}  # in the colours of the window
        self.desk.submit(EXPORT, self.export_type.model_validate(wanted))

    def picture(self) -> QImage:
        """The maps as they stand, with the request that made them."""
        wanted = self.wanted()
        return with_facts(super().picture(), {"request": wanted.model_dump(mode="json"), "request_type": type(wanted).__name__})

    def back_to_start(self) -> None:
        """Every value of this page's form, and the rate."""
        fields: dict[str, Any] = {self.field: type(self.wanted())()}
        self.desk.change(**fields)
