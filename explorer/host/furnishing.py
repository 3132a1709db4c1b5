"""What a working child has besides the built-ins: the plugins. They are probed first, in processes of their own."""

from __future__ import annotations

import dataclasses
import importlib
import logging
from typing import Any

log = logging.getLogger(__name__)


def plugin_facts(*, with_torch: bool) -> dict[str, Any]:
    """Load the plugins into this process's tables; {"plugins": one dict for each, the broken ones with their traceback}."""
    try:
        rows = importlib.import_module("explorer.plugins").load_all(
            with_torch=with_torch, process="engine" if with_torch else "calc"
        )
        return {"plugins": [dataclasses.asdict(row) for row in rows]}
    except Exception:  # whatever a plugin does, the child works without it
        log.exception("the plugins could not be loaded")
        return {"plugins": []}
