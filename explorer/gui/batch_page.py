"""All pictures of a folder: which ones, what to look for, where the results go; then a look at each while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
)

from explorer.gui import theme, words
from explorer.gui.notices import trouble_text
from explorer.gui.page import Page
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.picture_view import PictureView
from explorer.gui.widgets.progress_strip import ProgressStrip, spoken_time
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, figures, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result
from explorer.records.batch import BatchReport, BatchStep
from explorer.records.export import ENDINGS
from explorer.requests.base import changed
from explorer.requests.batch import BatchFile, BatchRequest, BatchTask
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest

if TYPE_CHECKING:
    from explorer.gui.desk import Desk
    from explorer.gui.window import MainWindow

CHANNEL = "batch"
TASKS: tuple[tuple[BatchTask, str], ...] = (
    ("detect", N_("Objects")),
    ("segment", N_("Mask")),
    ("classify", N_("Classes")),
)
WRITE: tuple[tuple[BatchFile, str], ...] = (
    ("pictures", N_("Pictures with what was found drawn in (PNG)")),
    (".csv", ENDINGS[".csv"]),
    (".jsonl", ENDINGS[".jsonl"]),
    (".json", ENDINGS[".json"]),
)


class BatchPage(Page):
    """Non-modal; the job goes on while the page is closed, and stands in the status bar."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._desk = desk
        self._path = self._folder = ""
        self._last: BatchReport | None = None
        words.say(self, N_("Look at all pictures"), "title")
        self._build()
        desk.register(CHANNEL, self._take)
        desk.jobs_changed.connect(self._jobs_changed)
        desk.language_changed.connect(self._speak)

    # -- widgets -----------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.pictures, self.results = OneLine(), OneLine()
        self.choose = tool_button("folder", N_("Choose the folder of pictures"), N_("Choose..."))
        self.choose.clicked.connect(self._choose_pictures)
        self.task = QComboBox()
        words.say(self.task, N_("What the network is to find in each picture."), "tip")
        self.into = tool_button("folder", N_("Choose the folder for the results"), N_("Choose..."))
        self.into.clicked.connect(self._choose_results)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(3))
        grid.setColumnStretch(1, 1)
        rows = (
            (N_("Pictures"), self.pictures, self.choose),
            (N_("Task"), self.task, None),
            (N_("Results"), self.results, self.into),
        )
        for row, (text, widget, button) in enumerate(rows):
            label = QLabel()
            label.setBuddy(widget)
            words.say(label, text)
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 1)
            if button is not None:
                grid.addWidget(button, row, 2)
        words.say(self.task, N_("Task"), "name")
        self.kinds: dict[BatchFile, QCheckBox] = {}
        for row, (kind, text) in enumerate(WRITE, len(rows)):
            box = QCheckBox()
            words.say(box, text)
            box.toggled.connect(self._judge)
            grid.addWidget(box, row, 1, 1, 2)
            self.kinds[kind] = box
        self.view = PictureView()
        self.view.setMinimumHeight(theme.px(45))
        words.say(self.view, N_("The picture that was looked at last"), "name")
        self.line = OneLine()
        self.strip = ProgressStrip()
        self.strip.stopped.connect(self._desk.stop)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.show_folder = QPushButton()
        words.say(self.show_folder, N_("Open folder"))
        self.show_folder.clicked.connect(self._open_results)
        self.show_folder.hide()
        self.start = QPushButton()
        self.start.setProperty("kind", "primary")
        words.say(self.start, N_("Start"))
        self.start.clicked.connect(self.begin)
        self.start.setDefault(True)
        foot = QHBoxLayout()
        foot.addWidget(self.verdict, 1)
        foot.addWidget(self.show_folder)
        foot.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(3), theme.px(3), theme.px(3))
        column.setSpacing(theme.px(2))
        column.addLayout(grid)
        column.addWidget(self.view, 1)
        column.addWidget(self.line)
        column.addWidget(self.strip)
        column.addLayout(foot)
        self.resize(round(560 * theme.scale()), 560)

    # -- choosing ----------------------------------------------------------------------------------------------------
    def open_page(self) -> None:
        """Show it for the folder that is open, or the one of last time."""
        words.retranslate(self)
        session = self._desk.session
        if not self._running:
            kept = session.batch
            open_now = session.picture.path if session.picture.kind in ("folder", "files") else ""
            self._set_pictures(open_now or kept.path)
            if kept.folder and kept.path == self._path:
                self._folder = kept.folder
            self._fill_tasks(session.live)
            for kind, box in self.kinds.items():
                box.setChecked(kind in kept.write)
            self._say_paths()
        self.come_up()
        if not self._path:
            self.choose.setFocus()

    def _fill_tasks(self, chosen: str) -> None:
        self.task.clear()
        for name, text in TASKS:
            model = str(getattr(self._desk.session, name).model)
            self.task.addItem(f"{tr(text)} · {self._desk.title_of('network', model)}", name)
        self.task.setCurrentIndex([name for name, _ in TASKS].index(chosen) if chosen in dict(TASKS) else 0)

    def _set_pictures(self, path: str) -> None:
        self._path = path
        first = Path(path.split("\n")[0]) if path else None
        if first is not None:
            place = first if "\n" not in path else first.parent
            results = tr("results")
            self._folder = str(place.with_name(f"{place.name} - {results}"))

    def _say_paths(self) -> None:
        lines = [line for line in self._path.split("\n") if line]
        several = tr("{count} pictures").format(count=len(lines))
        self.pictures.setText(short(lines[0]) if len(lines) == 1 else several if lines else tr("No folder is chosen."))
        self.results.setText(short(self._folder))
        self.pictures.setAccessibleDescription(lines[0] if lines else "")
        self.results.setAccessibleDescription(self._folder)
        self._judge()

    @Slot()
    def _choose_pictures(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("Choose the folder of pictures"), self._path.split("\n")[0])
        if path:
            self._set_pictures(path)
            self._say_paths()

    @Slot()
    def _choose_results(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("Choose the folder for the results"), self._folder)
        if path:
            self._folder = path
            self._say_paths()

    @Slot()
    def _judge(self) -> None:
        some = any(box.isChecked() for box in self.kinds.values())
        self.start.setEnabled(bool(self._path and self._folder and some) and not self._running)

    def request(self) -> BatchRequest:
        """What is chosen, with the Live panel's own settings of the task."""
        session = self._desk.session
        task: BatchTask = self.task.currentData() or "detect"
        looking = changed(getattr(session, task), **({"track": False} if task == "detect" else {}))
        fields = {
            "path": self._path,
            "task": task,
            "folder": self._folder,
            "write": tuple(kind for kind, box in self.kinds.items() if box.isChecked()),
            task: self._desk.operated(looking),
        }
        return BatchRequest.model_validate(fields)

    # -- running -----------------------------------------------------------------------------------------------------
    @property
    def _running(self) -> bool:
        return self._desk.jobs.get(CHANNEL) is not None

    @Slot()
    def begin(self) -> None:
        """Look at all."""
        request = self.request()
        plain = {"detect": DetectRequest(), "segment": SegmentRequest(), "classify": ClassifyRequest()}
        self._desk.change(undoable=False, batch=changed(request, **plain))
        self._last = None
        self.show_folder.hide()
        self.verdict.setText("")
        self._desk.submit(CHANNEL, request)

    def _take(self, _channel: str, event: Event) -> None:
        if isinstance(event, Preview) and isinstance(event.record, BatchStep):
            step = event.record
            self._last = step.report
            self.view.set_rgb(step.rgb)
            said = figures(step.said) or tr("nothing found")
            self.line.setText(f"{step.name}: {said}")
        elif isinstance(event, Result) and isinstance(event.record, BatchReport):
            self._ended(event.record)
        elif isinstance(event, CancelledJob):
            self._ended(event.record if isinstance(event.record, BatchReport) else self._last)
        elif isinstance(event, Failed):
            self.verdict.setText(trouble_text(event.trouble))

    def _ended(self, report: BatchReport | None) -> None:
        if report is None:
            self.verdict.setText(tr("Stopped before the first picture."))
            return
        self._last = report
        self.verdict.setText(report_text(report))
        self.show_folder.setVisible(bool(report.files))
        if not self.isVisible():
            self._desk.notify(report_text(report), "good" if report.whole else "info", key=CHANNEL)

    @Slot()
    def _jobs_changed(self) -> None:
        self.strip.show_job(self._desk.jobs.get(CHANNEL))
        for widget in (self.choose, self.into, self.task, *self.kinds.values()):
            widget.setEnabled(not self._running)
        self._judge()

    @Slot()
    def _open_results(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder))

    @Slot()
    def _speak(self) -> None:
        if self.isVisible():
            words.retranslate(self)
            self._fill_tasks(self.task.currentData())
            self._say_paths()


def short(path: str) -> str:
    """The end of a path: its beginning is the same for all folders of a person."""
    parts = Path(path).parts
    return path if len(parts) < 4 else str(Path("…", *parts[-2:]))


def report_text(report: BatchReport) -> str:
    """ "12 of 12 pictures, 31 objects, 4 s. 1 could not be read: x.png: incomplete file."."""
    start = (
        tr("{looked} of {total} pictures in {time}.")
        if report.whole
        else tr("Stopped after {looked} of {total} pictures ({time}).")
    )
    parts = [start.format(looked=report.looked, total=report.total, time=spoken_time(max(1.0, report.seconds)))]
    if report.objects:
        parts.append(tr("Objects: {count}").format(count=report.objects) + ".")
    if report.skipped:
        _, why = report.skipped[0]
        text = tr("{count} could not be read, the first: {reason}")
        parts.append(text.format(count=len(report.skipped), reason=trouble_text(why)))
    return " ".join(parts)
