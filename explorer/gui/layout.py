"""Where the docks are, kept between starts. Qt's `restoreState` can die of one wrong byte: nothing reaches it unchecked.

A file is used only if its checksum and its tag (version of the program, of Qt, the panels there are) are right; else it
is kept as layout.bad and the default layout stands.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer import atomic

MAX_BYTES = 4_000_000


@dataclass
class Layout:
    """`states`: name -> bytes as Qt made them; `facts`: small JSON values beside them."""

    states: dict[str, bytes] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


class UnusableLayoutError(Exception):
    """Why a layout file was not used, in English for the log."""


def save(path: Path, layout: Layout, tag: str) -> None:
    """Write atomically. Raises OSError."""
    body = {"states": {k: base64.b64encode(v).decode() for k, v in layout.states.items()}, "facts": layout.facts}
    text = json.dumps(body, sort_keys=True)
    atomic.write_text(path, json.dumps({"tag": tag, "sha256": _sum(tag, text), "body": text}))


def load(path: Path, tag: str) -> Layout | None:
    """The layout, None if there is none. Raises UnusableLayoutError after keeping the file as `.bad`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnusableLayoutError("too large")
        outer = json.loads(path.read_text(encoding="utf-8"))
        text = outer["body"]
        if outer["sha256"] != _sum(outer["tag"], text):
            raise UnusableLayoutError("wrong checksum")
        if outer["tag"] != tag:
            raise UnusableLayoutError(f"made by another version: {str(outer['tag'])[:100]}")
        body = json.loads(text)
        return Layout({k: base64.b64decode(v) for k, v in body["states"].items()}, dict(body["facts"]))
    except FileNotFoundError:
        return None
    except UnusableLayoutError:
        _keep(path)
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        _keep(path)
        raise UnusableLayoutError(f"not readable: {type(error).__name__}") from error


def _sum(tag: str, text: str) -> str:
    return hashlib.sha256(f"{tag}\n{text}".encode()).hexdigest()


def _keep(path: Path) -> None:
    try:
        path.replace(path.with_name("layout.bad"))
    except OSError:
        return
