"""What a plugin is: where it was found, how it fared, what it may bring."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from explorer.assets import config_dir, plugins_dir
from explorer.requests.base import Request

GROUP = "explorer.plugins"
KINDS = ("networks", "surfaces", "optimizers", "objectives", "attributions", "sources", "panels")


@dataclass(frozen=True)
class PanelEntry:
    """A panel without window code: `request` is its form and its job, `result` names the record kind the job yields.

    `result`: "Picture", "Mosaic", "Race", "SurfaceSamples", "Detections", "Mask" or "TopK"; the standard viewer of that kind
    shows it. `title` is an English message key.
    """

    name: str
    title: str
    request: type[Request]
    result: str


@dataclass(frozen=True)
class Candidate:
    """A plugin that was found and not yet imported. Exactly one of `path`, `entry` is set.

    `origin`: "example", "user" or "package". `digest` changes when the plugin does; verdicts are kept under it.
    """

    name: str
    origin: str
    digest: str
    path: Path | None = None
    entry: str = ""
    version: str = ""


def candidates() -> list[Candidate]:
    """All plugins there are, by name: worked examples, the user's folder, installed packages. Nothing is imported.

    None while `EXPLORER_WITHOUT_PLUGINS` is set: a safe start.
    """
    if os.environ.get("EXPLORER_WITHOUT_PLUGINS"):
        return []
    found = [*_files(plugins_dir(), "example"), *_files(config_dir() / "plugins", "user"), *_packages()]
    return sorted(found, key=lambda one: (one.name, one.origin))


def _files(folder: Path, origin: str) -> Iterator[Candidate]:
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else ():
        if path.name.startswith(("_", ".")):
            continue
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            digest = f"unreadable {error.errno}"
        yield Candidate(path.stem, origin, digest, path)


def _packages() -> Iterator[Candidate]:
    for entry in entry_points(group=GROUP):
        version = entry.dist.version if entry.dist is not None else ""
        yield Candidate(entry.name, "package", f"{entry.value} {version}", None, entry.value, version)


def entry_named(name: str, value: str) -> EntryPoint:
    """The entry point of a Candidate from a package."""
    return EntryPoint(name, value, GROUP)
