"""User settings that a person would copy to another machine: versioned, migrated, never the reason of a failed start.

A bad value falls back to its default and is listed in `reset`; the damaged original is kept as settings.bad.json. Keys that
we do not know (a newer version wrote them) are kept and written back. Machine state (layout, session) is in other files.
Standard library only: the window reads its theme and language from here before anything else is imported.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer import assets, atomic

VERSION = 2
MAX_BYTES = 1_000_000


def _shortcuts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        raise ValueError("not a table of texts")
    return dict(value)


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"not one of {allowed}")
        return value

    return check


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 4096:
        raise ValueError("not a short text")
    return value


def _addresses(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > 20:
        raise ValueError("not a short list")
    return [_text(item) for item in value]


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not true or false")
    return value


def _between(low: float, high: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError("not a number")
        if not low <= value <= high or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(f"not between {low} and {high}")
        return float(value)

    return check


# Field -> its check. A check returns the value to use or raises ValueError.
CHECKS: dict[str, Callable[[Any], Any]] = {
    "theme": _one_of("system", "light", "dark"),
    "language": _one_of("", "en", "hu"),
    "device": _text,
    "precision": _one_of("auto", "float32", "bfloat16"),
    "exact": _flag,
    "projector_scale": _between(1.0, 3.0),
    "camera": _between(0, 63),
    "camera_name": _text,
    "camera_width": _between(0, 7680),
    "camera_height": _between(0, 4320),
    "camera_rate": _between(0, 240),
    "camera_mirror": _flag,
    "streams": _addresses,
    "formulas": _addresses,
    "welcome": _flag,
    "shortcuts": _shortcuts,
}


@dataclass
class Settings:
    """`extra`: keys of a newer version; `reset`: names of values that could not be used; `problem`: why a file was put by."""

    theme: str = "system"
    language: str = ""
    device: str = "auto"
    precision: str = "auto"
    exact: bool = False
    projector_scale: float = 1.5
    camera: float = 0
    camera_name: str = ""
    camera_width: float = 1280
    camera_height: float = 720
    camera_rate: float = 0.0
    camera_mirror: bool = True
    streams: list[str] = field(default_factory=list)  # addresses typed for "Open stream", without names and passwords
    formulas: list[str] = field(default_factory=list)  # own surfaces of before, the newest first
    welcome: bool = True
    shortcuts: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    reset: list[str] = field(default_factory=list)
    problem: str = ""
    version: int = VERSION
    path: Path = field(default_factory=lambda: assets.config_dir() / "settings.json")

    def __post_init__(self) -> None:
        self._saved: dict[str, Any] = self._values()

    def _values(self) -> dict[str, Any]:
        return {name: copy.copy(getattr(self, name)) for name in CHECKS}

    @property
    def changed(self) -> bool:
        """Whether something is not in the file yet (a program that changed nothing writes nothing)."""
        return self._values() != self._saved

    def for_now(self) -> None:
        """What was set since loading (a flag of the command line) is no reason to write the file."""
        self._saved = self._values()

    def save(self) -> None:
        """Write the file atomically. Raises OSError; the old file is then still there."""
        data = self._values()
        text = json.dumps(
            {**self.extra, **data, "version": max(self.version, VERSION)}, indent=2, sort_keys=True, ensure_ascii=False
        )
        atomic.write_text(self.path, text + "\n")
        self._saved = data


def load(path: Path | None = None) -> Settings:
    """Read the settings, or defaults where there are none or they cannot be used. Never raises."""
    found = Settings(path=path) if path else Settings()
    try:
        raw = _read(found.path)
    except FileNotFoundError:
        return found
    except (OSError, ValueError, RecursionError) as error:
        found.problem = str(error)[:200]
        _set_aside(found.path)
        return found
    raw = _migrated(raw)
    version = raw.pop("version", VERSION)
    found.version = version if isinstance(version, int) and not isinstance(version, bool) else VERSION
    for name, value in raw.items():
        if name not in CHECKS:
            found.extra[name] = value
            continue
        try:
            setattr(found, name, CHECKS[name](value))
        except (ValueError, OverflowError):
            found.reset.append(name)
    found._saved = found._values()
    if found.reset:
        _set_aside(found.path, keep=True)
    return found


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("settings file is too large")
    raw = json.loads(path.read_bytes().decode("utf-8"), parse_int=_whole)
    if not isinstance(raw, dict):
        raise ValueError("settings file is not a table")
    return raw


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 4000 else math.inf


def _migrated(raw: dict[str, Any]) -> dict[str, Any]:
    version = raw.get("version", 1)
    while isinstance(version, int) and version in MIGRATIONS:
        raw = MIGRATIONS[version](dict(raw))
        version = raw["version"]
    return raw


def _from_1(raw: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had `dark: true` in place of a theme."""
    if "dark" in raw:
        dark = raw.pop("dark")
        raw.setdefault("theme", "dark" if dark is True else "system")
    raw["version"] = 2
    return raw


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}


def _set_aside(path: Path, keep: bool = False) -> None:
    """Keep what could not be used beside the file, as PATH.bak."""
    backup = path.with_name(path.name + ".bak")
    with contextlib.suppress(OSError):
        if keep:
            shutil.copyfile(path, backup)
        else:
            path.replace(backup)


def defaults() -> dict[str, Any]:
    """Name -> default of every setting, for the settings page."""
    return {item.name: getattr(Settings(), item.name) for item in dataclasses.fields(Settings) if item.name in CHECKS}
