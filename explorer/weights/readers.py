"""One door to all readers without torch: an open file of a known kind -> name -> numbers, as our networks name them.

Runs in the vetting child. PyTorch's own format is the one kind that needs torch: `explorer.engine.vet` reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from explorer.i18n import N_
from explorer.weights import darknet_reader, names, numpy_pickle, onnx_reader, safetensors_header
from explorer.weights.files import Kind
from explorer.weights.troubles import damaged, refusal

Array = np.ndarray[Any, np.dtype[Any]]
Note = tuple[str, dict[str, str]]  # a message key and its values, for people
CONVERTED = N_("converted to float32 from {kinds}")
NUMPY = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "?",
}


def read(
    handle: BinaryIO, kind: Kind, architecture: str, darknet: Sequence[tuple[int, str, tuple[int, ...]]] = ()
) -> dict[str, Array]:
    """Read `handle`. `darknet`: the tensors of a Darknet description in file order. Raises ModelFileError."""
    match kind:
        case "safetensors":
            return read_safetensors(handle)
        case "darknet":
            if not darknet:
                raise refusal(
                    "no-description",
                    N_("A Darknet weights file has no names: it needs its description."),
                    N_("Open the .cfg file together with the .weights file, or choose a YOLO network first."),
                )
            return darknet_reader.read(handle, darknet)
        case "onnx":
            found = onnx_reader.read(handle.read())
            return names.u2net(found) if architecture == "u2netp" else found.tensors
        case "pickle":
            tables = numpy_pickle.read(handle.read())
            if architecture == "squeezenet1_1" and "fire2/squeeze1x1" in tables:
                return names.squeezenet(tables)
            return {name: arrays[0] for name, arrays in tables.items() if len(arrays) == 1}
        case _:
            raise ValueError(f"no reader for {kind}")


def read_safetensors(handle: BinaryIO) -> dict[str, Array]:
    """Name -> numbers; bfloat16 is widened to float32 here because numpy has no such type."""
    table = safetensors_header.check(handle)
    found: dict[str, Array] = {}
    for name, (dtype, shape, first, last) in table.items():
        handle.seek(first)
        raw = handle.read(last - first)
        if dtype == "BF16":
            array = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
        elif dtype in NUMPY:
            array = np.frombuffer(raw, NUMPY[dtype])
        else:
            raise refusal(
                "number-type",
                N_("Refused: '{name}' has numbers of type {dtype}, which cannot be computed with here."),
                N_("Save the weights as float32 or float16."),
                name=name,
                dtype=dtype,
            )
        found[name] = array.reshape(shape)
    return found


def widen(tensors: dict[str, Array], size: int) -> tuple[dict[str, Array], list[Note]]:
    """All floating numbers as float32, with notes for people. `size`: bytes of the file, a bound for the numbers in it.

    Raises ModelFileError for names or amounts that no network has.
    """
    notes: list[Note] = []
    found: dict[str, Array] = {}
    if sum(array.nbytes for array in tensors.values()) > 1.05 * size + 65536:
        raise refusal("bomb", N_("Refused: the file unfolds to more numbers than it holds."))
    kinds = sorted({str(array.dtype) for array in tensors.values() if array.dtype.kind == "f" and array.dtype != np.float32})
    if kinds:
        notes.append((CONVERTED, {"kinds": ", ".join(kinds)}))
    strange = 0
    for name, array in tensors.items():
        if not name or len(name) > 512:
            raise damaged()
        wide = array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array
        if wide.dtype.kind == "f":
            strange += int(wide.size - np.isfinite(wide).sum())
        found[name] = wide
    if strange:
        notes.append((N_("{count} numbers are not finite"), {"count": str(strange)}))
    if not found:
        raise refusal("no-tensors", N_("There are no weights in the file."), N_("Choose the file with the state dict."))
    return found, notes
