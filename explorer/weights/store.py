"""The cache of converted weights: safetensors files named by what they were made from, checked before they are used.

Beside each file lies a stamp: its sha256, size and modification time. A file whose size and time are still those of the stamp
was verified when the stamp was written; anything else is hashed again in full.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from explorer import atomic
from explorer.assets import asset, cache_dir
from explorer.i18n import N_
from explorer.weights.rows import BundledSource, PackageSource, WeightsRow
from explorer.weights.safetensors_header import check_path
from explorer.weights.troubles import damaged, refusal

Array = np.ndarray[Any, np.dtype[Any]]
CONVERTER = 1  # raise it when the same source would be converted to other numbers or names


def folder() -> Path:
    """Where converted weights lie; may not exist yet."""
    return cache_dir() / "weights"


def path_of(row: WeightsRow) -> Path:
    """Where the safetensors file of `row` is or will be."""
    if isinstance(row.source, BundledSource):
        return asset("weights", row.source.file)
    return folder() / f"{row.identity}-{CONVERTER}.safetensors"


def kept_source(row: WeightsRow) -> Path | None:
    """The file the numbers were read from, where the row keeps it (U2-Net-p's ONNX); None if it is not there."""
    if not (isinstance(row.source, PackageSource) and row.source.keep):
        return None
    path = source_path(row)
    return path if path.is_file() else None


def source_path(row: WeightsRow) -> Path:
    """Where a kept source lies."""
    ending = Path(row.source.member).suffix if isinstance(row.source, PackageSource) else ".source"
    return folder() / f"{row.identity}{ending}"


def cached(row: WeightsRow) -> Path | None:
    """The file of `row` if it is there and whole, and its source where the row keeps it; else None.

    Damage counts as not there (`verified` says it aloud), so that `fetch` mends it.
    """
    path = path_of(row)
    kept = isinstance(row.source, PackageSource) and row.source.keep
    return path if path.is_file() and is_whole(path, row) and not (kept and kept_source(row) is None) else None


def verified(row: WeightsRow) -> Path:
    """The file of `row`, hash checked. Raises ModelFileError if it is missing or damaged."""
    path = path_of(row)
    if not path.is_file():
        raise refusal(
            "not-cached",
            N_("The weights of {title} have not been fetched yet."),
            N_("Fetch them with 'explorer weights --fetch' or from the Models panel."),
            exit_code=3,
            title=row.title,
        )
    if not is_whole(path, row):
        raise refusal(
            "cache-damaged",
            N_("The cached copy of {title} is damaged."),
            N_("Download it again with 'explorer weights --fetch' or from the Models panel."),
            title=row.title,
        )
    return path


def is_whole(path: Path, row: WeightsRow | None = None) -> bool:
    """Whether the file still has the hash it was made with."""
    if row is not None and isinstance(row.source, BundledSource):
        return _sha256(path) == row.source.sha256
    try:
        stamp = json.loads(stamp_path(path).read_text(encoding="utf-8"))
        now = path.stat()
        if [stamp["size"], stamp["mtime_ns"]] == [now.st_size, now.st_mtime_ns]:
            return True
        if stamp["size"] == now.st_size and _sha256(path) == stamp["sha256"]:
            write_stamp(path)
            return True
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return False


def stamp_path(path: Path) -> Path:
    """The stamp of a converted file."""
    return path.with_suffix(".json")


def write_stamp(path: Path, **facts: Any) -> None:
    """Hash the file now and remember size and time; `facts` (what it was made from) are kept beside."""
    state = path.stat()
    old: dict[str, Any] = {}
    if stamp_path(path).is_file() and not facts:
        old = json.loads(stamp_path(path).read_text(encoding="utf-8"))
    stamp = {**old, **facts, "sha256": _sha256(path), "size": state.st_size, "mtime_ns": state.st_mtime_ns}
    atomic.write_text(stamp_path(path), json.dumps(stamp, indent=1))


def stamp_facts(path: Path) -> dict[str, Any]:
    """What the stamp of a file remembers; empty without one."""
    try:
        facts = json.loads(stamp_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def prune(where: Path, keep: int) -> None:
    """Keep only the `keep` newest files of a folder of converted files."""
    found = sorted(where.glob("*.safetensors"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in found[keep:]:
        stamp_path(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def forget(row: WeightsRow) -> None:
    """Remove the cached file of `row` and its stamp; bundled files stay."""
    if not row.bundled:
        path = path_of(row)
        stamp_path(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def state(row: WeightsRow) -> dict[str, Array]:
    """Name -> numbers of `row`, verified. Raises ModelFileError."""
    return read(verified(row))


def read(path: Path) -> dict[str, Array]:
    """Name -> numbers of a safetensors file we made: float32 or whole numbers, writable. Raises ModelFileError."""
    check_path(path)
    try:
        found: dict[str, Array] = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise damaged() from error
    return found


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write(path: Path, tensors: dict[str, Array]) -> None:
    """Write name -> numbers as safetensors at `path` (a part file the caller puts in place)."""
    save_file({name: array if array.flags.c_contiguous else array.copy() for name, array in tensors.items()}, path)
