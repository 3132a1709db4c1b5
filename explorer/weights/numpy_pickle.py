"""Reads a pickle that holds numpy arrays and nothing else; every other name in it is refused before it is looked up."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.i18n import N_
from explorer.records.errors import ModelFileError
from explorer.weights.troubles import damaged, refusal

Array = np.ndarray[Any, np.dtype[Any]]
MAX_NUMBERS = 1 << 30


def _empty(kind: type, shape: tuple[int, ...], code: bytes | str) -> Array:
    """numpy's `_reconstruct`, for plain empty arrays only; the numbers come with the array's state."""
    if kind is not np.ndarray or shape != (0,) or code not in (b"b", "b"):
        raise pickle.UnpicklingError("not a plain array")
    return np.empty((0,), np.int8)


def _dtype(code: str, *_: object) -> np.dtype[Any]:
    """numpy's dtype, for number kinds only."""
    if str(code) not in {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"}:
        raise pickle.UnpicklingError("not a number type")
    return np.dtype(code)


def _latin1(text: str, encoding: str) -> bytes:
    """`codecs.encode` as protocol 2 of Python 3 writes bytes."""
    if encoding != "latin1" or not isinstance(text, str):
        raise pickle.UnpicklingError("not bytes")
    return text.encode("latin1")


ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _empty for core in ("core", "_core")},
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("_codecs", "encode"): _latin1,
}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise refusal(
                "code-inside",
                N_("Refused: the file contains code ({name})."),
                N_("Ask for the same weights as .safetensors."),
                name=f"{module}.{name}",
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("persistent ids")


def read(data: bytes) -> dict[str, list[Array]]:
    """Name -> arrays of that name, e.g. [kernel HWIO, bias]. Raises ModelFileError for anything else."""
    try:
        found = _ArraysOnly(io.BytesIO(data), encoding="latin1").load()
    except ModelFileError:
        raise
    except Exception as error:  # a damaged pickle raises nearly anything (reliability.md M8)
        raise damaged() from error
    if not isinstance(found, dict) or not found:
        raise damaged()
    result: dict[str, list[Array]] = {}
    total = 0
    for name, arrays in found.items():
        listed = arrays if isinstance(arrays, (list, tuple)) else [arrays]
        for array in listed:
            if type(array) is not np.ndarray or array.dtype.kind not in "fiub":
                raise damaged(N_("The file holds something that is not an array of numbers."))
            total += array.size
        if not isinstance(name, str) or total > MAX_NUMBERS:
            raise damaged()
        result[name] = list(listed)
    return result
