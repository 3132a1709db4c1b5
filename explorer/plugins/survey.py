"""Job: what plugins there are and what they add, for the window, which imports none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from explorer.catalogue import optimizer_facts, surface_facts
from explorer.descent import ground
from explorer.jobs import Result, Step, Work
from explorer.plugins.builtin import process_tables
from explorer.plugins.loader import enable, load_into
from explorer.plugins.panel import panel_facts
from explorer.plugins.rows import candidates
from explorer.records.plugins import PluginSurvey
from explorer.requests.plugins import LatePluginsRequest, PluginsRequest


def survey(request: PluginsRequest, work: Work) -> Iterator[Step]:
    """Job of PluginsRequest: PluginSurvey. Loads afresh, so that a changed file counts at once."""
    if request.enable:
        enable(request.enable)
    rows = ground.load_plugins()
    tables = ground.known()
    added: dict[str, dict[str, Any]] = {"surfaces": {}, "optimizers": {}, "sources": {}}
    for row in rows:
        for item in row.adds if row.state == "loaded" else ():
            kind, _, name = item.partition(" ")
            if kind == "surface":
                added["surfaces"][name] = surface_facts(tables.surfaces[name])
            elif kind == "optimizer":
                added["optimizers"][name] = optimizer_facts(tables.optimizers[name])
            elif kind == "source":
                added["sources"][name] = {"title": name, "plugin": row.name}
    yield Result(PluginSurvey(tuple(rows), added, tuple(panel_facts(rows, tables.panels))))


def late(request: LatePluginsRequest, work: Work) -> Iterator[Step]:
    """Job of LatePluginsRequest: PluginSurvey of the named ones, loaded into the tables beside what is there."""
    tables = process_tables(with_torch=True)
    wanted = [one for one in candidates() if f"{one.origin}/{one.name}" in request.names]
    rows = load_into(tables, wanted, with_torch=True, process="engine")
    yield Result(PluginSurvey(rows, panels=tuple(panel_facts(rows, tables.panels))))
