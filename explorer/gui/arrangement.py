"""Where things stand: the four layouts, reset, dock all; saved with a checksum, restored only if nothing is wrong with it."""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import QByteArray, QObject, Qt, qVersion
from PySide6.QtGui import QGuiApplication

from explorer import __version__, assets
from explorer.gui import layout
from explorer.gui.notices import Notice
from explorer.gui.window import SIDE_WIDTHS, MainWindow
from explorer.i18n import tr

log = logging.getLogger(__name__)

INSIDE = ("network", "filters", "dream", "units", "why", "surgery", "regions")  # the panels that look into a network
SEEING = ("live", "xray", "arena", "teach")  # the panels about what is in the picture
WALKING = ("optimizers", "basins", "contest", "landscape", "init")  # the panels about error surfaces
# Layout -> columns of tabs in the centre (first on top), side docks shown, current panel.
DEFAULTS: dict[int, tuple[tuple[tuple[str, ...], ...], tuple[str, ...], str]] = {
    1: (((*INSIDE, *SEEING, *WALKING),), ("models", "form"), ""),
    2: ((INSIDE, (*SEEING, *WALKING)), ("models",), "filters"),
    3: ((INSIDE[:2], (*INSIDE[2:], *SEEING, *WALKING)), ("form",), "dream"),
    4: (((*WALKING, *INSIDE, *SEEING),), ("form",), "optimizers"),
}


class Arrangement(QObject):
    """Owns the commands layout_1..4, reset_layout, dock_all, show_welcome, next_panel, previous_panel."""

    def __init__(self, window: MainWindow, slot: int = 0) -> None:
        super().__init__(window)
        self._window = window
        self._slot = slot
        self._number = 1
        self._kept: dict[int, dict[str, Any]] = {}

    @property
    def path(self) -> Any:
        """The layout file of this instance (a second window has its own)."""
        name = "layout.json" if self._slot == 0 else f"layout-{self._slot}.json"
        return assets.state_dir() / name

    @property
    def tag(self) -> str:
        """What must be the same for a saved layout to fit."""
        ours = sorted(name for name in self._window.panels if not name.startswith("plugin-"))  # those come when they come
        return f"{__version__} Qt {qVersion()} {QGuiApplication.platformName()} {','.join(ours)}"

    # -- commands ----------------------------------------------------------------------------------------------------
    def layout_1(self) -> None:
        """All panels as tabs."""
        self.switch(1)

    def layout_2(self) -> None:
        """Filters and Live side by side."""
        self.switch(2)

    def layout_3(self) -> None:
        """Filters and Dream side by side."""
        self.switch(3)

    def layout_4(self) -> None:
        """Optimizers alone."""
        self.switch(4)

    def switch(self, number: int) -> None:
        """Go to a layout as the person left it; the same one again keeps everything as it is."""
        if number != self._number:
            self._kept[self._number] = self._now()
        kept = self._kept.get(number) if number != self._number else None
        self._number = number
        if kept is None or not self._apply(kept):
            self._default(number)
        self._window.stack.setCurrentWidget(self._window.centre)

    def reset_layout(self) -> None:
        """This layout as it came."""
        self._kept.pop(self._number, None)
        self._default(self._number)

    def dock_all(self) -> None:
        """Nothing floats, nothing is hidden."""
        for dock in self._window.side_docks:
            dock.setFloating(False)
            dock.show()
        self._window.centre.dock_all()

    def show_welcome(self) -> None:
        """The first page."""
        self._window.go_to("welcome")

    def next_panel(self) -> None:
        """One tab on."""
        self._turn(1)

    def previous_panel(self) -> None:
        """One tab back."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        names = ["welcome", *self._window.panels]
        at = names.index(self._window.current) if self._window.current in names else 0
        self._window.go_to(names[(at + by) % len(names)])

    # -- states ------------------------------------------------------------------------------------------------------
    def _default(self, number: int) -> None:
        columns, sides, current = DEFAULTS[number]
        window = self._window
        window.centre.arrange(*columns)
        for dock in window.side_docks:
            dock.setFloating(False)
            dock.setVisible(dock.name in sides)
        area = Qt.DockWidgetArea
        for dock, where in ((window.models, area.LeftDockWidgetArea), (window.form, area.RightDockWidgetArea)):
            if window.dockWidgetArea(dock) != where:
                window.addDockWidget(where, dock)
        window.resizeDocks([window.models, window.form], list(SIDE_WIDTHS.values()), Qt.Orientation.Horizontal)
        if current:
            window.go_to(current)

    def _now(self) -> dict[str, Any]:
        window = self._window
        outer, inner = window.saveState().data(), window.centre.saveState().data()
        return {"outer": bytes(outer), "inner": bytes(inner), "current": window.current}

    def _apply(self, kept: dict[str, Any]) -> bool:
        window = self._window
        # The centre first: two columns that are about to go would squeeze the sides that come back.
        done = window.centre.restoreState(QByteArray(kept["inner"]))
        inside = window.centre.layout()
        if inside is not None:
            inside.activate()
        done = bool(window.restoreState(QByteArray(kept["outer"])) and done)
        if done and kept.get("current"):
            window.go_to(kept["current"])
        return done

    # -- file --------------------------------------------------------------------------------------------------------
    def save(self) -> None:
        """Keep all layouts and the window's place. Raises OSError."""
        window = self._window
        self._kept[self._number] = self._now()
        states = {"geometry": bytes(window.saveGeometry().data())}
        currents = {}
        for number, kept in self._kept.items():
            states[f"outer{number}"], states[f"inner{number}"] = kept["outer"], kept["inner"]
            currents[str(number)] = kept["current"]
        layout.save(self.path, layout.Layout(states, {"number": self._number, "currents": currents}), self.tag)

    def restore(self) -> bool:
        """Take the saved layout; False (and the default stands) if there is none or it cannot be used."""
        try:
            found = layout.load(self.path, self.tag)
        except layout.UnusableLayoutError as error:
            log.info("layout not restored: %s", error)
            text = tr("The previous layout could not be used; it is kept as layout.bad.")
            self._window.sink.put(Notice(text, "info", str(error), key="layout.bad"))
            found = None
        if found is None:
            self._default(1)
            return False
        states, facts = found.states, found.facts
        currents = facts.get("currents", {})
        for number in DEFAULTS:
            if f"outer{number}" in states and f"inner{number}" in states:
                kept = {"outer": states[f"outer{number}"], "inner": states[f"inner{number}"]}
                self._kept[number] = {**kept, "current": str(currents.get(str(number), ""))}
        self._number = int(facts.get("number", 1)) if facts.get("number") in DEFAULTS else 1
        if "geometry" in states:
            self._window.restoreGeometry(QByteArray(states["geometry"]))
            self._into_sight()
        kept_now = dict(self._kept.get(self._number, {}), current="")
        if "outer" not in kept_now or not self._apply(kept_now):
            self._default(self._number)
        return True

    def _into_sight(self) -> None:
        """A window saved on a screen that is gone comes back to one that is there."""
        frame = self._window.frameGeometry()
        if not any(
            screen.availableGeometry().intersects(frame.adjusted(40, 0, -40, -40)) for screen in QGuiApplication.screens()
        ):
            here = QGuiApplication.primaryScreen().availableGeometry()
            self._window.resize(frame.size().boundedTo(here.size()))
            self._window.move(here.topLeft())
