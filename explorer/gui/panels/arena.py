"""Compare: two networks, or one in two ways, on the same frame: what they agree on, how fast they are, what they need."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QContextMenuEvent, QImage, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.notices import trouble_text
from explorer.gui.panels.arena_form import ArenaForm
from explorer.gui.panels.arena_list import PairList
from explorer.gui.panels.arena_tools import ToolLine, result_menu
from explorer.gui.panels.arena_view import ArenaView
from explorer.gui.panels.arena_words import figures_html, pair_text, side_title, table_text
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.panels.surgery_compare import PairBars
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Result
from explorer.records.ablation import Comparison
from explorer.records.arena import ArenaResult
from explorer.records.frame import Frame
from explorer.records.vision import Mask, TopK
from explorer.requests.arena import ArenaRequest
from explorer.requests.base import changed
from explorer.session import Session

RUN = "arena.run"
PACE_S = 0.5  # a moving picture that is followed is compared twice a second at most
TABS = (N_("Objects"), N_("Figures"))
WIDE = 165  # grid units from which list and figures stand beside each other


class ArenaPanel(Panel):
    """Asks when a picture stands still, or is followed; thresholds act on what was said, "Measure again" runs anew."""

    name: ClassVar[str] = "arena"
    channels: ClassVar[tuple[str, ...]] = (RUN,)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.result: ArenaResult | None = None
        self._frame: Frame | None = None  # of the result
        self._asked: Frame | None = None
        self._busy = self._stale = False
        self._last = 0.0
        self.marked: int | None = None
        self._form = ArenaForm(desk)
        self.views = (ArenaView(0), ArenaView(1), ArenaView(None))
        self.titles = (OneLine(), OneLine())
        self.bars, self.pairs, self.figures = PairBars(), PairList(), QTextBrowser()
        self._build()
        for view in self.views:
            view.chosen.connect(self.choose)
            view.pointed.connect(self._pointed)
        self.views[0].moved.connect(self.views[1].look)
        self.views[1].moved.connect(self.views[0].look)
        self.pairs.chosen.connect(self._mark)
        desk.session_changed.connect(self._session_changed)
        desk.frozen_changed.connect(self._frozen)
        desk.source_changed.connect(lambda _state: self._say())
        desk.jobs_changed.connect(lambda: self.progress.show_job(desk.jobs.get(RUN)))
        self._show()

    # -- widgets -----------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.again = tool_button("reset", N_("Measure both sides anew on this picture (R)"), N_("Measure again"))
        self.swap = tool_button("shuffle", N_("Change sides: A becomes B (X)"), N_("Swap"))
        self.exact = tool_button(
            "exact", N_("The network of A in its fast version against the exact one"), N_("Fast against exact")
        )
        self.cut = tool_button(
            "surgery", N_("The network that was operated on against itself as it came"), N_("Before and after surgery")
        )
        self.over = tool_button("layers", N_("Both in one picture: A solid, B dashed (O)"), N_("One picture"), checkable=True)
        self.live = tool_button("live", N_("Compare on the moving picture again and again (L)"), N_("Follow"), checkable=True)
        self.again.clicked.connect(self.measure)
        self.swap.clicked.connect(self.change_sides)
        self.exact.clicked.connect(self.fast_against_exact)
        self.cut.clicked.connect(self.before_and_after)
        self.over.toggled.connect(lambda _on: self._show())
        self.live.toggled.connect(self._live_toggled)
        self.progress = ProgressStrip(compact=True)
        self.progress.stopped.connect(self.desk.stop)
        self.tools = ToolLine((self.again, self.swap, self.exact, self.cut, self.over, self.live))
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.told = OneLine()
        for label in (self.told, *self.titles):
            label.setProperty("kind", "muted")
        pair = QWidget()
        line = QHBoxLayout(pair)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(2))
        for view, title, name in zip(self.views[:2], self.titles, (N_("Answer of A"), N_("Answer of B")), strict=True):
            column = QVBoxLayout()
            column.setSpacing(theme.px(0.5))
            words.say(view, name, "name")
            column.addWidget(title)
            column.addWidget(view, 1)
            line.addLayout(column, 1)
        words.say(self.views[2], N_("Both answers in one picture"), "name")
        words.say(self.bars, N_("Class scores of A and B"), "name")
        self.bars.rows = 10
        self.pages = QStackedWidget()
        for page in (pair, self.views[2], self.bars):
            self.pages.addWidget(page)
        self.figures.setFrameShape(QFrame.Shape.NoFrame)
        self.figures.setFont(theme.tabular(self.figures.font()))
        words.say(self.figures, N_("What each side is and costs"), "name")
        below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(self.pairs)
        below.addWidget(self.figures)
        below.setSizes([theme.px(60), theme.px(110)])
        self.tabs = QTabBar()  # of what stands below, where there is no room for both
        self.tabs.setDrawBase(False)
        for _ in TABS:
            self.tabs.addTab("")
        self.tabs.currentChanged.connect(lambda _at: self._fit())
        words.say(self.tabs, N_("Objects, or what each side is and costs"), "name")
        lower = QWidget()
        lines = QVBoxLayout(lower)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self.tabs)
        lines.addWidget(below, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.pages)
        split.addWidget(lower)
        split.setStretchFactor(0, 1)
        split.setSizes([theme.px(80), theme.px(60)])
        for one in (below, split):
            one.setHandleWidth(theme.px(2))
            one.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        whole.setSpacing(theme.px(1.5))
        whole.addWidget(self.tools)
        whole.addWidget(self.said)
        whole.addWidget(split, 1)
        last = QHBoxLayout()
        last.addWidget(self.told, 1)
        last.addWidget(self.progress)
        whole.addLayout(last)

    def form(self) -> QWidget:
        """Both sides."""
        return self._form

    def back_to_start(self) -> None:
        """Both sides as they came."""
        self._form.back_to_start()

    # -- asking ------------------------------------------------------------------------------------------------------
    def take_frame(self, frame: Frame) -> None:
        """A picture that stands still is compared on at once; of a moving one the first, or as often as there is time."""
        if self.result is not None and self.result.frame_seq == frame.seq and self.result.source == frame.source:
            return
        due = time.monotonic() - self._last >= PACE_S and not self._busy
        if not self.moving or (self._asked is None and not self._busy) or (self.live.isChecked() and due):
            self.ask(frame)

    def ask(self, frame: Frame | None = None) -> None:
        """Compare on `frame`, or once more on the present one. What is followed is measured once each time."""
        frame = frame or self._asked or self.desk.frame
        if frame is None:
            return
        self._asked, self._busy, self._stale, self._last = frame, True, False, time.monotonic()
        request = self.desk.session.arena
        self.desk.submit(RUN, changed(request, repeats=1) if self.moving and self.live.isChecked() else request, frame)

    def activate(self) -> None:
        """What changed while nobody looked is asked now."""
        if self.result is None:
            self._show()
        if self._stale:
            self.ask(None if self.moving else self.desk.frame)

    def take(self, channel: str, event: Event) -> None:
        """A result, or why there is none."""
        if isinstance(event, Result) and isinstance(event.record, ArenaResult):
            self._busy = False
            self.result, self._frame = event.record, self._asked
            self.marked = None
            self._show()
        elif isinstance(event, Failed):
            self._busy = False
            self.result = None
            self._show()
            self.said.setText(trouble_text(event.trouble))
        elif isinstance(event, CancelledJob):
            self._busy = False

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.picture != old.picture:
            self._asked = None
        if new.surgery != old.surgery:
            self._say()
        if new.arena != old.arena:
            self._stale = True
            if self.active and self._asked is not None:
                self.ask(self._asked)

    def _live_toggled(self, on: bool) -> None:
        if self.active and self.desk.frame is not None:
            self.ask(self.desk.frame)
        self._say()

    @Slot(bool)
    def _frozen(self, on: bool) -> None:
        if on and self.active and self.desk.frame is not None:
            self.ask(self.desk.frame)
        self._say()

    # -- deeds -------------------------------------------------------------------------------------------------------
    def _set(self, **fields: Any) -> None:
        self.desk.change(arena=changed(self.desk.session.arena, **fields))

    def measure(self) -> None:
        """Run both sides anew."""
        now = self.desk.session.arena
        self.desk.change(undoable=False, arena=changed(now, again=(now.again + 1) % 2**31))
        if self._asked is None:
            self.ask()

    def change_sides(self) -> None:
        """A becomes B."""
        now = self.desk.session.arena
        self._set(a=now.b.model_dump(), b=now.a.model_dump())

    def fast_against_exact(self) -> None:
        """The network of A twice."""
        side = self.desk.session.arena.a.model_dump() | {"surgery": ()}
        self._set(a=side | {"exact": False, "precision": "auto"}, b=side | {"exact": True, "precision": "auto"})

    def before_and_after(self) -> None:
        """The network of the Models panel as it came, and with its surgery."""
        session = self.desk.session
        side = session.arena.a.model_dump() | {
            "model": session.network.model,
            "weights": session.network.weights,
            "exact": True,
        }
        edits = [edit.model_dump() for edit in session.surgery]
        self._set(a=side | {"surgery": ()}, b=side | {"surgery": edits})

    def choose(self, number: int) -> None:
        """Mark an object in both pictures and the list; the same one again lets it go."""
        self._mark(None if number == self.marked else number)

    def _mark(self, number: int | None) -> None:
        self.marked = number
        for view in self.views:
            view.mark(self.marked)
        self.pairs.mark(self.marked)
        self._pointed(None)

    def next_pair(self, by: int) -> None:
        """The next object of the list."""
        count = len(self.result.pairs) if self.result is not None else 0
        if count:
            self._mark(((self.marked if self.marked is not None else (-1 if by > 0 else 0)) + by) % count)

    # -- showing -----------------------------------------------------------------------------------------------------
    def _show(self) -> None:
        result, frame = self.result, self._frame
        task = result.task if result is not None else "detect"
        for view in self.views:
            view.set_result(result, frame)
            view.mark(self.marked)
        self.pages.setCurrentIndex(2 if task == "classify" else 1 if self.over.isChecked() else 0)
        scores = result is not None and result.scores
        self.bars.set_record(self._comparison(result) if scores and result is not None else None)
        self.pairs.set_result(result)
        self.figures.setHtml("" if result is None else figures_html(result))
        for name, title, at in zip("AB", self.titles, (0, 1), strict=True):
            title.setText(name if result is None else side_title(name, result.sides[at]))
        for at, text in enumerate(TABS):
            self.tabs.setTabText(at, tr(text))
        self._fit()
        self.said.setText("" if result is None else result.said.text())
        if result is None and self.desk.frame is None:
            self.said.setText(tr("Choose a picture, video or camera above."))
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """List and figures beside each other, or one of them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        both, listed = self.width() >= theme.px(WIDE), self.result is None or self.result.task == "detect"
        self.tabs.setVisible(listed and not both)
        self.pairs.setVisible(listed and (both or self.tabs.currentIndex() == 0))
        self.figures.setVisible(both or not listed or self.tabs.currentIndex() == 1)

    def _comparison(self, result: ArenaResult) -> Comparison:
        one, other = (side.answer for side in result.sides)
        assert isinstance(one, TopK) and isinstance(other, TopK)
        return Comparison(one, other, result.scores, result.frame_seq)

    def _say(self) -> None:
        self.live.setVisible(self.moving or self.live.isChecked())
        self.cut.setVisible(bool(self.desk.session.surgery))
        masks = self.result is not None and isinstance(self.result.a.answer, Mask)
        over = (
            N_("The difference, B minus A, over the picture (O)") if masks else N_("Both in one picture: A solid, B dashed (O)")
        )
        words.say(self.over, over, "tip")
        words.say(self.over, N_("Difference") if masks else N_("One picture"))
        self.over.setVisible(self.result is None or self.result.task != "classify")
        self._pointed(None)

    def _pointed(self, number: int | None) -> None:
        result = self.result
        number = self.marked if number is None else number
        if result is not None and number is not None and number < len(result.pairs):
            self.told.setText(pair_text(result, result.pairs[number]))
        elif result is not None and result.task == "classify":
            self.told.setText(tr("Pale bar: A. Strong bar: B."))
        elif self.moving and not self.live.isChecked():
            self.told.setText(tr("The picture moves: hold it (F), or follow it (L)."))
        else:
            self.told.setText("" if result is None else result.source)

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._show()

    def restyle(self) -> None:
        """Colours in texts."""
        self._show()

    # -- keys and files ----------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("R", N_("Measure both sides anew"), self.measure),
            Key("X", N_("Change sides"), self.change_sides),
            Key("E", N_("Fast against exact"), self.fast_against_exact),
            Key("O", N_("One picture, or two side by side"), self.over.toggle),
            Key("Right", N_("The next object"), lambda: self.next_pair(1)),
            Key("Left", N_("The object before"), lambda: self.next_pair(-1)),
            Key("L", N_("Follow the moving picture, or stop that"), self.live.toggle),
        ]

    def picture(self) -> QImage:
        """Pictures, list and figures as they stand."""
        return self.grab().toImage()

    def numbers(self) -> str:
        """Pairs and figures."""
        return "" if self.result is None else table_text(self.result)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy and save."""
        if self.result is None:
            return
        facts = self.desk.session.arena.model_dump(mode="json")
        result_menu(self.desk, self, "compare", facts).exec(event.globalPos())

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The cup, fast and exact."""
        self.desk.change(arena=ArenaRequest())

    def demo_ready(self) -> bool:
        """Both have answered."""
        return self.result is not None
