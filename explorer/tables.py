"""A table of named things: networks, surfaces, optimizers, objectives, attribution methods, sources, panels.

Built-ins and plugins enter by the same `add`; a duplicate is an error, an unknown name suggests its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Generic, TypeVar

T = TypeVar("T")


class UnknownNameError(KeyError):
    """A name that no table row has. `str()` is one readable sentence with near names."""

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name)
        self.kind = kind
        self.name = name
        self.known = known
        self.near = tuple(get_close_matches(name, known, n=3, cutoff=0.5))

    def __str__(self) -> str:
        hint = f"did you mean {', '.join(self.near)}?" if self.near else f"known: {', '.join(self.known)}"
        return f"no {self.kind} is called {self.name!r}; {hint}"


class Table(Generic[T]):
    """Name -> thing, listed in alphabetical order whatever the order of `add`.

    `kind` is the English singular used in messages ("network", "surface").
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._rows: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        """Enter `thing` under `name`. Raises ValueError if the name is taken or not a plain identifier."""
        if not name.replace("-", "_").isidentifier():
            raise ValueError(f"{self.kind} name {name!r} is not a plain identifier")
        if name in self._rows:
            raise ValueError(f"a {self.kind} called {name!r} is already there")
        self._rows[name] = thing
        return thing

    def __getitem__(self, name: str) -> T:
        try:
            return self._rows[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, tuple(self)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._rows))

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True)
class Tables:
    """Every table a plugin's `register(tables)` may add to.

    The values are whatever the owning room documents: `networks` in zoo/registry.py, `surfaces` in descent/surfaces.py,
    `optimizers` in descent/optimizers.py, `objectives` in features/objectives.py, `attributions` in
    features/attribution_methods.py, `sources` in picture/foreign.py, `panels` in plugins.py (a request model plus a job).
    """

    networks: Table[object] = field(default_factory=lambda: Table[object]("network"))
    surfaces: Table[object] = field(default_factory=lambda: Table[object]("surface"))
    optimizers: Table[object] = field(default_factory=lambda: Table[object]("optimizer"))
    objectives: Table[object] = field(default_factory=lambda: Table[object]("objective"))
    attributions: Table[object] = field(default_factory=lambda: Table[object]("attribution method"))
    sources: Table[object] = field(default_factory=lambda: Table[object]("source"))
    panels: Table[object] = field(default_factory=lambda: Table[object]("panel"))
