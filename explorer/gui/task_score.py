"""The score of the tasks: which were answered, how many were right, how many in a row. One small file, on this machine only."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer import assets, atomic

VERSION, MOST_BYTES, MOST = 1, 1_000_000, 100_000
Asked = tuple[int, int]  # seed, number


@dataclass
class TaskScore:
    """`answers`: (seed, number) -> whether the first answer was right; a task counts once. `streak`, `best`: right ones in a
    row now, and the most so far. `next_task`: (seed, number) of the task to go on with."""

    path: Path = field(default_factory=lambda: assets.state_dir() / "tasks.json")
    answers: dict[Asked, bool] = field(default_factory=dict)
    streak: int = 0
    best: int = 0
    next_task: Asked = (0, 1)

    @property
    def right(self) -> int:
        """How many were answered rightly."""
        return sum(self.answers.values())

    def answer(self, seed: int, number: int, right: bool) -> bool:
        """Enter an answer; False, and nothing changes, where this task was answered before."""
        if (seed, number) in self.answers:
            return False
        self.answers[seed, number] = right
        self.streak = self.streak + 1 if right else 0
        self.best = max(self.best, self.streak)
        return True

    def reset(self) -> None:
        """All to nothing; the task that is shown stays."""
        self.answers, self.streak, self.best = {}, 0, 0

    def save(self) -> None:
        """Write the file atomically. Raises OSError; the old file is then still there."""
        answers = [[seed, number, right] for (seed, number), right in self.answers.items()]
        data = {"version": VERSION, "answers": answers, "streak": self.streak, "best": self.best, "next": list(self.next_task)}
        atomic.write_text(self.path, json.dumps(data) + "\n")


def load(path: Path | None = None) -> TaskScore:
    """The score as it was kept; a fresh one where there is none, or the file cannot be used (it is put by as .bak). Never
    raises."""
    found = TaskScore() if path is None else TaskScore(path)
    try:
        if found.path.stat().st_size > MOST_BYTES:
            raise ValueError("score file is too large")
        _take(found, json.loads(found.path.read_bytes().decode("utf-8")))
    except FileNotFoundError:
        return found
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        with contextlib.suppress(OSError):
            found.path.replace(found.path.with_name(found.path.name + ".bak"))
        return TaskScore(found.path)
    return found


def _take(score: TaskScore, raw: Any) -> None:
    """Fill `score`. Raises ValueError or TypeError for whatever is not as `save` wrote it."""
    if not isinstance(raw, dict) or raw.get("version") != VERSION or not isinstance(raw.get("answers"), list):
        raise ValueError("not a score")
    for seed, number, right in raw["answers"][:MOST]:
        if not isinstance(right, bool):
            raise ValueError("not an answer")
        score.answers[_whole(seed), _whole(number)] = right
    seed, number = raw["next"]
    score.next_task = _whole(seed), max(1, _whole(number))
    score.streak, score.best = _whole(raw["streak"]), _whole(raw["best"])
    if score.streak > score.best:
        raise ValueError("a streak longer than the best")


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise ValueError("not a count")
    return value
