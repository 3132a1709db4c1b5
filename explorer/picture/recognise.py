"""What a file is, by its first bytes, and how large a picture in it would be, without decoding it.

A file name never decides anything: a wrong ending is ignored, and lists, protocols and patterns (.m3u8, ffconcat, `concat:`,
`img%03d.png`) are simply not in the table (reliability.md row 9).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

STILLS = frozenset({"png", "jpeg", "webp", "bmp", "gif", "tiff", "pnm"})
VIDEOS = frozenset({"mp4", "avi", "matroska", "mpegts", "mpeg", "ogg", "flv", "asf", "gif"})
HEAD_BYTES = 4096
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def kind_of(head: bytes) -> str:
    """The kind of the file that begins with `head` (at least 400 bytes where it has as many), or "" for anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "tiff"
    if head[:2] == b"BM" and head[14:18] in (
        b"\x0c\0\0\0",
        b"\x28\0\0\0",
        b"\x34\0\0\0",
        b"\x38\0\0\0",
        b"\x6c\0\0\0",
        b"\x7c\0\0\0",
    ):
        return "bmp"
    if head[:1] == b"P" and head[1:2] in b"123456" and head[2:3] in b" \t\r\n":
        return "pnm"
    return _container(head)


def _container(head: bytes) -> str:
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"AVI ": "avi"}.get(head[8:12], "")
    if head[4:8] == b"ftyp" and head[8:12] not in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"):
        return "mp4"
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mp4"
    starts = {
        b"\x1aE\xdf\xa3": "matroska",
        b"OggS": "ogg",
        b"FLV\x01": "flv",
        b"\0\0\x01\xba": "mpeg",
        b"\0\0\x01\xb3": "mpeg",
        b"0&\xb2u\x8ef\xcf\x11": "asf",
    }
    for start, kind in starts.items():
        if head.startswith(start):
            return kind
    if head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G":
        return "mpegts"
    return ""


def size_of(data: bytes, kind: str) -> tuple[int, int] | None:
    """(width, height) in pixels declared by a still, or None when its header is damaged."""
    try:
        return _SIZES[kind](data)
    except (struct.error, IndexError, ValueError, KeyError, StopIteration):
        return None


def complete(data: bytes, kind: str) -> bool:
    """Whether a still's file goes on to its end. Decoders fill what is missing with grey, without a word."""
    try:
        if kind == "jpeg":
            start = next(at for marker, at in _jpeg_segments(data) if marker == 0xDA)
            return data.find(b"\xff\xd9", start) > 0
        if kind == "png":
            return any(name == b"IEND" for name, _, _ in png_chunks(data))
        if kind == "webp":
            return len(data) >= 8 + int(struct.unpack_from("<I", data, 4)[0])
        if kind == "bmp":
            offset, (width, height), bits = struct.unpack_from("<I", data, 10)[0], _bmp(data), _bmp_bits(data)
            packed = struct.unpack_from("<I", data, 30)[0] if data[14] >= 40 else 0
            return packed not in (0, 3) or len(data) >= offset + (width * bits + 31) // 32 * 4 * height
        if kind == "gif":
            return data.rstrip(b"\0").endswith(b";")
    except (struct.error, IndexError, StopIteration, ValueError, KeyError):
        return False
    return True


def orientation_of(data: bytes, kind: str) -> int:
    """EXIF orientation 1..8 of a PNG or WebP, 1 where there is none. (OpenCV turns JPEG and TIFF itself.)"""
    try:
        if kind == "png":
            return next((_orientation(data[at : at + size]) for name, at, size in png_chunks(data) if name == b"eXIf"), 1)
        if kind == "webp":
            return next(
                (
                    _orientation(data[at : at + size].removeprefix(b"Exif\0\0"))
                    for name, at, size in _riff(data)
                    if name == b"EXIF"
                ),
                1,
            )
    except (struct.error, IndexError):
        return 1
    return 1


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, offset of the content, size of the content) of every whole chunk of a PNG."""
    at = 8
    while at + 12 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        if at + 12 + size > len(data):
            return
        yield name, at + 8, size
        at += 12 + size


def _riff(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, size
        at += 8 + size + size % 2


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        yield marker, at + 4
        if marker == 0xDA:
            return
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])


def _jpeg(data: bytes) -> tuple[int, int]:
    at = next(at for marker, at in _jpeg_segments(data) if marker in _JPEG_SIZES)
    height, width = struct.unpack_from(">HH", data, at + 1)
    return width, height


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> tuple[int, int]:
    if data[14] == 12:
        width, height = struct.unpack_from("<HH", data, 18)
        return width, height
    width, height = struct.unpack_from("<ii", data, 18)
    return width, abs(height)


def _bmp_bits(data: bytes) -> int:
    return int(struct.unpack_from("<H", data, 24 if data[14] == 12 else 28)[0])


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _pnm(data: bytes) -> tuple[int, int]:
    words = [word for line in data[2:HEAD_BYTES].splitlines() for word in line.partition(b"#")[0].split()]
    return int(words[0]), int(words[1])


def _tiff(data: bytes) -> tuple[int, int]:
    tags = _tags(data)
    return tags[256], tags[257]


def _orientation(tiff: bytes) -> int:
    value = _tags(tiff).get(274, 1)
    return value if 1 <= value <= 8 else 1


def _tags(tiff: bytes) -> dict[int, int]:
    order = "<" if tiff[:2] == b"II" else ">"
    start = struct.unpack_from(order + "I", tiff, 4)[0]
    count = struct.unpack_from(order + "H", tiff, start)[0]
    tags = {}
    for index in range(min(count, 512)):
        tag, form, _ = struct.unpack_from(order + "HHI", tiff, start + 2 + 12 * index)
        if form in (3, 4):
            tags[tag] = int(struct.unpack_from(order + ("H" if form == 3 else "I"), tiff, start + 10 + 12 * index)[0])
    return tags


_SIZES = {"png": _png, "jpeg": _jpeg, "gif": _gif, "bmp": _bmp, "webp": _webp, "tiff": _tiff, "pnm": _pnm}
