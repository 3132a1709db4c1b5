"""Importing one plugin in this process, so that nothing it does at import stays behind but its entries."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import math
import random
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import get_args

from explorer.i18n import N_
from explorer.plugins.rows import KINDS, Candidate, PanelEntry, entry_named
from explorer.records.errors import ExplorerError, Trouble
from explorer.requests.source import SourceKind
from explorer.tables import Tables


class PluginError(ExplorerError):
    """A plugin that does not keep the rules; the message says which."""


@dataclass(frozen=True)
class Imported:
    """What importing brought: entries, not yet in any table of the program, or the reason why not."""

    tables: Tables
    version: str = ""
    error: str = ""
    traceback: str = ""

    @property
    def adds(self) -> tuple[str, ...]:
        """ "surface levy", ... in the order of the tables."""
        return tuple(f"{getattr(self.tables, kind).kind} {name}" for kind in KINDS for name in getattr(self.tables, kind))


def import_plugin(candidate: Candidate, there: Tables) -> Imported:
    """Import and register into fresh tables. Never raises, whatever the plugin does short of ending the process.

    `there`: the tables it will join, to find names that are taken.
    """
    fresh = Tables()
    version = candidate.version
    try:
        with _unchanged():
            module = _module(candidate)
            version = str(getattr(module, "__version__", version))
            register = getattr(module, "register", None)
            if not callable(register):
                raise PluginError(Trouble("plugin.door", N_("It has no function register(tables).")))
            register(fresh)
            _check(fresh, there)
    except BaseException as error:  # SystemExit and KeyboardInterrupt raised by a plugin are its faults, too
        text = "".join(traceback.format_exception(error, limit=-12))[-8000:]
        return Imported(Tables(), version, _sentence(error), text)
    return Imported(fresh, version)


def join(fresh: Tables, there: Tables) -> None:
    """Enter everything in `fresh` into `there`; checked before by `import_plugin`."""
    for kind in KINDS:
        source, target = getattr(fresh, kind), getattr(there, kind)
        for name in source:
            target.add(name, source[name])


def _module(candidate: Candidate) -> ModuleType:
    if candidate.path is None:
        return importlib.import_module(entry_named(candidate.name, candidate.entry).module)
    name = f"explorer_plugin_{candidate.name}"
    spec = importlib.util.spec_from_file_location(name, candidate.path)
    if spec is None or spec.loader is None:
        raise PluginError(Trouble("plugin.file", N_("It is no Python file.")))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _sentence(error: BaseException) -> str:
    if isinstance(error, PluginError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} (line {error.lineno})"
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def _check(fresh: Tables, there: Tables) -> None:
    """Names free, rows of the right kind, gradients right. Raises PluginError."""
    wanted = _row_types(fresh)
    for kind in KINDS:
        table, taken = getattr(fresh, kind), getattr(there, kind)
        for name in table:
            row = table[name]
            values = {"kind": table.kind, "name": name}
            if name in taken:
                raise PluginError(Trouble("plugin.taken", N_("There is already a {kind} called {name}."), values))
            if kind == "sources" and (name in get_args(SourceKind) or not callable(row)):
                text = (
                    N_("There is already a {kind} called {name}.")
                    if callable(row)
                    else N_("The {kind} {name} cannot be called.")
                )
                raise PluginError(Trouble("plugin.source", text, values))
            if kind in wanted and not isinstance(row, wanted[kind]):
                values |= {"found": type(row).__name__, "wanted": wanted[kind].__name__}
                raise PluginError(Trouble("plugin.row", N_("The {kind} {name} is a {found}, not a {wanted}."), values))
            if getattr(row, "name", name) != name:
                values["own"] = str(getattr(row, "name", ""))
                raise PluginError(Trouble("plugin.name", N_("The {kind} {name} calls itself {own}."), values))
    for name in fresh.surfaces:
        _check_gradient(name, fresh.surfaces[name])


def _row_types(fresh: Tables) -> dict[str, type]:
    from explorer.descent.ground import Surface
    from explorer.descent.optimizers import Optimizer

    types: dict[str, type] = {"surfaces": Surface, "optimizers": Optimizer, "panels": PanelEntry}
    if len(fresh.networks):
        from explorer.zoo.registry import NetworkSpec

        types["networks"] = NetworkSpec
    if len(fresh.objectives):
        from explorer.features.objectives import ObjectiveSpec

        types["objectives"] = ObjectiveSpec
    if len(fresh.attributions):
        from explorer.features.attribution_methods import AttributionMethod

        types["attributions"] = AttributionMethod
    return types


def _check_gradient(name: str, surface: object) -> None:
    """Compare the gradient with central differences at a few places that are nowhere special."""
    from explorer.descent.ground import Surface, height, slope

    assert isinstance(surface, Surface)
    x0, x1, y0, y1 = surface.domain
    for across, up in ((0.237, 0.411), (0.618, 0.293), (0.871, 0.739), (0.382, 0.857)):
        x, y = x0 + across * (x1 - x0), y0 + up * (y1 - y0)
        step = 1e-6 * surface.diagonal
        gx = (height(surface.value, x + step, y) - height(surface.value, x - step, y)) / (2 * step)
        gy = (height(surface.value, x, y + step) - height(surface.value, x, y - step)) / (2 * step)
        found = slope(surface.gradient, x, y)
        size = math.hypot(gx, gy)
        if not math.isfinite(size):
            continue  # a hole
        if not math.hypot(found[0] - gx, found[1] - gy) <= 1e-3 * size + 1e-4:
            values = {"name": name, "x": f"{x:.4g}", "y": f"{y:.4g}"}
            text = N_("The gradient of {name} does not fit its values at ({x}, {y}).")
            raise PluginError(Trouble("plugin.gradient", text, values))


@contextlib.contextmanager
def _unchanged() -> Iterator[None]:
    """Put back what a plugin likes to change at import; what it prints goes to stderr (stdout may be somebody's JSON)."""
    import builtins

    import numpy as np

    kept = sys.excepthook, sys.getrecursionlimit(), random.getstate(), np.random.get_state(), np.geterr(), builtins.print
    path = list(sys.path)
    torch = sys.modules.get("torch")
    numbers = (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_rng_state()) if torch else None
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        sys.excepthook = kept[0]
        sys.setrecursionlimit(kept[1])
        random.setstate(kept[2])
        np.random.set_state(kept[3])
        np.seterr(**kept[4])
        builtins.print = kept[5]
        sys.path[:] = path
        if torch and numbers:
            torch.set_default_dtype(numbers[0])
            torch.set_grad_enabled(numbers[1])
            torch.set_rng_state(numbers[2])
