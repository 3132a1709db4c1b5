"""Choosing a camera: by name, with a small picture of it before it is opened, its sizes, and what it really gives in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.notices import trouble_text
from explorer.gui.numerals import fixed, localised
from explorer.gui.page import Page
from explorer.host.messages import PeekSeen
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Result
from explorer.records.frame import Frame
from explorer.records.source import CameraInfo, CameraList, CameraMode, PeekReport
from explorer.requests.source import RATES, SIZES, CamerasRequest, SourceRequest

if TYPE_CHECKING:
    from explorer.gui.desk import Desk
    from explorer.gui.window import MainWindow

CHANNEL = "cameras"
PREVIEW = (256, 144)  # pixels
SETTLE_MS = 250  # while a person walks through the list no camera is opened


class CameraPage(Page):
    """Non-modal. `chosen(request)`: the person wants this camera. A camera is tried only while the page is on the screen."""

    chosen = Signal(object)  # SourceRequest

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._desk = desk
        self._cameras: tuple[CameraInfo, ...] = ()
        self._peek = 0
        self._sizes: tuple[tuple[int, int], ...] = ()
        words.say(self, N_("Choose a camera"), "title")
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SETTLE_MS)
        self._wait.timeout.connect(self._try)
        self._build()
        desk.register(CHANNEL, self._take)
        desk.peek_seen.connect(self._seen)
        desk.language_changed.connect(self._speak)

    # -- widgets -----------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.list = QListWidget()
        words.say(self.list, N_("Cameras"), "name")
        self.list.currentRowChanged.connect(self._marked)
        self.list.itemActivated.connect(self._open)
        self.again = QPushButton()
        words.say(self.again, N_("Look again"))
        words.say(self.again, N_("Look for cameras again (F5)"), "tip")
        self.again.setShortcut("F5")
        set_icon(self.again, "reset")
        self.again.clicked.connect(self.look)
        self.preview = QLabel()
        self.preview.setFixedSize(*PREVIEW)
        self.preview.setProperty("kind", "canvas")
        self.preview.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setWordWrap(True)
        words.say(self.preview, N_("What the camera sees"), "name")
        self.size_box, self.rate_box = QComboBox(), QComboBox()
        words.say(self.size_box, N_("Size"), "name")
        words.say(self.size_box, N_("The size of the pictures that is asked of the camera, in pixels"), "tip")
        words.say(self.rate_box, N_("Pictures a second"), "name")
        words.say(self.rate_box, N_("Asked of the camera; it gives the nearest that it can."), "tip")
        self.mirror = QCheckBox()
        words.say(self.mirror, N_("Mirror"))
        words.say(self.mirror, N_("Left and right exchanged, as in a mirror"), "tip")
        self.size_box.currentIndexChanged.connect(self._asked)
        self.rate_box.currentIndexChanged.connect(self._asked)
        self.mirror.toggled.connect(self._asked)
        form = QFormLayout()
        for text, box in ((N_("Size"), self.size_box), (N_("Pictures a second"), self.rate_box)):
            label = QLabel()
            label.setBuddy(box)
            words.say(label, text)
            form.addRow(label, box)
        form.addRow("", self.mirror)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(3 * self.fontMetrics().height())
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.test = QPushButton()
        words.say(self.test, N_("Test"))
        words.say(self.test, N_("Try the camera for some seconds and say what it really gives"), "tip")
        self.test.clicked.connect(self._try)
        self.open_button = QPushButton()
        self.open_button.setProperty("kind", "primary")
        words.say(self.open_button, N_("Open camera"))
        self.open_button.clicked.connect(self._open)
        self.open_button.setDefault(True)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addWidget(self.again)
        right = QVBoxLayout()
        right.setSpacing(theme.px(2))
        right.addWidget(self.preview)
        right.addLayout(form)
        right.addWidget(self.verdict)
        right.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.test)
        foot.addStretch(1)
        foot.addWidget(self.open_button)
        right.addLayout(foot)
        some = QWidget()
        line = QHBoxLayout(some)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(3))
        line.addLayout(left, 1)
        line.addLayout(right)
        self.pages = QStackedWidget()
        self.pages.addWidget(some)
        self.pages.addWidget(self._nothing())
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(3), theme.px(3), theme.px(3))
        column.addWidget(self.pages)
        self.resize(round(560 * theme.scale()), 380)

    def _nothing(self) -> QWidget:
        page = QWidget()
        self.none = QLabel()
        self.none.setProperty("kind", "title")
        self.none.setWordWrap(True)
        self.why = QLabel()
        self.why.setProperty("kind", "muted")
        self.why.setWordWrap(True)
        self.clip = QPushButton()
        self.clip.setProperty("kind", "primary")
        words.say(self.clip, N_("Play the sample clip"))
        self.clip.clicked.connect(self._play_clip)
        self.look_again = QPushButton()
        words.say(self.look_again, N_("Look again"))
        set_icon(self.look_again, "reset")
        self.look_again.clicked.connect(self.look)
        buttons = QHBoxLayout()
        buttons.addWidget(self.clip)
        buttons.addWidget(self.look_again)
        buttons.addStretch(1)
        column = QVBoxLayout(page)
        column.setSpacing(theme.px(3))
        column.addStretch(1)
        column.addWidget(self.none)
        column.addWidget(self.why)
        column.addLayout(buttons)
        column.addStretch(2)
        return page

    # -- cameras -----------------------------------------------------------------------------------------------------
    def open_page(self) -> None:
        """Show it, and look for cameras."""
        words.retranslate(self)
        settings = self._desk.settings
        with QSignalBlocker(self.mirror):
            self.mirror.setChecked(settings.camera_mirror)
        self._offer((), (int(settings.camera_width), int(settings.camera_height)), settings.camera_rate)
        self.come_up()
        self.look()

    @Slot()
    def look(self) -> None:
        """List the cameras anew."""
        self._end()
        self.again.setEnabled(False)
        self.look_again.setEnabled(False)
        self.verdict.setText(tr("Looking for cameras..."))
        self._desk.submit(CHANNEL, CamerasRequest())

    def _take(self, _channel: str, event: Event) -> None:
        if not isinstance(event, (Result, Failed, CancelledJob)):
            return
        found = event.record if isinstance(event, Result) and isinstance(event.record, CameraList) else CameraList()
        trouble = event.trouble if isinstance(event, Failed) else found.trouble
        self.again.setEnabled(True)
        self.look_again.setEnabled(True)
        self._cameras = found.cameras
        settings = self._desk.settings
        marked = next(
            (row for row, one in enumerate(found.cameras) if one.known and one.name == settings.camera_name),
            next((row for row, one in enumerate(found.cameras) if one.index == int(settings.camera)), 0),
        )
        with QSignalBlocker(self.list):
            self.list.clear()
            for camera in found.cameras:
                item = QListWidgetItem(camera_title(camera))
                self.list.addItem(item)
            self.list.setCurrentRow(marked if found.cameras else -1)
        self._say_nothing(trouble_text(trouble) if trouble is not None else "")
        self.pages.setCurrentIndex(0 if found.cameras else 1)
        if found.cameras:
            self.list.setFocus()
            self._marked(marked)
        else:
            self.clip.setFocus()

    def _say_nothing(self, why: str) -> None:
        self.none.setText(tr("No camera found."))
        hint = tr("Plug one in, or let go of it in the other program that uses it, and look again.")
        self.why.setText(f"{why} {hint}".strip())

    @property
    def camera(self) -> CameraInfo | None:
        """The one that is marked."""
        row = self.list.currentRow()
        return self._cameras[row] if 0 <= row < len(self._cameras) else None

    def request(self) -> SourceRequest:
        """What is chosen on the page."""
        camera = self.camera
        width, height = self._sizes[self.size_box.currentIndex()] if self._sizes else (0, 0)
        return SourceRequest(
            kind="camera",
            path="",
            index=camera.index if camera is not None else 0,
            device=camera.name[:200] if camera is not None and camera.known else "",
            mirror=self.mirror.isChecked(),
            width=width,
            height=height,
            rate=float(self.rate_box.currentData() or 0.0),
        )

    @Slot(int)
    def _marked(self, _row: int) -> None:
        camera = self.camera
        if camera is None:
            return
        request = self.request()
        self._offer(camera.modes, (request.width, request.height), request.rate)
        self._asked()

    def _offer(self, modes: tuple[CameraMode, ...], wanted: tuple[int, int], rate: float) -> None:
        """The sizes that the camera has, or the common ones; what was chosen stays chosen."""
        sizes = tuple(dict.fromkeys((mode.width, mode.height) for mode in modes)) or tuple(SIZES)
        extra = () if wanted in sizes else (wanted,)
        self._sizes = (*sizes, *extra) if (0, 0) in (*sizes, *extra) else (*sizes, *extra, (0, 0))
        with QSignalBlocker(self.size_box):
            self.size_box.clear()
            for size in self._sizes:
                self.size_box.addItem(size_text(*size))
            self.size_box.setCurrentIndex(self._sizes.index(wanted))
        best = max((mode.rate for mode in modes if (mode.width, mode.height) == wanted), default=0.0)
        rates = sorted({*(one for one in RATES if not best or one <= best), best, rate})
        with QSignalBlocker(self.rate_box):
            self.rate_box.clear()
            for one in rates:
                self.rate_box.addItem(localised(f"{one:g}") if one else tr("as it likes"), one)
            self.rate_box.setCurrentIndex(rates.index(rate))

    # -- trying ------------------------------------------------------------------------------------------------------
    @Slot()
    def _asked(self) -> None:
        """Another camera or size: try it once the person has come to rest."""
        self._end()
        self.verdict.setText(tr("Trying {name}...").format(name=self.camera.name if self.camera is not None else ""))
        self._wait.start()

    @Slot()
    def _try(self) -> None:
        if self.camera is not None and self.isVisible():
            self._wait.stop()
            self._show_picture(None)
            self._peek = self._desk.host.peek(self.request())

    def _end(self) -> None:
        self._wait.stop()
        if self._peek:
            self._peek = 0
            self._desk.host.end_peek()

    @Slot(object)
    def _seen(self, seen: PeekSeen) -> None:
        if seen.id != self._peek or not self._peek:
            return
        if seen.state == "failed":
            self._peek = 0
            self._show_picture(None)
            self.verdict.setText(trouble_text(seen.trouble) if seen.trouble is not None else tr("The camera gives no picture."))
        elif seen.state == "ended":
            self._peek = 0
        elif seen.state == "seen":
            self._show_picture(seen.picture)
            if seen.report is not None:
                self._report(seen.report)

    def _report(self, report: PeekReport) -> None:
        if report.modes and self.camera is not None and not self.camera.modes:
            size = self._sizes[self.size_box.currentIndex()]
            self._offer(report.modes, size, float(self.rate_box.currentData() or 0.0))
        self.verdict.setText(report_text(report))

    def _show_picture(self, frame: Frame | None) -> None:
        if frame is None:
            self.preview.setPixmap(QPixmap())
            return
        image = QImage(frame.rgb.data, frame.width, frame.height, 3 * frame.width, QImage.Format.Format_RGB888)
        ratio = self.devicePixelRatioF()
        size = self.preview.size() * ratio
        fitted = image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        fitted.setDevicePixelRatio(ratio)
        self.preview.setPixmap(QPixmap.fromImage(fitted))

    # -- deeds -------------------------------------------------------------------------------------------------------
    @Slot()
    def _open(self) -> None:
        if self.camera is not None:
            request = self.request()
            self.hide()
            self.chosen.emit(request)

    @Slot()
    def _play_clip(self) -> None:
        self.hide()
        self._desk.open_source(SourceRequest(kind="clip", path=""))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more: the camera is let go."""
        self._end()
        super().hideEvent(event)

    @Slot()
    def _speak(self) -> None:
        if self.isVisible():
            words.retranslate(self)
            self.look()


def camera_title(camera: CameraInfo) -> str:
    """ "Logitech C920 (0)": two of a kind differ by their number."""
    return f"{camera.name} ({camera.index})" if camera.known else tr("Camera {index}").format(index=camera.index)


def size_text(width: int, height: int) -> str:
    """ "1280 × 720"."""
    return f"{width} × {height}" if width and height else tr("as it likes")


def report_text(report: PeekReport) -> str:
    """What a camera really gives, and what is odd about it, in sentences."""
    size = size_text(report.width, report.height)
    if report.rate > 0:
        said = tr("Gives {size} at {rate} pictures a second.").format(size=size, rate=fixed(report.rate))
    else:
        said = tr("Gives {size}.").format(size=size)
    return " ".join([said, *(trouble_text(notice) for notice in report.notices)])
