"""The pictures of a folder, in the order a person expects."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from explorer.i18n import N_
from explorer.records.errors import MediaError, Trouble

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"})
MOST_ENTRIES = 1_000_000  # names looked at; a folder with more is not somebody's pictures


def stills_in(folder: Path | str, inside: bool = False, limit: int | None = None) -> list[Path]:
    """The still pictures in `folder` by ending, hidden files left out, "2.png" before "10.png".

    `inside`: those of the folders in it too, after its own; links to folders are not followed. At most `limit`.
    Raises MediaError: no such folder, not to be read, no picture in it.
    """
    place = Path(folder)
    try:
        if not place.is_dir():
            raise MediaError(Trouble("folder.missing", N_("There is no folder {path}."), {"path": str(folder)}))
        found: list[Path] = []
        for path in _files(place, inside):
            found.append(path)
            if limit is not None and len(found) >= limit:
                break
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        values = {"name": str(folder), "reason": str(error)}
        raise MediaError(Trouble("media.unreadable", N_("{name} cannot be read: {reason}."), values)) from None
    if not found:
        raise MediaError(Trouble("folder.empty", N_("There is no picture in the folder {path}."), {"path": str(folder)}))
    return found


def _files(folder: Path, inside: bool) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        if error.filename == os.fspath(folder):  # folders in it that may not be read are passed over
            raise error

    seen = 0
    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted((name for name in folders if inside and not name.startswith(".")), key=natural)
        seen += len(names)
        if seen > MOST_ENTRIES:
            return
        for name in sorted(names, key=natural):
            if Path(name).suffix.lower() in ENDINGS and not name.startswith("."):
                yield Path(root, name)


def natural(name: str) -> list[tuple[int, int | str]]:
    """A sorting key in which numbers count as numbers."""
    return [(0, int(part)) if part.isdecimal() else (1, part.casefold()) for part in re.split(r"(\d+)", name)]
