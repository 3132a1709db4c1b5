"""Which part of the surface is shown: the wheel zooms at the cursor, the middle button drags, 0 shows all of it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer
from PySide6.QtGui import QWheelEvent

from explorer.gui.desk import Desk
from explorer.gui.panels.optimizers_overlays import PanOverlay
from explorer.records.descent import Race

if TYPE_CHECKING:
    from explorer.gui.panels.optimizers_view import OptimizersView

SETTLE_MS = 400  # after the last turn of the wheel it is a step for undo
WIDEST = 2e5
Domain = tuple[float, float, float, float]


class Part(QObject):
    """`change(undoable, play, **fields)` changes the race of the Session."""

    def __init__(self, desk: Desk, view: OptimizersView, change: Callable[..., None]) -> None:
        super().__init__(view)
        self.desk, self.view, self._change = desk, view, change
        self.race: Race | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        view.contour.add_overlay(PanOverlay(self.now, self.show))
        view.contour.installEventFilter(self)

    def now(self) -> Domain:
        """x from, x to, y from, y to."""
        asked = self.desk.session.race.domain
        if asked is not None:
            return asked
        assert self.race is not None
        s = self.race.surface
        return float(s.x[0]), float(s.x[-1]), float(s.y[0]), float(s.y[-1])

    def zoom(self, factor: float, at: tuple[float, float] | None = None) -> None:
        """A `factor` above 1 shows a smaller part, around `at` or the middle; the 3-D view alone goes nearer."""
        space = self.view.stage.space
        if at is None and self.desk.session.ground_look.view == "3-D" and space is not None:
            space.zoom(factor)
        elif self.race is not None:
            x0, x1, y0, y1 = self.now()
            x, y = at or ((x0 + x1) / 2, (y0 + y1) / 2)
            self.show((x + (x0 - x) / factor, x + (x1 - x) / factor, y + (y0 - y) / factor, y + (y1 - y) / factor))

    def shift(self, across: float, up: float) -> None:
        """Go on by a share of the plot: the keyboard's way of dragging."""
        if self.race is not None:
            x0, x1, y0, y1 = self.now()
            dx, dy = across * (x1 - x0), up * (y1 - y0)
            self.show((x0 + dx, x1 + dx, y0 + dy, y1 + dy))

    def show(self, domain: Domain) -> None:
        """Show this part, unless it is too small or too far away; the start stays where it is."""
        x0, x1, y0, y1 = domain
        least, scale = min(x1 - x0, y1 - y0), max(1.0, *map(abs, domain))
        if self.race is None or least < 1e-5 * scale or scale > WIDEST:
            return
        digits = max(3, 7 - len(str(int(least)))) if least >= 1 else 9
        rounded = tuple(round(value, digits) for value in domain)
        self._change(undoable=False, play=False, domain=rounded, start=self.desk.session.race.start or self.race.start)
        self._settle.start()

    def _settled(self) -> None:
        self._change(play=False, domain=self.desk.session.race.domain)

    def whole(self) -> None:
        """The surface's own domain; the eye of the 3-D view where it was."""
        self._settle.stop()
        if self.view.stage.space is not None:
            self.view.stage.space.back()
        if self.desk.session.race.domain is not None:
            self._change(play=False, domain=None)

    def orbit(self, azimuth: float, elevation: float) -> None:
        """Turn the 3-D view, where there is one."""
        if self.view.stage.space is not None:
            self.view.stage.space.orbit(azimuth, elevation)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel over the contour zooms at the cursor."""
        if isinstance(event, QWheelEvent) and self.race is not None and event.angleDelta().y():
            contour = self.view.contour
            if contour.area().contains(QPointF(event.position())):
                self.view.playhead.pause()
                self.zoom(1.0015 ** event.angleDelta().y(), contour.point(event.position()))
                event.accept()
                return True
        return super().eventFilter(watched, event)
