"""The record button: what is drawn as a film, what was found as tables, into the person's film folder, without a question."""

from __future__ import annotations

import time
from collections.abc import Callable
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
        menu.addSeparator()
        self.whole = menu.addAction("")
        words.say(self.whole, N_("Record the whole video file, every picture"))
        self.whole.triggered.connect(self.record_whole)
        menu.aboutToShow.connect(self._tick)
        self.button.setMenu(menu)
        self._since = 0.0
        self._news: RecordState | None = None
        self.done: RecordState | None = None  # how the newest recording ended
        self._show()
        desk.record_changed.connect(self._changed)

    @Slot()
    def toggle(self) -> None:
        """Begin to record what is shown, or finish."""
        if self.recording:
            self._desk.host.record(None)
            self.recording = False
        else:
            self._begin(whole=False)
        self._show()

    @Slot()
    def record_whole(self) -> None:
        """Record the whole video file, every picture of it, however long that takes."""
        if not self.recording:
            self._begin(whole=True)
        self._show()

    def _begin(self, whole: bool) -> None:
        paths = self._paths()
        try:
            paths[0].parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            text = tr("{path} could not be written: {reason}")
            self._desk.notify(text.format(path=paths[0], reason=error.strerror or error), "bad")
            return
        self._desk.host.record(paths, self._desk.session.live_look, whole=whole)
        self.recording, self._since, self._news = True, time.monotonic(), None

    def _paths(self) -> tuple[Path, ...]:
        """A file of each chosen kind, all with one name."""
        chosen = [ending for ending in ENDINGS if ending in self._desk.session.live_look.record] or [next(iter(ENDINGS))]
        return tuple(film_path().with_suffix(ending) for ending in chosen)

    def _choose(self, ending: str, *_: object) -> None:
        """Write files of this kind too, or not; one kind is always left."""
        look, on = self._desk.session.live_look, self.kinds[ending].isChecked()
        kinds = tuple(kind for kind in ENDINGS if (on if kind == ending else kind in look.record))
        self._desk.change(live_look=changed(look, record=kinds or look.record))
        self._tick()

    @Slot()
    def _tick(self) -> None:
        for ending, action in self.kinds.items():
            action.setChecked(ending in self._desk.session.live_look.record)
            action.setEnabled(not self.recording)
        self.whole.setEnabled(not self.recording and self._desk.session.picture.kind in ("video", "clip"))

    def tick(self) -> None:
        """Count the seconds on the button; called with each picture."""
        if self.recording:
            self._show()

    @Slot(object)
    def _changed(self, state: RecordState) -> None:
        self.recording = state.state == "recording"
        self._news = state if self.recording else None
        self.done = None if self.recording else state
        self._show()
        if state.state == "done" and not state.frames:
            self._desk.notify(tr("Nothing was recorded: no new picture came in the meantime."), "warn")
        elif state.state == "done":
            names = ", ".join(Path(path).name for path in state.paths or (state.path,))
            text = tr("{frames} pictures recorded as {names}").format(frames=state.frames, names=names)
            if state.dropped:
                text += " " + tr("({dropped} pictures came too fast and were left out)").format(dropped=state.dropped)
            self._desk.notify(text, "good", actions=(self._folder_of(state.path),))
        elif state.state == "failed" and state.trouble is not None:
            self._desk.trouble(state.trouble, "record")
            if state.kept:
                names = ", ".join(Path(path).name for path in state.kept)
                text = tr("Saved up to the last picture: {names}").format(names=names)
                self._desk.notify(text, "info", actions=(self._folder_of(state.kept[0]),))

    @staticmethod
    def _folder_of(path: str) -> tuple[str, Callable[[], None]]:
        return tr("Open folder"), partial(_open, QUrl.fromLocalFile(str(Path(path).parent)))

    def _show(self) -> None:
        self.button.setChecked(self.recording)
        if self.button.property("recording") != self.recording:
            self.button.setProperty("recording", self.recording)
            set_icon(self.button, "stop" if self.recording else "record")
        news = self._news
        if self.recording and news is not None and news.total:
            words.say(self.button, N_("Recording {frames} of {total}"), frames=news.frames, total=news.total)
        elif self.recording:
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
