"""Finding, probing and loading all plugins. A broken one is a row; the others load whatever it does, in any order."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from explorer.assets import state_dir
from explorer.atomic import write_text
from explorer.host.plugin_probe import PATIENCE_S, probe
from explorer.plugins.builtin import process_tables
from explorer.plugins.importing import import_plugin, join
from explorer.plugins.rows import Candidate, candidates
from explorer.records.plugins import PluginRow
from explorer.tables import Tables

log = logging.getLogger(__name__)


def discover(patience_s: float = PATIENCE_S) -> tuple[PluginRow, ...]:
    """A row for every plugin there is, probed (once for each version of it), none imported into this process."""
    return tuple(_probed(one, patience_s) for one in candidates())


def load_all(*, with_torch: bool | None = None, process: str = "") -> tuple[PluginRow, ...]:
    """Load every good plugin into the tables of this process; never raises for a plugin's fault.

    `with_torch`: default, whether torch is already here. `process`: a name for the watchdog ("calc", "engine").
    """
    torch = "torch" in sys.modules if with_torch is None else with_torch
    tables = process_tables(with_torch=torch)
    return load_into(tables, candidates(), with_torch=torch, process=process or ("engine" if torch else "calc"))


def load_into(
    tables: Tables,
    found: Iterable[Candidate],
    *,
    with_torch: bool = False,
    process: str = "calc",
    patience_s: float = PATIENCE_S,
) -> tuple[PluginRow, ...]:
    """Load `found` into `tables`; rows say how each fared. Without torch, plugins that need it stay "ready"."""
    _blame_the_dead()
    rows = []
    for one in found:
        row = _probed(one, patience_s)
        if row.good and (with_torch or not row.needs_torch):
            row = _load(one, row, tables, process)
        if not row.good:
            log.warning("plugin %s is %s: %s", row.name, row.state, row.error)
        rows.append(row)
    return tuple(rows)


def enable(name: str) -> None:
    """Forget what is known against the plugin `name`: it is probed again next time ("Enable again", "Retry")."""
    verdicts = _verdicts()
    for one in candidates():
        if one.name == name:
            verdicts.pop(_key(one), None)
    _keep(verdicts)


def _load(one: Candidate, row: PluginRow, tables: Tables, process: str) -> PluginRow:
    with _watchdog(one, process):
        got = import_plugin(one, tables)
    if got.error:
        return dataclasses.replace(row, state="broken", error=got.error, traceback=got.traceback, adds=())
    join(got.tables, tables)
    return dataclasses.replace(row, state="loaded", version=got.version, adds=got.adds)


def _probed(one: Candidate, patience_s: float) -> PluginRow:
    verdicts = _verdicts()
    known = verdicts.get(_key(one))
    if not isinstance(known, dict):
        facts = dataclasses.asdict(one) | {"path": str(one.path) if one.path else ""}
        known = probe(facts, patience_s)
        # A plugin that raises may mend when what it imports is installed: it is tried again at every start.
        if known["state"] != "broken":
            _keep(_verdicts() | {_key(one): known})
    return _row(one, known)


def _row(one: Candidate, known: dict[str, Any]) -> PluginRow:
    return PluginRow(
        name=one.name,
        origin=one.origin,
        path=str(one.path or one.entry),
        state=str(known.get("state", "broken")),
        version=str(known.get("version", "") or one.version),
        adds=tuple(str(item) for item in known.get("adds", ())),
        error=str(known.get("error", "")),
        traceback=str(known.get("traceback", "")),
        needs_torch=bool(known.get("needs_torch", False)),
    )


def _key(one: Candidate) -> str:
    return f"{one.origin}/{one.name}/{one.digest}/{sys.version_info.major}.{sys.version_info.minor}"


def _folder() -> Path:
    return state_dir() / "plugins"


def _verdicts() -> dict[str, Any]:
    try:
        found = json.loads((_folder() / "verdicts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(verdicts: dict[str, Any]) -> None:
    try:
        write_text(_folder() / "verdicts.json", json.dumps(verdicts, indent=1, sort_keys=True))
    except OSError as error:  # then they are probed again next time
        log.warning("cannot keep what is known of plugins: %s", error)


@contextlib.contextmanager
def _watchdog(one: Candidate, process: str) -> Any:
    """A note "this process is importing that plugin"; one that outlives its process names the culprit."""
    note = _folder() / f"{process}-{os.getpid()}.importing"
    with contextlib.suppress(OSError):
        write_text(note, json.dumps({"key": _key(one), "process": process}))
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _blame_the_dead() -> None:
    verdicts = _verdicts()
    changed = False
    for note in sorted(_folder().glob("*.importing")):
        pid = note.stem.rpartition("-")[2]
        if pid.isdigit() and int(pid) != os.getpid() and _alive(int(pid)):
            continue
        with contextlib.suppress(OSError, ValueError, KeyError):
            left = json.loads(note.read_text(encoding="utf-8"))
            error = f"It ended the {left['process']} process at loading."
            verdicts[left["key"]] = {**verdicts.get(left["key"], {}), "state": "disabled", "error": error}
            changed = True
        note.unlink(missing_ok=True)
    if changed:
        _keep(verdicts)


def _alive(pid: int) -> bool:
    if os.name == "nt":  # os.kill(pid, 0) would end the process there; a note is written and removed within a second
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
