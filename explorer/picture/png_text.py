"""The texts inside a PNG file, read without decoding the picture. Every limit is met before memory is spent."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

MARK = b"\x89PNG\r\n\x1a\n"
KINDS = (b"tEXt", b"zTXt", b"iTXt")
MOST_CHUNKS = 100_000
MOST_TEXTS = 64
LONGEST = 8_000_000  # bytes of one text, unpacked


def png_texts(path: Path | str) -> dict[str, str]:
    """keyword -> text of a PNG; {} for any other file. What is damaged, packed too tightly or too long is left out.

    Raises OSError where the file cannot be read.
    """
    found: dict[str, str] = {}
    with open(path, "rb") as file:
        if file.read(8) != MARK:
            return found
        for kind, data in _text_chunks(file):
            pair = _read(kind, data)
            if pair is not None:
                found[pair[0]] = pair[1]
    return found


def _text_chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    texts = 0
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head)
        if kind == b"IEND" or texts >= MOST_TEXTS:
            return
        if kind in KINDS and size <= LONGEST:
            texts += 1
            data = file.read(size)
            if len(data) == size:
                yield kind, data
            file.seek(4, 1)
        else:
            file.seek(size + 4, 1)


def _read(kind: bytes, data: bytes) -> tuple[str, str] | None:
    name, _, rest = data.partition(b"\0")
    if not 1 <= len(name) <= 79:
        return None
    try:
        if kind == b"tEXt":
            return name.decode("latin-1"), rest.decode("latin-1")
        if kind == b"zTXt":
            return name.decode("latin-1"), _unpacked(rest[1:]).decode("latin-1")
        packed, _, rest = rest[:1], rest[1:2], rest[2:]
        _language, _, rest = rest.partition(b"\0")
        _translated, _, text = rest.partition(b"\0")
        return name.decode("latin-1"), (_unpacked(text) if packed == b"\1" else text).decode("utf-8")
    except (UnicodeDecodeError, zlib.error):
        return None


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    made = unpacker.decompress(data, LONGEST)
    if unpacker.unconsumed_tail:
        raise zlib.error("longer than any text of ours")
    return made
