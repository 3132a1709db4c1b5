"""What both pages of the Basins panel share: the surface's chooser, progress, the line of words, export."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.icons import set_icon
from explorer.gui.panels.basins_asking import Pace
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.jobs import Event
from explorer.requests.base import Request, changed
from explorer.requests.race import RaceRequest
from explorer.session import Session

OWN = "\0formula"  # the entry of the chooser that stands for the race's own formula
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
        self.surface = QComboBox()
        self.surface.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.surface.setMinimumContentsLength(15)
        words.say(self.surface, N_("Surface"), "name")
        words.say(self.surface, N_("The surface of the race: what is chosen here holds there too."), "tip")
        self.said = OneLine()
        self.said.setProperty("kind", "muted")
        self.progress = ProgressStrip(compact=True)
        self.progress.stopped.connect(desk.stop)
        self.export_button = self._button("save", N_("Export..."), N_("Write the map as PNG, CSV or NPZ (E)"))
        self.export_button.clicked.connect(self.ask_export)
        self.top = QHBoxLayout()
        self.top.setSpacing(theme.px(2))
        self.top.addWidget(self.surface)
        self.below = QHBoxLayout()
        self.below.setSpacing(theme.px(2))
        self.below.addWidget(self.said, 1)
        self.below.addWidget(self.progress)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        self.column.setSpacing(theme.px(2))
        self.surface.activated.connect(self._surface_chosen)
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
        with QSignalBlocker(self.surface):
            self.surface.clear()
            for name in self.desk.choices("surface"):
                self.surface.addItem(self.desk.title_of("surface", name), name)
        self._show_surface(self.desk.session.race)

    def _show_surface(self, race: RaceRequest) -> None:
        with QSignalBlocker(self.surface):
            at = self.surface.findData(OWN)
            if race.formula:
                if at < 0:
                    self.surface.addItem("", OWN)
                    at = self.surface.count() - 1
                self.surface.setItemText(at, tr("Own formula: {formula}").format(formula=race.formula))
                self.surface.setCurrentIndex(at)
                return
            if at >= 0:
                self.surface.removeItem(at)
            self.surface.setCurrentIndex(self.surface.findData(race.surface))

    def _surface_chosen(self, index: int) -> None:
        name = self.surface.itemData(index)
        if name != OWN:
            self.desk.change(race=changed(self.desk.session.race, surface=name, formula="", values={}, points=(), domain=None,
                                          start=None))  # fmt: skip

    def step_surface(self, by: int) -> None:
        """The next surface of the list."""
        self.surface.setCurrentIndex((self.surface.currentIndex() + by) % max(1, self.surface.count()))
        self._surface_chosen(self.surface.currentIndex())

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
