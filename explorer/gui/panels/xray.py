"""X-ray: one picture followed through a detector, stage by stage, and one object through all of them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QContextMenuEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.notices import trouble_text
from explorer.gui.panels import xray_saving as saving
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.panels.xray_controls import Controls, looks_for
from explorer.gui.panels.xray_following import Following
from explorer.gui.panels.xray_pages import StagePage, make_page
from explorer.gui.panels.xray_paint import Look, grid_of
from explorer.gui.panels.xray_rail import StageRail
from explorer.gui.panels.xray_side import Side
from explorer.gui.panels.xray_view import XrayView
from explorer.gui.panels.xray_words import numbers_text
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Result
from explorer.records.frame import Frame
from explorer.records.xray import Stage, XrayRecord
from explorer.requests.base import changed
from explorer.requests.xray import XrayRequest
from explorer.session import Session

XRAY = "xray"
WIDE = 205  # grid units: a page and the numbers beside it
PACE_S = 0.5  # a moving picture that is followed is looked through twice a second at most


class XrayPanel(Panel):
    """Asks when a picture stands still, or is followed, and when something is chosen; the engine keeps the pass."""

    name: ClassVar[str] = "xray"
    channels: ClassVar[tuple[str, ...]] = (XRAY,)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.record: XrayRecord | None = None
        self._frame: Frame | None = None  # of the record
        self._asked: Frame | None = None
        self._busy = False
        self._last = 0.0
        self._looks: dict[str, Look] = {}
        self._pages: dict[str, StagePage | None] = {}
        self._form = Form(XrayRequest, desk, "xray", without=("only", "exact"))
        self.follow = Following(desk, lambda: self.record)
        self.rail, self.controls, self.view, self.side = StageRail(), Controls(), XrayView(), Side()
        self._build()
        self.rail.chosen.connect(self.go_to)
        self.controls.look_changed.connect(self._look_changed)
        self.controls.anchor_chosen.connect(self._anchor_chosen)
        self.controls.class_chosen.connect(self._class_chosen)
        self.view.cell_chosen.connect(self._cell_clicked)
        self.view.candidate_chosen.connect(self.follow.candidate)
        self.view.object_chosen.connect(self.follow.object)
        self.view.map_chosen.connect(self._map_chosen)
        self.view.told.connect(self.said.setText)
        self.side.tree.chosen.connect(self.follow.object)
        self.side.tree.candidate.connect(self.follow.candidate)
        self.side.linked.connect(self._linked)
        desk.session_changed.connect(self._session_changed)
        desk.frozen_changed.connect(self._frozen)
        desk.source_changed.connect(lambda _state: self._say())
        desk.jobs_changed.connect(self._jobs_changed)
        self._show()

    # -- widgets -----------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.live = tool_button("live", N_("Look through the moving picture again and again (L)"), N_("Follow"), checkable=True)
        self.live.toggled.connect(self._live_toggled)
        self.progress = ProgressStrip(compact=True)
        self.progress.stopped.connect(self.desk.stop)
        self.about, self.said, self.detail = QLabel(), OneLine(), OneLine()
        self.about.setWordWrap(True)
        for label in (self.said, self.detail):
            label.setProperty("kind", "muted")
        self.said.setFont(theme.tabular(self.said.font()))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        words.say(self.view, N_("The stage over the picture"), "name")
        top = QHBoxLayout()
        top.setSpacing(theme.px(2))
        top.addWidget(self.rail, 1)
        top.addWidget(self.live)
        second = QHBoxLayout()
        second.setSpacing(theme.px(2))
        second.addWidget(self.controls, 1)
        second.addWidget(self.progress)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.stack, 1)
        column.addWidget(self.said)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(theme.px(3))
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(left)
        self.split.addWidget(self.side)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setSizes([theme.px(160), theme.px(84)])
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        page.setSpacing(theme.px(1.5))
        page.addLayout(top)
        page.addWidget(self.about)
        page.addLayout(second)
        page.addWidget(self.split, 1)
        page.addWidget(self.detail)

    def form(self) -> QWidget:
        """Detector and thresholds."""
        return self._form

    # -- asking ------------------------------------------------------------------------------------------------------
    def take_frame(self, frame: Frame) -> None:
        """A picture that stands still is looked through at once; of a moving one the first, or as often as there is time."""
        if self.record is not None and self.record.frame_seq == frame.seq and self.record.source == frame.source:
            return
        due = time.monotonic() - self._last >= PACE_S and not self._busy
        if not self.moving or (self._asked is None and not self._busy) or (self.live.isChecked() and due):
            self.ask(frame)

    def ask(self, frame: Frame | None = None) -> None:
        """Look through `frame`, or once more through the present one."""
        frame = frame or self._asked or self.desk.frame
        if frame is None or not self.active:
            return
        self._asked, self._busy, self._last = frame, True, time.monotonic()
        self.desk.submit(XRAY, self.desk.session.xray, frame)

    def activate(self) -> None:
        """What changed while nobody looked is asked now."""
        if self._asked is not None and self._stale:
            self.ask(None if self.moving else self.desk.frame)

    _stale = False

    def take(self, channel: str, event: Event) -> None:
        """A record, or why there is none."""
        if isinstance(event, Result) and isinstance(event.record, XrayRecord):
            self._busy = self._stale = False
            self.record, self._frame = event.record, self._asked
            self._looks = looks_for(event.record, self._looks) if self._other_cell(event.record) else self._looks
            self._show()
        elif isinstance(event, Failed):
            self._busy = False
            if event.trouble.code in ("xray.cell", "xray.class"):  # of another network
                self.follow.nothing()
                return
            self.record = None
            self.view.set_empty_text(trouble_text(event.trouble))
            self._show()
        elif isinstance(event, CancelledJob):
            self._busy = False

    _followed: tuple[object, ...] = ()

    def _other_cell(self, record: XrayRecord) -> bool:
        now = (record.model, record.cell, tuple(stage.name for stage in record.stages))
        other, self._followed = now != self._followed, now
        return other

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.picture != old.picture or new.xray.model != old.xray.model:
            self._asked = None if new.picture != old.picture else self._asked
            if self.follow.nothing():
                return
        if changed(new.xray, stage="") != changed(old.xray, stage="") or new.surgery != old.surgery:
            self._stale = True
            if self._asked is not None:
                self.ask(self._asked)
        elif new.xray != old.xray:
            self._show()

    def _live_toggled(self, on: bool) -> None:
        if on and self.desk.frame is not None and self.active:
            self.take_frame(self.desk.frame)
        self._say()

    @Slot(bool)
    def _frozen(self, on: bool) -> None:
        if on and self.active and self.desk.frame is not None:
            self.take_frame(self.desk.frame)
        self._say()

    def _jobs_changed(self) -> None:
        self.progress.show_job(self.desk.jobs.get(XRAY))

    # -- choosing ----------------------------------------------------------------------------------------------------
    @property
    def stage(self) -> Stage | None:
        """The stage that is shown."""
        if self.record is None:
            return None
        named = self.record.stage(self.desk.session.xray.stage)
        return self.record.stages[0] if named is None else named

    @property
    def look(self) -> Look:
        """How it is looked at."""
        stage = self.stage
        return self._looks.get(stage.name, Look()) if stage is not None else Look()

    def go_to(self, name: str) -> None:
        """Show a stage."""
        self.follow.set(stage=name)
        self.rail.mark(name)

    def _class_chosen(self, index: int) -> None:
        self.follow.set(class_index=index)

    def _cell_clicked(self, scale: int, row: int, column: int) -> None:
        """The anchor that the picture shows, or the one that says most there."""
        grid = grid_of(self.record, scale) if self.record is not None else None
        if grid is None:
            return
        stage = self.stage
        own = stage is not None and stage.name in ("objectness", "classes")
        self.follow.cell((scale, row, column, self.look.map if own else grid.best_anchor(row, column)))

    def _anchor_chosen(self, anchor: int) -> None:
        record = self.record
        if record is None or record.cell is None:
            return
        scale = record.cell[0]
        if self.look.scale != scale and self.stage is not None and self.stage.name != "decode":
            self._look_changed(replace(self.look, map=anchor))  # another scale than the followed one is only looked at
            return
        self.follow.cell((*record.cell[:3], anchor))

    def _look_changed(self, look: Look) -> None:
        stage = self.stage
        if stage is not None:
            self._looks[stage.name] = look
            self._show()

    def _map_chosen(self, number: int) -> None:
        self._look_changed(replace(self.look, map=number, mode="channel"))

    @Slot(str, object)
    def _linked(self, kind: str, numbers: tuple[int, ...]) -> None:
        if kind == "cell" and len(numbers) == 4:
            self.follow.cell((numbers[0], numbers[1], numbers[2], numbers[3]))
        elif kind == "candidate":
            self.follow.candidate(numbers[0])
        elif kind == "class":
            self.follow.set(class_index=numbers[0], stage="classes")
        elif kind == "map":
            self._map_chosen(numbers[0])

    # -- showing -----------------------------------------------------------------------------------------------------
    def _show(self) -> None:
        record, stage = self.record, self.stage
        self.rail.set_stages(record.stages if record is not None else (), stage.name if stage is not None else "")
        page = self._page(stage)
        if page is not None:
            page.set_record(record, self._frame)
        else:
            self.view.set_stage(record, stage, self._frame, self.look)
        self._put(self.view if page is None else page)
        self.controls.set_stage(record, None if page is not None else stage, self.look)
        self.side.tree.set_record(record)
        self.side.set_stage(record, stage, self.look)
        self._say()

    def _put(self, widget: QWidget) -> None:
        """Show the picture or a page. Keys that went to the one that leaves go to the rail: its arrows lead on."""
        focus = QApplication.focusWidget()
        if self.stack.currentWidget() is not widget:
            leaving = focus is not None and self.stack.isAncestorOf(focus)
            self.stack.setCurrentWidget(widget)
            if leaving:
                self.rail.take_focus()
        self._fit()

    def _fit(self) -> None:
        """A page has a list and words of its own: in a narrow panel it has all the room."""
        self.side.setVisible(self.stack.currentWidget() is self.view or self.width() >= WIDE * theme.px(1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for both now."""
        super().resizeEvent(event)
        self._fit()

    def _page(self, stage: Stage | None) -> StagePage | None:
        if stage is None:
            return None
        if stage.name not in self._pages:
            page = make_page(stage.name, self.desk)
            self._pages[stage.name] = page
            if page is not None:
                page.followed.connect(self.follow.candidate)
                self.stack.addWidget(page)
        return self._pages[stage.name]

    def _say(self) -> None:
        record, stage = self.record, self.stage
        self.about.setText("" if stage is None else stage.about.text())
        self.live.setVisible(self.moving)
        if record is None:
            self.detail.setText("")
            if self.desk.frame is None:
                self.view.set_empty_text(tr("Choose a picture, video or camera above."))
        else:
            parts = [record.title, record.source, record.runs_on.short()]
            if self.moving and not self.live.isChecked():
                parts.append(tr("The picture moves: hold it (F), or follow it (L)."))
            self.detail.setText(" · ".join(part for part in parts if part))

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._show()
        for page in self._pages.values():
            if page is not None:
                page.restyle()

    def restyle(self) -> None:
        """Colours in texts and pictures."""
        self.retranslate()

    # -- keys and files ----------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("Right", N_("The next step, or the next stage"), lambda: self._turn(1)),
            Key("Left", N_("The step before, or the stage before"), lambda: self._turn(-1)),
            Key("Space", N_("Play the suppression, or pause"), self._toggle),
            Key("N", N_("Follow the next object"), self.follow.next_object),
            Key("A", N_("The next anchor of the followed cell"), self.follow.next_anchor),
            Key("Shift+Left", N_("Follow the cell to the left"), self.follow.left),
            Key("Shift+Right", N_("Follow the cell to the right"), self.follow.right),
            Key("Shift+Up", N_("Follow the cell above"), self.follow.up),
            Key("Shift+Down", N_("Follow the cell below"), self.follow.down),
            Key("L", N_("Follow the moving picture, or stop that"), self.live.toggle),
        ]

    def _turn(self, by: int) -> None:
        page = self._page(self.stage)
        if page is None or not page.step(by):
            self.rail.step(by)

    def _toggle(self) -> None:
        page = self._page(self.stage)
        if page is not None:
            page.toggle()

    def picture(self) -> QImage:
        """The stage over its picture."""
        page = self._page(self.stage)
        return page.picture() if page is not None else self.view.drawn()

    def numbers(self) -> str:
        """The numbers of the stage."""
        page = self._page(self.stage)
        return (page.numbers() if page is not None else "") or numbers_text(self.record, self.stage)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with this stage."""
        if self.record is not None:
            self.menu().exec(event.globalPos())

    def menu(self) -> QMenu:
        """Copy and save."""
        record, stage = self.record, self.stage
        if record is None or stage is None:
            return QMenu(self)
        return saving.stage_menu(self.desk, self, record, stage)

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The cup's cell, written out."""
        self.go_to("decode")

    def demo_ready(self) -> bool:
        """The stages are there, whatever is followed in them."""
        return self.record is not None
