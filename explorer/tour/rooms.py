"""What chapters of the tour are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.cli.running import Runner


@dataclass(frozen=True)
class Exhibit:
    """One picture of the page: a file in the tour's folder, a caption, and numbers beside it as (name, value) texts."""

    file: str
    caption: str
    facts: tuple[tuple[str, str], ...] = ()
    crisp: bool = False


@dataclass(frozen=True)
class Room:
    """What a chapter works with."""

    here: Runner
    folder: Path
    quick: bool

    def path(self, name: str) -> str:
        """Where a file of the tour goes."""
        return str(self.folder / name)


Work = Callable[[Room], Iterator[Exhibit]]


@dataclass(frozen=True)
class Chapter:
    """One section of the page; `title` and `words` are English message keys, `command` repeats it by hand."""

    title: str
    words: str
    command: str
    work: Work
