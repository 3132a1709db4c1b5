"""The engine child: torch, the networks, one thread that touches them."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from explorer.host.child import Link
from explorer.host.furnishing import plugin_facts
from explorer.host.worker import Worker

log = logging.getLogger(__name__)
DAY_S = 86400.0  # younger part files of a download may still be continued


def main(link: Link) -> None:
    """Serve jobs with an Engine until Quit."""
    Worker(link, prepare, furnish, beside).serve()


def prepare(options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Import torch and the engine, by name so that the window's process never does; one tiny operation proves it works."""
    torch = importlib.import_module("torch")
    devices = importlib.import_module("explorer.engine.device")
    engine = importlib.import_module("explorer.engine.engine").Engine(options.get("threads") or devices.threads_beside_window())
    there = devices.available()
    two = torch.ones(1, device=there[0]) + 1
    if two.item() != 2:
        raise RuntimeError(f"1 + 1 is {two.item()} on {there[0]}")
    return engine, {"device": there[0], "devices": list(there), "threads": engine.threads, "torch": str(torch.__version__)}


def beside() -> Any:
    """How the frames of a follow are looked at, two at a time."""
    return importlib.import_module("explorer.vision.beside").Beside()


def furnish() -> dict[str, Any]:
    """After the first answer: what dead processes left in the weights' folder is swept, the plugins are loaded."""
    try:
        importlib.import_module("explorer.weights.fetch").sweep(older_than=DAY_S)
    except OSError:
        log.warning("the weights' folder could not be swept", exc_info=True)
    return plugin_facts(with_torch=True)
