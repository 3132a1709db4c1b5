"""The welcome page's pictures: what each panel showed last, kept between starts; the live one follows the picture."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Slot
from PySide6.QtGui import QImage

from explorer import assets, atomic
from explorer.gui.desk import Desk
from explorer.gui.pictures import png_bytes
from explorer.gui.window import MainWindow
from explorer.records.frame import Frame

log = logging.getLogger(__name__)
SIZE = QSize(720, 440)


class Thumbnails(QObject):
    """Asks a panel for its picture when it is left."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._folder = assets.state_dir() / "thumbnails"
        self._before = window.current
        self._own: set[str] = set()
        for name, button in window.welcome.buttons.items():
            for path in (self._folder / f"{name}.png", _bundled(name)):
                image = QImage(str(path)) if path.exists() else QImage()
                if not image.isNull():
                    button.set_picture(image)
                    self._own.add(name)
                    break
        window.panel_changed.connect(self._changed)
        desk.frame_arrived.connect(self._frame)

    @Slot(str)
    def _changed(self, name: str) -> None:
        before, self._before = self._before, name
        panel = self._window.panels.get(before)
        button = self._window.welcome.buttons.get(before)
        if panel is None or button is None or not panel.demo_ready():
            return
        image = panel.picture()
        if image.isNull():
            return
        small = image.scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation)
        button.set_picture(small)
        self._own.add(before)
        with contextlib.suppress(OSError):
            atomic.write_bytes(self._folder / f"{before}.png", png_bytes(small, ""))

    @Slot(object)
    def _frame(self, frame: Frame) -> None:
        button = self._window.welcome.buttons.get("live")
        if button is None or "live" in self._own or not button.isVisible():
            return
        height, width = frame.rgb.shape[:2]
        image = QImage(frame.rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        button.set_picture(
            image.scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation)
        )


def _bundled(name: str) -> Path:
    return assets.assets_dir() / "icons" / f"welcome-{name}.jpg"
