"""Take a person's pictures into a folder of class folders: read as every picture is, no larger than needed, never twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import atomic
from explorer.jobs import Progress, Result
from explorer.picture.listing import stills_in
from explorer.picture.shrink import shrunk
from explorer.picture.stills import MAX_BYTES, decode, jpeg_bytes, read_file
from explorer.records.errors import MediaError
from explorer.records.teach import Collected
from explorer.requests.teach import class_name
from explorer.vision.teach_pictures import class_folders

if TYPE_CHECKING:
    from explorer.jobs import Step, Work
    from explorer.requests.teach import CollectRequest

QUALITY = 95


def collect(request: CollectRequest, work: Work) -> Iterator[Step]:
    """The job of CollectRequest. A picture that is there already is not taken again; one that cannot be read is skipped."""
    wanted = list(_wanted(request))
    taken: dict[str, int] = {}
    skipped: list[tuple[str, str]] = []
    for done, (name, path) in enumerate(wanted):
        yield Progress(done, len(wanted), path.name)
        work.token.check()
        try:
            taken[name] = taken.get(name, 0) + _take(path, Path(request.into) / name, request.side)
        except MediaError as error:
            skipped.append((str(path), error.trouble.english()))
    yield Result(Collected(taken, tuple(skipped)))


def _wanted(request: CollectRequest) -> Iterator[tuple[str, Path]]:
    """(class, picture) of everything asked for. Raises MediaError for a folder without pictures."""
    for source in request.sources:
        path = Path(source)
        if path.is_dir() and not request.name:
            folders = class_folders(path)
            for folder in folders or [path]:
                yield from ((class_name(folder.name), one) for one in stills_in(folder, inside=True))
        elif path.is_dir():
            yield from ((class_name(request.name), one) for one in stills_in(path, inside=True))
        else:
            yield class_name(request.name or path.parent.name), path


def _take(path: Path, folder: Path, side: int) -> int:
    """Write one picture; 0 if it is there already. Raises MediaError, OSError."""
    data = read_file(path, MAX_BYTES)
    rgb = decode(data, path.name)
    target = folder / f"file-{hashlib.sha256(data).hexdigest()[:20]}.jpg"
    if target.exists():
        return 0
    atomic.write_bytes(target, jpeg_bytes(shrunk(rgb, side), quality=QUALITY))
    return 1
