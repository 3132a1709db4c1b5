"""What both pages of the Basins panel share: the surface's chooser, progress, the line of words, export."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.icons import set_icon
from explorer.gui.panels.basins_asking import Pace
from explorer.gui.panels.optimizers_ground_choice import OWN, SurfaceChoice
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.jobs import Event
from explorer.requests.base import Request, changed
from explorer.requests.race import RaceRequest
from explorer.session import Session

ENDINGS = {".png": N_("Picture"), ".csv": N_("Table"), ".npz": N_("Numbers")}


class BasinsPage(QWidget):
    """A page asks for the request that its part of the Session and the race together mean (`wanted`) and paints the record."""

    title: ClassVar[str] = ""
    about: ClassVar[str] = ""
    channel: ClassVar[str] = ""
    path_channel: ClassVar[str] = ""
    field: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.active = False
        self.pace, self.path_pace = Pace(desk, self.channel), Pace(desk, self.path_channel)
        self.surface = SurfaceChoice(desk)
        words.say(self.surface, N_("The surface of the race: what is chosen here holds there too (N: the next one)."), "tip")
        self.formula = OneLine()
        self.formula.setProperty("kind", "muted")
        self.said = OneLine()
        self.said.setProperty("kind", "muted")
        self.progress = ProgressStrip(compact=True)
        self.progress.stopped.connect(desk.stop)
        self.export_button = self._button("save", N_("Export..."), N_("Write the map as PNG, CSV or NPZ (E)"))
        self.export_button.clicked.connect(self.ask_export)
        self.top = QHBoxLayout()
        self.top.setSpacing(theme.px(2))
        self.top.addWidget(self.surface)
        self.top.addWidget(self.formula, 1)
        self.tools = QHBoxLayout()  # a line of its own: one for all would not fit a small projector
        self.tools.setSpacing(theme.px(2))
        self.below = QHBoxLayout()
        self.below.setSpacing(theme.px(2))
        self.below.addWidget(self.said, 1)
        self.below.addWidget(self.progress)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        self.column.setSpacing(theme.px(2))
        self.surface.picked.connect(self._surface_chosen)
        self.refresh()

    def _button(self, icon: str, text: str, tip: str) -> QPushButton:
        button = QPushButton()
        button.setProperty("kind", "quiet")
        set_icon(button, icon)
        words.say(button, text)
        words.say(button, tip, "tip")
        return button

    # -- for subclasses ----------------------------------------------------------------------------------------------
    def form(self) -> Form:
        """The right dock of this page."""
        raise NotImplementedError

    def wanted(self) -> Request:
        """The request that the Session means now."""
        raise NotImplementedError

    def export_request(self, path: str) -> Request:
        """The request that writes the present map."""
        raise NotImplementedError

    def take(self, channel: str, event: Event) -> None:
        """An event of one of the two channels."""
        raise NotImplementedError

    def show_session(self) -> None:
        """Show the values in force."""

    # -- asking ------------------------------------------------------------------------------------------------------
    def set_active(self, on: bool) -> None:
        """The page came on the screen or left it."""
        self.active = on
        if on:
            self.ask()

    def ask(self) -> None:
        """Ask for what is wanted now, if somebody looks."""
        if self.active:
            self.pace.want(self.wanted())

    def session_changed(self, new: Session, old: Session) -> None:
        """Another surface, rate, grid."""
        if new.race != old.race or getattr(new, self.field) != getattr(old, self.field):
            self._show_surface(new.race)
            self.show_session()
            self.ask()

    # -- the surface -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """The surfaces that there are, in the language that is spoken."""
        self.surface.refresh()
        self._show_surface(self.desk.session.race)

    def _show_surface(self, race: RaceRequest) -> None:
        self.surface.show_choice(OWN if race.formula else race.surface)
        entry = self.desk.catalogue.entries("surface").get(race.surface, {})
        self.formula.setText(race.formula or str(entry.get("formula", "")))

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
        self.desk.submit("basins.export", self.export_request(path))
