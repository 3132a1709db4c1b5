"""The table of surfaces: presets, surfaces from data, surfaces of small networks."""

from __future__ import annotations

from dataclasses import replace

from explorer.descent import surfaces_classic, surfaces_data, surfaces_neural, surfaces_rough
from explorer.tables import Tables

FAMILIES = {"classic": surfaces_classic, "rough": surfaces_rough, "data": surfaces_data, "neural": surfaces_neural}


def register(tables: Tables) -> None:
    """Enter the built-in surfaces, by the same door as a plugin."""
    for name, family in FAMILIES.items():
        for surface in family.surfaces():
            tables.surfaces.add(surface.name, replace(surface, family=name))
