"""Live: what a network sees in the camera, video or picture, drawn over the very frame it looked at."""

from __future__ import annotations

import time
from typing import ClassVar

from PySide6.QtCore import QRectF, QTimer, Slot
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QStackedWidget, QWidget

from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.filters_saving import save_picture
from explorer.gui.panels.live_answers import paint_answers, share_of
from explorer.gui.panels.live_classes import ClassFilter
from explorer.gui.panels.live_counts import Counts
from explorer.gui.panels.live_draw import ObjectsPaint
from explorer.gui.panels.live_overlay import MaskPaint, percent
from explorer.gui.panels.live_page import LivePage
from explorer.gui.panels.live_pointing import Pointing
from explorer.gui.panels.live_stats import Latencies, flow_text, total_text
from explorer.gui.panels.live_trails import paint_trails
from explorer.gui.panels.live_words import heading, moves, nothing_text, numbers_text
from explorer.gui.panels.panel import Key, Panel
from explorer.host.messages import SourceState
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed, Progress, Result
from explorer.records.frame import Frame
from explorer.records.trails import Trails
from explorer.records.vision import Detections, Mask, TopK
from explorer.requests.base import Request, changed
from explorer.requests.live import LiveLook
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest
from explorer.session import LiveTask, Session

CHANNEL = "live"
TASKS: tuple[LiveTask, ...] = ("detect", "segment", "classify")
REQUESTS: dict[LiveTask, type[Request]] = {"detect": DetectRequest, "segment": SegmentRequest, "classify": ClassifyRequest}
RECORDS: dict[LiveTask, type[Detections | Mask | TopK]] = {"detect": Detections, "segment": Mask, "classify": TopK}
MOST_FAILURES = 3
FIGURES_MS, LIST_MS = 250, 100  # between two showings of the figures, of the list: nobody reads faster
EMPTY_S = 0.5  # a moving picture without objects says so after this long: words that come and go move the list


