"""Playing the picture source: the bar's buttons and the keys of the Playback menu, both ways to the same few deeds."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Slot

from explorer.gui.desk import Desk
from explorer.gui.widgets.video_bar import COUNTED, next_speed
from explorer.gui.window import MainWindow
from explorer.host.messages import SourceState
from explorer.i18n import tr
from explorer.records.frame import Frame
from explorer.requests.base import changed
from explorer.session import Session

PLAYED = (
    "video",
    "clip",
    "files",
    "folder",
    "plugin",
)  # kinds that have a next picture; a file is one if it turns out to be a film


class Playing(QObject):
    """Owns the commands of the Playback menu and shows the bar."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window
        self._strip = strip = window.strip
        self.bar = bar = strip.add_bar()
        bar.play_toggled.connect(self.play_picture)
        bar.stepped.connect(desk.step_source)
        bar.sought.connect(self._seek)
        bar.loop_wanted.connect(self._loop)
        bar.speed_wanted.connect(self.set_speed)
        bar.from_wanted.connect(self.from_here)
        bar.to_wanted.connect(self.to_here)
        bar.whole_wanted.connect(self.whole_video)
        strip.frozen.connect(desk.freeze)
        desk.source_changed.connect(self._source_changed)
        desk.frame_arrived.connect(self._frame)
        desk.frozen_changed.connect(self._frozen)
        desk.session_changed.connect(self._session_changed)
        desk.language_changed.connect(self._speak)
        bar.show_request(desk.session.picture)

    @property
    def playable(self) -> bool:
        """Whether there is a next picture."""
        source = self._desk.source
        if source is None or source.info.live:
            return False
        return self._desk.session.picture.kind in PLAYED or source.info.frames > 1

    @property
    def _at_end(self) -> bool:
        source = self._desk.source
        return self.playable and source is not None and source.state == "ended"

    # -- commands ----------------------------------------------------------------------------------------------------
    @Slot()
    def play_picture(self) -> None:
        """Play or pause; from the beginning where the end is reached."""
        if self._at_end and not self._desk.frozen:
            self._desk.host.pause_source(False)
        else:
            self._desk.freeze(not self._desk.frozen)

    def freeze(self) -> None:
        """Hold the picture, or let it run again."""
        self._desk.freeze(not self._desk.frozen)

    def picture_back(self) -> None:
        """One picture back."""
        self._step(-1)

    def picture_on(self) -> None:
        """One picture on."""
        self._step(1)

    def play_faster(self) -> None:
        """The next faster speed."""
        self.set_speed(next_speed(self._desk.session.picture.speed, 1))

    def play_slower(self) -> None:
        """The next slower speed."""
        self.set_speed(next_speed(self._desk.session.picture.speed, -1))

    def play_loop(self) -> None:
        """Start again at the end, or not."""
        self._loop(not self._desk.session.picture.loop)

    @Slot()
    def from_here(self) -> None:
        """The video begins at the picture that is shown."""
        here = self.bar.seconds
        end = self._desk.session.picture.end
        self._points(here, 0.0 if 0.0 < end <= here else end)

    @Slot()
    def to_here(self) -> None:
        """The video ends with the picture that is shown."""
        here = self.bar.seconds + self.bar.frame_seconds
        start = self._desk.session.picture.start
        self._points(0.0 if start >= here else start, here)

    @Slot()
    def whole_video(self) -> None:
        """From its beginning to its end."""
        self._points(0.0, 0.0)

    @Slot(float)
    def set_speed(self, speed: float) -> None:
        """Play faster or slower from now on."""
        if self._can(self.playable):
            self._tune(speed=round(min(max(speed, 0.1), 8.0), 2))

    def _points(self, start: float, end: float) -> None:
        info = self._desk.source.info if self._desk.source is not None else None
        if self._can(self.playable and info is not None and info.seekable and self._desk.session.picture.kind not in COUNTED):
            self._tune(start=round(start, 3), end=round(end, 3))
        self.bar.show_request(self._desk.session.picture)

    @Slot(bool)
    def _loop(self, on: bool) -> None:
        if self._can(self.playable):
            self._tune(loop=on)

    @Slot(int)
    def _seek(self, number: int) -> None:
        self._desk.host.seek_source(number)

    def _step(self, by: int) -> None:
        if self._can(self.playable):
            self._desk.step_source(by)

    def _can(self, can: bool) -> bool:
        if not can:
            self._desk.notify(tr("The picture that is shown cannot be played like a video."), key="playing")
        return can

    def _tune(self, **fields: Any) -> None:
        """Play the same source otherwise; what is held stays held."""
        desk = self._desk
        picture = changed(desk.session.picture, **fields)
        if picture == desk.session.picture:
            return
        desk.change(undoable=False, picture=picture)
        if desk.frozen:
            desk.host.pause_source(True)

    # -- state -------------------------------------------------------------------------------------------------------
    @Slot(object)
    def _source_changed(self, state: SourceState) -> None:
        if state.state not in ("opening", "failed", "closed"):
            self.bar.show_info(state.info)
        on = self.playable and state.state not in ("failed", "closed")
        if state.state != "opening" or not on:
            self.bar.setVisible(on)
        self._strip.show_frozen(self._desk.frozen)
        self.bar.show_paused(self._desk.frozen or self._at_end)

    @Slot(bool)
    def _frozen(self, on: bool) -> None:
        self._strip.show_frozen(on)
        self._window.actions_by_name["freeze"].setChecked(on)

    @Slot(object)
    def _frame(self, frame: Frame) -> None:
        self._strip.show_name(f"{frame.source} · {frame.width} × {frame.height}")
        arrival = self._desk.arrival
        if arrival is not None and not self.bar.isHidden():
            self.bar.show_position(arrival.index)

    @Slot(object, object)
    def _session_changed(self, new: Session, old: Session) -> None:
        if new.picture != old.picture:
            self.bar.show_request(new.picture)

    @Slot()
    def _speak(self) -> None:
        arrival = self._desk.arrival
        if arrival is not None:
            self.bar.show_position(arrival.index)
