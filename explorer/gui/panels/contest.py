"""Fair race: equal budgets and equal tuning, the lesson of the turned valley, and tasks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from explorer.gui.panels.contest_page import ContestPage
from explorer.gui.panels.contest_race import EXPORT, RACE, FairPage
from explorer.gui.panels.contest_tasks import OPTIONS, TASK, TasksPage
from explorer.gui.panels.contest_turned import TURNED, TurnedPage
from explorer.gui.panels.paged import PagedPanel, PanelPage
from explorer.gui.panels.panel import Key
from explorer.i18n import N_
from explorer.requests.base import changed


class ContestPanel(PagedPanel):
    """Three pages. Each runs its own job, by itself the first time it is seen."""

    name: ClassVar[str] = "contest"
    channels: ClassVar[tuple[str, ...]] = (RACE, EXPORT, TURNED, TASK)
    kinds: ClassVar[tuple[type[PanelPage], ...]] = (FairPage, TurnedPage, TasksPage)
    about: ClassVar[str] = N_("Pages of the fair race")
    export: ClassVar[str] = EXPORT

    @property
    def race(self) -> FairPage:
        """The race itself."""
        return self.page_of(FairPage)

    @property
    def turned(self) -> TurnedPage:
        """The turned valley."""
        return self.page_of(TurnedPage)

    @property
    def tasks(self) -> TasksPage:
        """The tasks."""
        return self.page_of(TasksPage)

    def keys(self) -> list[Key]:
        """R runs the page; in the tasks 1 to 4 answer, N goes on, Space plays."""
        found = [
            Key("R", N_("Race or measure"), self._start),
            Key("N", N_("Next task"), partial(self._in_tasks, TasksPage.go_on)),
            Key("Space", N_("Play or pause"), partial(self._in_tasks, TasksPage.play)),
        ]
        texts = (N_("First answer"), N_("Second answer"), N_("Third answer"), N_("Fourth answer"))
        for index in range(OPTIONS):
            found.append(Key(str(index + 1), texts[index], partial(self._answer, index)))
        return found

    def _start(self) -> None:
        if isinstance(self.page, ContestPage):
            self.page.start()

    def _in_tasks(self, call: Callable[[TasksPage], None]) -> None:
        if isinstance(self.page, TasksPage):
            call(self.page)

    def _answer(self, index: int) -> None:
        if isinstance(self.page, TasksPage):
            self.page.answer(index)

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """A race on the bowl."""
        self.desk.change(race=changed(self.desk.session.race, surface="quadratic", formula="", values={}, start=None))
        self.race.start()

    def demo_ready(self) -> bool:
        """It is done."""
        return self.race.record is not None and self.race.record.stage == "done"
