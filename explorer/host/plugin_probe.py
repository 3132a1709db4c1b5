"""The probe: a short-lived process that imports one plugin, so that a crash, an exit or a hang there costs nothing here.

    python -m explorer.host.plugin_probe '{"name": ..., "origin": ..., "digest": ..., "path": ..., "entry": ...}' ANSWER_FILE

The answer goes to a file, not to stdout: a plugin may write to any stream, also from C.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PATIENCE_S = 20.0  # importing torch on a cold disk takes several seconds


def probe(facts: dict[str, Any], patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """Import the plugin that `facts` describe (fields of plugins.rows.Candidate) in a child of its own.

    Returns "state" ("ready", "broken", "crashed", "hung") and, as far as known, "version", "adds", "error", "traceback",
    "needs_torch". Never raises for what the plugin does.
    """
    with tempfile.TemporaryDirectory(prefix="explorer-probe-") as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-X", "faulthandler", "-m", "explorer.host.plugin_probe", json.dumps(facts), str(answer)]
        log = Path(folder) / "log"
        home = str(Path(__file__).resolve().parents[2])  # the child stands elsewhere: a checkout is found all the same
        path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), home)))
        with log.open("wb") as out:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=os.name != "nt",
                cwd=folder,
                env={**os.environ, "PYTHONPATH": path},
            )
            try:
                code = child.wait(patience_s)
            except subprocess.TimeoutExpired:
                return {
                    "state": "hung",
                    "error": f"It did not finish loading within {patience_s:.0f} s.",
                    "traceback": _tail(log),
                }
            finally:
                _end(child)
        try:
            found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"state": "crashed", "error": f"It ended the process at loading ({_named(code)}).", "traceback": _tail(log)}
        if code != 0:
            return {**found, "state": "crashed", "error": f"It ended the process after loading ({_named(code)})."}
        return found


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the probe and whatever it started."""
    if os.name == "nt":
        child.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # its own session: nothing of ours is in there
    child.wait()


def _named(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _tail(log: Path) -> str:
    return log.read_bytes()[-4000:].decode("utf-8", "replace")


def main(arguments: list[str]) -> None:
    """Import, register, answer. Runs in the child."""
    plugins = importlib.import_module("explorer.plugins.importing")
    rows = importlib.import_module("explorer.plugins.rows")
    builtin = importlib.import_module("explorer.plugins.builtin")
    facts = json.loads(arguments[0])
    path = facts.pop("path")
    candidate = rows.Candidate(**facts, path=Path(path) if path else None)
    got = plugins.import_plugin(candidate, builtin.builtin_tables())
    answer = {
        "state": "broken" if got.error else "ready",
        "version": got.version,
        "adds": list(got.adds),
        "error": got.error,
        "traceback": got.traceback,
        "needs_torch": "torch" in sys.modules,
    }
    Path(arguments[1]).write_text(json.dumps(answer), encoding="utf-8")  # a scratch file of this pair of processes


if __name__ == "__main__":
    main(sys.argv[1:])
    # A plugin's own threads and exit handlers are not waited for.
    sys.stderr.flush()
    os._exit(0)
