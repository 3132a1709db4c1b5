"""Features of many pictures, each worked out once: kept on disk by the hash of the picture and of the backbone's numbers."""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer import atomic
from explorer.assets import cache_dir
from explorer.engine.taught import features_of
from explorer.i18n import tr
from explorer.jobs import CancelToken, Progress
from explorer.picture.stills import MAX_BYTES, decode, read_file
from explorer.records.errors import MediaError
from explorer.records.teach import F32

if TYPE_CHECKING:
    from explorer.engine.network import Network

log = logging.getLogger(__name__)
MOST_ROWS = 20_000  # features kept of one backbone
MOST_FILES = 6


class FeatureStore:
    """Features of one backbone by picture hash. Damage and a full disk mean "knows nothing": they are worked out again."""

    def __init__(self, key: str) -> None:
        self._path = cache_dir() / "taught" / f"{key[:32]}.npz"
        self.rows: dict[str, F32] = {}
        self._new = 0
        try:
            with np.load(self._path, allow_pickle=False) as found:
                names, numbers = found["names"], found["numbers"]
            if numbers.dtype == np.float32 and numbers.ndim == 2 and len(names) == len(numbers):
                self.rows = {str(name): row for name, row in zip(names.tolist(), numbers, strict=True)}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            log.debug("no features of %s", key)

    def get(self, name: str) -> F32 | None:
        """The features of a picture, if they are known."""
        return self.rows.get(name)

    def put(self, name: str, features: F32) -> None:
        """Remember the features of a picture."""
        self.rows[name] = features
        self._new += 1

    def keep(self) -> None:
        """Write down what is new; the oldest go where there are too many."""
        if not self._new:
            return
        self._new = 0
        names = list(self.rows)[-MOST_ROWS:]
        buffer = io.BytesIO()
        np.savez(buffer, names=np.array(names), numbers=np.stack([self.rows[name] for name in names]))
        try:
            atomic.write_bytes(self._path, buffer.getbuffer())
            files = sorted(self._path.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in files[MOST_FILES:]:
                path.unlink(missing_ok=True)
        except OSError as error:
            log.info("features are not kept: %s", error)


class Looked:
    """What came of the pictures: `hashes` and `features` by path, `mirrored` where asked for, `skipped` with the reason."""

    def __init__(self) -> None:
        self.hashes: dict[Path, str] = {}
        self.features: dict[Path, F32] = {}
        self.mirrored: dict[Path, F32] = {}
        self.skipped: list[tuple[str, str]] = []


def look_at(
    paths: list[Path], network: Network, layer: str, key: str, mirror: bool, token: CancelToken
) -> Generator[Progress, None, Looked]:
    """Features of all pictures, one at a time: progress after each, Stop before each layer; what is known stays known."""
    store = FeatureStore(key)
    found = Looked()
    try:
        for done, path in enumerate(paths):
            yield Progress(done, len(paths), tr("looking at {name}").format(name=path.name))
            try:
                _look(path, network, layer, mirror, store, found, token)
            except MediaError as error:
                found.skipped.append((str(path), error.trouble.english()))
    finally:
        store.keep()
    return found


def _look(
    path: Path, network: Network, layer: str, mirror: bool, store: FeatureStore, found: Looked, token: CancelToken
) -> None:
    data = read_file(path, MAX_BYTES)
    name = hashlib.sha256(data).hexdigest()
    views = ((name, found.features), (f"{name} mirrored", found.mirrored))[: 2 if mirror else 1]
    rgb = None
    for at, (known, table) in enumerate(views):
        row = store.get(known)
        if row is None:
            rgb = decode(data, path.name) if rgb is None else rgb
            view = np.ascontiguousarray(rgb[:, ::-1]) if at else rgb
            row = features_of(network, layer, network.recipe.prepare(view, network.device).nchw, token)
            store.put(known, row)
        table[path] = row
    found.hashes[path] = name
