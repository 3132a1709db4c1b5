"""Fair race: equal budgets and equal tuning, the lesson of the turned valley, and tasks."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.contest_page import ContestPage
from explorer.gui.panels.contest_race import EXPORT, RACE, FairPage
from explorer.gui.panels.contest_tasks import OPTIONS, TASK, TasksPage
from explorer.gui.panels.contest_turned import TURNED, TurnedPage
from explorer.gui.panels.optimizers_saving import tell
from explorer.gui.panels.panel import Key, Panel
from explorer.i18n import N_, tr
from explorer.jobs import Event, Result
from explorer.requests.base import changed


class ContestPanel(Panel):
    """Three pages under one tab. Each runs its own job, by itself the first time it is seen."""

    name: ClassVar[str] = "contest"
    channels: ClassVar[tuple[str, ...]] = (RACE, EXPORT, TURNED, TASK)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.race, self.turned, self.tasks = FairPage(desk), TurnedPage(desk), TasksPage(desk)
        self.pages: tuple[ContestPage, ...] = (self.race, self.turned, self.tasks)
        self.tabs, self.stack, self._forms = QTabBar(), QStackedWidget(), QStackedWidget()
        self.tabs.setDrawBase(False)
        words.say(self.tabs, N_("Pages of the fair race"), "name")
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

    def form(self) -> QWidget:
        """That of the page that is shown."""
        return self._forms

    @property
    def page(self) -> ContestPage:
        """The page that is shown."""
        return self.pages[self.tabs.currentIndex()]

    def _turn(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        self._forms.setCurrentIndex(index)
        self.tasks.playhead.pause()
        if self.active:
            self.page.show_first()

    def activate(self) -> None:
        """The first time the page starts by itself."""
        self.page.show_first()

    def deactivate(self) -> None:
        """Nothing moves where nobody looks."""
        self.tasks.playhead.pause()

    def take(self, channel: str, event: Event) -> None:
        """To the page whose job it is; a file that is written is told."""
        if channel == EXPORT:
            if isinstance(event, Result):
                tell(self.desk, str(event.record))
            return
        for page in self.pages:
            if page.channel == channel:
                page.take(event)

    def retranslate(self) -> None:
        """Tabs and pages."""
        for index, page in enumerate(self.pages):
            self.tabs.setTabText(index, tr(page.title))
            page.retranslate()

    def restyle(self) -> None:
        """The markers of the answers; charts and tables see to it themselves."""
        if hasattr(self, "tasks"):
            self.tasks.restyle()

    def back_to_start(self) -> None:
        """The numbers of the page's form as they were at the beginning."""
        form = self.page.form()
        if isinstance(form, Form):
            form.back_to_start()

    def keys(self) -> list[Key]:
        """R runs the page; in the tasks 1 to 4 answer, N goes on, Space plays."""
        found = [
            Key("R", N_("Race or measure"), lambda: self.page.start()),
            Key("N", N_("Next task"), self._only_tasks(self.tasks.go_on)),
            Key("Space", N_("Play or pause"), self._only_tasks(self._play)),
        ]
        texts = (N_("First answer"), N_("Second answer"), N_("Third answer"), N_("Fourth answer"))
        for index in range(OPTIONS):
            found.append(Key(str(index + 1), texts[index], self._only_tasks(partial(self.tasks.answer, index))))
        return found

    def _only_tasks(self, call: object) -> partial[None]:
        return partial(self._run, call)

    def _run(self, call: object) -> None:
        if self.page is self.tasks and callable(call):
            call()

    def _play(self) -> None:
        if self.tasks.chosen is not None:
            self.tasks.playhead.toggle()

    def picture(self) -> QImage:
        """The page as it is."""
        return self.page.picture()

    def numbers(self) -> str:
        """The page's numbers."""
        return self.page.numbers()

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """A race on the bowl."""
        self.desk.change(race=changed(self.desk.session.race, surface="quadratic", formula="", values={}, start=None))
        self.race.start()

    def demo_ready(self) -> bool:
        """It is done."""
        return self.race.record is not None and self.race.record.stage == "done"
