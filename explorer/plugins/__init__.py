"""The door through which networks, surfaces, optimizers, objectives, sources and panels come in, ours and yours alike.

A plugin is one Python file with a function `register(tables)`, in the folder `plugins` of the settings, or a package with
an entry point of the group `explorer.plugins`. Each is first imported in a probe process of its own; what raises, exits,
crashes or hangs there is a row with a reason and never reaches the program.
"""

from explorer.plugins.builtin import builtin_tables, process_tables
from explorer.plugins.loader import discover, enable, load_all, load_into
from explorer.plugins.rows import Candidate, PanelEntry
from explorer.records.plugins import PluginRow

__all__ = [
    "Candidate",
    "PanelEntry",
    "PluginRow",
    "builtin_tables",
    "discover",
    "enable",
    "load_all",
    "load_into",
    "process_tables",
]
