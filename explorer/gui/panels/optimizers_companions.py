"""What goes with a race: a step told in words, many starts, the marks over the trails. Each asks when it is seen."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QObject

from explorer.gui.desk import Desk
from explorer.gui.notices import trouble_text
from explorer.gui.panels.optimizers_marks import Memories, PathMarks, StepArrows, ThinTrails
from explorer.gui.panels.optimizers_side import RACE, STARTS, STEP
from explorer.gui.panels.optimizers_verdicts import ensemble_sentence, first_trouble, sentence
from explorer.gui.panels.optimizers_view import OptimizersView
from explorer.jobs import CancelledJob, Event, Failed, Result
from explorer.picture.race_chart import shown_steps
from explorer.records.descent import Race, StepTerms, Trajectory
from explorer.records.starts import Swarm
from explorer.requests.race import StepRequest
from explorer.requests.race_look import RaceLook
from explorer.requests.starts import StartsRequest

STEP_CHANNEL, STARTS_CHANNEL = "optimizers.step", "optimizers.starts"
SLOW = 0.8  # steps a second that can be read


class Companions(QObject):
    """`active` follows the panel: nothing is asked while nobody looks."""

    def __init__(self, desk: Desk, view: OptimizersView) -> None:
        super().__init__(view)
        self.desk, self.view = desk, view
        self.active = False
        self.race: Race | None = None
        self.marks, self.memories, self.arrows, self.thin = PathMarks(), Memories(), StepArrows(), ThinTrails()
        for overlay in (self.thin, self.memories, self.arrows, self.marks):
            view.contour.add_overlay(overlay)
        self._told: StepRequest | None = None
        self._cast: StartsRequest | None = None
        self._walking = False  # the starts that were asked for are not there yet
        view.side.shown.connect(self._turned)
        view.side.grown.connect(self._grown)
        view.playhead.playing_changed.connect(self._playing)
        self.show_look(desk.session.race_look)

    def _grown(self, page: str) -> None:
        """A page was asked for the first time: it takes up what is going on."""
        if page != STEP:
            return
        step = self.view.side.step
        step.method_chosen.connect(self._method_chosen)
        step.back.connect(lambda: self.view.playhead.move_by(-1))
        step.forward.connect(lambda: self.view.playhead.move_by(1))
        step.slowly.connect(self._slowly)
        if self.race is not None:
            step.show_request(self.desk.session.race, self.desk.session.selection.optimizer)

    # -- following the panel -----------------------------------------------------------------------------------------
    def set_race(self, race: Race) -> None:
        """A new race is there."""
        self.race = race
        side = self.view.side
        if side.has(STEP):
            side.step.show_request(self.desk.session.race, side.step.chosen or self.desk.session.selection.optimizer)
        self._show_paths()
        self.ask()
        self.say(self.desk.session.selection.optimizer)

    def _show_paths(self) -> None:
        """While one method is told, the contour shows its path alone; many starts show none but their own."""
        race = self.race
        if race is None:
            return
        page = self.view.side.page
        chosen = self.view.side.step.chosen if page == STEP else ""
        runs = () if page == STARTS else tuple(run for run in race.runs if page != STEP or run.optimizer == chosen)
        shown = race if len(runs) == len(race.runs) else replace(race, runs=runs)
        self.view.contour.set_race(shown)
        self.marks.race = shown
        self.memories.set_race(shown)
        self.view.contour.set_step(self.view.playhead.step)

    def moved(self, step: float) -> None:
        """The playing went on."""
        self.marks.step = self.memories.step = step
        if not self.view.playhead.playing or self.view.playhead.pace:
            self._ask_step()
        if self.race is not None and not self.desk.session.selection.optimizer:
            self.say("")

    def show_look(self, look: RaceLook) -> None:
        """Another curve, or arrows on and off."""
        self.view.side.curves.show_look(look)
        self.memories.visible = look.arrows
        self.view.contour.overlay_changed(self.memories)

    def say(self, name: str) -> None:
        """What became of `name`; of the first in trouble where nobody is pointed at."""
        race = self.race
        if race is None:
            return
        run = next((one for one in race.runs if one.optimizer == name), None)
        if run is None:
            run = first_trouble(race, self.view.playhead.step)
        if run is None or self.view.playhead.step < min(run.status_step, shown_steps(run)):
            self.view.side.say("")
            return
        title = self.desk.title_of("optimizer", run.optimizer)
        self.view.side.say(f"{title}: {sentence(race, run)}", ensemble_sentence(race, run.optimizer))

    # -- asking ------------------------------------------------------------------------------------------------------
    def ask(self) -> None:
        """Whatever page is in front."""
        self._ask_step()
        self._ask_starts()

    def _turned(self, page: str) -> None:
        self.arrows.visible = page == STEP
        self.thin.visible = page == STARTS
        if page != STARTS:
            self.stop_walking()
        self._show_paths()
        for overlay in (self.arrows, self.thin):
            self.view.contour.overlay_changed(overlay)
        if page != STEP:
            if self.view.side.has(STEP):
                self.view.side.step.slow.setChecked(False)
        elif not self.view.playhead.playing and self.view.playhead.step >= self.view.playhead.last:
            self.view.playhead.go_to(0)  # at the end there is no next step to tell
        self.ask()

    def _run(self) -> Trajectory | None:
        """The one that is told, while the page of steps is in front."""
        if self.view.side.page != STEP:
            return None
        name = self.view.side.step.chosen
        return next((run for run in self.race.runs if run.optimizer == name), None) if self.race is not None else None

    def _ask_step(self) -> None:
        run = self._run()
        if not self.active or run is None:
            return
        at = run.number_at(min(math.floor(self.view.playhead.step), run.steps))
        step = max(1, min(at + 1, max(run.taken, 1)))
        race = self.desk.session.race
        wanted = StepRequest.model_validate({**race.model_dump(), "optimizer": run.optimizer, "step": step})
        if wanted != self._told:
            self._told = wanted
            self.desk.submit(STEP_CHANNEL, wanted)

    def _ask_starts(self) -> None:
        if not self.active or self.view.side.page != STARTS:
            return
        own = self.desk.session.starts
        lie = {name: getattr(own, name) for name in ("starts", "count", "reach", "angle")}
        wanted = StartsRequest.model_validate({**self.desk.session.race.model_dump(), **lie})
        if wanted != self._cast:
            self._cast, self._walking = wanted, True
            self.desk.submit(STARTS_CHANNEL, wanted)

    def stop_walking(self) -> None:
        """Nobody looks at the starts that are being walked: long races from many starts take their time."""
        if self._walking:
            self._walking, self._cast = False, None
            self.desk.stop(STARTS_CHANNEL)

    def starts_changed(self) -> None:
        """The way the starts lie, or their seed, is another."""
        self._ask_starts()

    # -- answers -----------------------------------------------------------------------------------------------------
    def take(self, event: Event) -> None:
        """A step told, or a swarm."""
        if isinstance(event, (Failed, CancelledJob)):
            self._told, self._cast, self._walking = None, None, False
            if isinstance(event, Failed) and self.view.side.page == STARTS:
                self.view.side.starts.summary.setText(trouble_text(event.trouble))
        elif isinstance(event, Result) and isinstance(event.record, StepTerms):
            self.arrows.terms = event.record
            self.view.side.step.show_terms(event.record)
            self.view.contour.overlay_changed(self.arrows)
        elif isinstance(event, Result) and isinstance(event.record, Swarm):
            self._walking = False
            self.thin.swarm = event.record
            self.view.side.starts.set_swarm(event.record)
            self.view.contour.overlay_changed(self.thin)

    # -- step by step ------------------------------------------------------------------------------------------------
    def tell(self, name: str = "") -> None:
        """Bring the page to the front, with `name` told where it takes part."""
        side = self.view.side
        if side.page == STEP and not name:
            side.go_to(RACE)
            return
        if name:
            side.step.show_request(self.desk.session.race, name)
        side.go_to(STEP)
        self._show_paths()
        self._ask_step()

    def _method_chosen(self, name: str) -> None:
        self._show_paths()
        self._ask_step()

    def _slowly(self, on: bool) -> None:
        head = self.view.playhead
        head.pace = SLOW if on else 0.0
        if on and not head.playing:
            head.start()
        elif not on:
            head.pause()

    def _playing(self, on: bool) -> None:
        if self.view.side.page == STEP:  # arrows of a step that has long passed would lie
            self.arrows.visible = not on or self.view.playhead.pace > 0.0
            self.view.contour.overlay_changed(self.arrows)
        if not on:
            self._ask_step()
            side = self.view.side
            if side.has(STEP) and side.step.slow.isChecked() and self.view.playhead.step >= self.view.playhead.last:
                side.step.slow.setChecked(False)

    def retranslate(self) -> None:
        """Texts that are put together."""
        side = self.view.side
        side.retranslate()
        if side.has(STEP):
            side.step.show_request(self.desk.session.race, side.step.chosen)
            side.step.retranslate()
        self.say(self.desk.session.selection.optimizer)
