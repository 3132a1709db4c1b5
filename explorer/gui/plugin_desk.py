"""What the window knows of plugins: their rows, from both children that load them, and the panels that they bring."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from explorer.gui.desk import Desk
from explorer.gui.notices import Notice
from explorer.gui.panels.plugin_panel import PluginPanel, panel_class
from explorer.gui.window import MainWindow
from explorer.host.messages import EngineState
from explorer.i18n import tr
from explorer.jobs import Event, Result
from explorer.records.plugins import PluginRow, PluginSurvey
from explorer.requests.plugins import LatePluginsRequest, PluginsRequest

if TYPE_CHECKING:
    from explorer.gui.plugin_page import PluginPage

log = logging.getLogger(__name__)
PAGE = "plugins.page"
LATE = "plugins.late"


class PluginDesk(QObject):
    """`changed` when rows changed. A panel that cannot be built is a notice; the others come all the same."""

    changed = Signal()

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._rows: dict[str, dict[tuple[str, str], PluginRow]] = {"engine": {}, "calc": {}}
        self.page: PluginPage | None = None
        self.told = False  # whether any child has said what plugins there are
        desk.register(PAGE, self._surveyed)
        desk.register(LATE, self._surveyed)
        desk.engine_changed.connect(self._engine_changed)
        desk.language_changed.connect(self.changed)
        for state in desk.engines.values():
            self._engine_changed(state)

    # -- rows --------------------------------------------------------------------------------------------------------
    @property
    def rows(self) -> tuple[PluginRow, ...]:
        """One for each plugin, by name: what is wrong counts most, then what the engine says, then the calc child."""
        engine, calc = self._rows["engine"], self._rows["calc"]
        found = []
        for key in sorted({*engine, *calc}):
            ours = [rows[key] for rows in (engine, calc) if key in rows]
            found.append(next((row for row in ours if not row.good), ours[0]))
        return tuple(found)

    def show_plugins(self) -> None:
        """The command: open the page, and look whether something changed on the disk."""
        if self.page is None:
            from explorer.gui.plugin_page import PluginPage

            self.page = PluginPage(self._window, self)
        self.page.fill()
        self.page.come_up()
        self.ask()

    def ask(self, enable: str = "") -> None:
        """Look at the plugins again; `enable` names one whose past is to be forgotten ("Try again")."""
        self._desk.submit(PAGE, PluginsRequest(enable=enable))

    @Slot(object)
    def _engine_changed(self, state: EngineState) -> None:
        if state.kind != "ready" or "plugins" not in state.facts or state.child not in self._rows:
            return
        self._rows[state.child] = {_key(row): row for row in map(_row, state.facts["plugins"])}
        if state.child == "engine":
            self._add_panels(state.facts.get("panels", ()))
        self._tell()

    def _surveyed(self, channel: str, event: Event) -> None:
        if not isinstance(event, Result) or not isinstance(event.record, PluginSurvey):
            return
        survey = event.record
        fresh = {_key(row): row for row in survey.rows}
        if channel == LATE:
            self._rows["engine"] |= fresh
            self._add_panels(survey.panels)
            self._desk.load_catalogue()  # there may be a network among them
        else:
            self._rows["calc"] = fresh
            self._catch_up()
        self._tell()

    def _catch_up(self) -> None:
        """What is new or mended is loaded into the engine, too; what is gone from the disk is no row any more."""
        engine, calc = self._rows["engine"], self._rows["calc"]
        self._rows["engine"] = engine = {key: row for key, row in engine.items() if key in calc}
        wanted = tuple(
            f"{row.origin}/{row.name}" for key, row in calc.items() if row.good and not (key in engine and engine[key].good)
        )
        if wanted:
            self._desk.submit(LATE, LatePluginsRequest(names=wanted))

    def _tell(self) -> None:
        self.told = True
        self.changed.emit()

    # -- panels ------------------------------------------------------------------------------------------------------
    def _add_panels(self, found: Any) -> None:
        for facts in found:
            try:
                self._add_panel(dict(facts))
            except Exception as error:  # one broken panel must not take the window with it
                name = facts.get("name", "?") if isinstance(facts, dict) else "?"
                log.exception("panel %s of a plugin", name)
                text = tr("The panel {name} could not be opened: {reason}").format(name=name, reason=error)
                self._desk.sink.put(Notice(text, "bad", traceback.format_exc(), key=f"panel:{name}", stay=True))

    def _add_panel(self, facts: dict[str, Any]) -> None:
        kind = panel_class(facts)
        there = self._window.panels.get(kind.name)
        if isinstance(there, PluginPanel):
            there.describe(facts)  # the engine started again, perhaps with a newer plugin
            return
        panel = kind(self._desk)
        centre = self._window.centre
        seen = [dock for dock in centre.docks.values() if dock.isVisible() and not dock.visibleRegion().isEmpty()]
        self._window.add_panel(panel)
        for dock in seen:  # a new tab does not push itself before what a person looks at
            dock.raise_()


def _key(row: PluginRow) -> tuple[str, str]:
    return row.name, row.origin


def _row(fields: dict[str, Any]) -> PluginRow:
    return PluginRow(**{**fields, "adds": tuple(fields.get("adds", ()))})
