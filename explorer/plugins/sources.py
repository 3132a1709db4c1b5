"""Picture sources of plugins, loaded when one is first asked for: an ordinary source waits for no plugin.

They stand in tables of their own, which are made afresh when a plugin file was added, changed or removed.
"""

from __future__ import annotations

import sys
from threading import Lock
from typing import cast

from explorer.i18n import N_
from explorer.picture.sources import BUILT_IN, Factory
from explorer.plugins.builtin import builtin_tables
from explorer.plugins.loader import discover, load_into
from explorer.plugins.rows import Candidate, candidates
from explorer.records.errors import MediaError, Trouble
from explorer.records.plugins import PluginRow
from explorer.tables import Table, Tables, UnknownNameError

PREFIX = "source "  # of PluginRow.adds


class _Shelf:
    """What was loaded, and of which files."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.found: tuple[Candidate, ...] | None = None
        self.tables = Tables()
        self.faults: dict[str, tuple[str, str]] = {}  # source -> its plugin and why that is not loaded

    def load(self, name: str) -> None:
        """Make the tables fit the files; also when `name` is missing, because its plugin may have been enabled again."""
        found = tuple(candidates())
        if found == self.found and name in self.tables.sources:
            return
        giving = {(row.name, row.origin): row for row in discover() if row.good and sources_of(row)}
        self.tables = builtin_tables(with_sources=True)
        self.faults = {}
        wanted = [one for one in found if (one.name, one.origin) in giving]
        for row in load_into(self.tables, wanted, with_torch="torch" in sys.modules, process="source"):
            reason = row.error or ("" if row.state == "loaded" else "it imports torch")
            for name in sources_of(giving[row.name, row.origin]) if reason else ():
                self.faults[name] = (row.name, reason)
        self.found = found


_shelf = _Shelf()


def sources_of(row: PluginRow) -> tuple[str, ...]:
    """Names of the sources that a plugin adds."""
    return tuple(item.removeprefix(PREFIX) for item in row.adds if item.startswith(PREFIX))


def source_named(name: str) -> Factory:
    """What makes the plugin source `name`. Raises MediaError with near names, or with why its plugin is not loaded."""
    with _shelf.lock:
        _shelf.load(name)
        table = Table[object]("source")
        for one in _shelf.tables.sources:
            if one not in BUILT_IN:
                table.add(one, _shelf.tables.sources[one])
        faults = dict(_shelf.faults)
    try:
        return cast(Factory, table[name])
    except UnknownNameError as error:
        if name in faults:
            plugin, reason = faults[name]
            values = {"name": name, "plugin": plugin, "reason": reason}
            text = N_("The source {name} is not there, because its plugin {plugin} was not loaded: {reason}.")
            raise MediaError(Trouble("source.plugin-broken", text, values)) from None
        values = {"name": name, "near": ", ".join(error.near), "known": ", ".join(error.known)}
        hint = N_("Did you mean {near}?") if error.near else N_("There are: {known}.")
        unknown = N_("No plugin has a source called {name}.")
        raise MediaError(Trouble("source.unknown", unknown, values, hint if error.known else "")) from None
