"""Optimizers: several methods from one start over an error surface, computed whole, then played."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QMenu,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme
from explorer.gui.desk import Desk
from explorer.gui.notices import trouble_text
from explorer.gui.panels.optimizers_companions import STARTS_CHANNEL, STEP_CHANNEL, Companions
from explorer.gui.panels.optimizers_form import OptimizersForm
from explorer.gui.panels.optimizers_ground import Ground
from explorer.gui.panels.optimizers_saving import Saving, ask_where
from explorer.gui.panels.optimizers_steering import Steering
from explorer.gui.panels.optimizers_torch import TORCH, TorchRunners
from explorer.gui.panels.optimizers_view import OptimizersView
from explorer.gui.panels.panel import Key, Panel
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed, Result
from explorer.picture.race_chart import last_step, pair
from explorer.records.descent import Race
from explorer.requests.base import changed
from explorer.requests.race import RaceRequest
from explorer.session import Selection, Session

RACE, EXPORT, PLUGINS = "optimizers.race", "optimizers.export", "optimizers.plugins"
KEPT = 20_000  # points of a path in the window: more than a screen can show; exports have every step
NUDGE = 0.02  # of the plot: how far a key moves the start


class OptimizersPanel(Panel):
    """The request lives in the Session (`race`); every change of it runs the race again, the newest wins.

    After a click all paths play from their new start; while a slider or the start is dragged they are shown whole.
    """

    name: ClassVar[str] = "optimizers"
    channels: ClassVar[tuple[str, ...]] = (RACE, EXPORT, PLUGINS, TORCH, STEP_CHANNEL, STARTS_CHANNEL, *Ground.channels)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.race: Race | None = None
        self._asked: RaceRequest | None = None
        self._play_next = True
        self._form = OptimizersForm(desk)
        self.view = OptimizersView(desk, self)
        self.companions = Companions(desk, self.view)
        self.ground = Ground(desk, self.view, self._change, self._start_moved)
        self.steering = Steering(desk, self._form, self.view.playhead, self._change)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.view.rate.changed.connect(self._rate_moved)
        self.view.rate.settled.connect(self._rate_settled)
        self.view.export_button.clicked.connect(self.export)
        self.view.reset_button.clicked.connect(self.back_to_start)
        self.view.contour.start_moved.connect(self._start_moved)
        self.view.contour.hovered.connect(self._hovered)
        self.view.contour.menu_wanted.connect(self._menu)
        self.view.chart.hovered.connect(self._hovered)
        self.view.chart.step_chosen.connect(self.view.playhead.go_to)
        self.view.legend.chosen.connect(lambda names: self._change(optimizers=names))
        self.view.legend.told.connect(self.companions.tell)
        self.view.side.methods.chosen.connect(self._methods_chosen)
        self.view.legend.hovered.connect(lambda name: self._hovered(name, round(self.view.playhead.step)))
        self.saving = Saving(desk, EXPORT)
        self.torch = TorchRunners(desk)
        self.torch.joined.connect(self._take_race)
        self.torch.refused.connect(self._torch_refused)
        self.view.side.methods.entered.connect(self._torch_entered)
        self.view.legend.dropped.connect(self._torch_dropped)
        self.view.playhead.moved.connect(self._moved)
        self.view.playhead.playing_changed.connect(lambda _: self._moved(self.view.playhead.step))
        desk.session_changed.connect(self._session_changed)
        desk.choices_changed.connect(self._choices_changed)
        desk.language_changed.connect(self._choices_changed)
        self._choices_changed()
        self._show_request(desk.session.race)

    def form(self) -> QWidget:
        """Steps, resolution, seed; every method's hyper-parameters."""
        return self._form

    # -- asking ------------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """The first time: run and play. Later: go on where it stood."""
        self.companions.active = True
        self.ground.set_active(True)
        self.companions.ask()
        if self._asked is None:
            self.desk.later(self._survey)
        if self._asked != self.desk.session.race:
            self._ask()

    def _survey(self) -> None:
        from explorer.requests.plugins import PluginsRequest

        self.desk.submit(PLUGINS, PluginsRequest())

    def deactivate(self) -> None:
        """Nothing moves where nobody looks."""
        self.companions.active = False
        self.companions.stop_walking()
        self.ground.set_active(False)
        self.view.playhead.pause()

    def _ask(self) -> None:
        self._asked = self.desk.session.race
        self.torch.ask(changed(self._asked, kept=min(self._asked.kept, KEPT)))
        self.desk.submit(RACE, changed(self._asked, kept=min(self._asked.kept, KEPT)))

    def _change(self, undoable: bool = True, play: bool = True, **fields: Any) -> None:
        self._play_next = play
        self.steering.from_here = self.steering.from_here and set(fields) == {"changes"}
        self.desk.change(undoable=undoable, race=changed(self.desk.session.race, **fields))

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.race != old.race:
            self._show_request(new.race)
            if self.active:
                self._ask()
                self.companions.starts_changed()
        if new.starts != old.starts:
            self.companions.starts_changed()
        if new.race_look != old.race_look:
            self.companions.show_look(new.race_look)
        if new.selection != old.selection:
            self._show_selection(new.selection)

    def _show_request(self, request: RaceRequest) -> None:
        self.ground.show_request(request)
        if not self.view.rate.dragging:
            self.view.rate.set_value(request.rate)
        self.view.legend.set_chosen(request.optimizers)
        self.view.side.methods.set_chosen(request.optimizers)
        self.view.fit_legend()
        for part in (self._form.hyper, self._form.changes, self._form.schedule):
            part.show_request(request)

    def _choices_changed(self, *_: Any) -> None:
        self.view.surface.refresh()
        self.view.legend.refresh()
        self.view.fit_legend()
        self._show_request(self.desk.session.race)

    # -- answers -----------------------------------------------------------------------------------------------------
    def take(self, channel: str, event: Event) -> None:
        """A race, or the path of a written file."""
        if isinstance(event, Failed) and channel == RACE:  # the notice is the desk's; the last race stays
            self.view.contour.message = trouble_text(event.trouble)
            self.view.contour.update()
            if event.trouble.code == "formula":
                self.ground.refused(event.trouble)
        if channel in (STEP_CHANNEL, STARTS_CHANNEL):
            self.companions.take(event)
        elif channel in Ground.channels:
            self.ground.take(channel, event)
        elif channel == TORCH:
            self.torch.take(event)
        elif channel == EXPORT:
            self.saving.take(event)
        elif not isinstance(event, Result):
            return
        elif channel == PLUGINS:
            self._take_survey(event.record)
        elif isinstance(event.record, Race):
            self._take_race(self.torch.with_theirs(event.record))

    def _torch_entered(self, text: str) -> None:
        self._change(torch=(*self.desk.session.race.torch, text))

    def _torch_dropped(self, index: int) -> None:
        kept = self.desk.session.race.torch
        self._change(torch=(*kept[:index], *kept[index + 1 :]))

    def _torch_refused(self, text: str) -> None:
        if text:  # what was entered last cannot run: it goes, and the notice says why
            self._torch_dropped(len(self.desk.session.race.torch) - 1)

    def _take_survey(self, survey: object) -> None:
        from explorer.records.plugins import PluginSurvey

        if not isinstance(survey, PluginSurvey):
            return
        for kind, rows in survey.catalogue.items():
            self.desk.catalogue.data.setdefault(kind, {}).update(rows)
        if any(survey.catalogue.values()):
            self.desk.choices_changed.emit()

    def _take_race(self, race: Race) -> None:
        self.race = race
        self.view.legend.set_guests(self.torch.names())
        for view in (self.view.chart, self.view.legend):
            view.set_race(race)
        self._form.schedule.set_race(race)
        self.view.playhead.set_last(last_step(race))
        self.companions.set_race(race)
        self.ground.set_race(race)
        self._form.hyper.set_rates(race.surface.facts.get("rates", {}))
        if self.steering.arrived():
            self._moved(self.view.playhead.step)  # the path goes on from where it stands
        elif self._play_next and self.active:
            self._play_next = False
            self.view.playhead.start(from_start=True)
        elif not self.view.playhead.playing:
            self.view.playhead.go_to(self.view.playhead.last)

    def _moved(self, step: float) -> None:
        for view in (self.view.contour, self.view.chart, self.view.legend):
            view.set_step(step)
        self.companions.moved(step)
        self.ground.set_step(step)
        if self.race is not None:
            self.steering.show_step(self._number(step), self._number(self.view.playhead.last))

    def _number(self, step: float) -> int:
        """The step that a point of the longest path stands after."""
        longest = max(self.race.runs, key=lambda run: run.steps, default=None) if self.race is not None else None
        return 0 if longest is None else longest.number_at(min(int(step), longest.steps))

    # -- choosing ----------------------------------------------------------------------------------------------------
    def _start_moved(self, x: float, y: float, done: bool) -> None:
        self.view.playhead.pause()
        if done:
            self._play_next = True
            if self.desk.session.race.start == (x, y) and self.race is not None and self.race.start == (x, y):
                self._play_next = False
                self.view.playhead.start(from_start=True)
        self._change(undoable=done, play=self._play_next if done else False, start=(x, y))

    def nudge_start(self, across: float, up: float) -> None:
        """Move the start by a share of the plot: the keyboard's way of dragging."""
        if self.race is None:
            return
        s, (x, y) = self.race.surface, self.desk.session.race.start or self.race.start
        x = min(max(x + across * (s.x[-1] - s.x[0]), s.x[0]), s.x[-1])
        y = min(max(y + up * (s.y[-1] - s.y[0]), s.y[0]), s.y[-1])
        self.view.contour.hint = False
        self.view.playhead.pause()
        self._change(play=False, start=(float(f"{x:.4g}"), float(f"{y:.4g}")))

    def _rate_moved(self, value: float) -> None:
        self.view.playhead.pause()
        self._change(undoable=False, play=False, rate=value)

    def _rate_settled(self) -> None:
        self._change(play=False, rate=self.view.rate.value())

    def _methods_chosen(self, names: tuple[str, ...]) -> None:
        self.view.legend.forget()
        self._change(optimizers=names)

    def back_to_start(self) -> None:
        """The surface's own start and rates, all of the first methods, playing."""
        now = self.desk.session.race
        request = RaceRequest(surface=now.surface, formula=now.formula)
        self._play_next = True
        if request == self.desk.session.race:
            self._play_next = False
            self.view.playhead.start(from_start=True)
        self.desk.change(race=request)

    # -- linked selection --------------------------------------------------------------------------------------------
    def _hovered(self, name: str, step: int) -> None:
        selection = Selection(optimizer=name, step=step if name else 0)
        if selection != self.desk.session.selection:
            self.desk.change(undoable=False, selection=selection)

    def _show_selection(self, selection: Selection) -> None:
        mark = (selection.optimizer, selection.step) if selection.optimizer else None
        self.view.contour.set_highlight(mark)
        self.view.chart.set_highlight(mark)
        self.view.legend.set_highlight(selection.optimizer)
        self.ground.set_highlight(mark)
        self.companions.say(selection.optimizer)

    # -- actions -----------------------------------------------------------------------------------------------------
    def _menu(self, x: float, y: float, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, x, y)
        menu.popup(where)

    def fill_menu(self, menu: QMenu, x: float, y: float) -> None:
        """What can be done with the point (x, y)."""
        place = pair(x, y)
        menu.addAction(tr("Start at {place}").format(place=place)).triggered.connect(partial(self._start_moved, x, y, True))
        menu.addAction(tr("The surface's own start")).triggered.connect(lambda: self._change(start=None))
        menu.addSeparator()
        copied = f"{x:.9g}\t{y:.9g}\t{self.view.contour.height_at(x, y):.9g}"
        copy = menu.addAction(tr("Copy the point and its value"))
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(copied))
        self.ground.fill_menu(menu)
        menu.addAction(tr("Copy all steps as a table")).triggered.connect(self._copy_table)
        menu.addSeparator()
        menu.addAction(tr("Export...")).triggered.connect(self.export)

    def _copy_table(self) -> None:
        QGuiApplication.clipboard().setText(self.numbers())

    def export(self) -> None:
        """Ask where and write there, in the calc child."""
        path = ask_where(self, self.desk.session.race)
        if path:
            self.export_to(path)

    def export_to(self, path: str) -> None:
        """Write the race to `path`; its ending says what."""
        self.saving.save(self.desk.session.race, path)

    def numbers(self) -> str:
        """Every step of every method, tab-separated."""
        lines = ["optimizer\tstep\tx\ty\tvalue"]
        for run in self.race.runs if self.race is not None else ():
            rows = zip(run.points.tolist(), run.values.tolist(), strict=True)
            lines += [f"{run.optimizer}\t{step}\t{x!r}\t{y!r}\t{value!r}" for step, ((x, y), value) in enumerate(rows)]
        return "\n".join(lines)

    def keys(self) -> list[Key]:
        """See ux.md."""
        head = self.view.playhead
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
            Key("T", N_("Step by step, or back to the race"), self.companions.tell),
            Key("A", N_("Choose who takes part"), self.view.side.methods.open_page),
            Key("M", N_("Memory at the heads"), self.view.side.curves.arrows.toggle),
            Key("E", N_("Export the race"), self.export),
            *self.ground.keys(),
        ]

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._choices_changed()
        self.view.playhead.retranslate()
        self.view.contour.update()
        self._form.changes.retranslate()
        self.companions.retranslate()
        self.ground.retranslate()

    def restyle(self) -> None:
        """The theme changed."""
        if hasattr(self, "view"):
            self.view.legend.refresh()
            self.view.surface.refresh()
            self.view.fit_legend()
            self.view.rate.setFixedWidth(theme.px(56))

    def demo(self) -> None:
        """A race on the saddle, played to its end."""
        self._play_next = False
        self.desk.change(race=RaceRequest())
        self._ask()

    def demo_ready(self) -> bool:
        """The race is there and stands at its end."""
        return self.race is not None and self.view.playhead.step >= self.view.playhead.last > 0
