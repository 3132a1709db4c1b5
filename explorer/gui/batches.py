"""Looking at all pictures of a folder: the command, and the arrow beside the Folder button."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from explorer.gui.batch_page import BatchPage
from explorer.gui.desk import Desk
from explorer.gui.window import MainWindow


class Batches(QObject):
    """Owns the command look_at_all."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._page: BatchPage | None = None
        menu = QMenu(window.strip)
        menu.addAction(window.actions_by_name["open_folder"])
        menu.addAction(window.actions_by_name["look_at_all"])
        window.strip.folder_menu.setMenu(menu)

    def look_at_all(self) -> None:
        """The page, with the folder that is open."""
        if self._page is None:
            self._page = BatchPage(self._window, self._desk)
        self._page.open_page()
