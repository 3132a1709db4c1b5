"""The welcome page's pictures: what each panel showed last, kept between starts; two of them live while one looks at them.

"Live" follows the picture of the strip; "Filters" shows what the loaded network finds in it.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Slot
from PySide6.QtGui import QImage

from explorer import assets, atomic
from explorer.gui.desk import Desk
from explorer.gui.pictures import png_bytes
from explorer.gui.widgets.picture_view import image_of, indexed_image
from explorer.gui.window import MainWindow
from explorer.i18n import language
from explorer.jobs import Event, Result
from explorer.picture.colour import palette
from explorer.records.frame import Frame
from explorer.records.picture import Mosaic

SIZE = QSize(720, 440)
CHANNEL = "welcome.filters"
PERIOD_S = 0.12


class Thumbnails(QObject):
    """Asks a panel for its picture when it is left."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._folder = assets.state_dir() / "thumbnails"
        self._before = window.current
        self._next = 0.0
        self._asked: tuple[str, str] | None = None
        for name, button in window.welcome.buttons.items():
            for path in (self._kept(name), _bundled(name)):
                image = QImage(str(path)) if path.exists() else QImage()
                if not image.isNull():
                    button.set_picture(image)
                    break
        window.panel_changed.connect(self._changed)
        desk.frame_arrived.connect(self._frame)
        desk.network_changed.connect(self._look)
        desk.register(CHANNEL, self.take)

    @Slot(str)
    def _changed(self, name: str) -> None:
        before, self._before = self._before, name
        panel = self._window.panels.made.get(before)
        button = self._window.welcome.buttons.get(before)
        if panel is None or button is None or not panel.demo_ready():
            return
        image = panel.picture()
        if image.isNull():
            return
        small = _small(image)
        button.set_picture(small)
        with contextlib.suppress(OSError):
            atomic.write_bytes(self._kept(before), png_bytes(small, ""))

    def _kept(self, name: str) -> Path:
        """Where the picture of a panel is kept; by language, since there is text in it."""
        return self._folder / f"{name}-{language()}.png"

    @Slot(object)
    def _frame(self, frame: Frame) -> None:
        button = self._window.welcome.buttons["live"]
        now = time.monotonic()
        if not button.isVisible() or now < self._next:
            return
        self._next = now + PERIOD_S
        button.set_picture(_small(image_of(frame.rgb)))
        self._look()

    @Slot()
    def _look(self) -> None:
        """Once for each network and picture: what does it find there?"""
        frame, network = self._desk.frame, self._desk.network
        if frame is None or network is None or not self._window.welcome.isVisible():
            return
        asked = (f"{network.name} {network.weights}", frame.source)
        if asked != self._asked:
            self._asked = asked
            self._desk.submit(CHANNEL, self._desk.session.activations, frame)

    def take(self, channel: str, event: Event) -> None:
        """The activations of the picture."""
        if isinstance(event, Result) and isinstance(event.record, Mosaic):
            mosaic = event.record
            image = indexed_image(mosaic.sheet, palette(mosaic.colour_map)) if mosaic.colour_map else image_of(mosaic.sheet)
            self._window.welcome.buttons["filters"].set_picture(_small(image.convertToFormat(QImage.Format.Format_RGB888)))


def _small(image: QImage) -> QImage:
    return image.scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation)


def _bundled(name: str) -> Path:
    return assets.assets_dir() / "icons" / f"welcome-{name}.jpg"
