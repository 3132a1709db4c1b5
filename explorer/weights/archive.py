"""Takes one member out of an archive: never unpacked, nothing run, only the one name, only as many bytes as it should have."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

from explorer import atomic
from explorer.i18n import N_
from explorer.weights.troubles import refusal

CHUNK = 1 << 20


def take(archive: Path, member: str, size: int, sha256: str, target: Path) -> None:
    """Write `member` to `target` atomically. Raises ModelFileError if it is not there, not `size` bytes or has another hash."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped, zipped.open(member) as stream:
                _copy(stream, size, sha256, target)
        else:
            with tarfile.open(archive, "r:gz") as tarred:
                for info in tarred:
                    if info.name == member and info.isreg():
                        stream_or_none = tarred.extractfile(info)
                        if stream_or_none is not None:
                            _copy(stream_or_none, size, sha256, target)
                            return
            raise KeyError(member)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _unexpected(member) from error


def _copy(stream: IO[bytes], size: int, sha256: str, target: Path) -> None:
    digest, left = hashlib.sha256(), size
    with atomic.replacing(target) as part, open(part, "wb") as out:
        while chunk := stream.read(min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
            out.write(chunk)
        if left or digest.hexdigest() != sha256:
            raise _unexpected(target.name)


def _unexpected(member: str) -> Exception:
    return refusal(
        "not-published",
        N_("{member} inside the archive is not the published file."),
        N_("Fetch it again."),
        member=member,
    )
