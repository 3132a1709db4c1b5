"""The suppression theatre: who removes whom at which overlap, step by step, one method beside another."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.panels.xray_pages import StagePage
from explorer.gui.panels.xray_theatre_list import CastList, differ
from explorer.gui.panels.xray_theatre_scene import Scene
from explorer.gui.panels.xray_theatre_view import MOST, TheatreView
from explorer.gui.panels.xray_theatre_words import METHODS, row_text, step_html, table_text
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.playhead import Playhead
from explorer.gui.widgets.slider import NumberSlider
from explorer.i18n import N_, tr
from explorer.records.frame import Frame
from explorer.records.suppression import SuppressionTrace
from explorer.records.xray import CandidatesStage, PictureStage, SuppressionStage, XrayRecord
from explorer.requests.base import changed

PACE = 0.15  # of Playhead's speed: one or two steps a second, slow enough to read


class TheatrePage(StagePage):
    """Plays the trace of the shown record. Overlap, sigma and method are the X-ray's own request: no forward pass is needed."""

    stage: ClassVar[str] = "suppression"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.record: XrayRecord | None = None
        self._at = 0
        self._key: object = None  # of the pictures and boxes that are played
        self._last: tuple[int, int] | None = None  # (by, row) of the step that is shown
        self.views = (TheatreView(), TheatreView())
        self.cast = CastList()
        self.play = Playhead()
        self.said, self.told = QLabel(), OneLine()
        self._rest = ""  # what the line below says while the mouse is nowhere
        self.titles = (OneLine(), OneLine())
        self.method, self.beside = QComboBox(), QComboBox()
        self.overlap = NumberSlider(0.0, 1.0, 0.45, step=0.01)
        self.sigma = NumberSlider(0.05, 5.0, 0.5, step=0.05, log=True)
        self._labels: dict[QWidget, QLabel] = {}
        self._build()
        self.play.moved.connect(self._moved)
        for view in self.views:
            view.chosen.connect(self.choose)
            view.pointed.connect(self._pointed)
        self.views[0].moved.connect(self.views[1].look)
        self.views[1].moved.connect(self.views[0].look)
        self.cast.chosen.connect(self.choose)
        self.cast.pointed.connect(self._pointed)
        self.method.activated.connect(self._method_chosen)
        self.beside.activated.connect(self._beside_chosen)
        self.overlap.changed.connect(lambda value: self._set(self.overlap, overlap=value))
        self.overlap.settled.connect(lambda: self._set(self.overlap, overlap=self.overlap.value()))
        self.sigma.changed.connect(lambda value: self._set(self.sigma, sigma=value))
        self.sigma.settled.connect(lambda: self._set(self.sigma, sigma=self.sigma.value()))
        self.restyle()

    def _build(self) -> None:
        self.play.rate.set_value(PACE)
        self.play.set_speed(PACE)
        top = QGridLayout()  # two lines: with the list beside it there is little room across
        top.setHorizontalSpacing(theme.px(1.5))
        top.setVerticalSpacing(theme.px(1))
        top.setColumnStretch(3, 1)
        for at, (widget, text, tip) in enumerate((
            (self.method, N_("Method"), N_("greedy: the weaker box goes. Soft: its score is lowered")),
            (self.overlap, N_("Overlap"), N_("An intersection over union above it is too much. Acts at once, without a pass")),
            (self.beside, N_("Beside it"), N_("The same boxes by another method, at the same round; ≠: it ends differently")),
            (self.sigma, N_("Sigma"), N_("Width of the gaussian of soft suppression: smaller lowers scores more.")),
        )):  # fmt: skip
            label = QLabel()
            label.setProperty("kind", "muted")
            label.setBuddy(widget)
            words.say(label, text)
            words.say(widget, tip, "tip")
            words.say(widget, text, "name")
            self._labels[widget] = label
            top.addWidget(label, at // 2, 2 * (at % 2))
            top.addWidget(widget, at // 2, 2 * (at % 2) + 1)
        self.said.setTextFormat(Qt.TextFormat.RichText)
        self.said.setWordWrap(True)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.said.setFont(theme.tabular(self.said.font()))
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        pair = QWidget()
        line = QHBoxLayout(pair)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(2))
        self._columns = []
        for view, title, name in zip(
            self.views, self.titles, (N_("The boxes at this step"), N_("The same by the other method")), strict=True
        ):
            holder = QWidget()
            column = QVBoxLayout(holder)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(theme.px(0.5))
            title.setProperty("kind", "muted")
            words.say(view, name, "name")
            column.addWidget(title)
            column.addWidget(view, 1)
            line.addWidget(holder, 1)
            self._columns.append(holder)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setHandleWidth(theme.px(2))
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(pair)
        self.split.addWidget(self.cast)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setSizes([theme.px(70), theme.px(45)])
        self.told.setProperty("kind", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addLayout(top)
        column.addWidget(self.said)
        column.addWidget(self.split, 1)
        column.addWidget(self.told)
        column.addWidget(self.play)

    # -- what is shown -----------------------------------------------------------------------------------------------
    def set_record(self, record: XrayRecord | None, frame: Frame | None) -> None:
        """Another record: of the same picture and network it stays at the same step as far as that is there."""
        self.record = record
        boxes, trace = self._boxes, self._trace
        key = None if record is None or boxes is None else (record.model, record.frame_seq, record.source, boxes.xyxy.tobytes())
        other, self._key = key != self._key, key
        last = max(0, len(trace) - 1) if trace is not None else 0
        at = min(1, last) if other else self._same_step(trace)
        at_end = not other and self._at >= self.play.last > 0
        self._controls()
        self.play.pause()
        self.play.set_last(last)
        self.play.go_to(last if at_end else at)
        self._show()

    def _same_step(self, trace: SuppressionTrace | None) -> int:
        """The step about the same two boxes, else that which keeps the first of them, else as far as before."""
        if trace is None or self._last is None:
            return self._at
        mine = trace.by == self._last[0]
        for found in (mine & (trace.row == self._last[1]), mine):
            if found.any():
                return int(found.argmax())
        return self._at

    @property
    def _boxes(self) -> CandidatesStage | None:
        return self.record.first(CandidatesStage) if self.record is not None else None

    @property
    def _how(self) -> SuppressionStage | None:
        return self.record.first(SuppressionStage) if self.record is not None else None

    @property
    def _trace(self) -> SuppressionTrace | None:
        return self._how.steps if self._how is not None else None

    @property
    def scene(self) -> Scene | None:
        """The moment that is shown."""
        return self.views[0].scene

    @property
    def other(self) -> Scene | None:
        """The same moment by the other method, None where none is chosen."""
        return self.views[1].scene

    def _other_trace(self) -> SuppressionTrace | None:
        wanted = self.beside.currentData()
        return next((one for one in self._how.traces[1:] if one.method == wanted), None) if self._how is not None else None

    def _show(self) -> None:
        boxes, trace, other = self._boxes, self._trace, self._other_trace()
        scene = beside = None
        if self.record is not None and boxes is not None and trace is not None and len(boxes):
            followed = self.record.candidate
            scene = Scene(trace, boxes, self._at, followed)
            if other is not None:
                beside = Scene(other, boxes, trace.same_place(other, self._at), followed)
        step = scene.step if scene is not None else None
        self._last = (step.by, step.row) if step is not None else self._last
        picture = self.record.first(PictureStage) if self.record is not None else None
        self.views[0].set_scene(scene, picture)
        self.views[1].set_scene(beside, picture)
        self._columns[1].setVisible(beside is not None)
        for title, one in zip(self.titles, (scene, beside), strict=True):
            title.setVisible(beside is not None)
            title.setText("" if one is None else self._title(one))
        self.cast.set_scenes(scene, beside)
        self._say(scene, beside)

    def _title(self, scene: Scene) -> str:
        text = tr("{method}: {kept} of {all} stay in the end")
        return text.format(method=tr(METHODS[scene.trace.method]), kept=int(scene.trace.kept.sum()), all=len(scene.boxes))

    def _say(self, scene: Scene | None, beside: Scene | None) -> None:
        how = self._how
        if scene is None or how is None:
            empty = how.empty.text() if how is not None and how.empty is not None else ""
            self.said.setText(empty)
            self._rest = ""
            self._pointed(None)
            return
        self.said.setText(step_html(scene, how, self.desk.session.xray.confidence))
        parts = []
        if beside is None:
            parts.append(self._title(scene))
        else:
            count = sum(differ(scene, beside, row) for row in range(len(scene.boxes)))
            parts.append(tr("Boxes that end differently: {count}").format(count=count))
        if len(scene.boxes) > MOST:
            text = tr("Only the best {some} of {all} boxes are drawn; the list has all.")
            parts.append(text.format(some=MOST, all=len(scene.boxes)))
        self._rest = " · ".join(parts)
        self._pointed(self.cast.body.over)

    def _moved(self, step: float) -> None:
        at = int(step)
        if at != self._at:
            self._at = at
            self._show()

    def _pointed(self, row: int | None) -> None:
        scene = self.scene
        there = row is not None and scene is not None and row < len(scene.boxes)
        self.told.setText(row_text(scene, row) if there and scene is not None and row is not None else self._rest)
        self.cast.body.point(row if there else None)

    # -- choosing ----------------------------------------------------------------------------------------------------
    def choose(self, row: int) -> None:
        """Go to the step that decides about a box, and follow it."""
        trace = self._trace
        if trace is None or not 0 <= row < len(trace.fate):
            return
        fate = int(trace.fate[row])
        self.play.go_to(fate if fate >= 0 else self.play.last)
        self.followed.emit(row)

    def step(self, by: int) -> bool:
        """A step on or back; False at the ends, where the arrow goes on to the next stage."""
        goal = self._at + by
        if not 0 <= goal <= self.play.last:
            return False
        self.play.move_by(by)
        return True

    def toggle(self) -> bool:
        """Play or pause."""
        self.play.toggle()
        return True

    def _controls(self) -> None:
        request = self.desk.session.xray
        if not self.overlap.dragging:
            self.overlap.set_value(request.overlap)
        if not self.sigma.dragging:
            self.sigma.set_value(request.sigma)
        with QSignalBlocker(self.method), QSignalBlocker(self.beside):
            wanted = self.beside.currentData()
            self.method.clear()
            self.beside.clear()
            self.beside.addItem(tr("nothing"), "")
            for method, text in METHODS.items():
                self.method.addItem(tr(text), method)
                if method != request.suppression:
                    self.beside.addItem(tr(text), method)
            self.method.setCurrentIndex(self.method.findData(request.suppression))
            self.beside.setCurrentIndex(max(0, self.beside.findData(wanted)))
        self._needs()

    def _needs(self) -> None:
        """Only the numbers that a shown method reads."""
        shown = (self.method.currentData(), self.beside.currentData())
        for widget, seen in ((self.sigma, "gaussian" in shown), (self.overlap, set(shown) - {"", "gaussian"})):
            widget.setVisible(bool(seen))
            self._labels[widget].setVisible(bool(seen))

    def _method_chosen(self, _at: int) -> None:
        self._set(None, suppression=self.method.currentData())

    def _beside_chosen(self, _at: int) -> None:
        self._needs()
        self._show()

    def _set(self, slider: NumberSlider | None, **fields: object) -> None:
        request = changed(self.desk.session.xray, **fields)
        dragging = slider is not None and slider.dragging
        if request != self.desk.session.xray or not dragging:
            self.desk.change(undoable=not dragging, xray=request)

    # -- files -------------------------------------------------------------------------------------------------------
    def picture(self) -> QImage:
        """The page as it is."""
        return self.grab().toImage()

    def numbers(self) -> str:
        """All steps."""
        return "" if self.scene is None else table_text(self.scene)

    def restyle(self) -> None:
        """Theme or language."""
        self.said.setFixedHeight(2 * self.fontMetrics().lineSpacing() + theme.px(3))
        self._controls()
        self.play.retranslate()
        self._show()
