"""Teach me from the webcam: record pictures of your own classes, train a head on a classifier's features, see it live."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.notices import trouble_text
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.panels.teach_cards import TAKE_IN, Cards
from explorer.gui.panels.teach_keeping import Keeping
from explorer.gui.panels.teach_layout import Layout
from explorer.gui.panels.teach_set import MOST_CLASSES, PictureSet
from explorer.gui.panels.teach_words import readiness, verdict, verdict_detail
from explorer.gui.widgets.picture_view import rgb_of
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result
from explorer.records.attribution import AttributionSet
from explorer.records.frame import Frame
from explorer.records.teach import Collected, Taught
from explorer.records.vision import TopK
from explorer.requests.attribution import AttributeRequest
from explorer.requests.network import ClassifyRequest, NetworkRequest
from explorer.requests.teach import TeachRequest
from explorer.session import Session

TRAIN, LIVE, STILL = "teach.train", "teach.live", "teach.still"
FRAMES_KEPT = 8


class TeachPanel(Panel):
    """1 Record, 2 Train, 3 See. The pictures are files, the model is a file: closing and reopening goes on."""

    name: ClassVar[str] = "teach"
    channels: ClassVar[tuple[str, ...]] = (TRAIN, LIVE, STILL, TAKE_IN)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.record: Taught | None = None
        self.looking: Frame | None = None  # a kept picture in place of the live one
        self._asked: TeachRequest | None = None
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self.pictures = PictureSet()
        self.keeping = Keeping(desk, self)
        self._form = Form(TeachRequest, desk, "teach")
        self.page = Layout(self, self.pictures)
        self.cards = Cards(desk, self.pictures, self.page, self)
        self.recording = self.cards.recording
        self._connect()
        self._say()
        self.pictures.empty_trash()

    def form(self) -> QWidget:
        """Backbone, head, how it is tried."""
        return self._form

    def _connect(self) -> None:
        page = self.page
        self.cards.changed.connect(self._say)
        self.cards.looked.connect(self.look_at)
        self.cards.live_wanted.connect(self.back_to_live)
        page.train.clicked.connect(self.train)
        page.heat.toggled.connect(self._heat_toggled)
        page.back.clicked.connect(self.back_to_live)
        page.save.clicked.connect(self.keeping.save)
        page.load.clicked.connect(self.keeping.load)
        page.use.clicked.connect(self.keeping.use_in_live)
        page.inside.clicked.connect(self.keeping.look_inside)
        page.progress.stopped.connect(self.desk.stop)
        page.results.looked.connect(self.look_at)
        page.results.wall.unwanted.connect(self.cards.delete)
        self.desk.session_changed.connect(self._session_changed)
        self.desk.jobs_changed.connect(self._jobs_changed)
        self.keeping.changed.connect(self._model_changed)

    # -- 2 train -----------------------------------------------------------------------------------------------------
    def train(self) -> None:
        """Learn from all that was recorded."""
        ready, _ = readiness(self.pictures)
        if not ready:
            return
        self.recording.end()
        self._asked = self.desk.session.teach
        self._trained_on = self._state()
        self.desk.submit(TRAIN, self._asked)

    def _state(self) -> object:
        return tuple((name, tuple(self.pictures.files[name])) for name in self.pictures.classes)

    _trained_on: object = None

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.teach != old.teach:
            self._say()

    def _jobs_changed(self) -> None:
        self.page.progress.show_job(self.desk.jobs.get(TRAIN) or self.desk.jobs.get(TAKE_IN))

    def take(self, channel: str, event: Event) -> None:
        """Training, answers about the live picture or a kept one, pictures taken in."""
        record = getattr(event, "record", None)
        if isinstance(record, Collected):
            self.cards.took_in(record)
        elif isinstance(record, Taught):
            ended = isinstance(event, (Result, CancelledJob))
            self._learnt(record, ended)
        elif isinstance(record, (TopK, AttributionSet)) and not isinstance(event, Preview):
            self._answered(channel, record)
        elif isinstance(event, Failed) and channel == TRAIN:
            self.page.verdict.setText(tr("Not trained."))
            self.page.detail.setText(trouble_text(event.trouble))

    def _learnt(self, record: Taught, ended: bool) -> None:
        first, self.record = self.record is None, record
        self.page.curves.set_record(record)
        self._say()
        if first:
            self.page.make_room()
        if ended:
            self.page.results.set_record(record)
            self.keeping.keep(record)

    def _model_changed(self) -> None:
        """Another model answers from now on."""
        self.page.view.set_answer(None)
        self.page.view.set_heat(self.page.view._rgb, None)
        self._say()
        self.refresh()

    # -- 3 see -------------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """Look with the taught network at what is shown."""
        self.refresh()

    def deactivate(self) -> None:
        """Nothing is computed or recorded for a panel that nobody sees."""
        self.recording.end()
        self.desk.follow(LIVE, None)

    def request(self) -> NetworkRequest | None:
        """What is asked about a picture; None before there is a model. The reference runtime: no waiting after a training."""
        model = self.keeping.model
        if model is None:
            return None
        device = self.desk.session.teach.device
        if self.page.heat.isChecked():
            return AttributeRequest(model=str(model), methods=("gradcam",), device=device)
        return ClassifyRequest(model=str(model), exact=True, top=100, device=device)

    @Slot(bool)
    def _heat_toggled(self, on: bool) -> None:
        self._say()
        self.refresh()

    def refresh(self) -> None:
        """Ask for what should be on the screen now."""
        if not self.active:
            return
        request = self.request()
        if not self.page.heat.isChecked():
            self.page.view.set_heat(self.page.view._rgb, None)
        if self.looking is not None:
            self.desk.follow(LIVE, None)
            if request is not None:
                self.desk.submit(STILL, request, self.looking)
        else:
            self.desk.follow(LIVE, request)

    def take_frame(self, frame: Frame) -> None:
        """Show it; with a heat it waits for its answer."""
        self._frames[frame.seq] = frame
        while len(self._frames) > FRAMES_KEPT:
            self._frames.popitem(last=False)
        self.recording.frame()
        if self.looking is None and not (self.page.heat.isChecked() and self.page.view.item is not None):
            self.page.view.set_rgb(frame.rgb)

    def _answered(self, channel: str, record: TopK | AttributionSet) -> None:
        if (channel == STILL) != (self.looking is not None):
            return
        view = self.page.view
        view.set_answer(record if isinstance(record, TopK) else TopK(record.top))
        if isinstance(record, AttributionSet) and self.page.heat.isChecked():
            frame = self.looking if channel == STILL else self._frames.get(record.frame_seq, self.desk.frame)
            if frame is not None:
                view.set_heat(frame.rgb, record.items[0] if record.items else None)

    @Slot(str)
    def look_at(self, path: str) -> None:
        """A kept picture large, with what the network says of it and where it looks."""
        image = QImage(path)
        if image.isNull():
            self.pictures.read()
            return
        self.looking = Frame(rgb_of(image), seq=-1, source=Path(path).name)
        self.page.view.set_heat(self.looking.rgb, None)
        self.page.view.set_answer(None)
        self.page.back.show()
        self._say()
        self.page.shown.setText(f"{Path(path).parent.name} · {Path(path).name}")
        self.refresh()

    def back_to_live(self) -> None:
        """The source again."""
        if self.looking is not None:
            self.looking = None
            self.page.back.hide()
            self._say()
            self.page.view.set_answer(None)
            self.page.view.set_heat(None if self.desk.frame is None else self.desk.frame.rgb, None)
            self.refresh()

    # -- words -------------------------------------------------------------------------------------------------------
    def _say(self) -> None:
        page, record = self.page, self.record
        ready, text = readiness(self.pictures)
        page.train.setEnabled(ready)
        page.ready.setText(text)
        page.hint.setVisible(not any(self.pictures.files.values()))
        page.model.setVisible(self.looking is None)
        if self.looking is None:
            page.shown.setText(
                tr("Bright: what speaks for its answer. Is it the thing, or the wall?") if page.heat.isChecked() else ""
            )
        stale = record is not None and (self._trained_on != self._state() or self._asked != self.desk.session.teach)
        page.stale.setVisible(stale)
        page.say_model(self.keeping.model, self.keeping.names)
        page.curves.setVisible(record is not None)
        if record is None:
            page.verdict.setText("")
            page.detail.setText("")
            page.notes.setText("")
        else:
            page.verdict.setText(verdict(record))
            page.detail.setText(verdict_detail(record))
            page.notes.setText("\n".join(note.text() for note in record.notes))
        page.told.setVisible(record is not None or bool(page.verdict.text()))
        for label in (page.verdict, page.detail, page.notes):
            label.setVisible(bool(label.text()))

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self.cards.retranslate()
        self.page.results.retranslate()
        self._say()

    def restyle(self) -> None:
        """Colours."""
        for widget in (self.page.curves, self.page.results.matrix):
            widget.update()

    # -- keys and files ----------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """A figure for each class, and the three steps."""
        figures = [
            Key(str(n + 1), N_("Record the class of this number while held"), partial(self.cards.hold_key, n))
            for n in range(MOST_CLASSES)
        ]
        return [
            *figures,
            Key("T", N_("Train"), self.train),
            Key("W", N_("Where the taught network looks"), self.page.heat.toggle),
            Key("U", N_("The pictures it is least sure of"), self.page.results.show_unsure),
            Key("L", N_("Back to the live picture"), self.back_to_live),
            Key("Shift+M", N_("Save the taught model"), self.keeping.save),
        ]

    def picture(self) -> QImage:
        """The picture with its bars."""
        return self.page.view.grab().toImage()

    def numbers(self) -> str:
        """The confusion matrix."""
        record = self.record
        if record is None:
            return ""
        lines = ["\t".join(["", *record.classes])]
        rows = zip(record.classes, record.confusion.tolist(), strict=True)
        return "\n".join([*lines, *("\t".join([name, *map(str, row)]) for name, row in rows)])

    def demo(self) -> None:
        """Pictures of what is shown and of its mirror image upside down: two classes at once."""
        frame = self.desk.frame
        if frame is None or any(self.pictures.files.values()):
            return
        turned = Frame(np.ascontiguousarray(frame.rgb[::-1]), frame.seq, frame.time, frame.source)
        for name, one in zip(self.pictures.classes, (frame, turned), strict=False):
            self.pictures.begin()
            self.pictures.take(name, one)

    def demo_ready(self) -> bool:
        """Some pictures are there."""
        return all(self.pictures.files.values())
