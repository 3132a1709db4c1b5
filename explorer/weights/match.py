"""Whether the tensors of a file are the tensors of a network: a table, before anything is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from explorer.i18n import N_
from explorer.records.errors import ModelFileError
from explorer.weights.troubles import refusal

Shape = tuple[int, ...]
PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.", "ema.", "backbone.", "encoder.")
COUNTER = "num_batches_tracked"  # counts training steps; nothing that looks at a picture reads it


@dataclass(frozen=True)
class MatchReport:
    """`misshaped`: (name, shape in the network, shape in the file). `matched` of `total` tensors of the network fit."""

    matched: int
    total: int
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    misshaped: tuple[tuple[str, Shape, Shape], ...] = ()

    @property
    def complete(self) -> bool:
        """Every tensor of the network is there, and nothing else."""
        return not (self.missing or self.extra or self.misshaped)

    def lines(self, limit: int = 12) -> list[str]:
        """The table for people: one line a tensor, at most `limit` of each kind."""
        rows = [f"- {name}" for name in self.missing[:limit]] + [f"+ {name}" for name in self.extra[:limit]]
        return rows + [f"! {name}: {want} / {got}" for name, want, got in self.misshaped[:limit]]

    def trouble(self, title: str) -> ModelFileError:
        """The error for a file that does not fit."""
        return refusal(
            "other-network",
            N_("Not the weights of {title}: {missing} missing, {extra} too many, {misshaped} of another shape ({first})."),
            N_("Choose the network that the file was made for, or load the part that fits."),
            title=title,
            missing=len(self.missing),
            extra=len(self.extra),
            misshaped=len(self.misshaped),
            first=", ".join(self.lines(1)[:2]),
        )


def match(wanted: Mapping[str, Shape], found: Mapping[str, Shape]) -> MatchReport:
    """Compare names and shapes. Counters of training steps may be missing or too many on either side."""
    needed = {name: shape for name, shape in wanted.items() if not name.endswith(COUNTER)}
    given = {name: shape for name, shape in found.items() if not name.endswith(COUNTER)}
    misshaped = [(name, needed[name], given[name]) for name in needed if name in given and needed[name] != given[name]]
    return MatchReport(
        matched=sum(given.get(name) == shape for name, shape in needed.items()),
        total=len(needed),
        missing=tuple(name for name in needed if name not in given),
        extra=tuple(name for name in given if name not in needed),
        misshaped=tuple(misshaped),
    )


def our_names(wanted: Iterable[str], found: Iterable[str], foreign: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """File name -> our name: prefixes that all names share are dropped, `foreign` patterns applied where more fit then."""
    ours = set(wanted)
    best = {name: name for name in found}
    while prefix := next((prefix for prefix in PREFIXES if _shared(prefix, best.values(), ours)), ""):
        best = {name: new.removeprefix(prefix) for name, new in best.items()}
    for pattern, replacement in foreign:
        changed = {name: re.sub(pattern, replacement, new) for name, new in best.items()}
        if len(ours & set(changed.values())) > len(ours & set(best.values())) and len(set(changed.values())) == len(changed):
            best = changed
    return best


def _shared(prefix: str, names: Iterable[str], ours: set[str]) -> bool:
    """Whether every name of the file has this prefix and none of ours has."""
    listed = list(names)
    return (
        bool(listed) and all(name.startswith(prefix) for name in listed) and not any(name.startswith(prefix) for name in ours)
    )
