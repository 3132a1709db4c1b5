"""The record button: MP4 of what is drawn, into the person's film folder, without a question in between."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QToolButton, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.host.messages import RecordState
from explorer.i18n import N_, tr


class Recorder(QObject):
    """Owns the button. `toggle` begins or ends; the film is complete when the notice says so."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.recording = False
        self.button = QToolButton()
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        words.say(self.button, N_("Record what is drawn as MP4 (R)"), "tip")
        self.button.clicked.connect(self.toggle)
        self._since = 0.0
        self._show()
        desk.record_changed.connect(self._changed)

    @Slot()
    def toggle(self) -> None:
        """Begin a film, or finish the one being made."""
        if self.recording:
            self._desk.host.record(None)
            self.recording = False
        else:
            path = film_path()
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self._desk.notify(
                    tr("{path} could not be written: {reason}").format(path=path, reason=error.strerror or error), "bad"
                )
            else:
                self._desk.host.record(path)
                self.recording, self._since = True, time.monotonic()
        self._show()

    def tick(self) -> None:
        """Count the seconds on the button; called with each picture."""
        if self.recording:
            self._show()

    @Slot(object)
    def _changed(self, state: RecordState) -> None:
        self.recording = state.state == "recording"
        self._show()
        if state.state == "done" and not state.frames:
            self._desk.notify(tr("Nothing was recorded: no new picture came in the meantime."), "warn")
        elif state.state == "done":
            text = tr("Film of {frames} pictures saved as {path}").format(frames=state.frames, path=state.path)
            if state.dropped:
                text += " " + tr("({dropped} pictures came too fast and were left out)").format(dropped=state.dropped)
            open_it = partial(_open, QUrl.fromLocalFile(str(Path(state.path).parent)))
            self._desk.notify(text, "good", actions=((tr("Open folder"), open_it),))
        elif state.state == "failed" and state.trouble is not None:
            self._desk.trouble(state.trouble, "record")

    def _show(self) -> None:
        self.button.setChecked(self.recording)
        if self.button.property("recording") != self.recording:
            self.button.setProperty("recording", self.recording)
            set_icon(self.button, "stop" if self.recording else "record")
        if self.recording:
            seconds = int(time.monotonic() - self._since)
            words.say(self.button, N_("Recording {clock}"), clock=f"{seconds // 60}:{seconds % 60:02d}")
        else:
            words.say(self.button, N_("Record"))


def film_path() -> Path:
    """A new file in the film folder of the system, named by the time."""
    films = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
    folder = Path(films) if films else Path.home()
    return folder / "Explorer" / time.strftime("live-%Y-%m-%d-%H%M%S.mp4")


def _open(folder: QUrl) -> None:
    QDesktopServices.openUrl(folder)