class LivePanel(Panel):
    """Follows the picture with one network; every answer is drawn on its own frame, or not at all."""

    name: ClassVar[str] = "live"
    channels: ClassVar[tuple[str, ...]] = (CHANNEL,)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._frame: Frame | None = None
        self._record: Detections | Mask | TopK | None = None
        self._paint: ObjectsPaint | MaskPaint | None = None
        self._drawn: object = None  # the record that `_paint` paints
        self._failures = 0
        self._figures = QTimer(self, singleShot=True, interval=FIGURES_MS)
        self._figures.timeout.connect(self._say_figures)
        self._listing = QTimer(self, singleShot=True, interval=LIST_MS)
        self._listing.timeout.connect(self._list_later)
        self._list_waits = False
        self._doing = ""
        self._found_at = 0.0  # when something was found last, time.monotonic()
        self.counts, self.trails, self.latencies = Counts(), Trails(), Latencies()
        self.page = LivePage(desk, self)
        self.view, self.objects, self.scores = self.page.view, self.page.objects, self.page.scores
        self.recorder = self.page.recorder
        self.pointing = Pointing(self)
        self.classes = ClassFilter()
        self._forms = QStackedWidget()
        for task in TASKS:
            self._forms.addWidget(Form(REQUESTS[task], desk, task))
        detect = self._forms.widget(0)
        assert isinstance(detect, Form)  # made just above
        detect.place(self.classes, "track")
        self._connect()
        self._show_task()

    def _connect(self) -> None:
        desk, view, page = self.desk, self.view, self.page
        view.add_overlay(self._paint_over)
        self.classes.set_only(desk.session.detect.only)
        self.classes.chosen.connect(self._classes_chosen)
        self.classes.restarted.connect(self._count_again)
        page.tasks.idClicked.connect(self._task_clicked)
        page.save.clicked.connect(self.snapshot)
        desk.session_changed.connect(self._session_changed)
        desk.source_changed.connect(self._source_changed)
        desk.frozen_changed.connect(self._frozen_changed)
        self._frozen_changed(desk.frozen)

    def form(self) -> QWidget:
        """The form of the chosen task."""
        return self._forms

    def back_to_start(self) -> None:
        """The chosen task's form as it was, all classes shown."""
        form = self._forms.currentWidget()
        if isinstance(form, Form):
            form.back_to_start()
        self.classes.show_all()

    def keys(self) -> list[Key]:
        """Tasks, pinning and recording; F and S are the window's."""
        return [
            Key("B", N_("Find objects"), lambda: self.choose("detect")),
            Key("M", N_("Separate the main object"), lambda: self.choose("segment")),
            Key("C", N_("Name what is in the picture"), lambda: self.choose("classify")),
            Key("R", N_("Start or end recording"), self.recorder.toggle),
            Key("P", N_("Pin the object pointed at, or let it go"), self.pointing.pin_chosen),
            Key("N", N_("Point at the next object"), lambda: self.pointing.step(1)),
            Key("Shift+N", N_("Point at the object before"), lambda: self.pointing.step(-1)),
        ]

    # -- choosing ----------------------------------------------------------------------------------------------------
    def choose(self, task: LiveTask) -> None:
        """Look for something else."""
        self.desk.change(live=task)
        self._show_task()

    @Slot(int)
    def _task_clicked(self, number: int) -> None:
        self.choose(TASKS[number])

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.live != old.live:
            self._show_task()
        if new.live != old.live or getattr(new, new.live) != getattr(old, new.live):
            self._follow()
        if new.detect != old.detect:
            self.classes.set_only(new.detect.only)
            if new.detect.model != old.detect.model:
                self._begin_again()
        if new.live_look != old.live_look:
            self._drawn = None
            self._show_record()
        if not new.picture.same_as(old.picture):
            self._frame = None
            self._begin_again()
            self._forget()

    def _show_task(self) -> None:
        at = TASKS.index(self.desk.session.live)
        self._forms.setCurrentIndex(at)
        self.page.show_task(at)
        self.latencies.forget()
        self._forget()

    def _classes_chosen(self, only: tuple[str, ...]) -> None:
        self.desk.change(detect=changed(self.desk.session.detect, only=only))

    def _begin_again(self) -> None:
        self.pointing.forget()
        self.latencies.forget()
        self._count_again()

    @Slot()
    def _count_again(self) -> None:
        self.counts.forget()
        self.classes.show_counts(self.counts)

    # -- live work ---------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """Look at every newest picture."""
        self._follow()

    def deactivate(self) -> None:
        """Nothing is computed for a panel that nobody sees."""
        self.desk.follow(CHANNEL, None)

    def _follow(self) -> None:
        """A new request also looks again at the picture that is shown: sliders act at once."""
        if self.active:
            self._failures = 0
            self.desk.follow(CHANNEL, getattr(self.desk.session, self.desk.session.live))

    def take(self, channel: str, event: Event) -> None:
        """Keep an answer until its frame is shown; if it is shown already, draw it now."""
        if isinstance(event, Result) and isinstance(event.record, RECORDS[self.desk.session.live]):
            self._failures, self._doing = 0, ""
            self._record = event.record
            if self._frame is not None and event.record.frame_seq == self._frame.seq:
                self._new_answer(event.record, self._frame, None)
                self._show_record()
        elif isinstance(event, Progress):
            self._doing = event.text
            self._say()
        elif isinstance(event, Failed):
            self._failures, self._doing = self._failures + 1, ""
            if self._failures >= MOST_FAILURES:
                self._forget()
            self._say()

    def take_frame(self, frame: Frame) -> None:
        """Show a frame with its own answer, or plain."""
        self._frame = frame
        self.view.set_rgb(frame.rgb)
        self.recorder.tick()
        if self.shown is not None:
            arrival = self.desk.arrival
            self._new_answer(self.shown, frame, arrival.age if arrival is not None and self.moving else None)
        self._show_record()

    def _new_answer(self, record: Detections | Mask | TopK, frame: Frame, age_s: float | None) -> None:
        """Figures, counts and trails of an answer that is shown from now on."""
        if not self.moving:
            self.latencies.forget()  # of a picture that stands only the newest pass counts
        self.latencies.add(time.monotonic(), record.timing, self.view.draw_ms, age_s)
        if not isinstance(record, Detections):
            return
        self.counts.add(record)
        self.trails.seconds = self.desk.session.live_look.trail_s
        self.trails.add(record, frame.time)
        self.pointing.saw(record, frame.time)
        self.classes.set_labels(record.labels)

    @property
    def moving(self) -> bool:
        """Whether new pictures come by themselves just now."""
        return moves(self.desk.source) and not self.desk.frozen

    @property
    def shown(self) -> Detections | Mask | TopK | None:
        """The answer that belongs to the frame on the screen."""
        if self._record is None or self._frame is None or self._record.frame_seq != self._frame.seq:
            return None
        return self._record

    @property
    def now(self) -> float:
        """Seconds in the source's clock, of the frame on the screen."""
        return 0.0 if self._frame is None else self._frame.time

    @property
    def found(self) -> Detections | None:
        """The objects of the frame on the screen."""
        return self.shown if isinstance(self.shown, Detections) else None

    def _forget(self) -> None:
        self._record = None
        self._show_record()

    def _show_record(self) -> None:
        record, found = self.shown, self.found
        if record is not self._drawn:
            look = self.desk.session.live_look
            self._drawn = record
            self._paint = self._made(record, look)
        self._list_waits = self._listing.isActive() and self.moving and self.pointing.idle
        if not self._list_waits:
            self._show_list()
        self.scores.set_scores(record if isinstance(record, TopK) else None)
        self.pointing.follow(found)
        self._say()

    @Slot()
    def _list_later(self) -> None:
        if self._list_waits:
            self._show_list()

    def _show_list(self) -> None:
        self._list_waits = False
        self.objects.set_objects(self.found)
        if self.moving:
            self._listing.start()

    # -- drawing -----------------------------------------------------------------------------------------------------
    def _paint_over(self, painter: QPainter, transform: QTransform) -> None:
        visible = transform.mapRect(QRectF(self.view.image.rect())).intersected(QRectF(self.view.rect()))
        self._draw(painter, transform, visible, self._paint)

    def _draw(
        self, painter: QPainter, t: QTransform, visible: QRectF, paint: ObjectsPaint | MaskPaint | None, size: float = 1.0
    ) -> None:
        record, look = self.shown, self.desk.session.live_look
        painter.save()
        if isinstance(paint, MaskPaint):
            paint.paint(painter, t)
        elif isinstance(paint, ObjectsPaint):
            if look.trails and paint.found.track is not None:
                seen = set(paint.found.track.tolist())
                paint_trails(painter, t, self.trails.lines(), look.line * size, seen)
            paint.paint(painter, t, self.pointing.picks.marks)
        painter.restore()
        if look.answers and isinstance(record, (TopK, Mask)):
            paint_answers(painter, visible, record, look, size)

    @staticmethod
    def _made(record: object, look: LiveLook, size: float = 1.0) -> ObjectsPaint | MaskPaint | None:
        if isinstance(record, Mask):
            return MaskPaint(record, look, size)
        return ObjectsPaint(record, look, size) if isinstance(record, Detections) else None

    def picture(self) -> QImage:
        """The frame at its own size with everything that is drawn on it, lines and letters as large as the frame needs."""
        if self.view.image.isNull():
            return QImage()
        image = self.view.image.convertToFormat(QImage.Format.Format_RGB32)
        size = max(1.0, min(image.width(), image.height()) / 540)
        record, look = self.shown, self.desk.session.live_look
        large = self._made(record, look, size)
        painter = QPainter(image)
        painter.setFont(self.view.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, QTransform(), QRectF(image.rect()), large, size)
        painter.end()
        return image

    def numbers(self) -> str:
        """The answer as a table."""
        return numbers_text(self.shown)

    @Slot()
    def snapshot(self) -> None:
        """Save what is on the screen as a picture; it carries its numbers."""
        image = self.picture()
        if image.isNull():
            return
        request = getattr(self.desk.session, self.desk.session.live)
        facts = {**request.model_dump(mode="json"), "numbers": self.numbers()}
        save_picture(self.desk, self, image, f"live-{self.desk.session.live}", facts)

    # -- words -------------------------------------------------------------------------------------------------------
    def _source_changed(self, _state: object) -> None:
        self._say()

    @Slot(bool)
    def _frozen_changed(self, on: bool) -> None:
        self.page.freeze.setChecked(on)
        self._say()

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._drawn = None
        self.classes.say()
        self._show_record()

    def _say(self) -> None:
        page, session, record = self.page, self.desk.session, self.shown
        self._say_figures()
        if self._failures >= MOST_FAILURES:
            page.doing.setText(tr("Live is paused after three failures. Change something, or choose the task again."))
        elif record is None:
            waiting = tr("The network is getting ready...") if self.active and self._frame is not None else ""
            page.doing.setText(tr(self._doing) or waiting)
        else:
            page.doing.setText(nothing_text(session.detect.confidence, session.detect.only) if self._empty() else "")
        page.doing.setVisible(bool(page.doing.text()))
        page.say_where(None if record is None else record.runs_on)
        page.heading.setText(heading(session.live, record))
        page.share.setText(percent(share_of(record)) if isinstance(record, Mask) else "")
        badge = self._badge(self.desk.source)
        self.view.set_empty_text(badge or tr("Choose a picture, video or camera above."))
        self.view.set_badge(badge if self._frame is not None else "")

    def _empty(self) -> bool:
        now = time.monotonic()
        if self.found is None or len(self.found):
            self._found_at = now
            return False
        return not self.moving or now - self._found_at >= EMPTY_S

    @Slot()
    def _say_figures(self) -> None:
        """A few times a second: nobody reads faster, and each time the whole window may be laid out anew."""
        if self.moving and self._figures.isActive():
            return
        self.classes.show_counts(self.counts)
        page, totals = self.page, self.latencies.totals()
        page.latency.show_figures(self.latencies, stale=not self.moving and moves(self.desk.source))
        parts = [] if self.desk.frozen else [total_text(totals, self.moving), flow_text(self.desk.arrival, self.moving)]
        page.flow.setText(" · ".join(part for part in parts if part))
        if totals is not None and self.moving:
            self._figures.start()
        else:
            self._figures.stop()

    def _badge(self, source: SourceState | None) -> str:
        """Why the picture that is shown is not of now."""
        if source is not None and source.state == "no signal":
            return tr("No signal for {seconds:.0f} s").format(seconds=source.seconds)
        if source is not None and source.state == "failed":
            camera = self.desk.session.picture.kind == "camera"  # the line under the strip says more, with the ways out
            return tr("No camera found.") if camera else tr("This picture cannot be shown.")
        return ""

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The cup on the coffee picture."""
        self.choose("detect")

    def demo_ready(self) -> bool:
        """Something was found on the frame that is shown."""
        return self.found is not None and len(self.found) > 0
