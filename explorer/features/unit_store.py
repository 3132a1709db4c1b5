"""What was found out about units, on disk: rankings of folders, maximised pictures. Everything in it can be made again.

`cache_dir()/units/<network>/...`: the network's folder is named by its weights and its surgery, so that other numbers never
answer for it. Files are written atomically, so that two processes may write the same one; when it
grows too large the oldest go.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.assets import cache_dir
from explorer.atomic import sweep, write_bytes
from explorer.engine import shelf

if TYPE_CHECKING:
    from torch import nn

    from explorer.engine.network import Network
    from explorer.requests.network import NetworkRequest

log = logging.getLogger(__name__)
MOST_BYTES = 1 << 30
KEEP_SHARE = 0.8  # of MOST_BYTES, once something has to go: pruning is rare
_known: weakref.WeakKeyDictionary[nn.Module, tuple[tuple[int, ...], str]] = weakref.WeakKeyDictionary()


def folder() -> Path:
    """Where all of it lies; may not exist yet."""
    return cache_dir() / "units"


def fingerprint(network: Network, request: NetworkRequest) -> str:
    """32 hex digits: the numbers of the network, how pictures are prepared for it, and the request's surgery."""
    state = tuple(number for tensor in network.module.state_dict().values() for number in (tensor.data_ptr(), tensor._version))
    kept = _known.get(network.module)
    if kept is None or kept[0] != state:
        kept = _known[network.module] = (state, shelf.fingerprint(network))
    cuts = json.dumps([edit.model_dump() for edit in request.surgery])
    return hashlib.sha256(f"{kept[1]} {cuts}".encode()).hexdigest()[:32]


def place(network: Network, request: NetworkRequest, *parts: str) -> Path:
    """A file or folder of this network: `parts` may be any text, such as the name of a layer."""
    return folder().joinpath(fingerprint(network, request), *(plain_name(part) for part in parts))


def key(facts: dict[str, Any]) -> str:
    """16 hex digits of everything that a file's content depends on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def plain_name(part: str) -> str:
    """A name that every file system takes; what was changed is told apart by a hash."""
    plain = re.sub(r"[^\w.-]", "_", part, flags=re.ASCII)[:80]
    return (
        plain if plain == part and plain.strip(".") else f"{plain.strip('.')}-{hashlib.sha256(part.encode()).hexdigest()[:8]}"
    )


def read(path: Path) -> bytes | None:
    """The bytes of a file, marked as used just now; None where it is not there or cannot be read."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return data


def write(path: Path, data: bytes) -> bool:
    """Keep `data`; a full or read-only disk costs only the memory, never the work. Whether it is kept."""
    try:
        write_bytes(path, data)
    except OSError as error:
        log.warning("%s is not kept: %s", path.name, error)
        return False
    return True


def forget(path: Path) -> None:
    """Take away a file that cannot be used."""
    with contextlib.suppress(OSError):
        path.unlink()


def prune(most: int = MOST_BYTES) -> int:
    """Let the longest unused files go while there are more than `most` bytes; how many went.

    Another process may do the same just now: what is already gone counts as gone.
    """
    files: list[tuple[float, int, Path]] = []
    for root, _, names in os.walk(folder()):
        for name in names:
            path = Path(root, name)
            with contextlib.suppress(OSError):
                state = path.stat()
                files.append((state.st_mtime, state.st_size, path))
    total = sum(size for _, size, _ in files)
    if total <= most:
        return 0
    gone = 0
    for mtime, size, path in sorted(files, key=lambda item: item[0]):
        if total <= most * KEEP_SHARE:
            break
        if path.name.startswith(".") and time.time() - mtime < 60:
            continue  # somebody is just writing it
        forget(path)
        total -= size
        gone += 1
    for root, _, _ in os.walk(folder(), topdown=False):
        sweep(root)
        with contextlib.suppress(OSError):  # not empty
            Path(root).rmdir()
    return gone
