"""Reads Darknet's .weights: a header of 16 or 20 bytes, then float32 numbers without names, in the order of the cfg.

The exact size is known from the description before a byte is read; nothing above it is allocated.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from explorer.i18n import N_
from explorer.weights.troubles import damaged, refusal

Array = np.ndarray[Any, np.dtype[Any]]


def header_size(head: bytes) -> int:
    """Bytes before the numbers: 16 for versions below 0.2, else 20. Raises ModelFileError for no Darknet header."""
    if len(head) < 16:
        raise damaged()
    major, minor, revision = struct.unpack("<iii", head[:12])
    if not (0 <= major < 1000 and 0 <= minor < 1000 and 0 <= revision < 1000):
        raise refusal(
            "darknet-header",
            N_("This is not a Darknet weights file: its version reads {version}."),
            N_("Choose the .weights file that belongs to the .cfg."),
            version=f"{major}.{minor}.{revision}",
        )
    return 20 if major * 10 + minor >= 2 else 16


def read(handle: BinaryIO, tensors: Sequence[tuple[int, str, tuple[int, ...]]]) -> dict[str, Array]:
    """The numbers of a file by name. `tensors`: (Darknet's layer number, name, shape) in file order.

    Raises ModelFileError with both byte counts and the layer where a short file ends.
    """
    size = os.fstat(handle.fileno()).st_size
    handle.seek(0)
    start = header_size(handle.read(20))
    expected = start + 4 * sum(math.prod(shape) for _, _, shape in tensors)
    if size != expected:
        raise refusal(
            "darknet-size",
            N_("Expected {expected} bytes, got {got} (layer {layer})."),
            N_("The weights do not belong to this description, or the download is incomplete."),
            expected=f"{expected:,}",
            got=f"{size:,}",
            layer=_layer_at(size - start, tensors),
        )
    handle.seek(start)
    numbers = np.frombuffer(handle.read(expected - start), "<f4")
    found: dict[str, Array] = {}
    at = 0
    for _, name, shape in tensors:
        count = math.prod(shape)
        found[name] = numbers[at : at + count].reshape(shape)
        at += count
    return found


def _layer_at(byte: int, tensors: Sequence[tuple[int, str, tuple[int, ...]]]) -> int:
    """The layer that holds the byte `byte` after the header; the last layer if the file is too long."""
    at = 0
    for layer, _, shape in tensors:
        at += 4 * math.prod(shape)
        if byte < at:
            return layer
    return tensors[-1][0] if tensors else 0
