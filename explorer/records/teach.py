"""What was taught: which pictures of which classes, how well those that it had not seen are told, the model as a file."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.atomic import write_bytes, write_text
from explorer.records.attribution import Said
from explorer.records.network import RunsOn

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Curves:
    """How the training went, a number a step from the first: (T,) float64 each; empty where nothing was held out.

    `loss`: mean cross entropy of the pictures learnt from, nats; `held_loss`: of those not seen. `accuracy`, `held_accuracy`:
    share told right, 0..1. With folds the held ones are those of all folds together.
    """

    loss: F64
    accuracy: F64
    held_loss: F64
    held_accuracy: F64


@dataclass(frozen=True, eq=False)
class Taught:
    """A head that was trained, and how well it does.

    `classes`: names in the order of the head's outputs. `paths`: (N) the pictures. `label`: (N,) int64, the class of each.
    `group`: (N,) int64, pictures of one group look alike (recorded in one go, or the same file twice) and are never split.
    `held`: (N,) bool, whether `scores` is the word of a head that had not seen the picture. `scores`: (N, classes) float32
    probabilities. `check`: "held-out", "folds" (of `folds` parts) or "none". `facts`: what the model's file says in JSON;
    `model`: that file, safetensors. `stopped`: it was ended before the loss was level.
    """

    classes: tuple[str, ...]
    paths: tuple[str, ...]
    label: I64
    group: I64
    held: npt.NDArray[np.bool_]
    scores: F32
    curves: Curves
    check: str
    folds: int
    facts: dict[str, Any]
    model: bytes
    steps: int = 0
    stopped: bool = False
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[Said, ...] = ()
    runs_on: RunsOn = field(default_factory=RunsOn)

    @property
    def counts(self) -> tuple[int, ...]:
        """Pictures of each class."""
        return tuple(int(count) for count in np.bincount(self.label, minlength=len(self.classes)))

    @property
    def said(self) -> I64:
        """(N,) int64: the class that each picture was taken for."""
        return np.asarray(self.scores.argmax(axis=1), dtype=np.int64)

    @property
    def tried(self) -> int:
        """How many pictures were told without having been seen."""
        return int(self.held.sum())

    @property
    def right(self) -> int:
        """How many of them were told right."""
        return int((self.held & (self.said == self.label)).sum())

    @property
    def accuracy(self) -> float | None:
        """Share of the pictures not seen that were told right; None where none was held out."""
        return self.right / self.tried if self.tried else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between which shares the true one lies with 95 % (Wilson 1927): wide for few pictures."""
        return wilson(self.right, self.tried)

    @property
    def confusion(self) -> I64:
        """(classes, classes) int64: how many pictures of class [row] were taken for class [column]; only those not seen."""
        table = np.zeros((len(self.classes),) * 2, np.int64)
        np.add.at(table, (self.label[self.held], self.said[self.held]), 1)
        return table

    def cell(self, true: int, said: int) -> list[int]:
        """The pictures of one cell of the confusion matrix, the surest first."""
        found = np.flatnonzero(self.held & (self.label == true) & (self.said == said))
        return [int(one) for one in found[np.argsort(-self.scores[found, said], kind="stable")]]

    def unsure(self, count: int = 12) -> list[int]:
        """The pictures told with the smallest lead of the best class over the second; among those not seen if there are any."""
        among = np.flatnonzero(self.held) if self.tried else np.arange(len(self.paths))
        best = np.sort(self.scores[among], axis=1)
        lead = best[:, -1] - best[:, -2]
        return [int(one) for one in among[np.argsort(lead, kind="stable")][:count]]

    @property
    def text(self) -> str:
        """`facts` as the JSON that stands in the model's file and beside it."""
        return json.dumps(self.facts, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    def save(self, path: Path | str) -> None:
        """Write the model, and its facts beside it as .json for people and other programs. Raises OSError."""
        write_text(Path(path).with_suffix(".json"), self.text)
        write_bytes(path, self.model)


@dataclass(frozen=True)
class Collected:
    """Pictures taken in. `taken`: how many of each class; `skipped`: (name, reason in English) of those that cannot be read."""

    taken: dict[str, int]
    skipped: tuple[tuple[str, str], ...] = ()


def wilson(right: int, tried: int) -> tuple[float, float] | None:
    """The score interval of a share at 95 %; None without a trial."""
    if not tried:
        return None
    z, share = 1.959963984540054, right / tried
    middle = (share + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z / (1 + z * z / tried) * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    return max(0.0, middle - half), min(1.0, middle + half)
