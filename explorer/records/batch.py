"""What a run over a whole folder found."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.records.errors import Trouble
from explorer.records.frame import RGB


@dataclass(frozen=True)
class BatchReport:
    """`looked` of `total` pictures were looked at, `objects` were found in them; `skipped`: (file name, why) of those that
    cannot be read; `files` were written; `seconds` for all. `whole` is false where it was stopped."""

    total: int
    looked: int
    objects: int
    skipped: tuple[tuple[str, Trouble], ...]
    files: tuple[str, ...]
    seconds: float
    whole: bool = True


@dataclass(frozen=True, eq=False)
class BatchStep:
    """One picture on the way. `rgb`: (H, W, 3) uint8 with what was found drawn in, made small; `said`: it in a line."""

    rgb: RGB
    name: str
    said: str
    report: BatchReport
