"""The Picture strip's menu of plugin sources: there as soon as a child says that a plugin adds one, else nothing is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu, QToolButton

from explorer.gui.desk import Desk
from explorer.gui.widgets.picture_strip import PictureStrip
from explorer.host.messages import EngineState
from explorer.requests.source import SourceRequest

ADDS = "source "  # how PluginRow.adds names one


class PluginSources(QObject):
    """Fills the menu from what the children loaded; a chosen source is opened without an argument."""

    def __init__(self, desk: Desk, strip: PictureStrip) -> None:
        super().__init__(strip)
        self._desk = desk
        self._strip = strip
        self._found: dict[str, tuple[str, ...]] = {}
        self._menu = QMenu(strip)
        strip.more.setMenu(self._menu)
        strip.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        desk.engine_changed.connect(self._engine_changed)
        for state in desk.engines.values():
            self._engine_changed(state)

    @Slot(object)
    def _engine_changed(self, state: EngineState) -> None:
        if state.kind != "ready" or "plugins" not in state.facts:
            return
        # One that imports torch is loaded by the engine, but pictures are opened where there is none.
        good = [row for row in state.facts["plugins"] if row["state"] == "loaded" and not row["needs_torch"]]
        adds = [item for row in good for item in row["adds"]]
        self._found[state.child] = tuple(item.removeprefix(ADDS) for item in adds if item.startswith(ADDS))
        self._fill()

    def _fill(self) -> None:
        names = sorted({name for found in self._found.values() for name in found})
        self._menu.clear()
        for name in names:
            action = self._menu.addAction(name.replace("_", " "))
            action.setObjectName(name)
            action.triggered.connect(self._chosen)
        self._strip.show_more(bool(names))

    @Slot()
    def _chosen(self) -> None:
        action = self.sender()
        if action is not None:
            self._desk.open_source(SourceRequest(kind="plugin", path=action.objectName()))
