"""The table of surfaces: presets, surfaces from data, surfaces of small networks."""

from __future__ import annotations

from explorer.descent import surfaces_classic, surfaces_data, surfaces_neural, surfaces_rough
from explorer.tables import Tables


def register(tables: Tables) -> None:
    """Enter the built-in surfaces, by the same door as a plugin."""
    for family in (surfaces_classic, surfaces_rough, surfaces_data, surfaces_neural):
        for surface in family.surfaces():
            tables.surfaces.add(surface.name, surface)
