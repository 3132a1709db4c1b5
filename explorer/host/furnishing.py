"""What a working child has besides the built-ins: the plugins. They are probed first, in processes of their own."""

from __future__ import annotations

import dataclasses
import importlib
import logging
from typing import Any

log = logging.getLogger(__name__)


def plugin_facts(*, with_torch: bool) -> dict[str, Any]:
    """Load the plugins into this process's tables; {"plugins": one dict for each, the broken ones with their traceback,
    "panels": what `explorer.plugins.panel.panel_facts` says of theirs}.
    """
    try:
        plugins = importlib.import_module("explorer.plugins")
        rows = plugins.load_all(with_torch=with_torch, process="engine" if with_torch else "calc")
        table = plugins.process_tables(with_torch=with_torch).panels
        panels = importlib.import_module("explorer.plugins.panel").panel_facts(rows, table)
        return {"plugins": [dataclasses.asdict(row) for row in rows], "panels": panels}
    except Exception:  # whatever a plugin does, the child works without it
        log.exception("the plugins could not be loaded")
        return {"plugins": [], "panels": []}
