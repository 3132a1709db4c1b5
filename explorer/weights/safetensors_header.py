"""Checks the header of a safetensors file before any library sees it: u64 length, JSON table, then the numbers.

A hole, an overlap, a doubled name, a shape that does not fit its bytes or a size that overflows is named with its tensor.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, BinaryIO

from explorer.i18n import N_
from explorer.weights.troubles import damaged

MAX_HEADER = 16 << 20
MAX_TENSORS = 20_000
SIZES = {
    name: size
    for size, names in (
        (8, ("F64", "I64", "U64")),
        (4, ("F32", "I32", "U32")),
        (2, ("F16", "BF16", "I16", "U16")),
        (1, ("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2")),
    )
    for name in names
}


Table = dict[str, tuple[str, tuple[int, ...], int, int]]


def check_path(path: Path) -> Table:
    """As `check`, for a path."""
    with open(path, "rb") as handle:
        return check(handle)


def check(handle: BinaryIO) -> Table:
    """Name -> (dtype, shape, first byte, byte after the last) counted from the start of the file. Raises ModelFileError."""
    size = os.fstat(handle.fileno()).st_size
    handle.seek(0)
    head = handle.read(8)
    length = int.from_bytes(head, "little")
    if len(head) < 8 or length < 2 or length > size - 8:
        raise damaged(N_("The file is damaged: its header is longer than the file."))
    # a quarter of the file is already a strange header; small files are nearly all header
    if length > MAX_HEADER or (size > 1 << 20 and length > size // 4):
        raise damaged(
            N_("The file is damaged: its header has {length} of {size} bytes."), length=f"{length:,}", size=f"{size:,}"
        )
    return _table(handle.read(length), 8 + length, size)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise damaged(N_("The file is damaged: '{name}' is there twice."), name=name[:60])
        found[name] = value
    return found


def _table(text: bytes, start: int, size: int) -> Table:
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError):
        raise damaged(N_("The file is damaged: its header is not JSON.")) from None
    if not isinstance(header, dict) or len(header) > MAX_TENSORS:
        raise damaged(
            N_("The file is damaged: its header is no table, or has more than {limit} tensors."), limit=f"{MAX_TENSORS:,}"
        )
    header.pop("__metadata__", None)
    table = {name: _entry(name, values, start) for name, values in header.items()}
    at = start
    for name, (_, _, first, last) in sorted(table.items(), key=lambda item: item[1][2:]):
        if first != at:
            raise damaged(N_("The file is damaged (offset of '{name}')."), name=name[:60])
        at = last
    if at != size:
        more = N_("The file is damaged: {count} bytes too many.")
        less = N_("The file is damaged: {count} bytes are missing.")
        raise damaged(more if size > at else less, count=f"{abs(size - at):,}")
    return table


def _entry(name: str, values: Any, start: int) -> tuple[str, tuple[int, ...], int, int]:
    try:
        dtype, shape, (first, last) = values["dtype"], values["shape"], values["data_offsets"]
        whole = all(type(number) is int and 0 <= number < 1 << 62 for number in (*shape, first, last))
    except (TypeError, KeyError, ValueError):
        raise damaged(N_("The file is damaged (entry of '{name}')."), name=name[:60]) from None
    if not isinstance(dtype, str) or dtype not in SIZES:
        raise damaged(N_("The file is damaged (number type {dtype} of '{name}')."), dtype=str(dtype)[:20], name=name[:60])
    if not whole or len(shape) > 8:
        raise damaged(N_("The file is damaged (shape of '{name}')."), name=name[:60])
    if last < first or math.prod(shape) * SIZES[dtype] != last - first:
        raise damaged(N_("The file is damaged (offset of '{name}')."), name=name[:60])
    return dtype, tuple(shape), start + first, start + last
