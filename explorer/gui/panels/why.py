"""Why?: which part of the picture speaks for what the network says, by several methods side by side."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.notices import trouble_text
from explorer.gui.panels import why_asking as asking
from explorer.gui.panels import why_showing as showing
from explorer.gui.panels.filters_saving import with_facts
from explorer.gui.panels.live_overlay import object_at
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.panels.why_checks import Checks
from explorer.gui.panels.why_form import WhyForm
from explorer.gui.panels.why_saving import save_heats, save_sheet
from explorer.gui.panels.why_view import WhyView
from explorer.gui.panels.why_words import answer_text, numbers_text, question
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result, Started
from explorer.records.attribution import AttributionSet
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.records.vision import ClassScore, Detections
from explorer.requests.attribution import AttributeRequest
from explorer.requests.base import changed
from explorer.session import Session

ASK, LIVE, OBJECTS, TRUST, FORGET = "why", "why.live", "why.objects", "why.trust", "why.forget"
FRAMES_KEPT = 8
SETTLE_MS = 90  # a slider that moves asks so often at most


class WhyPanel(Panel):
    """A still picture is explained at once with all methods; a moving one by the quick ones, while Live is on."""

    name: ClassVar[str] = "why"
    channels: ClassVar[tuple[str, ...]] = (ASK, LIVE, OBJECTS, TRUST, FORGET)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.found: AttributionSet | None = None
        self.objects: Detections | None = None
        self.frame: Frame | None = None  # the one that `found` is about
        self.running = False
        self.current = ""
        self.top: tuple[ClassScore, ...] = ()  # the best classes of this picture, kept while a unit is explained
        self._trouble: Failed | None = None
        self._following: AttributeRequest | None = None
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._asked_about: int | None = None  # seq of the still picture that was asked about last
        self._form = WhyForm(desk)
        self.view = WhyView()
        self.checks = Checks(self, TRUST, FORGET)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._connect()
        self._say()

    def _connect(self) -> None:
        view, desk = self.view, self.desk
        view.live.setChecked(True)
        view.live.toggled.connect(self._live_toggled)
        view.again.clicked.connect(self.ask)
        view.save.clicked.connect(self.save)
        view.best.clicked.connect(self.ask_best)
        view.unit_button.clicked.connect(self.ask_unit)
        view.answers.asked.connect(self._answer_chosen)
        view.layer_moved.connect(self._layer_moved)
        view.layer.reset.connect(lambda: self._take_layer(""))
        view.opacity.valueChanged.connect(self._look_changed)
        view.colours.currentIndexChanged.connect(self._look_changed)
        view.strip.stopped.connect(desk.stop)
        desk.jobs_changed.connect(self._jobs_changed)
        desk.session_changed.connect(self._session_changed)
        desk.network_changed.connect(self._network_changed)
        desk.frozen_changed.connect(lambda _on: self._settle.start())
        desk.source_changed.connect(self._source_changed)

    def form(self) -> QWidget:
        """Methods and their parameters; curves and checks."""
        return self._form

    @property
    def checks_form(self) -> WhyForm:
        """The parameters of curves and checks."""
        return self._form

    # -- asking ------------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """Explain what is shown."""
        self.refresh()

    def deactivate(self) -> None:
        """Nothing is computed for a panel that nobody sees."""
        self._follow(None)
        self._asked_about = None if self.running else self._asked_about
        for channel in (ASK, TRUST, FORGET):
            self.desk.stop(channel)

    @property
    def source_moves(self) -> bool:
        """Whether the source is a camera or a video."""
        source = self.desk.source
        return source is not None and (source.info.live or (source.info.frames != 1 and source.info.fps > 0))

    @property
    def moving(self) -> bool:
        """Whether the picture changes by itself just now."""
        return self.source_moves and not self.desk.frozen

    def refresh(self) -> None:
        """Ask for what should be on the screen now."""
        if not self.active:
            return
        if self.moving:
            live = self.view.live.isChecked()
            request = asking.cheap_only(self.desk.session.attribute, self.desk.catalogue) if live else None
            self._follow(request)
            self.objects = None  # they stood in another picture
            if live and self.running:
                self.desk.stop(ASK)
        else:
            self._follow(None)
            self.ask()
        self._say()

    def _follow(self, request: AttributeRequest | None) -> None:
        self._following = request
        self.desk.follow(LIVE, request)

    def ask(self) -> None:
        """Explain the newest picture with all methods."""
        frame = self.desk.frame
        if frame is None:
            return
        self._asked_about = frame.seq
        objects = asking.objects_of(self.desk.session, self.desk.network)
        if objects is not None:
            self.desk.submit(OBJECTS, objects, frame)
        else:
            self.objects = None
        self.desk.submit(ASK, self.desk.session.attribute, frame)

    def take_frame(self, frame: Frame) -> None:
        """Remember the picture; ask about it if it stands still."""
        self._frames[frame.seq] = frame
        while len(self._frames) > FRAMES_KEPT:
            self._frames.popitem(last=False)
        if not self.moving and frame.seq != self._asked_about:
            self._settle.start()
        if self.found is None:
            self.view.empty.set_rgb(frame.rgb)

    def _session_changed(self, new: Session, old: Session) -> None:
        if not new.picture.same_as(old.picture) and (new.attribute.class_index is not None or new.attribute.box is not None):
            self.desk.change(undoable=False, attribute=changed(new.attribute, class_index=None, box=None))
            return
        if new.attribute != old.attribute or new.surgery != old.surgery:
            self._settle.start()
        if new.selection != old.selection:
            if new.attribute.unit and asking.unit_name(new.selection) not in ("", new.attribute.unit):
                self.desk.change(undoable=False, attribute=asking.about_unit(new.attribute, new.selection))
            self._say()

    def _network_changed(self, network: NetworkInfo | None) -> None:
        self.objects, self.top = None, ()
        self._settle.start()
        self._say()

    def _source_changed(self, _state: object) -> None:
        """A camera or video began or ended: follow it, or explain what stands."""
        if self.moving != (self._following is not None):
            self._settle.start()
        self._say()

    def _live_toggled(self, on: bool) -> None:
        self.refresh()

    # -- answers -----------------------------------------------------------------------------------------------------
    def take(self, channel: str, event: Event) -> None:
        """Show what came."""
        if channel in (TRUST, FORGET):
            self.checks.take(channel, event)
            return
        record = getattr(event, "record", None)
        if channel == OBJECTS:
            if isinstance(record, Detections):
                self.objects = record
                showing.show_answers(self)
            return
        late = channel == (ASK if self.moving and self.view.live.isChecked() else LIVE)  # the other one is on the screen now
        if late and isinstance(event, (Preview, Result)) and (channel == ASK or not self.moving):
            return
        if isinstance(event, Started):
            self.running = channel == ASK
        elif isinstance(event, (Result, Failed, CancelledJob)):
            self.running = False
        if isinstance(event, Failed):
            self._trouble = event
        elif isinstance(event, (Preview, Result)):
            self._trouble = None
        if isinstance(record, AttributionSet) and not isinstance(event, CancelledJob):
            self._show(record)
            if isinstance(event, Result) and channel == ASK:
                self.checks.renew()
        self._say()

    def _show(self, found: AttributionSet) -> None:
        frame = self._frames.get(found.frame_seq) or self.desk.frame
        same = self.found is not None and self.frame is frame and self.found.target == found.target
        if not same:
            self.checks.forget_old()
        if found.top or self.frame is not frame or found.kind != "unit":
            self.top = found.top
        self.found, self.frame = found, frame
        showing.show_tiles(self)
        showing.show_answers(self)
        showing.show_layers(self)

    # -- choosing ----------------------------------------------------------------------------------------------------
    def choose_method(self, method: str) -> None:
        """Trust and randomisation are about this one."""
        if method and method != self.current:
            self.current = method
            showing.show_tiles(self)
            self.checks.show()
            self.checks.renew()

    def next_method(self) -> None:
        """The tile after the current one."""
        names = [item.method for item in self.found.items] if self.found is not None else []
        if names:
            self.choose_method(names[(names.index(self.current) + 1) % len(names)] if self.current in names else names[0])

    def ask_best(self) -> None:
        """Back to what the network is surest of."""
        self.desk.change(attribute=asking.about_best(self.desk.session.attribute))

    def ask_unit(self) -> None:
        """About the unit selected in the program."""
        self.desk.change(attribute=asking.about_unit(self.desk.session.attribute, self.desk.session.selection))

    def _answer_chosen(self, row: int) -> None:
        request = self.desk.session.attribute
        if self.objects is not None and row < len(self.objects):
            self.desk.change(attribute=asking.about_box(request, self.objects, row))
        elif row < len(self.top):
            self.desk.change(attribute=asking.about_class(request, self.top[row].index))

    def tile_clicked(self, x: float, y: float) -> None:
        """A box in a picture was clicked: explain it."""
        number = object_at(self.objects, x, y) if self.objects is not None else None
        if number is not None and number != asking.marked_box(self.found, self.objects):
            self._answer_chosen(number)

    def _layer_moved(self, at: int, held: bool) -> None:
        if self.found is not None and at < len(self.found.layers):
            name = self.found.layers[at]
            self.view.layer_text.setText(name)
            self._take_layer("" if name == self.found.default_layer else name, held)

    def _take_layer(self, name: str, held: bool = False) -> None:
        self.desk.change(undoable=not held, attribute=changed(self.desk.session.attribute, layer=name))

    def step_layer(self, by: int) -> None:
        """A deeper (+1) or earlier (-1) layer for the CAMs."""
        self.view.layer.setValue(self.view.layer.value() + by)

    # -- words and looks ---------------------------------------------------------------------------------------------
    def _jobs_changed(self) -> None:
        jobs = [self.desk.jobs.get(channel) for channel in (FORGET, TRUST, ASK)]
        self.view.strip.show_job(next((job for job in jobs if job is not None), None))

    def _look_changed(self) -> None:
        showing.show_tiles(self)
        self.checks.show()

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self.view.fill_colours()
        showing.show_tiles(self)
        showing.show_answers(self)
        showing.show_layers(self)
        self.checks.show()
        self._say()

    def _say(self) -> None:
        view, network, session = self.view, self.desk.network, self.desk.session
        view.question.setText(question(self.found))
        trouble = "" if self._trouble is None else trouble_text(self._trouble.trouble)
        view.answer.setText(trouble or answer_text(self.found))
        task = network.task if network is not None else "classify"
        titles = {"detect": N_("Objects"), "segment": N_("Mask"), "classify": N_("Classes")}
        words.say(view.answers_title, titles.get(task, N_("Classes")))
        asked = session.attribute
        view.best.setVisible(asked.class_index is not None or asked.box is not None or bool(asked.unit))
        unit = asking.unit_name(session.selection)
        view.unit.setText(unit or tr("none: choose a map in Filters"))
        view.unit_button.setEnabled(bool(unit))
        view.live.setVisible(self.source_moves)
        if self.found is None and not trouble:
            view.empty.set_empty_text(tr("Choose a picture above: why the network says what it says appears here."))
        elif self.found is None:
            view.empty.set_rgb(None)
            view.empty.set_empty_text(trouble)

    # -- actions -----------------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """S is the window's."""
        view = self.view
        return [
            Key("Space", N_("Explain the picture that is shown"), self.ask),
            Key("A", N_("Explain the best answer"), self.ask_best),
            Key("U", N_("Explain the selected unit"), self.ask_unit),
            Key("M", N_("Next method"), self.next_method),
            Key("T", N_("Measure trust, or hide the curves"), view.trust.toggle),
            Key("R", N_("Randomise the network, or hide the stages"), view.forget.toggle),
            Key("V", N_("Explain live, or not"), view.live.toggle),
            Key("O", N_("Show or hide the heat"), lambda: view.opacity.setValue(0 if view.opacity.value() else 75)),
            Key("PgDown", N_("Deeper layer for the CAMs"), lambda: self.step_layer(1)),
            Key("PgUp", N_("Earlier layer for the CAMs"), lambda: self.step_layer(-1)),
            Key("Shift+S", N_("Save the numbers of the heats"), self.save_numbers),
        ]

    def save(self) -> None:
        """All tiles as one PNG, the recipe inside."""
        if self.found is not None:
            save_sheet(self.desk, self, self.picture(), self.found)

    def save_numbers(self) -> None:
        """The heats themselves."""
        if self.found is not None:
            save_heats(self.desk, self, self.found, self.checks.curves)

    def picture(self) -> QImage:
        """All tiles as they are shown, the recipe inside."""
        if self.found is None:
            return QImage()
        return with_facts(self.view.tiles.drawn(), asking.recipe(self.found, self.desk.session))

    def numbers(self) -> str:
        """One line a method."""
        return "" if self.found is None else numbers_text(self.found)

    def back_to_start(self) -> None:
        """The form's defaults, and the best answer."""
        self._form.back_to_start()

    def demo(self) -> None:
        """Four methods about the best answer."""
        self.refresh()

    def demo_ready(self) -> bool:
        """All methods have answered."""
        return self.found is not None and not self.running and len(self.found.items) > 1
