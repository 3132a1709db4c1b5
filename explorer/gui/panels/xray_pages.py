"""Stages that have a page of their own instead of the picture: name of the stage -> "module:class" of a `StagePage`."""

from __future__ import annotations

import importlib
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from explorer.gui.desk import Desk
from explorer.records.frame import Frame
from explorer.records.xray import XrayRecord

PAGES: dict[str, str] = {"suppression": "explorer.gui.panels.xray_theatre:TheatrePage"}


class StagePage(QWidget):
    """The base of such a page. `followed(row)`: a person chose a candidate; the whole panel follows it."""

    followed = Signal(object)
    stage: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def set_record(self, record: XrayRecord | None, frame: Frame | None) -> None:
        """Show another record, on its frame; called when the page comes to be shown, and for each new record while it is."""

    def picture(self) -> QImage:
        """For "Save picture"."""
        return self.grab().toImage()

    def numbers(self) -> str:
        """For the clipboard; "" leaves it to the panel."""
        return ""

    def step(self, by: int) -> bool:
        """The arrows: a step of the page's own, if there is one."""
        return False

    def toggle(self) -> bool:
        """Space: play or pause, if something is played here."""
        return False

    def restyle(self) -> None:
        """The theme or the language changed."""


def make_page(stage: str, desk: Desk) -> StagePage | None:
    """The page of a stage, imported now; None for a stage that the picture shows."""
    if stage not in PAGES:
        return None
    module, _, name = PAGES[stage].partition(":")
    page: StagePage = getattr(importlib.import_module(module), name)(desk)
    return page
