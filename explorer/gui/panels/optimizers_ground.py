"""The surface side of the Optimizers panel: which surface, shaped how, which part of it, seen how, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from explorer.gui.desk import Desk
from explorer.gui.newest import Newest
from explorer.gui.panels.optimizers_ground_choice import OWN
from explorer.gui.panels.optimizers_ground_part import Part
from explorer.gui.panels.optimizers_ground_sliders import knobs_of, letters
from explorer.gui.panels.optimizers_overlays import CrossOverlay, NumbersOverlay, ParabolaOverlay, SlopesOverlay, probe_text
from explorer.gui.panels.panel import Key
from explorer.i18n import N_, figures, tr
from explorer.jobs import LAST, Event, Failed, Result
from explorer.records.descent import Race, SurfaceSamples
from explorer.records.errors import Trouble
from explorer.records.points import PointTable
from explorer.records.probe import Probe, SlopeField
from explorer.requests.base import changed
from explorer.requests.ground_look import GroundLook
from explorer.requests.points import PointsRequest
from explorer.requests.race import ProbeRequest, RaceRequest, SlopesRequest, SurfaceRequest, surface_part
from explorer.session import Session

if TYPE_CHECKING:
    from explorer.gui.panels.optimizers_formula import FormulaEditor
    from explorer.gui.panels.optimizers_view import OptimizersView
    from explorer.gui.widgets.surface_3d import Surface3D

FORMULA, PROBE, SLOPES = "optimizers.formula", "optimizers.probe", "optimizers.slopes"
POINTS = "optimizers.points"
FIRST_FORMULA = "x^2 + a y^2"
BEFORE = 12  # formulas remembered
VIEWS = ("2-D", "3-D", "both")
LEVELS = ("balanced", "linear", "logarithmic")

Change = Callable[..., None]


class Ground(QObject):
    """`change(undoable, play, **fields)` changes the race of the Session. `active` follows the panel."""

    channels = (FORMULA, PROBE, SLOPES, POINTS)

    def __init__(self, desk: Desk, view: OptimizersView, change: Change, start: Callable[[float, float, bool], None]) -> None:
        super().__init__(view)
        self.desk, self.view, self._change, self._start = desk, view, change, start
        self.active = False
        self.race: Race | None = None
        self.probe: Probe | None = None
        self._cursor: tuple[float, float] | None = None
        self._entering = False
        self._tried = ""
        self._probes, self._fields, self._formulas = (Newest(desk, channel) for channel in (PROBE, SLOPES, FORMULA))
        for newest in (self._probes, self._fields, self._formulas):
            newest.live = False
        self.slopes, self.parabola, self.numbers = SlopesOverlay(), ParabolaOverlay(), NumbersOverlay()
        self.cross, self.part = CrossOverlay(), Part(desk, view, change)
        for overlay in (self.slopes, self.parabola, self.numbers, self.cross):
            view.contour.add_overlay(overlay)
        view.contour.pointed.connect(self._pointed)
        view.contour.left.connect(self._left)
        view.surface.picked.connect(self.pick)
        bar = view.ground
        bar.edited.connect(self._edited)
        bar.sliders.edited.connect(self._shaped)
        bar.sliders.ranged.connect(self._ranged)
        bar.domain.edited.connect(lambda domain: self._change(play=False, domain=domain))
        bar.looked.connect(self._look)
        bar.levels.connect(lambda name: self._change(play=False, levels=name))
        bar.whole.connect(self.part.whole)
        view.stage.grown.connect(self._grown)
        desk.session_changed.connect(self._session_changed)
        self._tick = QTimer(self)  # no more than sixty questions a second
        self._tick.setSingleShot(True)
        self._tick.setInterval(16)
        self._tick.timeout.connect(self._want_probe)
        self.show_look(desk.session.ground_look)

    # -- what is in force --------------------------------------------------------------------------------------------
    @property
    def _request(self) -> RaceRequest:
        return self.desk.session.race

    @property
    def _sight(self) -> GroundLook:
        return self.desk.session.ground_look

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.ground_look != old.ground_look:
            self.show_look(new.ground_look)

    def show_request(self, request: RaceRequest) -> None:
        """The surface that is asked for."""
        bar, own = self.view.ground, bool(request.formula)
        self.view.surface.show_choice(OWN if own else request.surface)
        entry = self.desk.catalogue.entries("surface").get(request.surface, {})
        bar.show_own(own)
        bar.show_levels(request.levels)
        bar.fit.setVisible(request.domain is not None)
        if own:
            bar.editor.show_formula(request.formula)
        else:
            bar.formula.explained = str(entry.get("about", ""))
            bar.formula.setText(figures(str(entry.get("formula", ""))))
            bar.sliders.show_knobs(knobs_of(entry), request.values)
        self._ask()

    def set_race(self, race: Race) -> None:
        """The race that is shown, and with it the surface as it really is."""
        self.race = self.part.race = race
        bar, facts = self.view.ground, race.surface.facts
        if self._request.formula:
            bar.editor.accepted(str(facts.get("latex", "")), f"{race.surface.formula}\n{_known_points(race.surface)}")
            names = [str(name) for name in facts.get("parameters", ())]
            bar.sliders.show_knobs(letters(names, self._sight.ranges), self._request.values)
        else:
            bar.formula.setText(figures(race.surface.formula))
        s = race.surface
        bar.domain.show_domain((float(s.x[0]), float(s.x[-1]), float(s.y[0]), float(s.y[-1])))
        pane = self.view.stage.show_points(race if "points" in facts else None)
        if pane is not None:
            pane.show_step(race, self.view.playhead.step)
            if not pane.property("connected"):
                pane.setProperty("connected", True)
                pane.edited.connect(self._points_edited)
                pane.tabled.connect(self._tabled)
        if self.view.stage.space is not None:
            self.view.stage.space.set_race(race)
        self._ask()

    def show_look(self, look: GroundLook) -> None:
        """Another view, overlays on and off."""
        bar = self.view.ground
        bar.show_look(look)
        if look.numbers:
            self.view.contour.hint = False  # the card stands there
        self.view.stage.show_view(look.view)
        for overlay, on in ((self.slopes, look.slopes), (self.parabola, look.parabola), (self.numbers, look.numbers)):
            if overlay.visible != on:
                overlay.visible = on
                self.view.contour.overlay_changed(overlay)
        if self._request.formula and self.race is not None:
            names = [str(name) for name in self.race.surface.facts.get("parameters", ())]
            bar.sliders.show_knobs(letters(names, look.ranges), self._request.values)
        self._ask()

    def set_step(self, step: float) -> None:
        """The playing went on."""
        stage = self.view.stage
        if stage.space is not None and stage.space.isVisible():
            stage.space.set_step(step)
        if stage.pane is not None and stage.pane.isVisible() and self.race is not None:
            stage.pane.show_step(self.race, step)

    def set_highlight(self, mark: tuple[str, int] | None) -> None:
        """The linked selection."""
        if self.view.stage.space is not None:
            self.view.stage.space.set_highlight(mark)
        if self._cursor is None:
            self._ask_probe()

    def _edited(self, editor: FormulaEditor) -> None:
        """There is a field for formulas now."""
        editor.before = self.desk.settings.formulas
        editor.wanted.connect(lambda text: self._try(text, False))
        editor.entered.connect(lambda text: self._try(text, True))

    def _grown(self, space: Surface3D) -> None:
        space.set_race(self.race)
        space.set_step(self.view.playhead.step)
        space.pointed.connect(self._pointed_in_space)
        space.left.connect(self._left)
        space.hovered.connect(self.view.contour.hovered)
        space.start_moved.connect(self._start)

    # -- choosing ----------------------------------------------------------------------------------------------------
    def pick(self, name: str) -> None:
        """A surface of the list, or a formula of one's own."""
        plain: dict[str, Any] = {"values": {}, "points": (), "domain": None, "start": None, "formula": ""}
        if name == OWN:
            before = self.desk.settings.formulas
            self._change(**{**plain, "formula": before[0] if before else FIRST_FORMULA})
            self.view.ground.editor.field.setFocus()
        else:
            if self.view.ground.written is not None:
                self.view.ground.written.clear_fault()
            self._change(**{**plain, "surface": name})

    def step_surface(self, by: int) -> None:
        """The next surface of the list."""
        self.pick(self.view.surface.next(by))

    def _shaped(self, values: dict[str, float], done: bool) -> None:
        self.view.playhead.pause()
        self._change(undoable=done, play=False, values=values)

    def _ranged(self, name: str, low: float, high: float) -> None:
        self._look({"ranges": {**self._sight.ranges, name: (low, high)}})

    def _points_edited(self, points: tuple[tuple[float, ...], ...], done: bool) -> None:
        self.view.playhead.pause()
        self._change(undoable=done, play=False, points=points)

    def _tabled(self, path: str, text: str) -> None:
        pane = self.view.stage.pane
        assert pane is not None
        self.desk.submit(POINTS, PointsRequest(path=path, text=text, classes=pane.plot.classes))

    def _take_points(self, event: Event) -> None:
        """What a table of one's own says; a wrong one is told by the desk, and the points stay."""
        table = event.record if isinstance(event, Result) else None
        pane = self.view.stage.pane
        if isinstance(table, PointTable) and pane is not None and pane.plot.classes == (len(table.points[0]) == 3):
            self._points_edited(table.points, True)
            from explorer.gui.panels.optimizers_points import told

            self.desk.notify(told(table), "good", key="points")

    def _look(self, fields: dict[str, Any]) -> None:
        self.desk.change(ground_look=changed(self._sight, **fields))

    def toggle(self, name: str) -> None:
        """One of the switches."""
        self._look({name: not getattr(self._sight, name)})

    def next_view(self) -> None:
        """2-D, 3-D, both."""
        self._look({"view": VIEWS[(VIEWS.index(self._sight.view) + 1) % len(VIEWS)]})

    def next_levels(self) -> None:
        """The other spacings of the levels."""
        self._change(play=False, levels=LEVELS[(LEVELS.index(self._request.levels) + 1) % len(LEVELS)])

    # -- the formula -------------------------------------------------------------------------------------------------
    def _try(self, text: str, entered: bool) -> None:
        """Ask whether a formula is good; only then does it become the surface."""
        self._entering = entered or (self._entering and text == self._tried)
        self._tried, self.view.ground.editor.tried = text, True
        keep: dict[str, Any] = {"values": self._request.values, "domain": self._request.domain} if self._request.formula else {}
        self._formulas.want(SurfaceRequest(formula=text, resolution=16, **keep))

    def _accept(self, samples: SurfaceSamples) -> None:
        text = self._tried
        self.view.ground.editor.accepted(str(samples.facts.get("latex", "")), samples.formula)
        if text != self._request.formula:
            known = set(samples.facts.get("parameters", ()))
            values = {name: value for name, value in self._request.values.items() if name in known}
            self._change(undoable=self._entering, play=True, formula=text, values=values, points=(), start=None)
        if self._entering:
            self._entering = False
            self._change(play=True, formula=text)
            old = self.desk.settings.formulas
            self.desk.settings.formulas = [text, *(one for one in old if one != text)][:BEFORE]
            self.view.ground.editor.before = self.desk.settings.formulas

    def refused(self, trouble: Trouble) -> None:
        """A formula that is wrong: said at its field; the last good surface stays."""
        self.view.ground.editor.refused(trouble)

    # -- asking ------------------------------------------------------------------------------------------------------
    def _pointed(self, x: float, y: float) -> None:
        self._cursor = (x, y)
        space = self.view.stage.space
        if space is not None and space.isVisible():
            space.set_mark((x, y))
        self._ask_probe()

    def _pointed_in_space(self, x: float, y: float) -> None:
        self._cursor = (x, y)
        self.cross.at = (x, y)
        self.view.contour.overlay_changed(self.cross)
        self._ask_probe()

    def _left(self) -> None:
        self._cursor = None
        if self.view.stage.space is not None:
            self.view.stage.space.set_mark(None)
        if self.cross.at is not None:
            self.cross.at = None
            self.view.contour.overlay_changed(self.cross)
        self._ask_probe()

    def _place(self) -> tuple[float, float] | None:
        """Where a person looks: the cursor, else the selected point of a path, else the start."""
        if self._cursor is not None or self.race is None:
            return self._cursor
        chosen = self.desk.session.selection
        run = next((one for one in self.race.runs if one.optimizer == chosen.optimizer), None)
        if run is not None:
            x, y = run.points[min(chosen.step, run.steps)].tolist()
            return float(x), float(y)
        return self._request.start or self.race.start

    def set_active(self, on: bool) -> None:
        """The panel came to the front or left it."""
        self.active = on
        self._ask()

    def _ask(self) -> None:
        self._ask_probe()
        if self.active and self._sight.slopes and self.race is not None:
            columns, rows = self.slopes.counts(self.view.contour.area())
            self._fields.want(SlopesRequest(**surface_part(self._request), columns=columns, rows=rows))
        else:
            self._fields.want(None)

    def _ask_probe(self) -> None:
        if not self._tick.isActive():
            self._tick.start()

    def _want_probe(self) -> None:
        place = self._place()
        if self.active and place is not None and (self._sight.parabola or self._sight.numbers):
            self._probes.want(ProbeRequest(**surface_part(self._request), at=place))
        else:
            self._probes.want(None)

    def take(self, channel: str, event: Event) -> None:
        """An answer of one of `channels`."""
        if channel == POINTS:
            self._take_points(event)
            return
        newest = {FORMULA: self._formulas, PROBE: self._probes, SLOPES: self._fields}[channel]
        asked = newest.asked
        answer = newest.heard(event)
        if isinstance(asked, SurfaceRequest) and channel == FORMULA and isinstance(event, LAST):
            if asked.formula != self._tried:
                return  # typed on meanwhile
            self.view.ground.editor.tried = False
            if isinstance(event, Failed):
                self.refused(event.trouble)
        if not isinstance(answer, Result):
            return
        record = answer.record
        if isinstance(record, Probe):
            self.probe = self.parabola.probe = self.numbers.probe = record
            self.view.contour.overlay_changed(self.parabola)
        elif isinstance(record, SlopeField):
            self.slopes.field = record
            self.view.contour.overlay_changed(self.slopes)
        elif isinstance(record, SurfaceSamples):
            self._accept(record)

    def fill_menu(self, menu: QMenu) -> None:
        """What can be done with the numbers at the cursor, where they are shown."""
        if self.probe is not None and (self._sight.numbers or self._sight.parabola):
            copied = probe_text(self.probe)
            copy = menu.addAction(tr("Copy value, slope and curvature"))
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(copied))

    def keys(self) -> list[Key]:
        """The keys of this side."""
        return [
            Key("N", N_("Next surface"), lambda: self.step_surface(1)),
            Key("3", N_("2-D, 3-D, both"), self.next_view),
            Key("D", N_("Downhill arrows"), lambda: self.toggle("slopes")),
            Key("Q", N_("Newton's parabola"), lambda: self.toggle("parabola")),
            Key("V", N_("Numbers at the cursor"), lambda: self.toggle("numbers")),
            Key("L", N_("Spacing of the levels"), self.next_levels),
            Key("0", N_("The whole surface"), self.part.whole),
            Key("+", N_("Zoom in"), lambda: self.part.zoom(1.25)),
            Key("-", N_("Zoom out"), lambda: self.part.zoom(0.8)),
            Key("Ctrl+Shift+Left", N_("Show what lies to the left"), lambda: self.part.shift(-0.1, 0.0)),
            Key("Ctrl+Shift+Right", N_("Show what lies to the right"), lambda: self.part.shift(0.1, 0.0)),
            Key("Ctrl+Shift+Up", N_("Show what lies above"), lambda: self.part.shift(0.0, 0.1)),
            Key("Ctrl+Shift+Down", N_("Show what lies below"), lambda: self.part.shift(0.0, -0.1)),
            Key("Ctrl+Left", N_("Turn the 3-D view left"), lambda: self.part.orbit(10.0, 0.0)),
            Key("Ctrl+Right", N_("Turn the 3-D view right"), lambda: self.part.orbit(-10.0, 0.0)),
            Key("Ctrl+Up", N_("Turn the 3-D view up"), lambda: self.part.orbit(0.0, 6.0)),
            Key("Ctrl+Down", N_("Turn the 3-D view down"), lambda: self.part.orbit(0.0, -6.0)),
        ]

    def retranslate(self) -> None:
        """Texts that are put together."""
        self.view.surface.refresh()
        self.view.ground.retranslate()
        self.view.ground.sliders.retranslate()
        if self.view.stage.pane is not None:
            self.view.stage.pane.retranslate()
        self.show_request(self._request)


def _known_points(samples: SurfaceSamples) -> str:
    """How many minima and saddles an own formula has here, in words."""
    kinds = [mark.kind for mark in samples.landmarks]
    if not kinds:
        return tr("no minimum or saddle found here")
    values = {"minima": kinds.count("minimum"), "saddles": kinds.count("saddle")}
    return tr("found here: minima {minima}, saddles {saddles}").format(**values)
