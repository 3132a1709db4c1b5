"""An honest split: pictures that look alike never stand on both sides.

Pictures recorded in one go are consecutive and nearly the same; one of them among those learnt from would betray the others.
So whole recordings are held out, or, where a class has too few of them, whole stretches of time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from explorer.records.teach import I64

FEW = 20  # pictures of a class: below it every picture is needed for learning, and folds are used
PARTS = 4  # into so many stretches recordings are cut where a class has fewer of them
_GO = re.compile(r"^(go-\d+T\d+)-\d+$")  # how the window names what it records


def recording(path: str) -> str:
    """Which go a picture was recorded in; a picture from elsewhere is one of its own."""
    found = _GO.match(Path(path).stem)
    return found[1] if found else path


def groups_of(paths: Sequence[str], label: I64, hashes: Sequence[str]) -> tuple[I64, tuple[int, ...]]:
    """(N,) number of the group of each picture, and the classes whose recordings had to be cut.

    Within a class: pictures of one go and copies of one file are one group. A class of fewer than PARTS groups has its
    largest cut in time, in the order of the file names.
    """
    group = np.zeros(len(paths), np.int64)
    cut: list[int] = []
    following = 0
    for index in range(int(label.max()) + 1 if len(label) else 0):
        mine = [int(one) for one in np.flatnonzero(label == index)]
        parts = _whole(mine, paths, hashes)
        while len(parts) < min(PARTS, len(mine)):
            largest = max(parts, key=len)
            if len({hashes[one] for one in largest}) < 2:
                break  # copies of one picture
            parts.remove(largest)
            parts += _halves(largest, hashes)
            cut.append(index)
        for part in sorted(parts):
            group[part] = following
            following += 1
    return group, tuple(dict.fromkeys(cut))


def _whole(mine: list[int], paths: Sequence[str], hashes: Sequence[str]) -> list[list[int]]:
    """The pictures of a class by go, goes that share a picture together."""
    parts: dict[str, list[int]] = {}
    at: dict[str, str] = {}
    for one in mine:
        go = at.setdefault(hashes[one], recording(paths[one]))
        own = recording(paths[one])
        if own != go and own in parts:
            for other in parts.pop(own):
                at[hashes[other]] = go
                parts.setdefault(go, []).append(other)
        parts.setdefault(go, []).append(one)
    return [sorted(part) for part in parts.values()]


def _halves(part: list[int], hashes: Sequence[str]) -> list[list[int]]:
    """Before and after the middle in time; copies stay with the first of them."""
    middle = len(part) // 2
    first = {hashes[one] for one in part[:middle]}
    before = [one for one in part if hashes[one] in first]
    return [before, [one for one in part if hashes[one] not in first]] if len(before) < len(part) else [part[:1], part[1:]]


def held_out(label: I64, group: I64, share: float, seed: int) -> I64:
    """(N,) 0 for learning, 1 for trying: of each class whole groups, about `share` of its pictures; one stays."""
    random = np.random.default_rng(seed)
    side = np.zeros(len(label), np.int64)
    for index in np.unique(label):
        numbers = random.permutation(np.unique(group[label == index]))
        wanted = share * np.count_nonzero(label == index)
        taken = 0
        for number in numbers[:-1]:
            size = int(np.count_nonzero(group == number))
            if taken and taken + size / 2 > wanted:
                break
            side[group == number] = 1
            taken += size
    return side


def folds(label: I64, group: I64, count: int, seed: int) -> tuple[I64, int]:
    """(N,) the fold of each picture and how many folds there are: groups dealt out class by class, the largest first."""
    random = np.random.default_rng(seed)
    least = min(len(np.unique(group[label == index])) for index in np.unique(label))
    count = max(1, min(count, max(least, 2)))
    fold = np.zeros(len(label), np.int64)
    for index in np.unique(label):
        numbers = random.permutation(np.unique(group[label == index]))
        sizes = {int(number): int(np.count_nonzero(group == number)) for number in numbers}
        filled = np.zeros(count, np.int64)
        for number in sorted(sizes, key=lambda one: -sizes[one]):
            place = int(filled.argmin())
            filled[place] += sizes[number]
            fold[group == number] = place
    return fold, count
