"""captum without the plotting library that it imports for its notebooks.

`captum.attr` imports matplotlib (pyplot builds a font cache, more than a second the first time, and writes into the home
folder) only to draw; we never let it draw. While captum is imported, empty stand-ins answer for matplotlib; they are gone
again afterwards, so that a plugin which wants the real one gets it.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

_NAMES = ("matplotlib", "mpl_toolkits")


class _Empty(types.ModuleType):
    """A module that has whatever class it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".")[0] not in _NAMES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing is in it."""


def silent_captum() -> Any:
    """The module `captum.attr`; 60 ms the first time. Raises ImportError where it is not installed."""
    if "captum.attr" in sys.modules or "matplotlib" in sys.modules:
        return importlib.import_module("captum.attr")
    stand_ins = _StandIns()
    sys.meta_path.insert(0, stand_ins)
    try:
        return importlib.import_module("captum.attr")
    finally:
        sys.meta_path.remove(stand_ins)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _Empty)]:
            del sys.modules[name]
