"""Basins: where methods end, from every start and for every pair of their numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.panels.basins_page import BasinsPage
from explorer.gui.panels.basins_stability import StabilityPage
from explorer.gui.panels.basins_starts import StartsPage
from explorer.gui.panels.filters_saving import with_facts
from explorer.gui.panels.optimizers_saving import tell
from explorer.gui.panels.panel import Key, Panel
from explorer.i18n import N_, tr
from explorer.jobs import Event, Result
from explorer.records.basins import pairs, rows
from explorer.requests.base import changed
from explorer.requests.basins import BasinsRequest, StabilityRequest
from explorer.requests.race import SurfaceRequest
from explorer.session import Session

EXPORT = "basins.export"
MOST_LINES = 20_000  # of a table on the clipboard; a file has no limit
SHARED = ("surface", "values", "points", "formula", "domain")


class BasinsPanel(Panel):
    """Two pages under one tab, on the surface of the race."""

    name: ClassVar[str] = "basins"
    channels: ClassVar[tuple[str, ...]] = (
        StartsPage.channel, StartsPage.path_channel, StabilityPage.channel, StabilityPage.path_channel, EXPORT
    )  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.starts, self.stability = StartsPage(desk), StabilityPage(desk)
        self.pages: tuple[BasinsPage, ...] = (self.starts, self.stability)
        self.tabs, self.stack, self._forms = QTabBar(), QStackedWidget(), QStackedWidget()
        self.tabs.setDrawBase(False)
        words.say(self.tabs, N_("Basins or stability"), "name")
        for page in self.pages:
            self.tabs.addTab(tr(page.title))
            self.stack.addWidget(page)
            self._forms.addWidget(page.form())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        self.tabs.currentChanged.connect(self._turn)
        desk.session_changed.connect(self._session_changed)
        desk.jobs_changed.connect(self._jobs_changed)
        desk.choices_changed.connect(self._choices_changed)

    def form(self) -> QWidget:
        """That of the page that is shown."""
        return self._forms

    @property
    def page(self) -> BasinsPage:
        """The page that is shown."""
        return self.pages[self.tabs.currentIndex()]

    def _turn(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        self._forms.setCurrentIndex(index)
        for page in self.pages:
            page.set_active(self.active and page is self.page)

    def activate(self) -> None:
        """Ask for what is shown, if it is not there yet."""
        self.page.set_active(True)

    def deactivate(self) -> None:
        """Nobody looks: the running map comes to its end, nothing new is asked."""
        for page in self.pages:
            page.set_active(False)

    def take(self, channel: str, event: Event) -> None:
        """To the page it belongs to; a written file is told."""
        if channel == EXPORT:
            if isinstance(event, Result):
                tell(self.desk, str(event.record))
            return
        for page in self.pages:
            if channel in (page.channel, page.path_channel):
                page.take(channel, event)

    def _session_changed(self, new: Session, old: Session) -> None:
        for page in self.pages:
            page.session_changed(new, old)

    def _jobs_changed(self) -> None:
        for page in self.pages:
            page.progress.show_job(self.desk.jobs.get(page.channel))

    def _choices_changed(self) -> None:
        for page in self.pages:
            page.refresh()
            page.show_session()

    # -- keys and files ----------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("R", N_("Race from here"), self._race),
            Key("M", N_("Basins or stability"), lambda: self.tabs.setCurrentIndex(1 - self.tabs.currentIndex())),
            Key("N", N_("Next surface"), lambda: self.page.step_surface(1)),
            Key("E", N_("Export the map"), lambda: self.page.ask_export()),
            Key("]", N_("Larger learning rate"), lambda: self._faster(1.1)),
            Key("[", N_("Smaller learning rate"), lambda: self._faster(1 / 1.1)),
        ]

    def _race(self) -> None:
        if self.page is self.starts:
            self.starts.race_from_here()
        else:
            self.stability.race_with_these()

    def _faster(self, factor: float) -> None:
        own = self.desk.session.basins
        rate = min(max(float(f"{own.rate * factor:.4g}"), 0.01), 100.0)
        self.desk.change(basins=changed(own, rate=rate))

    def picture(self) -> QImage:
        """The maps as they stand, with the request that made them."""
        wanted = self.page.wanted()
        kind: type[SurfaceRequest] = BasinsRequest if self.page is self.starts else StabilityRequest
        return with_facts(
            self.stack.grab().toImage(), {"request": wanted.model_dump(mode="json"), "request_type": kind.__name__}
        )  # fmt: skip

    def adopt(self, path: Path, facts: dict[str, Any]) -> None:
        """A saved map came back: the race takes over its surface, which the maps follow."""
        stability = facts.get("request_type") == StabilityRequest.__name__
        self.tabs.setCurrentIndex(1 if stability else 0)
        session = self.desk.session
        own: BasinsRequest | StabilityRequest = session.stability if stability else session.basins
        start = own.start if isinstance(own, StabilityRequest) else session.race.start
        given = {name: getattr(own, name) for name in SHARED}
        race = changed(session.race, **given, hyper={**session.race.hyper, **own.hyper}, start=start, seed=own.seed)
        bare = {name: field.get_default(call_default_factory=True) for name, field in type(own).model_fields.items()
                if name in (*SHARED, "resolution", "hyper", "start", "seed")}  # fmt: skip
        mine = changed(own, **bare)
        if isinstance(mine, StabilityRequest):
            self.desk.change(race=race, stability=mine)
        else:
            self.desk.change(race=race, basins=mine)

    def numbers(self) -> str:
        """A line a start or a pair, as far as a clipboard is for; all of them are in an exported file."""
        if self.page is self.starts and self.starts.record is not None:
            head = "optimizer\tx\ty\tend\tkind\tend_x\tend_y\tsteps"
            lines = ["\t".join(map(str, one)) for _, one in zip(range(MOST_LINES), rows(self.starts.record), strict=False)]
        elif self.page is self.stability and self.stability.record is not None:
            record = self.stability.record
            head = f"{record.first}\t{record.second or '-'}\tend\tkind\tsteps"
            lines = ["\t".join(map(str, one)) for _, one in zip(range(MOST_LINES), pairs(record), strict=False)]
        else:
            return ""
        return "\n".join([head, *lines])

    def back_to_start(self) -> None:
        """Every value of this page's form, and the rate."""
        if self.page is self.starts:
            self.desk.change(basins=BasinsRequest())
        else:
            self.desk.change(stability=StabilityRequest())

    def retranslate(self) -> None:
        """Texts that are put together here."""
        for index, page in enumerate(self.pages):
            self.tabs.setTabText(index, tr(page.title))
        self._choices_changed()
        self.starts.show_record()
        self.stability.show_record()

    def restyle(self) -> None:
        """The theme changed: the maps have other grounds."""
        if hasattr(self, "pages"):
            self.starts.show_record()
            self.stability.show_record()

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """Two methods on Himmelblau's surface."""
        race = changed(self.desk.session.race, surface="himmelblau", formula="", values={}, points=(), domain=None, start=None)
        self.desk.change(race=race, basins=BasinsRequest(grid=128))

    def demo_ready(self) -> bool:
        """The whole map is there."""
        return self.starts.record is not None and self.starts.record.whole
