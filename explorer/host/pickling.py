"""Pickles from a child to the window, of plain things only.

One object of another package in a result would make the window import that package to read it (`torch.__version__` is such
an object), and a child that a bad file has taken over must not choose what the window runs.
"""

from __future__ import annotations

import io
import pickle
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

_ROOMS = ("explorer.records.", "explorer.requests.", "explorer.jobs", "explorer.host.messages", "explorer.host.wire")
_MODULES = frozenset({"collections", "pathlib", "datetime", "fractions", "decimal", "uuid", "pathlib._local"})
_BUILTINS = frozenset({"complex", "set", "frozenset", "range", "slice", "bytearray"})
_NUMPY = {"ndarray", "dtype", "_reconstruct", "scalar", "_frombuffer"} | {kind.__name__ for kind in np.sctypeDict.values()}
_sent: set[type] = set()  # kinds of things that may be sent, as far as they were
_read: dict[tuple[str, str], Any] = {}  # what names that may be read stand for, as far as they were


class NotPlainError(TypeError):
    """An object that must not go to the window. The message names its type."""


def dumps(message: object) -> bytes:
    """Pickle `message`. Raises NotPlainError, or what pickling raises."""
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(message)
    return buffer.getvalue()


def loads(data: bytes) -> object:
    """Unpickle plain things. Raises NotPlainError, or what unpickling raises."""
    message: object = _Unpickler(io.BytesIO(data)).load()
    return message


def _plain(module: str, name: str) -> bool:
    if module == "builtins":
        return name in _BUILTINS
    if module.split(".")[0] == "numpy":  # not all of it: numpy.testing can run text
        return name in _NUMPY or (module == "numpy.dtypes" and name.endswith("DType"))
    return module in _MODULES or module.startswith(_ROOMS)


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if type(obj) in _sent:
            return NotImplemented
        named = obj if isinstance(obj, (type, FunctionType, BuiltinFunctionType)) else type(obj)
        module = str(named.__module__)
        if module != "builtins" and not _plain(module, named.__qualname__):
            raise NotPlainError(f"a {module}.{named.__qualname__} may not be sent to the window")
        if named is not obj:
            _sent.add(type(obj))
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _read:
            if not _plain(module, name):
                raise NotPlainError(f"{module}.{name} may not be sent to the window")
            _read[module, name] = super().find_class(module, name)
        return _read[module, name]
