"""The calc child: races, surfaces, exports. numpy, no torch, so the playground lives on while the engine is dead."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.host.child import Link
from explorer.host.furnishing import plugin_facts
from explorer.host.worker import Worker


def main(link: Link) -> None:
    """Serve jobs without an engine until Quit."""
    Worker(link, prepare, lambda: plugin_facts(with_torch=False)).serve()


def prepare(options: dict[str, Any]) -> tuple[None, dict[str, Any]]:
    """Nothing to load; the facts name numpy."""
    return None, {"numpy": np.__version__}
