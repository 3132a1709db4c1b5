"""One class: its colour, its name, the button that is held to record, its pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QSizePolicy, QVBoxLayout

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.panels.teach_pictures import Thumbs
from explorer.gui.panels.teach_set import PictureSet
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.picture.colour import class_colour

MOST_NAME = 60


class ClassCard(QFrame):
    """`held(name, on)`: recording begins or ends; `renamed(old, new)`; `dropped(name, paths)`; `wanted(name, what)` with what
    one of "files", "folder", "clear", "remove".
    """

    held = Signal(str, bool)
    renamed = Signal(str, str)
    dropped = Signal(str, list)
    wanted = Signal(str, str)

    def __init__(self, pictures: PictureSet, name: str, number: int) -> None:
        super().__init__()
        self.pictures, self.class_name, self.number = pictures, name, number
        self.recording = self._over = False
        self.setProperty("kind", "card")
        self.setAcceptDrops(True)
        self.name = QLineEdit(name)
        self.name.setMaxLength(MOST_NAME)
        self.name.setMinimumWidth(theme.px(16))
        words.say(self.name, N_("What the pictures show: click to change it"), "tip")
        words.say(self.name, N_("Name of the class"), "name")
        self.name.editingFinished.connect(self._named)
        self.count = QLabel()
        self.count.setProperty("kind", "muted")
        self.count.setFont(theme.tabular(self.count.font()))
        self.record = QPushButton()
        set_icon(self.record, "record")
        self.record.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # the words may be cut, the row not
        self.record.setMinimumWidth(theme.px(24))
        self.record.installEventFilter(self)
        self.record.pressed.connect(lambda: self.held.emit(self.class_name, True))
        self.record.released.connect(self._released)
        self.lock = tool_button("lock", N_("Keep recording without holding; again to end"), checkable=True)
        self.lock.toggled.connect(self._locked)
        self.more = tool_button("add", N_("Pictures from files or a folder; clear; remove the class"))
        self.more.setPopupMode(self.more.ToolButtonPopupMode.InstantPopup)
        self.thumbs = Thumbs(pictures)
        words.say(self.thumbs, N_("Pictures of this class, the newest first. Click looks at one, Delete takes it away"), "tip")
        top, middle = QHBoxLayout(), QHBoxLayout()
        top.setSpacing(theme.px(2))
        top.addWidget(self.name, 1)
        top.addWidget(self.count)
        middle.setSpacing(theme.px(1))
        middle.addWidget(self.record, 1)
        middle.addWidget(self.lock)
        middle.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(4), theme.px(2), theme.px(2), theme.px(2))
        column.setSpacing(theme.px(1.5))
        column.addLayout(top)
        column.addLayout(middle)
        column.addWidget(self.thumbs)
        self.say()
        self.refresh()

    def say(self) -> None:
        """Texts that depend on the language."""
        self._fit()
        self.record.setToolTip(
            tr("Hold the button or the key {key}: every moment is a picture of {name}").format(
                key=self.number + 1, name=self.class_name
            )
        )
        self.record.setAccessibleName(tr("Record {name}").format(name=self.class_name))
        menu = QMenu(self)
        for what, text in (
            ("files", tr("Add pictures...")),
            ("folder", tr("Add a folder of pictures...")),
            ("clear", tr("Delete all its pictures")),
            ("remove", tr("Remove this class")),
        ):
            menu.addAction(text).triggered.connect(lambda _on=False, w=what: self.wanted.emit(self.class_name, w))
        old = self.more.menu()
        self.more.setMenu(menu)
        if old is not None:
            old.deleteLater()

    def _fit(self) -> None:
        """The whole words on the button where there is room for them, else one."""
        key = f"{self.number + 1}: " if self.number < 9 else ""
        texts = [tr("Recording...")] if self.recording else [tr("Hold to record"), tr("Record")]
        for text in texts:
            self.record.setText(key + text)
            if self.record.sizeHint().width() <= self.record.width():
                break

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The button has another width or other letters."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            self._fit()
        return super().eventFilter(watched, event)

    def refresh(self) -> None:
        """Its pictures came or went."""
        files = self.pictures.files.get(self.class_name, [])
        self.count.setText(tr("1 picture") if len(files) == 1 else tr("{count} pictures").format(count=len(files)))
        self.thumbs.show_files(list(reversed(files)))
        self.thumbs.setVisible(bool(files))

    def set_recording(self, on: bool) -> None:
        """Show whether pictures are being taken just now."""
        if on != self.recording:
            self.recording = on
            self.record.setDown(on)
            if not on:
                with QSignalBlocker(self.lock):
                    self.lock.setChecked(False)
            self.say()
            self.update()

    def _named(self) -> None:
        if self.name.text() != self.class_name:
            self.renamed.emit(self.class_name, self.name.text())

    def _released(self) -> None:
        if not self.lock.isChecked():
            self.held.emit(self.class_name, False)

    def _locked(self, on: bool) -> None:
        self.held.emit(self.class_name, on)

    # -- look and drop -----------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """The card with a strip in the class's colour; wider while it records."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*class_colour(self.number)))
        wide = theme.px(2.5 if self.recording else 1.5)
        painter.drawRoundedRect(theme.px(1), theme.px(2), wide, self.height() - theme.px(4), wide / 2, wide / 2)
        if self._over:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.tokens().accent), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 8, 8)

    def _drag(self, over: bool) -> None:
        self._over = over
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped on the class they show."""
        if local_paths(event.mimeData()):
            event.acceptProposedAction()
            self._drag(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They are not for this class."""
        self._drag(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """They become pictures of it."""
        event.acceptProposedAction()
        self._drag(False)
        self.dropped.emit(self.class_name, local_paths(event.mimeData()))


def local_paths(data: QMimeData) -> list[str]:
    """Files and folders of a drop."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if Path(path).exists()]
