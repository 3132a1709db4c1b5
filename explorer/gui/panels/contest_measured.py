"""What the race and the turned valley have in common: a chart over a table of methods and words, all of one long job."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSplitter, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.notices import trouble_text
from explorer.gui.panels.contest_page import ContestPage, Page
from explorer.gui.panels.contest_table import MethodTable
from explorer.gui.widgets.band_chart import BandChart, Plot
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result
from explorer.records.contest import Contest, Turned
from explorer.requests.base import Request, changed

Record = TypeVar("Record", Contest, Turned)


class MeasuredPage(ContestPage, Generic[Record]):
    """Started by hand, and the first time that it is seen. `field`: of the Session; `columns`: of the table; `empty`: what
    stands in the chart before there is anything. `kind` is the class of the record, `go` starts it.
    """

    field: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]] = ()
    empty: ClassVar[str] = ""

    def __init__(self, desk: Desk, kind: type[Record], go: QPushButton) -> None:
        super().__init__(desk)
        self._kind: type[Record] = kind
        self.record: Record | None = None
        self._asked: Request | None = None
        self._stopped = False
        self._form = self._make_form()
        self.go = go
        self.go.clicked.connect(self.start)
        self.chart = BandChart(lambda name, share: self._place(self.record, name, share) if self.record is not None else "")
        self.table, self.told = MethodTable(desk, self.columns), Page()
        words.say(self.table, N_("Who takes part, and how they came out"), "name")
        self.chart.hovered.connect(self._point)
        self.table.pointed.connect(self._point)
        self.table.chosen.connect(self._chosen)

    def _split(self, below: QWidget, sizes: tuple[int, int]) -> None:
        """The chart above, `below` under it."""
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        self.body.addWidget(split, 1)
        split.addWidget(self.chart)
        split.addWidget(below)
        split.setSizes([theme.px(size) for size in sizes])

    # -- for subclasses ----------------------------------------------------------------------------------------------
    @abstractmethod
    def _make_form(self) -> Form:
        """The right dock of this page."""

    @abstractmethod
    def wanted(self) -> Request:
        """The request that the Session means now."""

    @abstractmethod
    def _place(self, record: Record, name: str, share: float) -> str:
        """One method at a share of the chart's width, in words."""

    @abstractmethod
    def _show_record(self, record: Record) -> None:
        """Chart, table and words of what came."""

    # -- asking ------------------------------------------------------------------------------------------------------
    def form(self) -> Form:
        """Budget, trials, seeds."""
        return self._form

    def show_first(self) -> None:
        """The first time it starts by itself."""
        if self._asked is None:
            self.start()

    def start(self) -> None:
        """Race, or measure."""
        self._asked, self._stopped = self.wanted(), False
        self.desk.submit(self.channels[0], self._asked)
        self._say()

    def _chosen(self, names: tuple[str, ...]) -> None:
        self.desk.change(**{self.field: changed(getattr(self.desk.session, self.field), optimizers=names)})

    # -- answers -----------------------------------------------------------------------------------------------------
    def take(self, channel: str, event: Event) -> None:
        """The record, growing."""
        if isinstance(event, (Preview, Result, CancelledJob)) and isinstance(event.record, self._kind):
            self.record = event.record
        self._stopped = isinstance(event, CancelledJob)
        if isinstance(event, Failed):
            self.record = None
            self._say(trouble_text(event.trouble))
        elif isinstance(event, (Preview, Result, CancelledJob)):
            self._say()

    def _shown(self) -> Record | None:
        """The record, as soon as there is something in it to show."""
        return self.record

    def _say(self, problem: str = "") -> None:
        record = self._shown()
        if record is not None:
            self._show_record(record)
            return
        self.chart.set_plot(Plot(), problem or tr(self.empty))
        self.detail.setText("")
        self.table.show_rows({}, ())
        self.told.say([])

    def _point(self, name: str) -> None:
        self.chart.set_highlight(name)
        self.table.mark(name)

    def retranslate(self) -> None:
        """Words of the table and of what is put together."""
        self.table.refresh()
        self._say()
