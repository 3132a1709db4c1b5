"""Network streams: opened only by a person's own hand, remembered without names and passwords."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from explorer.gui.desk import Desk
from explorer.gui.stream_page import StreamPage
from explorer.gui.window import MainWindow
from explorer.requests.source import SourceRequest, shown_address

MOST_REMEMBERED = 8


class Streams(QObject):
    """Owns the command open_stream."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._page: StreamPage | None = None

    def open_stream(self) -> None:
        """The page with the address field."""
        self.ask("")

    def ask(self, address: str) -> None:
        """The page, with an address to begin with."""
        if self._page is None:
            self._page = StreamPage(self._window)
            self._page.chosen.connect(self.open)
            self._page.forgotten.connect(self._forget)
        self._page.open_page(address, tuple(self._desk.settings.streams))

    @Slot(str)
    def open(self, address: str) -> None:
        """Open an address that the person typed or chose."""
        address = address.strip()
        known = shown_address(address)
        settings = self._desk.settings
        settings.streams = [known, *(old for old in settings.streams if old != known)][:MOST_REMEMBERED]
        self._desk.open_source(SourceRequest(kind="stream", path=address))

    @Slot(str)
    def _forget(self, address: str) -> None:
        self._desk.settings.streams = [old for old in self._desk.settings.streams if old != address]
