"""What a person should know about a lesson: too few pictures, one recording, the same picture twice, files that are none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from explorer.i18n import N_
from explorer.records.attribution import Said
from explorer.records.teach import Taught

ENOUGH = 8  # pictures of a class from which on a figure means something


def notes_of(made: Taught, hashes: Sequence[str], cut: Sequence[int], operated: bool) -> tuple[Said, ...]:
    """Sentences, the most important first."""
    return (*_few(made, hashes), *_twice(made, hashes), *_alike(made, cut), *_skipped(made), *_surgery(operated))


def quoted(name: str) -> str:
    """A class's name as a person gave it: in quotation marks it is no word of the program, and nobody translates it."""
    return f"“{name}”"


def _few(made: Taught, hashes: Sequence[str]) -> list[Said]:
    notes = []
    for index, name in enumerate(made.classes):
        if (
            made.counts[index] > 1
            and len({digest for digest, label in zip(hashes, made.label.tolist(), strict=True) if label == index}) == 1
        ):
            notes.append(Said(N_("All pictures of {name} are the same one."), {"name": quoted(name)}))
    if not made.tried:
        notes.append(Said(N_("Nothing was held out: there are too few pictures to try it on. Record more of each class.")))
    for name, count in zip(made.classes, made.counts, strict=True):
        if count < ENOUGH:
            notes.append(
                Said(
                    N_("Few pictures: {count} more of {name} would make the figure worth something."),
                    {"count": ENOUGH - count, "name": quoted(name)},
                )
            )
    most, least = max(made.counts), min(made.counts)
    if most > 4 * least:
        name = made.classes[made.counts.index(least)]
        notes.append(
            Said(
                N_("Classes are uneven: {name} has only {least} pictures of {most}."),
                {"name": quoted(name), "least": least, "most": most},
            )
        )
    return notes


def _twice(made: Taught, hashes: Sequence[str]) -> list[Said]:
    """The same file in two classes: one of them must be wrong."""
    where: dict[str, list[int]] = defaultdict(list)
    for one, name in enumerate(hashes):
        where[name].append(one)
    pairs = [found for found in where.values() if len({int(made.label[one]) for one in found}) > 1]
    if not pairs:
        return []
    first = pairs[0]
    other = next(one for one in first if made.label[one] != made.label[first[0]])
    values = {"count": len(pairs), "one": made.paths[first[0]], "other": made.paths[other]}
    return [Said(N_("The same picture is in two classes ({count} times): {one} and {other}."), values)]


def _alike(made: Taught, cut: Sequence[int]) -> list[Said]:
    """Recordings that had to be cut: neighbours in time stand on both sides."""
    recorded = [index for index in cut if any(Path(made.paths[one]).stem.startswith("go-") for one in _of(made, index))]
    if not recorded or not made.tried:
        return []
    names = ", ".join(quoted(made.classes[index]) for index in recorded)
    text = N_("{names}: recorded in too few goes, so look-alikes stand on both sides and the figure is too good. Record again.")
    return [Said(text, {"names": names})]


def _of(made: Taught, index: int) -> list[int]:
    return [one for one, label in enumerate(made.label.tolist()) if label == index]


def _skipped(made: Taught) -> list[Said]:
    if not made.skipped:
        return []
    names = ", ".join(Path(path).name for path, _ in made.skipped[:3]) + (", ..." if len(made.skipped) > 3 else "")
    return [Said(N_("{count} files cannot be read and were left out: {names}."), {"count": len(made.skipped), "names": names})]


def _surgery(operated: bool) -> list[Said]:
    return [Said(N_("The surgery of the network is not part of what is taught."))] if operated else []
