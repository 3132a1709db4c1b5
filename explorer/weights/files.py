"""What a file is, told by its content and never by its ending, before any parser sees it."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import BinaryIO, Literal

from explorer.i18n import N_, tr
from explorer.weights.troubles import refusal

Kind = Literal[
    "safetensors",
    "torch",
    "torch-legacy",
    "onnx",
    "darknet",
    "pickle",
    "darknet-cfg",
    "html",
    "lfs-pointer",
    "gzip",
    "tar",
    "hdf5",
    "picture",
    "empty",
    "text",
    "unknown",
]
MAX_BYTES = 8 << 30
READABLE: tuple[Kind, ...] = ("safetensors", "torch", "torch-legacy", "onnx", "darknet", "pickle")
WHAT_ELSE: dict[Kind, tuple[str, str]] = {
    "html": (N_("{name} is a web page, not a weights file."), N_("Open the link in a browser and save the file itself.")),
    "lfs-pointer": (
        N_("{name} is a Git LFS pointer, not the file."),
        N_("Run 'git lfs pull' where it came from, or download the raw file."),
    ),
    "gzip": (N_("{name} is a gzip archive, not a weights file."), N_("Unpack it first and open the weights file inside.")),
    "tar": (N_("{name} is a tar archive, not a weights file."), N_("Unpack it first and open the weights file inside.")),
    "hdf5": (
        N_("{name} is a Keras or HDF5 file, not a weights file."),
        N_("Convert it to .safetensors with the program that made it."),
    ),
    "picture": (N_("{name} is a picture, not a weights file."), N_("Pictures are opened in the Picture strip.")),
    "empty": (N_("{name} is an empty file, not a weights file."), N_("The download was interrupted; get the file again.")),
    "text": (N_("{name} is a text file, not a weights file."), N_("Choose the weights file itself.")),
    "darknet-cfg": (N_("{name} is a Darknet description, not a weights file."), N_("Open it together with its .weights file.")),
    "unknown": (
        N_("{name} is not a kind of weights file that is known here."),
        N_("Known are .safetensors, .pth state dicts, .onnx and Darknet .weights."),
    ),
}
ENDINGS: dict[str, tuple[Kind, ...]] = {
    ".safetensors": ("safetensors",),
    ".pth": ("torch", "torch-legacy"),
    ".pt": ("torch", "torch-legacy"),
    ".onnx": ("onnx",),
    ".weights": ("darknet",),
    ".pkl": ("pickle",),
}


def open_regular(path: Path | str) -> BinaryIO:
    """Open a file once, for check and use. Raises ModelFileError for a folder, device, pipe, missing or unreadable file."""
    name = Path(path).name
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        template = N_("There is no file {name}.") if missing else N_("The file {name} cannot be read.")
        raise refusal("unreadable", template, N_("Check the path and the permissions."), exit_code=3, name=name) from error
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode):
        os.close(handle)
        raise refusal("not-a-file", N_("{name} is a folder or a device, not a file."), exit_code=3, name=name)
    if state.st_size > size_limit():
        os.close(handle)
        raise refusal(
            "too-large",
            N_("{name} has {size} bytes; at most {limit} are read."),
            name=name,
            size=f"{state.st_size:,}",
            limit=f"{size_limit():,}",
        )
    return os.fdopen(handle, "rb")


def size_limit() -> int:
    """Bytes of the largest file that is read: 8 GiB, or half of the memory that is free where the system tells it."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        free = next(line.split()[1] for line in text.splitlines() if line.startswith("MemAvailable:"))
        return min(MAX_BYTES, int(free) * 1024 // 2)
    except (OSError, StopIteration, ValueError):
        return MAX_BYTES


def recognise(path: Path | str) -> Kind:
    """What the file is. Raises ModelFileError if it cannot be opened."""
    with open_regular(path) as handle:
        return recognise_open(handle)


def recognise_open(handle: BinaryIO) -> Kind:
    """As `recognise`, for an open file; its position is at the start afterwards."""
    handle.seek(0)
    head = handle.read(1024)
    size = os.fstat(handle.fileno()).st_size
    handle.seek(0)
    return _by_magic(head, size) or _by_shape(head, size)


def _by_magic(head: bytes, size: int) -> Kind | None:
    signs: tuple[tuple[bytes, Kind], ...] = (
        (b"PK\x03\x04", "torch"),
        (b"PK\x05\x06", "torch"),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "torch-legacy"),
        (b"version https://git-lfs", "lfs-pointer"),
        (b"\x1f\x8b", "gzip"),
        (b"\x89HDF", "hdf5"),
        (b"\x89PNG", "picture"),
        (b"\xff\xd8\xff", "picture"),
        (b"GIF8", "picture"),
    )
    if not head:
        return "empty"
    for sign, kind in signs:
        if head.startswith(sign):
            return kind
    if head[:1] == b"\x80" and len(head) > 1 and head[1] <= 5 and head[8:9] != b"{":
        return "pickle"
    return "tar" if head[257:262] == b"ustar" else None


def _by_shape(head: bytes, size: int) -> Kind:
    if len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 40:
        return "safetensors"
    if head[:1] == b"\x08" and len(head) > 8 and 1 <= head[1] <= 32 and head[2] in (0x12, 0x1A, 0x22, 0x2A, 0x32, 0x3A, 0x42):
        return "onnx"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")):
        return "html"
    lines = [line.strip() for line in head.splitlines() if line.strip() and not line.lstrip().startswith((b"#", b";"))]
    if lines and lines[0].lower() in (b"[net]", b"[network]"):
        return "darknet-cfg"
    if len(head) >= 16:
        major, minor, revision = struct.unpack("<iii", head[:12])
        if 0 <= major < 10 and 0 <= minor < 10 and 0 <= revision < 1000 and b"\0" in head[:12]:
            return "darknet"
    if all(byte in b"\t\n\r\f\x1b" or byte >= 32 for byte in head):
        return "text"
    return "unknown"


def readable(kind: Kind, name: str) -> Kind:
    """The kind if weights can be read from it; raises ModelFileError saying what it is instead."""
    if kind in READABLE:
        return kind
    template, hint = WHAT_ELSE[kind]
    raise refusal(f"not-weights.{kind}", template, hint, name=name)


def ending_note(path: Path, kind: Kind) -> str:
    """A sentence in the chosen language if the ending promises another kind than the content is, else ""."""
    promised = ENDINGS.get(path.suffix.lower())
    if not promised or kind in promised:
        return ""
    return tr("{name} is named {ending} but holds {kind}").format(name=path.name, ending=path.suffix, kind=kind)
