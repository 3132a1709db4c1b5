"""The cameras of this machine by name, without opening one (Linux: what the kernel says of its video devices)."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from explorer.records.source import CameraInfo

SYSTEM = Path("/sys/class/video4linux")
MOST = 64
# Chips that (de)compress or scale pictures are video devices too; they see nothing.
_NO_CAMERA = re.compile(r"codec|-isp|-dec\b|-enc\b|decoder|encoder|rpivid|hevc|m2m|scaler", re.IGNORECASE)


def named_cameras(folder: Path = SYSTEM) -> tuple[CameraInfo, ...] | None:
    """What the system says, in the order of the numbers; None where it does not say (not Linux)."""
    if folder == SYSTEM and sys.platform != "linux":
        return None
    found = []
    for number in sorted(_numbers(folder)):
        place = folder / f"video{number}"
        # A camera has several nodes: the first one gives pictures, the others facts about them.
        if _read(place / "index") in ("", "0"):
            name = _read(place / "name")
            if not _NO_CAMERA.search(name):
                found.append(CameraInfo(number, _plain(name) or f"Camera {number}", known=bool(name)))
    return tuple(found)


def number_of(device: str, index: int, folder: Path = SYSTEM) -> int:
    """The number of the camera called `device`: `index` if that one is called so or none is."""
    if not device:
        return index
    named = [camera for camera in named_cameras(folder) or () if camera.name == device]
    if not named or any(camera.index == index for camera in named):
        return index
    return named[0].index


def _numbers(folder: Path) -> list[int]:
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return []
    return [int(name[5:]) for name in names if re.fullmatch(r"video\d{1,2}", name) and int(name[5:]) < MOST]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _plain(name: str) -> str:
    """ "Integrated Camera: Integrated C" is how the kernel cuts a name that its maker says twice."""
    first, colon, second = name.partition(": ")
    printable = first if colon and first.startswith(second[:8]) else name
    return "".join(letter for letter in printable if letter.isprintable())[:200]
