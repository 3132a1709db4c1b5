"""Still pictures: read by content with every trap refused in words, written atomically."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from explorer.atomic import write_bytes
from explorer.i18n import N_
from explorer.picture.limits import MAX_PIXELS
from explorer.picture.normal import to_rgb, turned
from explorer.picture.opencv import cv2
from explorer.picture.recognise import STILLS, VIDEOS, complete, kind_of, orientation_of, png_chunks, size_of
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import RGB

MAX_BYTES = 1 << 30


def read_rgb(path: Path | str) -> RGB:
    """The picture in `path`, upright (EXIF applied), 16-bit scaled, transparency over white; of an animation the first picture.

    Raises MediaError: no file, not a picture, too large (before decoding), incomplete, damaged.
    """
    return decode(read_file(path, MAX_BYTES), Path(path).name)


def read_file(path: Path | str, limit: int) -> bytes:
    """All bytes of a regular file of at most `limit` bytes. Raises MediaError; a protocol or pattern is just no file."""
    place = Path(path)
    try:
        if not place.is_file():
            raise MediaError(Trouble("media.missing", N_("There is no file {name}."), {"name": str(path)}))
        if place.stat().st_size > limit:
            raise _too_large(
                place.name, N_("{name} is too large: {size} MB (limit {limit} MB)."), place.stat().st_size >> 20, limit >> 20
            )
        return place.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise MediaError(
            Trouble("media.unreadable", N_("{name} cannot be read: {reason}."), {"name": str(path), "reason": reason})
        ) from None


def decode(data: bytes, name: str) -> RGB:
    """The picture in `data`; `name` is for messages. Raises MediaError."""
    kind = kind_of(data[:4096])
    if not data:
        raise MediaError(Trouble("picture.not", N_("{name} is an empty file."), {"name": name}))
    if kind not in STILLS:
        hint = (
            N_("It is a video: open it as one.")
            if kind in VIDEOS
            else N_("Pictures are PNG, JPEG, WebP, BMP, GIF, TIFF or PNM files.")
        )
        raise MediaError(Trouble("picture.not", N_("{name} is not a picture."), {"name": name}, hint))
    size = size_of(data, kind)
    if size is None or min(size) < 1:
        raise _incomplete(name) if not complete(data, kind) else _damaged(name)
    if size[0] * size[1] > MAX_PIXELS or max(size) > 65536:
        raise _too_large(
            name,
            N_("{name} is too large: {size} Mpx (limit {limit})."),
            round(size[0] * size[1] / 1e6),
            MAX_PIXELS // 10**6,
        )
    if not complete(data, kind):
        raise _incomplete(name)
    # libjpeg turns and converts CMYK itself; of the other kinds we want depth and opacity as they are.
    flags = cv2.IMREAD_COLOR if kind == "jpeg" else cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        array = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except (cv2.error, MemoryError):
        array = None
    if array is None:
        raise _damaged(name)
    rgb = to_rgb(array, "bgr")
    return rgb if kind == "jpeg" else turned(rgb, orientation_of(data, kind))


def _too_large(name: str, template: str, size: int, limit: int) -> MediaError:
    return MediaError(Trouble("media.too-large", template, {"name": name, "size": size, "limit": limit}, exit_code=4))


def _incomplete(name: str) -> MediaError:
    return MediaError(
        Trouble("media.incomplete", N_("{name}: incomplete file."), {"name": name}, N_("Copy or download it again."))
    )


def _damaged(name: str) -> MediaError:
    return MediaError(Trouble("media.damaged", N_("{name} is damaged and cannot be read."), {"name": name}))


def png_bytes(rgb: RGB, text: Mapping[str, str] | None = None) -> bytes:
    """`rgb` as a PNG file with `text` in it (keyword of 1 to 79 Latin letters -> any text)."""
    done, encoded = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    if not done:
        raise MediaError(Trouble("picture.write", N_("The picture cannot be written.")))
    data = encoded.tobytes()
    chunks = b"".join(_text_chunk(key, value) for key, value in (text or {}).items())
    return data[:33] + chunks + data[33:]  # after the 8-byte mark and the 25-byte IHDR


def jpeg_bytes(rgb: RGB, text: Mapping[str, str] | None = None, quality: int = 92) -> bytes:
    """`rgb` as a JPEG file; `text` goes in as one JSON comment."""
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise MediaError(Trouble("picture.write", N_("The picture cannot be written.")))
    data = encoded.tobytes()
    if not text:
        return data
    comment = json.dumps(dict(text)).encode()[:65500]
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + data[2:]


def write_png(path: Path | str, rgb: RGB, text: Mapping[str, str] | None = None) -> None:
    """Write `rgb` to `path` atomically, with `text` inside (a picture carries its recipe). Raises OSError."""
    write_bytes(path, png_bytes(rgb, text))


def write_jpeg(path: Path | str, rgb: RGB, text: Mapping[str, str] | None = None) -> None:
    """Write `rgb` to `path` atomically, with `text` as a comment. Raises OSError."""
    write_bytes(path, jpeg_bytes(rgb, text))


def write_picture(path: Path | str, rgb: RGB, text: Mapping[str, str] | None = None) -> None:
    """PNG or JPEG by the ending of `path`. Raises MediaError for another ending, OSError."""
    ending = Path(path).suffix.lower()
    if ending == ".png":
        write_png(path, rgb, text)
    elif ending in (".jpg", ".jpeg"):
        write_jpeg(path, rgb, text)
    else:
        raise MediaError(
            Trouble(
                "picture.ending",
                N_("A picture cannot be written as {ending}."),
                {"ending": ending or "?"},
                N_("Use .png or .jpg."),
                2,
            )
        )


def png_text(data: bytes) -> dict[str, str]:
    """The texts that `png_bytes` put into a PNG file."""
    found = {}
    for name, at, size in png_chunks(data):
        if name == b"iTXt" and size < 1 << 20:
            key, _, rest = data[at : at + size].partition(b"\0")
            if rest[:1] == b"\0":  # not compressed
                found[key.decode("latin-1")] = rest[2:].split(b"\0", 2)[2].decode("utf-8", "replace")
    return found


def _text_chunk(key: str, value: str) -> bytes:
    body = b"iTXt" + key.encode("latin-1", "replace")[:79] + b"\0\0\0\0\0" + value.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
