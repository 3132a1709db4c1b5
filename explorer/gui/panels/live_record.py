"""The record button: what is drawn as a film, what was found as tables, into the person's film folder, without a question."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.widgets.tool_button import tool_button
from explorer.host.messages import RecordState
from explorer.i18n import N_, tr
from explorer.records.export import ENDINGS
from explorer.requests.base import changed


class Recorder(QObject):
    """Owns the button. `toggle` begins or ends; the film is complete when the notice says so."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.recording = False
        self.button = tool_button("record", N_("Record what is seen (R). The arrow says what is written."), checkable=True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.button.clicked.connect(self.toggle)
        self.kinds: dict[str, QAction] = {}
        menu = QMenu(self.button)
        for ending, title in ENDINGS.items():
            action = menu.addAction("")
            action.setCheckable(True)
            words.say(action, title)
            action.triggered.connect(partial(self._choose, ending))
            self.kinds[ending] = action
        menu.aboutToShow.connect(self._tick)
        self.button.setMenu(menu)
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
            paths = self._paths()
            try:
                paths[0].parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self._desk.notify(
                    tr("{path} could not be written: {reason}").format(path=paths[0], reason=error.strerror or error), "bad"
                )
            else:
                self._desk.host.record(paths if len(paths) > 1 else paths[0])
                self.recording, self._since = True, time.monotonic()
        self._show()

    def _paths(self) -> tuple[Path, ...]:
        """A file of each chosen kind, all with one name."""
        chosen = [ending for ending in ENDINGS if ending in self._desk.session.live_look.record] or [next(iter(ENDINGS))]
        return tuple(film_path().with_suffix(ending) for ending in chosen)

    def _choose(self, ending: str, on: bool) -> None:
        """Write files of this kind too, or not; one kind is always left."""
        look = self._desk.session.live_look
        kinds = tuple(kind for kind in ENDINGS if (on if kind == ending else kind in look.record))
        self._desk.change(live_look=changed(look, record=kinds or look.record))
        self._tick()

    @Slot()
    def _tick(self) -> None:
        for ending, action in self.kinds.items():
            action.setChecked(ending in self._desk.session.live_look.record)
            action.setEnabled(not self.recording)

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
