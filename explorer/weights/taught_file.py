"""A taught model as a file: safetensors with the numbers of the head, its facts as JSON inside. No code, no backbone.

The facts say whose features the head reads: the backbone's name, the sha256 of its numbers, the layer, how a picture is
prepared. The .json beside a saved model is the same text for people; it is not read.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import safetensors.numpy

from explorer.i18n import N_
from explorer.weights import files, readers, safetensors_header
from explorer.weights.readers import Array
from explorer.weights.troubles import refusal

MARK = "explorer-taught"
VERSION = 1
MOST_CLASSES = 1000
MOST_TEXT = 1 << 20


@dataclass(frozen=True)
class TaughtFile:
    """`facts`: checked, as `pack` got them. `tensors`: "output.weight", "output.bias" and, with a hidden layer, "hidden.*"."""

    facts: dict[str, Any]
    tensors: dict[str, Array]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names in the order of the outputs."""
        return tuple(self.facts["classes"])


def pack(facts: dict[str, Any], tensors: dict[str, Array]) -> bytes:
    """The file's bytes; the same facts and numbers give the same bytes."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    whole = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in sorted(tensors.items())}
    return bytes(safetensors.numpy.save(whole, metadata={MARK: text}))


def is_taught(path: Path | str) -> bool:
    """Whether a file is a taught model, told by its content; False for whatever cannot be read."""
    try:
        with open(path, "rb") as handle:
            return _text(handle) is not None
    except (OSError, ValueError):
        return False


def facts_of(path: Path | str) -> dict[str, Any]:
    """The checked facts of a taught model, without its numbers. Raises ModelFileError."""
    name = Path(path).name
    with files.open_regular(path) as handle:
        files.readable(files.recognise_open(handle), name)
        safetensors_header.check(handle)
        return _facts(_text(handle), name)


def read(path: Path | str) -> TaughtFile:
    """A taught model, everything in it checked. Raises ModelFileError."""
    name = Path(path).name
    with files.open_regular(path) as handle:
        files.readable(files.recognise_open(handle), name)
        safetensors_header.check(handle)
        facts = _facts(_text(handle), name)
        tensors, _ = readers.widen(readers.read_safetensors(handle), Path(path).stat().st_size)
    wanted = shapes(facts)
    if {key: array.shape for key, array in tensors.items()} != wanted:
        raise _strange(name, "tensors")
    if not all(array.dtype == np.float32 and np.isfinite(array).all() for array in tensors.values()):
        raise _strange(name, "numbers")
    return TaughtFile(facts, tensors)


def shapes(facts: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Which numbers belong to such a head."""
    classes, features, hidden = len(facts["classes"]), facts["features"], facts["hidden"]
    inside = hidden or features
    table: dict[str, tuple[int, ...]] = {"output.weight": (classes, inside), "output.bias": (classes,)}
    if hidden:
        table |= {"hidden.weight": (hidden, features), "hidden.bias": (hidden,)}
    return table


def _text(handle: BinaryIO) -> str | None:
    """The JSON inside, None for another kind of file."""
    handle.seek(0)
    length = int.from_bytes(handle.read(8), "little")
    if not 2 <= length <= 2 * MOST_TEXT:
        return None
    try:
        header = json.loads(handle.read(length))
    except (ValueError, RecursionError):
        return None
    meta = header.get("__metadata__") if isinstance(header, dict) else None
    text = meta.get(MARK) if isinstance(meta, dict) else None
    return text if isinstance(text, str) and len(text) <= MOST_TEXT else None


def _facts(text: str | None, name: str) -> dict[str, Any]:
    if text is None:
        raise refusal("not-taught", N_("{name} is not a taught model."), N_("Teach saves such files."), name=name)
    try:
        facts = json.loads(text)
        version = facts["version"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise _strange(name, "version") from None
    if version != VERSION:
        raise refusal(
            "taught-version",
            N_("{name} was saved by another version of the program (format {version}, known is {known})."),
            N_("Save it again with this version, or update the program."),
            name=name,
            version=version,
            known=VERSION,
        )
    wrong = _wrong(facts)
    if wrong:
        raise _strange(name, wrong)
    checked: dict[str, Any] = facts
    return checked


def _wrong(facts: dict[str, Any]) -> str:
    """The first entry that cannot be, "" if all can."""
    backbone, preparation, classes = facts.get("backbone"), facts.get("preprocessing"), facts.get("classes")
    if not isinstance(backbone, dict) or not all(_line(backbone.get(key)) for key in ("name", "layer", "numbers")):
        return "backbone"
    if not (backbone.get("weights") is None or _line(backbone["weights"])):
        return "backbone"
    if not isinstance(preparation, dict):
        return "preprocessing"
    if not isinstance(classes, list) or not 2 <= len(classes) <= MOST_CLASSES or not all(_line(one) for one in classes):
        return "classes"
    if len(set(classes)) != len(classes):
        return "classes"
    for key, low, high in (("features", 1, 1 << 20), ("hidden", 0, 1 << 16)):
        if type(facts.get(key)) is not int or not low <= facts[key] <= high:
            return key
    return ""


def _line(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 4096


def _strange(name: str, entry: str) -> Exception:
    return refusal(
        "taught-damaged",
        N_("{name} is not a whole taught model: its {entry} cannot be."),
        N_("Teach and save it again."),
        name=name,
        entry=entry,
    )


def same_preparation(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two recipes prepare a picture alike (numbers may have gone through JSON)."""
    return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-12)
    return bool(one == other)
