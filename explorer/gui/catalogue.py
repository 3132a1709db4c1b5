"""What exists, for lists and forms: assets/catalogue.json (made from the tables), the engine's list of networks."""

from __future__ import annotations

import json
from typing import Any

from explorer.assets import assets_dir
from explorer.i18n import N_, tr
from explorer.records.network import CatalogueRow, NetworkInfo

COLOUR_MAPS = ("viridis", "cividis", "magma", "grey", "diverging")
TASKS = {"detector": "detect", "segmenter": "segment", "classifier": "classify"}
KINDS = {
    "surface": "surfaces",
    "optimizer": "optimizers",
    "schedule": "schedules",
    "network": "networks",
    "objective": "objectives",
    "attribution": "attributions",
}
DEVICE_TITLES = {"auto": N_("Automatic"), "cpu": "CPU", "cuda": "CUDA", "mps": "Apple MPS", "xpu": "Intel XPU"}


class Catalogue:
    """`data` is the file's content; `rows` are the networks as the engine lists them, once it did; `devices` likewise."""

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        self.data = _read() if data is None else data
        self.rows: tuple[CatalogueRow, ...] = ()
        self.devices: tuple[str, ...] = ("auto", "cpu")

    def entries(self, kind: str) -> dict[str, dict[str, Any]]:
        """name -> facts ("title", ...) of one kind: "surface", "optimizer" or "network"."""
        found = self.data.get(KINDS.get(kind, kind), {})
        if isinstance(found, dict):
            return {str(name): row for name, row in found.items() if isinstance(row, dict)}
        return {str(row["name"]): row for row in found if isinstance(row, dict) and "name" in row}

    def choices(self, kind: str, network: NetworkInfo | None) -> tuple[str, ...]:
        """The names a parameter may take, in the order a person expects them."""
        if kind == "layer":
            return tuple(layer.name for layer in network.layers) if network else ()
        if kind == "convolution":
            return tuple(layer.name for layer in network.layers if layer.kernel) if network else ()
        if kind == "device":
            return self.devices
        if kind == "colour_map":
            return COLOUR_MAPS
        if kind == "network" or kind in TASKS:
            return self._networks(TASKS.get(kind, ""))
        return tuple(self.entries(kind))

    def _networks(self, task: str) -> tuple[str, ...]:
        if self.rows:
            return tuple(row.name for row in self.rows if not task or row.task == task)
        return tuple(name for name, row in self.entries("network").items() if not task or row.get("task") == task)

    def title(self, kind: str, name: str) -> str:
        """A name for people."""
        if kind == "device":
            return tr(DEVICE_TITLES.get(name, name))
        for row in self.rows:
            if kind in {"network", *TASKS} and row.name == name:
                return row.title
        shelf = "network" if kind in TASKS else kind
        return tr(str(self.entries(shelf).get(name, {}).get("title", name)))


def _read() -> dict[str, Any]:
    path = assets_dir() / "catalogue.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
