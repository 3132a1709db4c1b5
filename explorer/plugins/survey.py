"""Job: what plugins there are and what they add, for the window, which imports none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from explorer.catalogue import optimizer_facts, surface_facts
from explorer.descent import ground
from explorer.jobs import Result, Step, Work
from explorer.plugins.loader import enable
from explorer.records.plugins import PluginSurvey
from explorer.requests.plugins import PluginsRequest


def survey(request: PluginsRequest, work: Work) -> Iterator[Step]:
    """Job of PluginsRequest: PluginSurvey. Loads afresh, so that a changed file counts at once."""
    if request.enable:
        enable(request.enable)
    rows = ground.load_plugins()
    tables = ground.known()
    added: dict[str, dict[str, Any]] = {"surfaces": {}, "optimizers": {}}
    for row in rows:
        for item in row.adds if row.state == "loaded" else ():
            kind, _, name = item.partition(" ")
            if kind == "surface":
                added["surfaces"][name] = surface_facts(tables.surfaces[name])
            elif kind == "optimizer":
                added["optimizers"][name] = optimizer_facts(tables.optimizers[name])
    yield Result(PluginSurvey(tuple(rows), added))
