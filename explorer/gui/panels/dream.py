"""Dream: a picture made to excite a unit, or Deep Dream on a picture; seen while it grows, kept, compared, gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels import dream_saving as saving
from explorer.gui.panels.dream_form import PICTURE_STEPS, DreamForm
from explorer.gui.panels.dream_masking import Masking
from explorer.gui.panels.dream_runs import CHANNEL, Run, Runs, Shot
from explorer.gui.panels.dream_showing import Showing
from explorer.gui.panels.dream_view import DreamView
from explorer.gui.panels.dream_words import change_text, ending_text, made_text, measure_name, measure_text, short, title_of
from explorer.gui.panels.filters_saving import save_picture, with_facts
from explorer.gui.panels.optimizers_saving import tell
from explorer.gui.panels.panel import Key, Panel
from explorer.i18n import N_, tr
from explorer.jobs import Event, Result, Started
from explorer.records.frame import Frame
from explorer.records.picture import Picture
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest

ONE_PICTURE: dict[str, Any] = {"batch": 1, "frames": 1, "mix": "sum"}
EXPORT, MASK, CHANNELS = "dream.export", "dream.mask", "dream.channels"


class DreamPanel(Panel):
    """The dreams are kept here, in the window (`runs`): they outlive Stop, errors and the engine."""

    name: ClassVar[str] = "dream"
    channels: ClassVar[tuple[str, ...]] = (CHANNEL, EXPORT, MASK, CHANNELS)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.runs = Runs(desk)
        self._form = DreamForm(desk)
        self.body = DreamView(self.runs)
        self.showing = Showing(desk, self.runs, self.body)
        self.masking = Masking(desk, self.body.brush, self._form.masks)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.body)
        self._connect()
        self._say()

    def _connect(self) -> None:
        body, desk = self.body, self.desk
        body.start.clicked.connect(self.toggle)
        body.queue.clicked.connect(self.enqueue)
        body.branch.clicked.connect(self.continue_from_here)
        body.go_on.clicked.connect(self.go_on)
        body.save.clicked.connect(self.save_newest)
        body.export.clicked.connect(self.export)
        body.strip.stopped.connect(desk.stop)
        body.cards.removed.connect(self.runs.remove)
        body.cards.moved.connect(self.runs.move)
        body.cards.recipe_wanted.connect(self.use_recipe)
        body.cards.save_wanted.connect(self._save_run)
        self.masking.opened.connect(lambda: body.pages.setCurrentWidget(body.brush))
        self.masking.opened.connect(self._say)
        self.masking.closed.connect(self.showing.show_one)
        self._form.composer.ranking_wanted.connect(self.rank_channels)
        self.showing.changed.connect(self._say)
        self.runs.changed.connect(self._say)
        desk.jobs_changed.connect(self._jobs_changed)
        desk.session_changed.connect(lambda new, old: self._say() if new.dream != old.dream else None)

    def form(self) -> QWidget:
        """All parameters of DreamRequest, the composer, the mask."""
        return self._form

    # -- running -----------------------------------------------------------------------------------------------------
    @property
    def running(self) -> bool:
        """Whether a dream is under way, paused ones included."""
        return self.runs.now is not None

    @property
    def shown(self) -> Run | None:
        """The dream in the middle."""
        return self.showing.run

    @property
    def newest(self) -> Shot | None:
        """The picture in the middle."""
        return self.showing.shot

    def show_run(self, run: Run) -> None:
        """Put a run in the middle."""
        self.showing.show_run(run)

    def toggle(self) -> None:
        """Begin; pause; go on."""
        now = self.runs.now
        if now is None:
            self.begin()
        else:
            self.runs.hold(now.phase != "paused")

    def begin(self) -> None:
        """Dream as the form says, and look at it."""
        self._ask(show=True)

    def enqueue(self) -> None:
        """Dream as the form says, once the others are done."""
        self._ask(show=not self.running)

    def _ask(self, show: bool) -> None:
        request = self.desk.session.dream
        if request.start == "picture" and self.desk.frame is None:
            self.desk.notify(tr("There is no picture to dream on yet: choose one above, or start from noise."), "warn")
            return
        if self.masking.fresh(request, lambda: self._ask(show)):
            self._start(request, self.desk.frame, (), show)

    def _start(self, request: DreamRequest, frame: Frame | None, shots: tuple[Shot, ...], show: bool = True) -> None:
        run = self.runs.add(request, frame, shots)
        if show:
            self.show_run(run)

    def continue_from_here(self) -> None:
        """A new dream, as the form says, on the picture in the middle."""
        self._continue(self.desk.session.dream)

    def go_on(self) -> None:
        """More steps of the shown dream from its picture in the middle."""
        if self.shown is not None:
            self._continue(changed(self.shown.request, octaves=1))

    def _continue(self, request: DreamRequest) -> None:
        picture, run = self.newest, self.shown
        if picture is None or run is None:
            return
        steps = PICTURE_STEPS if request.start == "noise" and request.steps == DreamRequest().steps else request.steps
        size = min(max(32, *picture.rgb.shape[:2]), 2048)
        wanted = changed(request, start="picture", steps=steps, size=size, **ONE_PICTURE)
        source = tr("a dream of {name}").format(name=title_of(run))
        before = run.evolution.shots[: round(self.body.playhead.step) + 1]
        self._start(wanted, Frame(picture.rgb, seq=-1, source=source), tuple(before))

    def take(self, channel: str, event: Event) -> None:
        """A dream's event, a written film, a found object, the channels that respond most."""
        if channel == CHANNEL:
            before = self.runs.now
            self.runs.take(event)
            now = self.runs.now  # another panel may have asked for it, or the next of the queue has begun
            if now is not None and now is not before and (isinstance(event, Started) or self.shown in (None, before)):
                self.show_run(now)
            self._say()
        elif channel == EXPORT and isinstance(event, Result):
            tell(self.desk, str(event.record))
        elif channel == MASK:
            self.masking.take(event)
        elif channel == CHANNELS:
            self._form.ranking.take(event)

    def _jobs_changed(self) -> None:
        jobs = self.desk.jobs
        self.body.strip.show_job(jobs.get(CHANNEL) or jobs.get(EXPORT) or jobs.get(MASK) or jobs.get(CHANNELS))

    # -- recipes -----------------------------------------------------------------------------------------------------
    def use_recipe(self, run: Run) -> None:
        """Put what made a dream back into the form; undo brings the form's own back."""
        surgery = run.sent.surgery if run.sent is not None else run.request.surgery
        self.desk.change(dream=changed(run.request, surgery=()), surgery=surgery)

    def rank_channels(self) -> None:
        """Which channels respond most to the picture."""
        self._form.ranking.ask(self.desk.frame)

    # -- words -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Texts that are put together here."""
        self.body.playhead.retranslate()
        self.body.cards.cards.sync()
        self.body.compare.refresh()
        self.masking.retranslate()
        self._say()

    def restyle(self) -> None:
        """The theme changed."""
        if hasattr(self, "body"):
            self.body.fit()
            self.body.compare.refresh()

    def _say(self) -> None:
        body, run, now = self.body, self.shown, self.runs.now
        picture = self.newest
        facts = picture.facts if picture is not None else {}
        paused = now is not None and now.phase == "paused"
        words.say(body.start, N_("Dream now") if now is None else N_("Continue") if paused else N_("Pause"))
        tips = (N_("Begin to dream (Space)"), N_("Go on exactly where it was (Space)"), N_("Let it rest (Space)"))
        words.say(body.start, tips[0] if now is None else tips[1] if paused else tips[2], "tip")
        set_icon(body.start, "play" if now is None or paused else "pause")
        body.queue.setVisible(now is not None or bool(self.runs.waiting()))
        for button in (body.save, body.branch):
            button.setEnabled(picture is not None)
        count = len(run.evolution) if run is not None else 0
        body.go_on.setEnabled(picture is not None and run is not None and run.phase in ("done", "stopped", "failed"))
        body.export.setEnabled(count > 1)
        body.line.setVisible(count > 1 and body.pages.currentWidget() is body.picture)
        body.show_cards(len(self.runs.items) > 1)
        body.cards.mark(run)
        body.picture.set_empty_text(
            tr("Press Space: a picture grows out of noise that this channel responds to most.")
            if self.desk.session.dream.start == "noise"
            else tr("Press Space: the network dreams on the picture above.")
        )
        shown = run or Run(self.desk.session.dream)
        body.heading.setText(title_of(shown))
        body.change.setText(" ".join(part for part in (measure_name(facts), change_text(facts)) if part))
        body.change.setToolTip(measure_text(facts))
        one = body.pages.currentWidget() is body.picture
        body.change.setVisible(one and bool(body.change.text()))
        body.how.setVisible(one)
        body.how.setText(" · ".join(part for part in (made_text(facts), ending_text(shown)) if part))

    # -- actions -----------------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """Space, arrows, and a letter for every button; S is the window's."""
        head = self.body.playhead
        return [
            Key("Space", N_("Begin to dream, pause, go on"), self.toggle),
            Key("Shift+Space", N_("Add to the queue"), self.enqueue),
            Key("Left", N_("One picture back"), lambda: head.move_by(-1)),
            Key("Right", N_("One picture forward"), lambda: head.move_by(1)),
            Key("Home", N_("To the first picture"), lambda: head.go_to(0)),
            Key("End", N_("To the newest picture"), lambda: head.go_to(head.last)),
            Key("P", N_("Play how it grew"), head.toggle),
            Key("Shift+C", N_("Continue from here"), self.continue_from_here),
            Key("Shift+R", N_("Go on with the same dream"), self.go_on),
            Key("C", N_("Compare the selected dreams, or show one"), self.showing.toggle_compare),
            Key("H", N_("Show or hide the dreams so far"), self.body.fold.toggle),
            Key("R", N_("Use the recipe of the shown dream"), self._use_shown),
            Key("M", N_("Paint where to dream"), self.masking.toggle),
            Key("Shift+G", N_("Add the selection as a goal"), self._form.composer.add_selected),
            Key("Shift+B", N_("The channels that respond most to the picture"), self.rank_channels),
            Key("E", N_("Export the film"), self.export),
        ]

    def _use_shown(self) -> None:
        if self.shown is not None:
            self.use_recipe(self.shown)

    def export(self) -> None:
        """Ask where and write the film there, in the calc child."""
        if self.shown is not None and len(self.shown.evolution) > 1:
            path = saving.ask_where(self, self.shown_name())
            if path:
                self.export_to(path)

    def export_to(self, path: str) -> None:
        """Write how the shown dream grew to `path`."""
        if self.shown is not None:
            self.desk.submit(EXPORT, saving.film_request(self.shown.evolution.shots, path))

    def save_newest(self) -> None:
        """The picture in the middle as PNG, its recipe inside."""
        image, name, facts = self.shown_picture()
        if not image.isNull():
            save_picture(self.desk, self, image, name, facts)

    def _save_run(self, run: Run) -> None:
        self.show_run(run)
        self.save_newest()

    def picture(self) -> QImage:
        """The dream itself, or the comparison, its recipe inside."""
        if self.body.pages.currentWidget() is self.body.compare:
            return self.body.compare.picture()
        image, _, facts = self.shown_picture()
        return image if image.isNull() else with_facts(image, facts)

    def numbers(self) -> str:
        """What is known of the dream, a line each."""
        facts = self.newest.facts if self.newest is not None else {}
        rows = [f"{name}\t{value}" for name, value in facts.items() if name != "request"]
        return "\n".join(["name\tvalue", *rows]) if rows else ""

    def shown_name(self) -> str:
        """A file name for what is shown."""
        facts = self.newest.facts if self.newest is not None else {}
        channel = facts.get("channel")
        parts = ["dream", facts.get("model"), facts.get("layer"), None if channel is None else str(channel)]
        return "-".join(str(part) for part in parts if part)

    def shown_picture(self) -> tuple[QImage, str, dict[str, Any]]:
        """The picture in the middle, a file name for it, and what made it."""
        if self.shown is None or self.newest is None:
            return QImage(), self.shown_name(), {}
        return self.body.picture.image, self.shown_name(), self.shown.recipe(self.newest)

    def adopt(self, path: Path, facts: dict[str, Any]) -> None:
        """A saved dream is shown again, beside the others."""
        rgb = saving.read_rgb(path)
        if rgb is not None and "before" in facts:
            known = {name: value for name, value in facts.items() if name not in ("request", "request_type")}
            self.show_run(self.runs.adopt(self.desk.session.dream, Picture(rgb, known)))

    def demo(self) -> None:
        """A small quick dream."""
        request = changed(self.desk.session.dream, steps=64, size=192)
        network = self.desk.network
        if network is not None and network.name == "squeezenet1_1":
            request = changed(request, layer="classifier.1", channel=281)  # its tabby cat
        self.desk.change(undoable=False, dream=request)
        self.begin()

    def demo_ready(self) -> bool:
        """The dream is finished."""
        return self.newest is not None and not self.running


__all__ = ["PICTURE_STEPS", "DreamPanel", "change_text", "short"]
