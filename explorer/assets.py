"""Where the data files and the user's folders are. The only module that knows paths."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_HERE = Path(__file__).resolve().parent


def assets_dir() -> Path:
    """The folder `assets/`: inside the installed package, or beside it in a checkout."""
    inside = _HERE / "assets"
    return inside if inside.is_dir() else _HERE.parent / "assets"


def asset(*parts: str) -> Path:
    """One data file, as in `asset("samples", "coffee.jpg")`. Raises FileNotFoundError naming the missing file."""
    path = assets_dir().joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"data file {'/'.join(parts)} is missing from the installation ({assets_dir()})")
    return path


def plugins_dir() -> Path:
    """The worked example plugins shipped with the program."""
    inside = _HERE / "example_plugins"
    return inside if inside.is_dir() else _HERE.parent / "plugins"


def _user_dir(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or default)


def cache_dir() -> Path:
    """Downloaded weights and other things that can be made again. `EXPLORER_CACHE` overrides."""
    return _user_dir("EXPLORER_CACHE", platformdirs.user_cache_dir("explorer", appauthor=False))


def config_dir() -> Path:
    """Settings a person would copy to another machine. `EXPLORER_CONFIG` overrides."""
    return _user_dir("EXPLORER_CONFIG", platformdirs.user_config_dir("explorer", appauthor=False))


def state_dir() -> Path:
    """Machine state: window geometry, session, crash logs, sentinels. `EXPLORER_STATE` overrides."""
    return _user_dir("EXPLORER_STATE", platformdirs.user_state_dir("explorer", appauthor=False))
