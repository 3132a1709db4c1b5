"""One panel per job. `PANELS` is the table of them: a tab stands at once, its module is imported when the panel is made."""

from __future__ import annotations

from typing import NamedTuple

from explorer.i18n import N_


class PanelRow(NamedTuple):
    """`name` is the stable identifier and the module's, `kind` the class in it, `title` an English key, `icon` one of ours."""

    name: str
    kind: str
    title: str
    icon: str

    @property
    def module(self) -> str:
        """Where the class is."""
        return f"{__name__}.{self.name}"


# In the order of their tabs.
PANELS = (
    PanelRow("network", "NetworkPanel", N_("Network"), "network"),
    PanelRow("filters", "FiltersPanel", N_("Filters"), "filters"),
    PanelRow("dream", "DreamPanel", N_("Dream"), "dream"),
    PanelRow("units", "UnitsPanel", N_("Units"), "units"),
    PanelRow("why", "WhyPanel", N_("Why?"), "why"),
    PanelRow("surgery", "SurgeryPanel", N_("Surgery"), "surgery"),
    PanelRow("regions", "RegionsPanel", N_("Regions"), "regions"),
    PanelRow("live", "LivePanel", N_("Live"), "live"),
    PanelRow("xray", "XrayPanel", N_("X-ray"), "xray"),
    PanelRow("arena", "ArenaPanel", N_("Compare"), "compare"),
    PanelRow("teach", "TeachPanel", N_("Teach"), "teach"),
    PanelRow("optimizers", "OptimizersPanel", N_("Optimizers"), "optimizers"),
    PanelRow("basins", "BasinsPanel", N_("Basins"), "basins"),
    PanelRow("contest", "ContestPanel", N_("Fair race"), "contest"),
    PanelRow("landscape", "LandscapePanel", N_("Landscape"), "landscape"),
    PanelRow("init", "InitPanel", N_("First weights"), "init"),
)
ROWS = {row.name: row for row in PANELS}
