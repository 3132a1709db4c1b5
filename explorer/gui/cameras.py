"""The camera as the person chose it: which one, how large, mirrored or not; remembered in the settings."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu

from explorer.gui import words
from explorer.gui.camera_page import CameraPage
from explorer.gui.desk import Desk
from explorer.gui.window import MainWindow
from explorer.i18n import N_
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest
from explorer.session import Session
from explorer.settings import Settings


class Cameras(QObject):
    """Owns the commands open_camera and choose_camera and the arrow beside the Camera button."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._page: CameraPage | None = None
        strip = window.strip
        strip.camera_toggled.connect(self._toggled)
        menu = QMenu(strip)
        menu.addAction(window.actions_by_name["choose_camera"])
        self.mirror = menu.addAction("")
        words.say(self.mirror, N_("Mirror the camera"))
        self.mirror.setCheckable(True)
        self.mirror.setChecked(desk.settings.camera_mirror)
        self.mirror.triggered.connect(self._mirror)
        menu.addSeparator()
        menu.addAction(window.actions_by_name["open_stream"])
        strip.camera_menu.setMenu(menu)
        desk.session_changed.connect(self._session_changed)

    def open_camera(self) -> None:
        """Camera on or off."""
        self._toggled(self._desk.session.picture.kind != "camera")

    def choose_camera(self) -> None:
        """The page of cameras."""
        if self._page is None:
            self._page = CameraPage(self._window, self._desk)
            self._page.chosen.connect(self.open)
        self._page.open_page()

    @Slot(object)
    def open(self, request: SourceRequest) -> None:
        """Show this camera, and remember it."""
        remember(self._desk.settings, request)
        self._desk.open_source(request)

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self._desk.open_source(camera_request(self._desk.settings) if on else SourceRequest())

    @Slot(bool)
    def _mirror(self, on: bool) -> None:
        self._desk.settings.camera_mirror = on
        picture = self._desk.session.picture
        if picture.kind == "camera" and picture.mirror != on:
            self._desk.open_source(changed(picture, mirror=on))

    @Slot(object, object)
    def _session_changed(self, new: Session, old: Session) -> None:
        if new.picture.kind == "camera":
            self.mirror.setChecked(new.picture.mirror)


def camera_request(settings: Settings) -> SourceRequest:
    """The camera that was used last, as it was used."""
    return SourceRequest(
        kind="camera",
        path="",
        index=int(settings.camera),
        device=settings.camera_name[:200],
        mirror=settings.camera_mirror,
        width=int(settings.camera_width),
        height=int(settings.camera_height),
        rate=settings.camera_rate,
    )


def remember(settings: Settings, request: SourceRequest) -> None:
    """Keep a camera for the next time."""
    settings.camera, settings.camera_name = request.index, request.device
    settings.camera_width, settings.camera_height, settings.camera_rate = request.width, request.height, request.rate
    settings.camera_mirror = request.mirror
