"""One input for all panels: samples as thumbnails, file, folder, clip, camera, freeze; under it the bar that plays."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QImageReader, QPixmap, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QToolBar, QToolButton, QVBoxLayout, QWidget

from explorer.assets import assets_dir
from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.video_bar import VideoBar
from explorer.i18n import N_, tr

STILLS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm")
LABELLED_FROM = 290  # units of the grid: room for thumbnails, labelled buttons and the name
CLIPS = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".gif")
MOST_SAMPLES = 7


class PictureStrip(QToolBar):
    """Says what is wanted; the window tells the desk. Bare Qt until `fill` is called after the first paint.

    `camera_menu` and `folder_menu` are the small arrows beside their buttons; whoever owns the commands gives them a menu.
    """

    sample_chosen = Signal(str)
    clip_chosen = Signal()
    file_wanted = Signal()
    folder_wanted = Signal()
    camera_toggled = Signal(bool)
    frozen = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("picture-strip")
        words.say(self, N_("Picture"), "title")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        both = QWidget()
        both.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._line = QHBoxLayout()
        self._line.setSpacing(2)
        column.addLayout(self._line)
        self._samples = QHBoxLayout()
        self._samples.setSpacing(2)
        self._line.addLayout(self._samples)
        self._divide()
        self.file = self._button("picture", N_("File"), N_("Open picture or video... (Ctrl+O)"))
        self.folder = self._button("folder", N_("Folder"), N_("Open a folder of pictures (Ctrl+Shift+O)"))
        self.folder_menu = self._arrow(N_("More to do with a folder"))
        self.clip = self._button("video", N_("Clip"), N_("Play the sample clip"))
        self.camera = self._button("camera", N_("Camera"), N_("Camera on or off (Ctrl+K)"), checkable=True)
        self.camera_menu = self._arrow(N_("Choose a camera, open a stream"))
        self.file.clicked.connect(self.file_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        self.clip.clicked.connect(self.clip_chosen)
        self.camera.clicked.connect(self.camera_toggled)
        self.more = self._button("plugin", N_("Plugins"), N_("Picture sources of plugins"))
        self.more.hide()
        self._divide()
        self.freeze = self._button("freeze", N_("Freeze"), N_("Freeze the picture (F)"), checkable=True)
        self.freeze.clicked.connect(self.frozen)
        self.name = OneLine()
        self.name.setProperty("kind", "muted")
        self._line.addSpacing(theme.px(2))
        self._line.addWidget(self.name, 1)
        self._column = column
        self.addWidget(both)

    def add_bar(self) -> VideoBar:
        """Make the bar under the line; after the first paint, nothing can be played before."""
        self.bar = VideoBar()
        self.bar.hide()
        self._column.addWidget(self.bar)
        return self.bar

    def add_row(self, widget: QWidget) -> None:
        """One more row under all others."""
        self._column.addWidget(widget)

    def _made(self, icon_name: str, tip: str, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setCheckable(checkable)
        set_icon(button, icon_name, 20)
        words.say(button, tip, "tip")
        self._line.addWidget(button)
        return button

    def _button(self, icon_name: str, label: str, tip: str, checkable: bool = False) -> QToolButton:
        button = self._made(icon_name, tip, checkable)
        words.say(button, label)
        return button

    def _arrow(self, tip: str) -> QToolButton:
        button = QToolButton()
        set_icon(button, "chevron-down", 10)
        words.say(button, tip, "tip")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setProperty("kind", "arrow")
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._line.addWidget(button)
        return button

    def _divide(self) -> None:
        line = QFrame()
        line.setProperty("kind", "upright")
        line.setFixedWidth(1)
        self._line.addSpacing(theme.px(1))
        self._line.addWidget(line)
        self._line.addSpacing(theme.px(1))

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
        self.more.setVisible(there)

    def show_name(self, text: str) -> None:
        """What the picture is, at the right end."""
        self.name.setText(text)

    def show_frozen(self, on: bool) -> None:
        """Whether the picture is held."""
        self.freeze.setChecked(on)
        self.bar.show_paused(on)


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
