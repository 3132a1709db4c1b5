"""The files of an atlas: where each lies, and which of them can be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from explorer.atomic import sweep, write_bytes
from explorer.features.gallery import Unit
from explorer.features.unit_store import plain_name


class LayerFolder:
    """One layer's folder inside an atlas. Names are relative to it: pages refer to them as they are."""

    def __init__(self, out: Path, layer: str) -> None:
        self.layer = layer
        self.name = plain_name(layer)
        self.path = out / self.name
        sweep(self.path)

    def unit(self, channel: int) -> str:
        """The maximised picture of a unit."""
        return f"unit-{channel:05d}.png"

    def filter(self, channel: int) -> str:
        """Its filter."""
        return f"filter-{channel:05d}.png"

    def crop(self, channel: int, rank: int) -> str:
        """One of its best pictures."""
        return f"best-{channel:05d}-{rank + 1}.jpg"

    def write(self, name: str, data: bytes) -> None:
        """Atomically. Raises OSError."""
        write_bytes(self.path / name, data)

    def facts(self, channel: int, recipe: str) -> dict[str, Any] | None:
        """What is known of a unit that is there, of this recipe; None for one that must be grown."""
        try:
            data = (self.path / self.unit(channel)).read_bytes()
        except OSError:
            return None
        unit = Unit.from_bytes(data, channel, recipe)
        return None if unit is None else unit.facts
