"""Optimizers: several methods from one start over an error surface, computed whole, then played."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.icons import set_icon
from explorer.gui.panels import optimizers_saving as saving
from explorer.gui.panels.optimizers_legend import Legend
from explorer.gui.panels.optimizers_playing import Playhead
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.widgets.contour_view import ContourView
from explorer.gui.widgets.loss_chart import LossChart
from explorer.gui.widgets.slider import NumberSlider
from explorer.i18n import N_, tr
from explorer.jobs import Event, Result
from explorer.picture.race_chart import last_step, number
from explorer.records.descent import Race
from explorer.requests.base import changed
from explorer.requests.race import RaceRequest
from explorer.session import Selection, Session

RACE, EXPORT = "optimizers.race", "optimizers.export"
NUDGE = 0.02  # of the plot: how far a key moves the start


class OptimizersPanel(Panel):
    """The request lives in the Session (`race`); every change of it runs the race again, the newest wins.

    After a click all paths play from their new start; while a slider or the start is dragged they are shown whole.
    """

    name: ClassVar[str] = "optimizers"
    title: ClassVar[str] = N_("Optimizers")
    icon: ClassVar[str] = "optimizers"
    channels: ClassVar[tuple[str, ...]] = (RACE, EXPORT)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.race: Race | None = None
        self._asked: RaceRequest | None = None
        self._play_next = True
        self._form = Form(RaceRequest, desk, "race", without=("surface", "rate", "optimizers", "start"))
        self.contour = ContourView()
        self.chart = LossChart()
        self.legend = Legend(desk)
        self.playhead = Playhead()
        self._build()
        self.contour.start_moved.connect(self._start_moved)
        self.contour.hovered.connect(self._hovered)
        self.contour.menu_wanted.connect(self._menu)
        self.chart.hovered.connect(self._hovered)
        self.chart.step_chosen.connect(self.playhead.go_to)
        self.legend.chosen.connect(lambda names: self._change(optimizers=names))
        self.legend.hovered.connect(lambda name: self._hovered(name, round(self.playhead.step)))
        self.playhead.moved.connect(self._moved)
        desk.session_changed.connect(self._session_changed)
        desk.choices_changed.connect(self._choices_changed)
        desk.language_changed.connect(self._choices_changed)
        self._choices_changed()
        self._show_request(desk.session.race)

    # -- building ----------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.surface = QComboBox()
        words.say(self.surface, N_("Surface"), "name")
        self.surface.activated.connect(self._surface_chosen)
        self.formula = QLabel()
        self.formula.setProperty("kind", "muted")
        self.formula.setMinimumWidth(20)
        self.rate = NumberSlider(0.01, 100.0, 1.0, step=0.01, log=True, unit="×")
        self.rate.setFixedWidth(theme.px(56))
        words.say(self.rate, N_("Multiplies every method's own learning rate on this surface."), "tip")
        words.say(self.rate.slider, N_("Learning rate factor"), "name")
        self.rate.changed.connect(self._rate_moved)
        self.rate.settled.connect(self._rate_settled)
        rate_label = QLabel()
        rate_label.setProperty("kind", "muted")
        words.say(rate_label, N_("Learning rate"))
        self.export_button = self._button(
            "save", N_("Export..."), N_("Write the race as GIF, MP4, PNG or CSV (E)"), self.export
        )
        self.reset_button = self._button(
            "reset", N_("Back to start"), N_("The surface's own start and rates, all six methods"), self.back_to_start
        )
        top = QHBoxLayout()
        top.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(1))
        top.setSpacing(theme.px(2))
        top.addWidget(self.surface)
        top.addWidget(self.formula, 1)
        top.addWidget(rate_label)
        top.addWidget(self.rate)
        side = QWidget()
        side.setProperty("kind", "page")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.legend)
        area.setMinimumHeight(theme.px(20))
        area.viewport().setProperty("kind", "page")
        area.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        buttons = QHBoxLayout()
        buttons.addWidget(self.reset_button)
        buttons.addStretch(1)
        buttons.addWidget(self.export_button)
        column = QVBoxLayout(side)
        column.setContentsMargins(theme.px(1), theme.px(1), theme.px(2), 0)
        column.setSpacing(theme.px(1))
        column.addWidget(area, 0)
        column.addWidget(self.chart, 1)
        column.addLayout(buttons)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.contour)
        side.setMinimumWidth(self.legend.sizeHint().width() + theme.px(8))
        self.split.addWidget(side)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(top)
        page.addWidget(self.split, 1)
        page.addWidget(self.playhead)

    def _button(self, icon: str, text: str, tip: str, slot: Any) -> QPushButton:
        button = QPushButton()
        button.setProperty("kind", "quiet")
        set_icon(button, icon)
        words.say(button, text)
        words.say(button, tip, "tip")
        button.clicked.connect(slot)
        return button

    def form(self) -> QWidget:
        """Steps, resolution, seed."""
        return self._form

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room, else one below the other."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(140) and self.height() > self.width() * 0.9
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if self.split.orientation() != wanted:
            self.split.setOrientation(wanted)
        self.formula.setVisible(self.width() > theme.px(150))

    # -- asking ------------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """The first time: run and play. Later: go on where it stood."""
        if self._asked != self.desk.session.race:
            self._ask()

    def deactivate(self) -> None:
        """Nothing moves where nobody looks."""
        self.playhead.pause()

    def _ask(self) -> None:
        self._asked = self.desk.session.race
        self.desk.submit(RACE, self._asked)

    def _change(self, undoable: bool = True, play: bool = True, **fields: Any) -> None:
        self._play_next = play
        self.desk.change(undoable=undoable, race=changed(self.desk.session.race, **fields))

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.race != old.race:
            self._show_request(new.race)
            if self.active:
                self._ask()
        if new.selection != old.selection:
            self._show_selection(new.selection)

    def _show_request(self, request: RaceRequest) -> None:
        with QSignalBlocker(self.surface):
            self.surface.setCurrentIndex(self.surface.findData(request.surface))
        entry = self.desk.catalogue.entries("surface").get(request.surface, {})
        self.formula.setText(str(entry.get("formula", "")))
        words.say(self.formula, str(entry.get("about", "")), "tip")
        if not self.rate.dragging:
            self.rate.set_value(request.rate)
        self.legend.set_chosen(request.optimizers)

    def _choices_changed(self, *_: Any) -> None:
        with QSignalBlocker(self.surface):
            self.surface.clear()
            for name in self.desk.choices("surface"):
                self.surface.addItem(self.desk.title_of("surface", name), name)
        self.legend.refresh()
        self._show_request(self.desk.session.race)

    # -- answers -----------------------------------------------------------------------------------------------------
    def take(self, channel: str, event: Event) -> None:
        """A race, or the path of a written file."""
        if not isinstance(event, Result):
            return
        if channel == EXPORT:
            saving.tell(self.desk, str(event.record))
        elif isinstance(event.record, Race):
            self._take_race(event.record)

    def _take_race(self, race: Race) -> None:
        self.race = race
        for view in (self.contour, self.chart, self.legend):
            view.set_race(race)
        self.playhead.set_last(last_step(race))
        if self._play_next and self.active:
            self._play_next = False
            self.playhead.start(from_start=True)
        elif not self.playhead.playing:
            self.playhead.go_to(self.playhead.last)

    def _moved(self, step: float) -> None:
        for view in (self.contour, self.chart, self.legend):
            view.set_step(step)

    # -- choosing ----------------------------------------------------------------------------------------------------
    def _surface_chosen(self, index: int) -> None:
        self._change(surface=self.surface.itemData(index), start=None)

    def step_surface(self, by: int) -> None:
        """The next surface of the list."""
        self.surface.setCurrentIndex((self.surface.currentIndex() + by) % max(1, self.surface.count()))
        self._surface_chosen(self.surface.currentIndex())

    def _start_moved(self, x: float, y: float, done: bool) -> None:
        self.playhead.pause()
        if done:
            self._play_next = True
            if self.desk.session.race.start == (x, y) and self.race is not None and self.race.start == (x, y):
                self._play_next = False
                self.playhead.start(from_start=True)
        self._change(undoable=done, play=self._play_next if done else False, start=(x, y))

    def nudge_start(self, across: float, up: float) -> None:
        """Move the start by a share of the plot: the keyboard's way of dragging."""
        if self.race is None:
            return
        s, (x, y) = self.race.surface, self.desk.session.race.start or self.race.start
        x = min(max(x + across * (s.x[-1] - s.x[0]), s.x[0]), s.x[-1])
        y = min(max(y + up * (s.y[-1] - s.y[0]), s.y[0]), s.y[-1])
        self.contour.hint = False
        self.playhead.pause()
        self._change(play=False, start=(float(f"{x:.4g}"), float(f"{y:.4g}")))

    def _rate_moved(self, value: float) -> None:
        self.playhead.pause()
        self._change(undoable=False, play=False, rate=value)

    def _rate_settled(self) -> None:
        self._change(play=False, rate=self.rate.value())

    def back_to_start(self) -> None:
        """The surface's own start and rates, all of the first methods, playing."""
        request = RaceRequest(surface=self.desk.session.race.surface)
        self._play_next = True
        if request == self.desk.session.race:
            self._play_next = False
            self.playhead.start(from_start=True)
        self.desk.change(race=request)

    # -- linked selection --------------------------------------------------------------------------------------------
    def _hovered(self, name: str, step: int) -> None:
        selection = Selection(optimizer=name, step=step if name else 0)
        if selection != self.desk.session.selection:
            self.desk.change(undoable=False, selection=selection)

    def _show_selection(self, selection: Selection) -> None:
        mark = (selection.optimizer, selection.step) if selection.optimizer else None
        self.contour.set_highlight(mark)
        self.chart.set_highlight(mark)
        self.legend.set_highlight(selection.optimizer)

    # -- actions -----------------------------------------------------------------------------------------------------
    def _menu(self, x: float, y: float, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, x, y)
        menu.popup(where)

    def fill_menu(self, menu: QMenu, x: float, y: float) -> None:
        """What can be done with the point (x, y)."""
        place = f"({number(x)}, {number(y)})"
        menu.addAction(tr("Start at {place}").format(place=place)).triggered.connect(partial(self._start_moved, x, y, True))
        menu.addAction(tr("The surface's own start")).triggered.connect(lambda: self._change(start=None))
        menu.addSeparator()
        copied = f"{x:.9g}\t{y:.9g}\t{self.contour.height_at(x, y):.9g}"
        copy = menu.addAction(tr("Copy the point and its value"))
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(copied))
        menu.addAction(tr("Copy all steps as a table")).triggered.connect(self._copy_table)
        menu.addSeparator()
        menu.addAction(tr("Export...")).triggered.connect(self.export)

    def _copy_table(self) -> None:
        QGuiApplication.clipboard().setText(self.numbers())

    def export(self) -> None:
        """Ask where and write there, in the calc child."""
        path = saving.ask_where(self, self.desk.session.race)
        if path:
            self.export_to(path)

    def export_to(self, path: str) -> None:
        """Write the race to `path`; its ending says what."""
        self.desk.submit(EXPORT, saving.export_request(self.desk.session.race, path))

    def numbers(self) -> str:
        """Every step of every method, tab-separated."""
        lines = ["optimizer\tstep\tx\ty\tvalue"]
        for run in self.race.runs if self.race is not None else ():
            rows = zip(run.points.tolist(), run.values.tolist(), strict=True)
            lines += [f"{run.optimizer}\t{step}\t{x!r}\t{y!r}\t{value!r}" for step, ((x, y), value) in enumerate(rows)]
        return "\n".join(lines)

    def keys(self) -> list[Key]:
        """See ux.md."""
        head = self.playhead
        return [
            Key("Space", N_("Play or pause"), head.toggle),
            Key("Right", N_("One step forward"), lambda: head.move_by(1)),
            Key("Left", N_("One step back"), lambda: head.move_by(-1)),
            Key("Home", N_("To the first step"), lambda: head.go_to(0)),
            Key("End", N_("To the last step"), lambda: head.go_to(head.last)),
            Key("]", N_("Play faster"), lambda: head.change_speed(1.5)),
            Key("[", N_("Play slower"), lambda: head.change_speed(1 / 1.5)),
            Key("Shift+Left", N_("Move the start left"), lambda: self.nudge_start(-NUDGE, 0.0)),
            Key("Shift+Right", N_("Move the start right"), lambda: self.nudge_start(NUDGE, 0.0)),
            Key("Shift+Up", N_("Move the start up"), lambda: self.nudge_start(0.0, NUDGE)),
            Key("Shift+Down", N_("Move the start down"), lambda: self.nudge_start(0.0, -NUDGE)),
            Key("N", N_("Next surface"), lambda: self.step_surface(1)),
            Key("E", N_("Export the race"), self.export),
        ]

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._choices_changed()
        self.playhead.retranslate()
        self.contour.update()
        self.chart.set_race(self.race)

    def restyle(self) -> None:
        """The theme changed."""
        if hasattr(self, "chart"):
            self.legend.refresh()
            self.rate.setFixedWidth(theme.px(56))

    def demo(self) -> None:
        """A race on the saddle, played to its end."""
        self._play_next = False
        self.desk.change(race=RaceRequest())
        self._ask()

    def demo_ready(self) -> bool:
        """The race is there and stands at its end."""
        return self.race is not None and self.playhead.step >= self.playhead.last > 0
