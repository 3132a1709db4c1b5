"""Pointing at objects with mouse and keys, pinning them, their menu: the picture and the list are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, Slot

from explorer.gui.panels import live_menu
from explorer.gui.panels.live_overlay import object_at
from explorer.gui.panels.live_picks import Picks
from explorer.gui.panels.live_words import details_text
from explorer.i18n import tr
from explorer.records.vision import Detections

if TYPE_CHECKING:
    from explorer.gui.panels.live import LivePanel


class Pointing(QObject):
    """Hears the view and the list of a Live panel; `picks` says what is marked."""

    def __init__(self, panel: LivePanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self.picks = Picks()
        self._mouse: tuple[float, float] | None = None
        self._first_seen: dict[int, float] = {}
        self._clock = 0.0
        view, objects = panel.view, panel.objects
        view.hovered.connect(self._hovered)
        view.clicked.connect(self._clicked)
        view.menu_asked.connect(self._view_menu)
        view.accepted.connect(self.pin_chosen)
        view.escaped.connect(self.unpin)
        objects.pointed.connect(self.point)
        objects.accepted.connect(self.pin)
        objects.escaped.connect(self.unpin)
        objects.menu_asked.connect(self._menu)

    # -- from picture to picture -------------------------------------------------------------------------------------
    def saw(self, found: Detections, now: float) -> None:
        """Remember since when the followed objects are there; a clock that goes back begins again."""
        if now < self._clock:
            self._first_seen.clear()
        self._clock = now
        for number in () if found.track is None else found.track.tolist():
            self._first_seen.setdefault(number, now)

    def follow(self, found: Detections | None) -> None:
        """Another record is shown: mark the same objects in it, and what lies under the mouse now."""
        self.picks.follow(found, self._panel.now)
        if found is not None and self._mouse is not None:
            self.picks.point(found, object_at(found, *self._mouse), self._panel.now)
        self.show()

    def forget(self) -> None:
        """Another source or network: these objects never come again."""
        self.picks.forget()
        self._first_seen.clear()

    @property
    def idle(self) -> bool:
        """Whether nobody points at a line of the list, or is about to: it may then lag behind the picture."""
        objects = self._panel.objects
        return self.picks.chosen is None and not (objects.underMouse() or objects.hasFocus())

    # -- choosing ----------------------------------------------------------------------------------------------------
    @Slot(object)
    def point(self, number: int | None) -> None:
        """Mark an object as long as it is pointed at."""
        if self.picks.point(self._panel.found, number, self._panel.now):
            self.show()

    def step(self, by: int) -> None:
        """Point at the next object of the list, or the one before."""
        found, at = self._panel.found, self.picks.chosen
        if found is not None and len(found):
            self.point((0 if by > 0 else len(found) - 1) if at is None else (at + by) % len(found))

    @Slot(int)
    def pin(self, number: int) -> None:
        """Keep an object marked from picture to picture, or let it go."""
        found = self._panel.found
        if found is not None and number < len(found):
            self.picks.pin(found, number, self._panel.now)
            self.show()

    @Slot()
    def pin_chosen(self) -> None:
        """Pin what is pointed at; let the pinned one go where nothing is."""
        if self.picks.pointed is not None:
            self.pin(self.picks.pointed)
        elif self.picks.has_pin:
            self.unpin()

    @Slot()
    def unpin(self) -> None:
        """Nothing is marked for good."""
        self.picks.unpin()
        self.show()

    def _hovered(self, spot: tuple[int, int, tuple[int, int, int]] | None) -> None:
        self._mouse = None if spot is None else (spot[0] + 0.5, spot[1] + 0.5)
        found = self._panel.found
        self.point(None if self._mouse is None or found is None else object_at(found, *self._mouse))

    def _clicked(self, x: float, y: float) -> None:
        found = self._panel.found
        number = object_at(found, x, y) if found is not None else None
        if number is not None:
            self.pin(number)
        elif self.picks.has_pin:
            self.unpin()

    # -- menu --------------------------------------------------------------------------------------------------------
    def _view_menu(self, place: QPoint, at: QPointF) -> None:
        found = self._panel.found
        number = object_at(found, at.x(), at.y()) if found is not None else None
        number = self.picks.chosen if number is None else number
        if number is not None:
            self._menu(place, number)

    def _menu(self, place: QPoint, number: int) -> None:
        panel, found = self._panel, self._panel.found
        if found is None or number >= len(found):
            return
        pinned = self.picks.pinned == number
        menu = live_menu.object_menu(
            panel.desk, panel, found, number, panel.view.image, pinned, self.unpin if pinned else lambda: self.pin(number)
        )
        live_menu.pop_up(menu, place)

    # -- showing -----------------------------------------------------------------------------------------------------
    def show(self) -> None:
        """Marks in the list, words about the chosen object, and the picture again."""
        panel = self._panel
        panel.view.pinned = panel.objects.pinned = self.picks.has_pin
        panel.objects.mark(self.picks.pointed, self.picks.pinned)
        text = self.details()
        if text != panel.page.details.text():
            panel.view.setToolTip(text)
            panel.page.details.setText(text)
        panel.view.update()

    def details(self) -> str:
        """The object pointed at or pinned, in words."""
        number, found = self.picks.chosen, self._panel.found
        if found is None:
            return ""
        if number is None or number >= len(found):
            return tr("The pinned object is not seen now.") if self.picks.has_pin else ""
        first = None if found.track is None else self._first_seen.get(int(found.track[number]))
        return details_text(found, number, None if first is None else max(0.0, self._panel.now - first))
