"""One input for all panels: samples as thumbnails, file, folder, camera, video with play, step and seek, freeze."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QImageReader, QPixmap, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolBar, QToolButton, QWidget

from explorer.assets import assets_dir
from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.i18n import N_, tr

STILLS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm")
LABELLED_FROM = 290  # units of the grid: room for thumbnails, labelled buttons, a video's controls and the name
CLIPS = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".gif")
MOST_SAMPLES = 7


class PictureStrip(QToolBar):
    """Says what is wanted; the window tells the desk. Bare Qt until `fill` is called after the first paint."""

    sample_chosen = Signal(str)
    clip_chosen = Signal()
    file_wanted = Signal()
    folder_wanted = Signal()
    camera_toggled = Signal(bool)
    play_toggled = Signal()
    stepped = Signal(int)
    sought = Signal(float)  # 0..1
    frozen = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("picture-strip")
        words.say(self, N_("Picture"), "title")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        holder = QWidget()
        self._samples = QHBoxLayout(holder)
        self._samples.setContentsMargins(0, 0, 0, 0)
        self._samples.setSpacing(2)
        self._holder = holder
        self.addWidget(holder)
        self.addSeparator()
        self.file = self._button("picture", N_("File"), N_("Open picture or video... (Ctrl+O)"))
        self.folder = self._button("folder", N_("Folder"), N_("Open a folder of pictures (Ctrl+Shift+O)"))
        self.clip = self._button("video", N_("Clip"), N_("Play the sample clip"))
        self.camera = self._button("camera", N_("Camera"), N_("Camera on or off (Ctrl+K)"), checkable=True)
        self.file.clicked.connect(self.file_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        self.clip.clicked.connect(self.clip_chosen)
        self.camera.clicked.connect(self.camera_toggled)
        self.more = self._made("plugin", N_("Picture sources of plugins"), None)
        words.say(self.more, N_("Plugins"))
        self._more = self.addWidget(self.more)
        self.show_more(False)
        self.addSeparator()
        self.freeze = self._button("freeze", N_("Freeze"), N_("Freeze the picture (F)"), checkable=True)
        self.freeze.clicked.connect(self.frozen)
        self._video = [
            self.addWidget(self._made("step-back", N_("One picture back"), self._back)),
            self.addWidget(self._made("pause", N_("Play or pause the video (Ctrl+P)"), self.play_toggled.emit)),
            self.addWidget(self._made("step", N_("One picture on"), self._on)),
        ]
        self.seek = QSlider(Qt.Orientation.Horizontal)
        self.seek.setRange(0, 1000)
        self.seek.setMinimumWidth(80)
        self.seek.setMaximumWidth(320)
        words.say(self.seek, N_("Position in the video"), "tip")
        self.seek.sliderMoved.connect(self._sought)
        self.seek.actionTriggered.connect(self._jumped)
        self.time = QLabel()
        self.time.setFont(theme.tabular(self.time.font()))
        self._video += [self.addWidget(self.seek), self.addWidget(self.time)]
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        self.name = QLabel()
        self.name.setProperty("kind", "muted")
        self.name.setMinimumWidth(40)
        self.addWidget(self.name)
        self.show_video(False)

    def _made(self, icon_name: str, tip: str, slot: Any, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setCheckable(checkable)
        set_icon(button, icon_name, 20)
        words.say(button, tip, "tip")
        if slot is not None:
            button.clicked.connect(slot)
        if icon_name == "pause":
            self.play = button
        return button

    def _button(self, icon_name: str, label: str, tip: str, checkable: bool = False) -> QToolButton:
        button = self._made(icon_name, tip, None, checkable)
        words.say(button, label)
        self.addWidget(button)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Labels beside the icons where there is room for them."""
        super().resizeEvent(event)
        roomy = self.width() >= theme.px(LABELLED_FROM)
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if roomy else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in (self.file, self.folder, self.clip, self.camera, self.more, self.freeze):
            button.setToolButtonStyle(style)

    # -- samples -----------------------------------------------------------------------------------------------------
    def fill(self) -> None:
        """Make the thumbnails, one per turn of the event loop."""
        folder = assets_dir() / "samples"
        self._todo = [path for path in sorted(folder.glob("*")) if path.suffix.lower() in STILLS][:MOST_SAMPLES]
        QTimer.singleShot(0, self, self._one_more)

    def _one_more(self) -> None:
        if not self._todo:
            return
        self._add_sample(self._todo.pop(0))
        QTimer.singleShot(0, self, self._one_more)

    def _add_sample(self, path: Path) -> None:
        button = QToolButton()
        button.setCheckable(True)
        button.setProperty("sample", path.stem)
        button.setIconSize(QSize(48, 36))
        button.setIcon(QIcon(_thumbnail(path, QSize(48, 36), self.devicePixelRatioF())))
        button.setAccessibleName(path.stem)
        words.say(button, N_("Sample: {name}"), "tip", name=path.stem.replace("_", " "))
        button.clicked.connect(self._sample_clicked)
        self._group.addButton(button)
        self._samples.addWidget(button)
        button.setChecked(path.stem == self._wanted)

    _wanted = ""

    def _sample_clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.sample_chosen.emit(str(sender.property("sample")))

    # -- state -------------------------------------------------------------------------------------------------------
    def show_source(self, kind: str, path: str) -> None:
        """Mark what is the source now."""
        self._wanted = path if kind == "sample" else ""
        self._group.setExclusive(False)
        for button in self._group.buttons():
            button.setChecked(button.property("sample") == self._wanted)
        self._group.setExclusive(True)
        self.camera.setChecked(kind == "camera")

    def show_more(self, there: bool) -> None:
        """Whether plugins have sources to choose from."""
        self._more.setVisible(there)

    def show_name(self, text: str) -> None:
        """What the picture is, at the right end."""
        self.name.setText(text)

    def show_frozen(self, on: bool) -> None:
        """Whether the picture is held."""
        self.freeze.setChecked(on)
        set_icon(self.play, "play" if on else "pause", 20)

    def show_video(self, on: bool, seekable: bool = False) -> None:
        """Show or hide what only a video has; without a known length there is no slider, the clock runs."""
        for action in self._video:
            action.setVisible(on)
        self._video[3].setVisible(on and seekable)

    def show_position(self, seconds: float, length: float, part: float) -> None:
        """The clock, and the slider if it is not held. Absurd lengths (a damaged file's) are no length."""
        known = 0 < length < 1e7
        self.time.setText(f"{_clock(seconds)} / {_clock(length)}" if known else _clock(seconds))
        if known and not self.seek.isSliderDown():
            self.seek.setValue(round(1000 * min(1.0, max(0.0, part))))

    def _back(self) -> None:
        self.stepped.emit(-1)

    def _on(self) -> None:
        self.stepped.emit(1)

    def _sought(self, tick: int) -> None:
        self.sought.emit(tick / 1000)

    def _jumped(self, action: int) -> None:
        if action not in (0, 7):  # 7 is SliderMove, which sliderMoved already told
            self.sought.emit(self.seek.sliderPosition() / 1000)


def _clock(seconds: float) -> str:
    whole = int(max(0.0, min(seconds, 359_999.0)))
    return f"{whole // 60}:{whole % 60:02d}"


def _thumbnail(path: Path, size: QSize, ratio: float) -> QPixmap:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    box = size * ratio
    real = reader.size()
    if real.isValid():
        reader.setScaledSize(real.scaled(box, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    made = QPixmap.fromImage(reader.read())
    if made.isNull():
        return made
    left, top = (made.width() - box.width()) // 2, (made.height() - box.height()) // 2
    made = made.copy(max(0, left), max(0, top), box.width(), box.height())
    made.setDevicePixelRatio(ratio)
    return made


def file_filter() -> str:
    """The name filters of the open dialog."""
    stills, clips = " ".join(f"*{e}" for e in STILLS), " ".join(f"*{e}" for e in CLIPS)
    pictures, everything = tr("Pictures and videos"), tr("All files")
    return f"{pictures} ({stills} {clips});;{everything} (*)"
