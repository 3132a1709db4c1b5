"""One panel per job. `PANELS` names their modules; the window imports them after its first paint."""

# module, class; in the order of their tabs
PANELS = (
    ("explorer.gui.panels.network", "NetworkPanel"),
    ("explorer.gui.panels.filters", "FiltersPanel"),
    ("explorer.gui.panels.dream", "DreamPanel"),
    ("explorer.gui.panels.units", "UnitsPanel"),
    ("explorer.gui.panels.why", "WhyPanel"),
    ("explorer.gui.panels.surgery", "SurgeryPanel"),
    ("explorer.gui.panels.regions", "RegionsPanel"),
    ("explorer.gui.panels.live", "LivePanel"),
    ("explorer.gui.panels.optimizers", "OptimizersPanel"),
)
