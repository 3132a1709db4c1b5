"""The map of a network: its modules as a tree with what each costs and sees, and who feeds whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from explorer.records.network import RunsOn

COLUMNS = (
    "name",
    "kind",
    "output",
    "weights",
    "multiply_adds",
    "field_down",
    "field_across",
    "field_at_most",
    "step_down",
    "step_across",
    "runs",
    "not_finite",
    "ms",
    "share",
    "from",
)


@dataclass(frozen=True)
class MapRow:
    """One module. Rows stand in the order of definition, a module before what is inside it.

    `name` is the dotted name, `parent` that of the module it stands in ("" at the top), `depth` counts from 0. `leaf`: nothing
    ran inside it. `shape`: its last output for one picture, without batch; () where it gave no tensor. `weights`: learnable
    numbers of it and all inside, `own` those of it alone; `broken` how many of them are NaN or infinite. `macs`: multiply-adds
    for one picture (convolutions and matrix products; the rest is not counted), all runs, all inside included. `runs`: how
    often it ran.

    `field`: pixels of the input (down, across) that one of its values can have seen, by formula; None where there is no
    formula, (0, 0) where it is the whole picture; `at_most`: the true one may be smaller. `jump`: input pixels from one value
    to the next. The picture's own pixels: those of the prepared one, `NetworkMap.input_size` square.

    `milliseconds`: time of one pass spent in it and all inside, the middle one of several passes; None: not measured.
    """

    name: str
    parent: str
    depth: int
    kind: str
    leaf: bool
    shape: tuple[int, ...] = ()
    weights: int = 0
    own: int = 0
    broken: int = 0
    macs: int = 0
    runs: int = 0
    field: tuple[float, float] | None = None
    jump: tuple[float, float] | None = None
    at_most: bool = False
    milliseconds: float | None = None

    @property
    def whole(self) -> bool:
        """Whether each of its values sees the whole picture."""
        return self.field == (0.0, 0.0)


@dataclass(frozen=True)
class MapNode:
    """One step of a pass: the `run`-th run of module `module`, or `op` ("add", "cat", "mean") done inside module `inside`.

    Node 0 is the picture: op "picture". `shape`: its output without batch.
    """

    module: str = ""
    op: str = ""
    inside: str = ""
    shape: tuple[int, ...] = ()
    run: int = 1

    @property
    def place(self) -> str:
        """The module it belongs to: itself, or the one it stands in."""
        return self.module or self.inside


@dataclass(frozen=True)
class NetworkMap:
    """`edges`: (source, target) places in `nodes`, whose output feeds whom; `answers`: nodes of the network's own output.

    `total_ms`: one pass, the middle one of `passes`; 0 as long as nothing was measured. Times are of `runs_on`: torch float32.
    """

    name: str
    title: str
    input_size: int
    rows: tuple[MapRow, ...]
    nodes: tuple[MapNode, ...]
    edges: tuple[tuple[int, int], ...]
    answers: tuple[int, ...] = ()
    weights: int = 0
    macs: int = 0
    total_ms: float = 0.0
    passes: int = 0
    runs_on: RunsOn = field(default_factory=RunsOn)
    notes: tuple[str, ...] = ()

    def share(self, row: MapRow) -> float | None:
        """The part of a pass's time that a row takes, 0..1; None where it was not measured."""
        return None if row.milliseconds is None or self.total_ms <= 0 else row.milliseconds / self.total_ms

    def feeding(self) -> dict[str, tuple[str, ...]]:
        """Of each module that ran, what it reads: modules, operations (in brackets), "picture" for the input."""
        found: dict[str, list[str]] = {}
        for source, target in self.edges:
            node, into = self.nodes[source], self.nodes[target]
            if into.module:
                said = node.module or (node.op if source == 0 else f"({node.op})")
                found.setdefault(into.module, []).append(said)
        return {name: tuple(dict.fromkeys(names)) for name, names in found.items()}

    def table(self) -> list[tuple[Any, ...]]:
        """A line a row in the order of COLUMNS, all numbers in full; 0 for the field of the whole picture, "" for unknown."""
        feeding = self.feeding()
        lines = []
        for row in self.rows:
            share = self.share(row)
            lines.append(
                (
                    row.name,
                    row.kind,
                    "x".join(map(str, row.shape)),
                    row.weights,
                    row.macs,
                    *(("", "") if row.field is None else row.field),
                    int(row.at_most),
                    *(("", "") if row.jump is None else row.jump),
                    row.runs,
                    row.broken,
                    "" if row.milliseconds is None else round(row.milliseconds, 4),
                    "" if share is None else round(share, 6),
                    " ".join(feeding.get(row.name, ())),
                )
            )
        return lines
