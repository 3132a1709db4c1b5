"""Regions: on which inputs around the picture the network's answer stays the same, and how small its linear pieces are."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSplitter, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.icons import set_icon
from explorer.gui.notices import trouble_text
from explorer.gui.panels.filters_saving import with_facts
from explorer.gui.panels.filters_view import OneLine
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.panels.regions_view import AnswerLegend, Cell, RegionMap, facts_lines, levels_text, place_text, zoom_to
from explorer.gui.widgets.picture_view import PictureView, image_of
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result
from explorer.picture.region_map import cell_size, region_map
from explorer.records.frame import Frame
from explorer.records.regions import Regions
from explorer.requests.base import changed
from explorer.requests.regions import RegionsRequest
from explorer.session import Session

MAP = "regions.map"
SMALLEST, LARGEST = 1e-7, 255.0
OUT = 8.0  # times larger


class RegionsPanel(Panel):
    """The map is drawn when a person asks for it, and the first time the panel is seen."""

    name: ClassVar[str] = "regions"
    channels: ClassVar[tuple[str, ...]] = (MAP,)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.record: Regions | None = None
        self._asked: object = None
        self._form = Form(RegionsRequest, desk, "regions")
        self.map, self.point = RegionMap(), PictureView()
        self.legend = AnswerLegend()
        self._build()
        self.map.pointed.connect(self._pointed)
        self.draw.clicked.connect(self.start)
        self.closer.clicked.connect(self.zoom_in)
        self.wider.clicked.connect(self.zoom_out)
        desk.session_changed.connect(self._session_changed)
        desk.network_changed.connect(lambda _info: self._say_stale())
        desk.jobs_changed.connect(self._jobs_changed)
        self._say()

    def form(self) -> QWidget:
        """Directions, extent, points, layer, seed."""
        return self._form

    def _build(self) -> None:
        self.heading, self.detail = OneLine(), OneLine()
        self.heading.setProperty("kind", "title")
        self.detail.setProperty("kind", "muted")
        self.progress = ProgressStrip(compact=True)
        self.progress.stopped.connect(self.desk.stop)
        self.draw = QPushButton()
        self.draw.setProperty("kind", "primary")
        words.say(self.draw, N_("Draw the map"))
        words.say(self.draw, N_("Look at the inputs around the picture that is shown (R)"), "tip")
        set_icon(self.draw, "regions")
        self.closer, self.wider = QToolButton(), QToolButton()
        for button, icon, text, tip in (
            (self.closer, "zoom-in", N_("To its piece"), N_("So near that the picture's own linear piece can be seen (I)")),
            (self.wider, "zoom-out", N_("Wider"), N_("Eight times as far to each side (U)")),
        ):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            set_icon(button, icon)
            words.say(button, text)
            words.say(button, tip, "tip")
        words.say(self.map, N_("Map of the inputs around the picture"), "name")
        words.say(self.point, N_("The input under the cursor"), "name")
        words.say(self.legend, N_("Answers in this plane"), "name")
        self.across, self.place, self.facts = OneLine(), QLabel(), QLabel()
        self.across.setProperty("kind", "muted")
        for label in (self.place, self.facts):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.place.setFont(theme.tabular(self.place.font()))
        self.facts.setProperty("kind", "muted")
        self.point.setMinimumHeight(theme.px(45))
        self.point.setMaximumHeight(theme.px(64))
        line = QHBoxLayout()
        line.setSpacing(theme.px(2))
        line.addWidget(self.heading, 1)
        for widget in (self.wider, self.closer, self.draw):
            line.addWidget(widget)
        below = QHBoxLayout()
        below.addWidget(self.detail, 1)
        below.addWidget(self.progress)
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.map, 1)
        column.addWidget(self.across)
        side = QVBoxLayout(right)
        side.setContentsMargins(theme.px(1), 0, theme.px(1), 0)
        side.setSpacing(theme.px(2))
        for part in (self.point, self.place, self.legend, self.facts):
            side.addWidget(part)
        side.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(right)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(theme.px(3))
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(left)
        self.split.addWidget(area)
        self.split.setStretchFactor(0, 5)
        self.split.setStretchFactor(1, 2)
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        page.setSpacing(theme.px(2))
        page.addLayout(line)
        page.addLayout(below)
        page.addWidget(self.split, 1)

    # -- the job -----------------------------------------------------------------------------------------------------
    def take_frame(self, frame: Frame) -> None:
        """The first picture that is seen here is looked around at once; later ones when asked."""
        if self.record is None and self._asked is None and self.desk.network is not None:
            self.start()
        self._say_stale()

    def start(self) -> None:
        """Draw the map of the picture that is shown."""
        request, frame = self.desk.session.regions, self.desk.frame
        if frame is None:
            return
        self._asked = self._now()
        self.map.set_badge("")
        self.desk.submit(MAP, request, frame)

    def zoom_in(self) -> None:
        """As near as the picture's own piece is small."""
        if self.record is not None:
            self._zoom(zoom_to(self.record))

    def zoom_out(self) -> None:
        """Farther to each side."""
        self._zoom(self.desk.session.regions.extent * OUT)

    def _zoom(self, extent: float) -> None:
        extent = min(max(extent, SMALLEST), LARGEST)
        self.desk.change(regions=changed(self.desk.session.regions, extent=float(f"{extent:.3g}")))
        self.start()

    def take(self, channel: str, event: Event) -> None:
        """The map, coarse first."""
        if isinstance(event, (Preview, Result)) and isinstance(event.record, Regions):
            self.record = event.record
            self.map.set_record(event.record)
            self.legend.set_record(event.record)
            self._say()
        elif isinstance(event, Failed):
            self.record = None
            self.map.set_record(None)
            self.point.set_rgb(None)
            self.legend.set_record(None)
            self.map.set_empty_text(trouble_text(event.trouble))
            self._say()
        if isinstance(event, CancelledJob):
            self._say_stale()

    def _now(self) -> object:
        session, frame = self.desk.session, self.desk.frame
        return session.regions, session.surgery, None if frame is None else frame.source

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.regions != old.regions or new.surgery != old.surgery:
            self._say_stale()

    def _say_stale(self) -> None:
        """Another picture or another question: the map says so until it is drawn again."""
        stale = self.record is not None and self._asked != self._now()
        self.map.set_badge(tr("Changed. Draw the map again (R).") if stale else "")

    def _jobs_changed(self) -> None:
        self.progress.show_job(self.desk.jobs.get(MAP))

    # -- words -------------------------------------------------------------------------------------------------------
    def _pointed(self, cell: Cell) -> None:
        record = self.record
        if record is None or cell is None:
            return
        self.place.setText(place_text(record, cell))
        self.point.set_rgb(record.point(record.levels(cell[1]), record.levels(cell[0])))
        self.legend.mark(int(record.answer[cell]))

    def _say(self) -> None:
        record = self.record
        self.heading.setText(tr("Around the picture"))
        for button in (self.closer, self.wider):
            button.setEnabled(record is not None)
        if record is None:
            self.detail.setText(tr("Which inputs get the same answer, and how small the network's linear pieces are."))
            for label in (self.across, self.place, self.facts):
                label.setText("")
            return
        said = tr("{source} · {extent} levels to each side · {precision}")
        self.detail.setText(
            said.format(source=record.source, extent=levels_text(record.extent), precision=record.runs_on.precision)
        )
        self.across.setText(tr("right: {right} · down: {down}").format(right=record.names[0], down=record.names[1]))
        self.facts.setText("\n".join(facts_lines(record)))
        if self.map.cell is not None:
            self._pointed(self.map.cell)

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._say()
        self._say_stale()

    def restyle(self) -> None:
        """Colours of the legend."""
        self.legend.update()

    # -- keys and files ----------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("R", N_("Draw the map"), self.start),
            Key("I", N_("Zoom to the picture's own linear piece"), self.zoom_in),
            Key("U", N_("Look eight times as far"), self.zoom_out),
        ]

    def picture(self) -> QImage:
        """The map, its facts inside."""
        if self.record is None:
            return super().picture()
        record = self.record
        facts = {"model": record.model, "source": record.source, "extent": record.extent, "directions": record.names}
        return with_facts(image_of(region_map(record, cell_size(record))), facts)

    def numbers(self) -> str:
        """A line a point: right, down, class, probability, piece."""
        record = self.record
        if record is None:
            return ""
        lines = ["right\tdown\tanswer\tlabel\tscore\tpiece"]
        for row in range(record.size):
            for column in range(record.size):
                index = int(record.answer[row, column])
                values = (record.levels(column), record.levels(row), index, record.labels.get(index, ""))
                lines.append("\t".join(map(str, (*values, float(record.score[row, column]), int(record.pattern[row, column])))))
        return "\n".join(lines)

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """A small map at once."""
        if self.desk.session.regions.size > 9:
            self.desk.change(regions=changed(self.desk.session.regions, size=9))
            self.start()

    def demo_ready(self) -> bool:
        """All points are there."""
        return self.record is not None and self.record.step == 1
