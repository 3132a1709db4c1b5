"""Panels of several pages under tabs, and such a page: a form and jobs of its own. A page is made when it is first seen."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypeVar, cast

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.optimizers_saving import tell
from explorer.gui.panels.panel import Panel
from explorer.gui.widgets.pages import Pages
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.jobs import Event, Result


class PanelPage(QWidget):
    """`channels`: those whose events come to `take`; the first is the page's own job, whose `progress` is shown.

    A page is abstract by name alone: the metaclass of ABC and Qt's do not mix. `__init__` reads from the desk how things stand.
    """

    title: ClassVar[str] = ""
    channels: ClassVar[tuple[str, ...]] = ()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.active = False
        self.progress = ProgressStrip(compact=True)
        self.progress.stopped.connect(desk.stop)
        desk.jobs_changed.connect(self._jobs_changed)

    @abstractmethod
    def form(self) -> QWidget:
        """What stands in the right dock while this page is shown; the same widget each time."""

    @abstractmethod
    def take(self, channel: str, event: Event) -> None:
        """An event of one of `channels`."""

    @abstractmethod
    def numbers(self) -> str:
        """For the clipboard."""

    @abstractmethod
    def retranslate(self) -> None:
        """The language changed: texts that are put together here."""

    def restyle(self) -> None:
        """The theme changed."""

    def set_active(self, on: bool) -> None:
        """The page came on the screen or left it."""
        self.active = on

    def picture(self) -> QImage:
        """For "Save picture"."""
        return self.grab().toImage()

    def back_to_start(self) -> None:
        """The numbers of the page's form as they were at the beginning."""
        form = self.form()
        if isinstance(form, Form):
            form.back_to_start()

    def _jobs_changed(self) -> None:
        self.progress.show_job(self.desk.jobs.get(self.channels[0]))


Kind = TypeVar("Kind", bound=PanelPage)


class PagedPanel(Panel):
    """`kinds`: the pages' classes, as their tabs stand; `about`: what the tabs are, for screen readers; `export`: the channel
    whose result is the path of a written file.
    """

    kinds: ClassVar[tuple[type[PanelPage], ...]] = ()
    about: ClassVar[str] = ""
    export: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._forms = QStackedWidget()
        self.pages = Pages(self, [kind.title for kind in self.kinds], self._make)
        self.tabs, self.stack = self.pages.tabs, self.pages.stack
        words.say(self.tabs, self.about, "name")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        self.pages.page(0)
        self.pages.turned.connect(self._turned)

    def _make(self, index: int) -> PanelPage:
        page = self.kinds[index](self.desk)
        self._forms.addWidget(page.form())
        return page

    def form(self) -> QWidget:
        """That of the page that is shown."""
        return self._forms

    @property
    def page(self) -> PanelPage:
        """The page that is shown."""
        return cast(PanelPage, self.pages.page(self.pages.at))

    def page_of(self, kind: type[Kind]) -> Kind:
        """The page of a class, wherever it stands."""
        return cast(Kind, self.pages.page(self.kinds.index(kind)))

    def made(self) -> list[PanelPage]:
        """The pages that are there: what has to reach only them goes through it."""
        return cast(list[PanelPage], self.pages.made) if hasattr(self, "pages") else []

    def _turned(self, _index: int) -> None:
        front = self.page
        self._forms.setCurrentWidget(front.form())
        for page in self.made():
            page.set_active(self.active and page is front)

    def activate(self) -> None:
        """The page that is shown asks for what it shows, if it is not there yet."""
        self.page.set_active(True)

    def deactivate(self) -> None:
        """Nobody looks."""
        for page in self.made():
            page.set_active(False)

    def take(self, channel: str, event: Event) -> None:
        """To the page whose job it is; a page that is not there has not asked. A file that is written is told."""
        if channel == self.export:
            if isinstance(event, Result):
                tell(self.desk, str(event.record))
            return
        for page in self.made():
            if channel in page.channels:
                page.take(channel, event)

    def retranslate(self) -> None:
        """Tabs and pages."""
        self.pages.retranslate()
        for page in self.made():
            page.retranslate()

    def restyle(self) -> None:
        """What keeps colours."""
        for page in self.made():
            page.restyle()

    def back_to_start(self) -> None:
        """The form of the page that is shown."""
        self.page.back_to_start()

    def picture(self) -> QImage:
        """The page as it is."""
        return self.page.picture()

    def numbers(self) -> str:
        """The page's numbers."""
        return self.page.numbers()
