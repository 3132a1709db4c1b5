"""Live: what a network sees in the camera, video or picture, drawn over the very frame it looked at."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.filters_saving import save_picture
from explorer.gui.panels.filters_scores import ScoreBars
from explorer.gui.panels.live_list import ObjectList
from explorer.gui.panels.live_offer import Offer, top_of
from explorer.gui.panels.live_overlay import MaskPaint, object_at, paint_detections, percent
from explorer.gui.panels.live_record import Recorder
from explorer.gui.panels.live_stats import flow_text, runs_on_text, runs_on_tip, timing_text
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.widgets.picture_view import PictureView
from explorer.gui.widgets.tool_button import tool_button
from explorer.host.messages import SourceState
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed, Progress, Result
from explorer.records.frame import Frame
from explorer.records.vision import Detections, Mask, TopK
from explorer.requests.base import Request
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest
from explorer.session import LiveTask, Session

CHANNEL = "live"
TASKS: tuple[tuple[LiveTask, str, str, str], ...] = (
    ("detect", N_("Objects"), N_("Find objects and draw a box around each (B)"), "live"),
    ("segment", N_("Mask"), N_("Separate the main object from its background (M)"), "mask"),
    ("classify", N_("Classes"), N_("Name what is in the picture (C)"), "chart"),
)
REQUESTS: dict[LiveTask, type[Request]] = {"detect": DetectRequest, "segment": SegmentRequest, "classify": ClassifyRequest}
RECORDS: dict[LiveTask, type[Detections | Mask | TopK]] = {"detect": Detections, "segment": Mask, "classify": TopK}
MOST_FAILURES = 3


class LivePanel(Panel):
    """Follows the picture with one network; every answer is drawn on its own frame, or not at all."""

    name: ClassVar[str] = "live"
    channels: ClassVar[tuple[str, ...]] = (CHANNEL,)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._frame: Frame | None = None
        self._record: Detections | Mask | TopK | None = None
        self._mask: MaskPaint | None = None
        self._marked: int | None = None
        self._failures = 0
        self._doing = ""
        self.view = PictureView()
        self.view.add_overlay(self._paint)
        self.view.hovered.connect(self._hovered)
        self.objects, self.scores = ObjectList(), ScoreBars()
        self.objects.pointed.connect(self._point)
        self.recorder = Recorder(desk, self)
        self._build()
        self._forms = QStackedWidget()
        for task, *_ in TASKS:
            self._forms.addWidget(Form(REQUESTS[task], desk, task))
        desk.session_changed.connect(self._session_changed)
        desk.source_changed.connect(self._source_changed)
        desk.frozen_changed.connect(self.freeze.setChecked)
        self._show_task()
        self._say()

    # -- widgets -----------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.px(1))
        self.tasks = QButtonGroup(self)
        for number, (_task, text, tip, icon) in enumerate(TASKS):
            button = tool_button(icon, tip, text, checkable=True)
            self.tasks.addButton(button, number)
            top.addWidget(button)
        self.tasks.idClicked.connect(self._task_clicked)
        self.freeze = tool_button("freeze", N_("Hold the picture (F)"), checkable=True)  # the strip above has its name
        self.freeze.clicked.connect(self.desk.freeze)
        self.save = tool_button("save", N_("Save the picture with what is drawn on it (S)"))
        self.save.clicked.connect(self.snapshot)
        top.addStretch(1)
        for tool in (self.freeze, self.save, self.recorder.button):
            top.addWidget(tool)
        self.heading = QLabel()
        self.heading.setProperty("kind", "heading")
        self.side = QStackedWidget()
        self.share = QLabel()
        self.share.setProperty("kind", "big")
        self.share.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        for page in (self.objects, self.share, top_of(self.scores)):
            self.side.addWidget(page)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.heading)
        column.addWidget(self.side, 1)
        self.flow, self.timing, self.where = QLabel(), QLabel(), QLabel()
        for label in (self.flow, self.timing, self.where):
            label.setProperty("kind", "muted")
            label.setFont(theme.tabular(label.font()))
            label.setWordWrap(True)
            column.addWidget(label)
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setHandleWidth(theme.px(3))
        body.setChildrenCollapsible(False)
        body.addWidget(self.view)
        body.addWidget(right)
        body.setStretchFactor(0, 1)
        body.setSizes([theme.px(200), theme.px(52)])
        self.offer = Offer(self.desk)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(top)
        column.addWidget(self.offer)
        column.addWidget(body, 1)
        words.say(self.view, N_("Live picture"), "name")
        words.say(self.objects, N_("Objects in the picture"), "name")

    def form(self) -> QWidget:
        """The form of the chosen task."""
        return self._forms

    def back_to_start(self) -> None:
        """The chosen task's form as it was."""
        form = self._forms.currentWidget()
        if isinstance(form, Form):
            form.back_to_start()

    def keys(self) -> list[Key]:
        """Tasks and recording; F and S are the window's."""
        return [
            Key("B", N_("Find objects"), lambda: self.choose("detect")),
            Key("M", N_("Separate the main object"), lambda: self.choose("segment")),
            Key("C", N_("Name what is in the picture"), lambda: self.choose("classify")),
            Key("R", N_("Start or end recording"), self.recorder.toggle),
        ]

    # -- choosing ----------------------------------------------------------------------------------------------------
    def choose(self, task: LiveTask) -> None:
        """Look for something else."""
        self.desk.change(live=task)
        self._show_task()

    @Slot(int)
    def _task_clicked(self, number: int) -> None:
        self.choose(TASKS[number][0])

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.live != old.live:
            self._show_task()
        if new.live != old.live or getattr(new, new.live) != getattr(old, new.live):
            self._follow()
        if new.picture != old.picture:
            self._frame = None
            self._forget()

    def _show_task(self) -> None:
        at = next(number for number, (task, *_) in enumerate(TASKS) if task == self.desk.session.live)
        self.tasks.button(at).setChecked(True)
        self._forms.setCurrentIndex(at)
        self.side.setCurrentIndex(at)
        self._forget()

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
        self._show_record()

    @property
    def shown(self) -> Detections | Mask | TopK | None:
        """The answer that belongs to the frame on the screen."""
        if self._record is None or self._frame is None or self._record.frame_seq != self._frame.seq:
            return None
        return self._record

    def _forget(self) -> None:
        self._record = self._mask = self._marked = None
        self._show_record()

    def _show_record(self) -> None:
        record = self.shown
        self._mask = MaskPaint(record) if isinstance(record, Mask) else None
        found = record if isinstance(record, Detections) else None
        if self._marked is not None and (found is None or self._marked >= len(found)):
            self._marked = None
        self.objects.set_objects(found)
        self.scores.set_scores(record if isinstance(record, TopK) else None)
        self.view.update()
        self._say()

    # -- drawing -----------------------------------------------------------------------------------------------------
    def _paint(self, painter: QPainter, transform: QTransform) -> None:
        record = self.shown
        if self._mask is not None:
            self._mask.paint(painter, transform)
        elif isinstance(record, Detections):
            paint_detections(painter, transform, record, self._marked)

    def picture(self) -> QImage:
        """The frame at its own size with everything that is drawn on it."""
        if self.view.image.isNull():
            return QImage()
        image = self.view.image.convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.setFont(self.view.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, QTransform())
        painter.end()
        return image

    def numbers(self) -> str:
        """The answer as a table."""
        record = self.shown
        if isinstance(record, Detections):
            head = "label\tscore\tx0\ty0\tx1\ty1"
            rows = [
                "\t".join([record.label(n), f"{record.score[n]:.4f}", *(f"{value:.1f}" for value in record.xyxy[n])])
                for n in range(len(record))
            ]
            return "\n".join([head, *rows])
        if isinstance(record, TopK):
            return "\n".join(["label\tscore", *(f"{row.label}\t{row.score:.4f}" for row in record.top)])
        return ""

    @Slot()
    def snapshot(self) -> None:
        """Save what is on the screen as a picture."""
        image = self.picture()
        if image.isNull():
            return
        request = getattr(self.desk.session, self.desk.session.live)
        save_picture(self.desk, self, image, f"live-{self.desk.session.live}", request.model_dump(mode="json"))

    # -- pointing ----------------------------------------------------------------------------------------------------
    def _hovered(self, spot: tuple[int, int, tuple[int, int, int]] | None) -> None:
        record = self.shown
        found = object_at(record, spot[0], spot[1]) if spot is not None and isinstance(record, Detections) else None
        if found != self._marked:
            self._point(found)
            self.objects.mark(found)
        if found is not None and isinstance(record, Detections):
            left, top, right, bottom = record.xyxy[found]
            name, score = tr(record.label(found)), percent(float(record.score[found]))
            size = f"{right - left:.0f} x {bottom - top:.0f}"
            self.view.setToolTip(tr("{name} {score}, {size} pixels").format(name=name, score=score, size=size))
        else:
            self.view.setToolTip("")

    def _point(self, number: int | None) -> None:
        if number != self._marked:
            self._marked = number
            self.view.update()

    # -- words -------------------------------------------------------------------------------------------------------
    def _source_changed(self, _state: object) -> None:
        self._say()

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._show_record()

    def _say(self) -> None:
        source, record = self.desk.source, self.shown
        moving = source is not None and (source.info.live or source.info.frames != 1) and source.info.fps > 0
        self.flow.setText(flow_text(self.desk.arrival, moving))
        if self._failures >= MOST_FAILURES:
            self.timing.setText(tr("Live is paused after three failures. Change something, or choose the task again."))
        elif record is None:
            waiting = tr("The network is getting ready...") if self.active and self._frame is not None else ""
            self.timing.setText(tr(self._doing) or waiting)
        else:
            self.timing.setText(timing_text(record.timing))
        self.where.setText("" if record is None else runs_on_text(record))
        self.where.setToolTip("" if record is None else runs_on_tip(record))
        self.heading.setText(self._heading(record))
        if isinstance(record, Mask):
            self.share.setText(percent(float((record.alpha >= 0.5).mean())))
        elif self.desk.session.live == "segment":
            self.share.setText("")
        self.view.set_empty_text(tr("Choose a picture, video or camera above."))
        self.offer.show_for(source, self.desk.session.picture, self._frame is None)
        self.view.set_badge(self._badge(source))

    def _badge(self, source: SourceState | None) -> str:
        """Why the picture that is shown is not of now."""
        if source is not None and source.state == "no signal":
            return tr("No signal for {seconds:.0f} s").format(seconds=source.seconds)
        if source is not None and source.state == "failed":
            return self.offer.reason(self.desk.session.picture)
        return ""

    def _heading(self, record: Detections | Mask | TopK | None) -> str:
        task = self.desk.session.live
        if task == "segment":
            return tr("Share of the object")
        if task == "classify":
            return tr("What the network says")
        return tr("Objects") if not isinstance(record, Detections) else tr("Objects: {count}").format(count=len(record))

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The cup on the coffee picture."""
        self.choose("detect")

    def demo_ready(self) -> bool:
        """Something was found on the frame that is shown."""
        return isinstance(self.shown, Detections) and len(self.shown) > 0
