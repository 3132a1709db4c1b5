"""Plugins as the window and the command line list them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PluginRow:
    """One line of the Plugins page. `state`: "ready" (probed), "loaded", "broken" (raised), "crashed", "hung", "disabled".

    `origin`: "example", "user" or "package". `adds`: "surface levy", ... in English; `error` is one sentence,
    `traceback` the details; both empty when all is well. `needs_torch`: importing it imports torch, so the calc child leaves
    it to the engine.
    """

    name: str
    origin: str
    path: str
    state: str
    version: str = ""
    adds: tuple[str, ...] = ()
    error: str = ""
    traceback: str = ""
    needs_torch: bool = False

    @property
    def good(self) -> bool:
        """Whether it works."""
        return self.state in {"ready", "loaded"}


@dataclass(frozen=True)
class PluginSurvey:
    """All plugins there are, and what the loaded ones add to assets/catalogue.json: kind -> name -> facts.

    `panels`: what `plugins.panel.panel_facts` says of the panels that they brought into the process that was asked.
    """

    rows: tuple[PluginRow, ...] = ()
    catalogue: dict[str, dict[str, Any]] = field(default_factory=dict)
    panels: tuple[dict[str, Any], ...] = ()
