"""Where to dream, kept in order: the choice in the form, the brush, the object found by U2-Net, the mask's file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.gui.desk import Desk
from explorer.gui.panels.dream_brush import BrushPage
from explorer.gui.panels.dream_form import suited
from explorer.gui.panels.dream_mask import MaskImage, MaskSection, kind_of
from explorer.i18n import tr
from explorer.jobs import LAST, Event, Result
from explorer.records.frame import Frame
from explorer.records.vision import Mask
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest
from explorer.session import Session

CHANNEL = "dream.mask"
FOUND = ("object", "background")


class Masking(QObject):
    """The mask itself is `mask` of the Session's dream: the path of a grey picture that is never changed, only replaced."""

    opened = Signal()
    closed = Signal()

    def __init__(self, desk: Desk, page: BrushPage, section: MaskSection) -> None:
        super().__init__()
        self._desk = desk
        self._page = page
        self._section = section
        self._frame: Frame | None = None  # the picture that was asked about, then the one the found mask belongs to
        self._purpose = ""
        self._then: Callable[[], None] | None = None
        page.edited.connect(self._painted)
        page.closed.connect(self.close)
        page.object_wanted.connect(lambda: self._find("paint"))
        section.wanted.connect(self._wanted)
        section.paint_wanted.connect(self.open)
        desk.session_changed.connect(self._session_changed)
        self._show(desk.session.dream)

    @property
    def is_open(self) -> bool:
        """Whether the brush is on the screen."""
        return not self._page.isHidden() and self._page.view.area is not None

    def open(self) -> None:
        """Paint on the picture of the strip."""
        frame, request = self._desk.frame, self._desk.session.dream
        if frame is None:
            self._desk.notify(tr("There is no picture to paint on yet: choose one above."), "warn")
            return
        if request.start != "picture":
            self._desk.change(dream=suited(changed(request, start="picture")))
        self._page.open_on(frame.rgb, MaskImage.read(request.mask))
        self.opened.emit()
        self._page.view.setFocus()

    def close(self) -> None:
        """Back to the dream."""
        self._page.view.set_area(None)
        self.closed.emit()

    def toggle(self) -> None:
        """Open or close the brush."""
        if self.is_open:
            self.close()
        else:
            self.open()

    def fresh(self, request: DreamRequest, again: Callable[[], None]) -> bool:
        """Whether the mask fits the picture. An object found in another picture is searched anew; then `again` is called."""
        if request.start != "picture" or kind_of(request.mask) not in FOUND or _same(self._frame, self._desk.frame):
            return True
        self._find(kind_of(request.mask), again)
        return False

    def take(self, event: Event) -> None:
        """What U2-Net found."""
        if not isinstance(event, LAST):
            return
        purpose, then = self._purpose, self._then
        self._purpose, self._then = "", None
        if not isinstance(event, Result) or not isinstance(event.record, Mask) or not purpose:
            return
        mask = MaskImage.of(event.record.alpha, invert=purpose == "background")
        if purpose == "paint":
            self._page.view.set_area(mask)
            self._painted()
        else:
            self._use(mask, purpose)
        if then is not None:
            then()

    def retranslate(self) -> None:
        """The language changed."""
        self._section.refresh()

    # -- inside ------------------------------------------------------------------------------------------------------
    def _wanted(self, kind: str) -> None:
        if kind in FOUND:
            self._find(kind)
        else:
            self._desk.change(dream=changed(self._desk.session.dream, mask=""))

    def _find(self, purpose: str, then: Callable[[], None] | None = None) -> None:
        if self._desk.frame is None:
            self._desk.notify(tr("There is no picture to find an object in yet: choose one above."), "warn")
            return
        self._frame, self._purpose, self._then = self._desk.frame, purpose, then
        self._desk.submit(CHANNEL, self._desk.session.segment, self._desk.frame)

    def _painted(self) -> None:
        mask = self._page.view.area
        if mask is not None:
            self._use(mask, "painted")

    def _use(self, mask: MaskImage, kind: str) -> None:
        path = ""
        if mask.share > 0.0:
            try:
                path = mask.save(kind)
            except OSError as error:
                reason = error.strerror or str(error)
                self._desk.notify(tr("The mask could not be kept: {reason}").format(reason=reason), "bad", stay=True)
                return
        elif kind != "painted":
            self._desk.notify(tr("No object stands out in this picture."), "warn")
        self._desk.change(dream=changed(self._desk.session.dream, mask=path))

    def _session_changed(self, new: Session, old: Session) -> None:
        if (new.dream.mask, new.dream.start) != (old.dream.mask, old.dream.start):
            self._show(new.dream)
            if self.is_open and self._desk.frame is not None:
                mask = MaskImage.read(new.dream.mask)
                self._page.open_on(self._desk.frame.rgb, mask)

    def _show(self, request: DreamRequest) -> None:
        self._section.show_path(request.mask)
        self._section.setVisible(request.start == "picture")


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return False
    return one is other or (one.rgb.shape == other.rgb.shape and bool(np.array_equal(one.rgb, other.rgb)))
