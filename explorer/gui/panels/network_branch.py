"""Which boxes and lines the block diagram of one branch has, and where they stand. No Qt: places are in units of boxes.

A branch is what stands directly inside one module: its inner modules as boxes (a box may hold many more), the plain operations
between them (the sum of a skip, a concatenation), and stubs for what comes from outside and goes there. Of a module with very
many inner ones only a window around the chosen one is drawn, so the size of a network costs nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from explorer.records.network_map import MapNode, MapRow, NetworkMap

MOST = 44  # boxes drawn at once
AROUND = 16  # of a larger branch: so many before and behind the chosen one


@dataclass
class Box:
    """`kind`: "module", "group" (holds more), "op", "in", "out" or "more" (a window's end). `rank`: down; `lane`: across.

    `name` is the dotted module name where there is one ("more": the next one beyond the window); `count` for "more".
    """

    kind: str
    name: str = ""
    op: str = ""
    shape: tuple[int, ...] = ()
    run: int = 1
    runs: int = 1
    count: int = 0
    order: int = 0
    rank: int = 0
    lane: float = 0.0


@dataclass
class Link:
    """From box to box. `track`: 0 goes straight, else the how-manieth line beside the boxes carries it past others."""

    source: int
    target: int
    track: int = 0

    def skips(self, boxes: list[Box]) -> bool:
        """Whether it passes boxes by."""
        return boxes[self.target].rank - boxes[self.source].rank > 1


@dataclass
class Branch:
    """The diagram of what stands inside module `scope` ("" is the whole network)."""

    scope: str
    boxes: list[Box] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def ranks(self) -> int:
        """Rows of boxes."""
        return 1 + max((box.rank for box in self.boxes), default=-1)

    def place_of(self, name: str) -> int | None:
        """The box of a module or of the one that holds it."""
        best = None
        for at, box in enumerate(self.boxes):
            inside = name == box.name or name.startswith(box.name + ".")
            if box.kind in ("module", "group") and inside and (best is None or box.name == name):
                best = at
        return best


Key = tuple[str, str, int]  # kind, name, run or node


class Atlas:
    """A NetworkMap with what the diagrams look up again and again. Made once per map."""

    def __init__(self, record: NetworkMap) -> None:
        self.record = record
        self.rows = {row.name: row for row in record.rows}
        self.inner: dict[str, list[str]] = defaultdict(list)
        for row in record.rows:
            self.inner[row.parent].append(row.name)
        self._known: dict[str, tuple[dict[Key, int], set[tuple[Key, Key]]]] = {}

    def renew(self, record: NetworkMap) -> None:
        """Take the same map with other times."""
        self.record = record
        self.rows = {row.name: row for row in record.rows}

    def holds_more(self, name: str) -> bool:
        """Whether a module has inner modules that ran."""
        row = self.rows.get(name)
        return row is not None and not row.leaf and bool(self.inner.get(name))

    def scope_for(self, name: str) -> str:
        """The branch to draw when `name` is chosen: its inside if it holds more, else the module it stands in."""
        if name not in self.rows:
            return ""
        scope = name if self.holds_more(name) else self.rows[name].parent
        while scope and scope in self.rows and self.rows[scope].runs == 0:  # a list that only keeps modules together
            scope = self.rows[scope].parent
        return scope

    def branch(self, name: str) -> Branch:
        """The diagram around `name`; "" is the top of the network."""
        scope = self.scope_for(name)
        if scope not in self._known:
            self._known[scope] = self._units(scope)
        made = self._windowed(scope, *self._known[scope], name)
        _rank(made)
        _lanes(made)
        _tracks(made)
        return made

    def _units(self, scope: str) -> tuple[dict[Key, int], set[tuple[Key, Key]]]:
        """The boxes in the order they ran (with their first nodes), and who feeds whom."""
        nodes = self.record.nodes
        keys = {at: self._key(scope, at, node) for at, node in enumerate(nodes)}
        order: dict[Key, int] = {}
        for at, key in keys.items():
            order.setdefault(key, at)
        links = set()
        for source, target in self.record.edges:
            one, other = keys[source], keys[target]
            if one == other or (one[0] == other[0] == "outside"):
                continue
            links.add((("in", one[1], 0) if one[0] == "outside" else one, ("out", "", 0) if other[0] == "outside" else other))
        if not scope:
            links |= {(keys[at], ("out", "", 0)) for at in self.record.answers if keys[at][0] != "in"}
        return order, links

    def _key(self, scope: str, at: int, node: MapNode) -> Key:
        if at == 0:
            return ("in", "", 0) if not scope else ("outside", "", 0)
        place = node.place
        if scope and place != scope and not place.startswith(scope + "."):
            return ("outside", place, 0)
        if place == scope:
            return ("op", node.op, at)
        rest = place[len(scope) + 1 :] if scope else place
        child = f"{scope}.{rest.partition('.')[0]}" if scope else rest.partition(".")[0]
        while child != place and self.rows[child].runs == 0:  # through lists, which are no step of the way
            child = place[: len(child) + 1 + len(place[len(child) + 1 :].partition(".")[0])]
        if child == place and not node.module:
            return ("op", node.op, at) if self.rows[child].runs == 0 else ("module", child, 1)
        box, leaf = self.rows[child], self.rows[place]
        run = -(-node.run * box.runs // max(leaf.runs, 1)) if box.runs > 1 and node.module else 1
        return ("module", child, run)

    def _windowed(self, scope: str, order: dict[Key, int], links: set[tuple[Key, Key]], name: str) -> Branch:
        inside = sorted((key for key in order if key[0] in ("module", "op")), key=lambda key: order[key])
        first, last = 0, len(inside)
        if len(inside) > MOST:
            chosen = next((at for at, key in enumerate(inside) if key[0] == "module" and _within(name, key[1])), 0)
            first = max(0, min(chosen - AROUND, len(inside) - 2 * AROUND))
            last = min(len(inside), first + 2 * AROUND)
        made = Branch(scope)
        shown = inside[first:last]
        places = {key: at for at, key in enumerate(shown)}
        for key in shown:
            made.boxes.append(self._box(key, order[key]))
        ends: dict[str, int] = {}

        def place(key: Key) -> int:
            """The box of a key; what is not in the window shares one stub at its end."""
            if key in places:
                return places[key]
            before = order.get(key, -1) < order[shown[0]] and key[0] != "out"
            side = key[0] if key[0] in ("in", "out") else "before" if before else "behind"
            if side not in ends:
                made.boxes.append(self._stub(side, key, inside[:first] if before else inside[last:][::-1]))
                ends[side] = len(made.boxes) - 1
            return ends[side]

        made.links = [
            Link(one, other)
            for one, other in sorted({(place(one), place(other)) for one, other in sorted(links) if {one, other} & set(places)})
        ]
        return made

    def _stub(self, side: str, key: Key, beyond: list[Key]) -> Box:
        order = -1 if side in ("in", "before") else 1 << 30
        if side == "in":
            return Box("in", key[1], shape=self._shape_of(key), order=order)
        if side == "out":
            return Box("out", order=order)
        nearest = next((item[1] for item in reversed(beyond) if item[0] == "module"), "")
        return Box("more", nearest, count=len(beyond), order=order)

    def _shape_of(self, key: Key) -> tuple[int, ...]:
        if not key[1]:
            return self.record.nodes[0].shape
        return self.rows[key[1]].shape if key[1] in self.rows else ()

    def _box(self, key: Key, at: int) -> Box:
        kind, name, run = key
        if kind == "op":
            return Box("op", op=name, shape=self.record.nodes[run].shape, order=at)
        row: MapRow = self.rows[name]
        return Box(
            "group" if self.holds_more(name) else "module", name, shape=row.shape, run=run, runs=max(row.runs, 1), order=at
        )


def _within(name: str, outer: str) -> bool:
    return name == outer or name.startswith(outer + ".")


def _rank(made: Branch) -> None:
    """Each box one row below the lowest that feeds it; stubs at the ends of everything."""
    into: dict[int, list[int]] = defaultdict(list)
    for link in made.links:
        if made.boxes[link.source].order < made.boxes[link.target].order:
            into[link.target].append(link.source)
    for at in sorted(range(len(made.boxes)), key=lambda at: made.boxes[at].order):
        made.boxes[at].rank = 1 + max((made.boxes[source].rank for source in into[at]), default=-1)
    deepest = max((box.rank for box in made.boxes if box.kind != "out"), default=0)
    for box in made.boxes:
        if box.kind in ("out", "more") and box.order > 0:
            box.rank = deepest + (1 if box.kind == "out" else box.rank > deepest)


def _lanes(made: Branch) -> None:
    """The way that passes most boxes goes straight down; branches stand beside it, in the order they ran."""
    into: dict[int, list[int]] = defaultdict(list)
    for link in made.links:
        into[link.target].append(link.source)
    taken: dict[int, set[float]] = defaultdict(set)
    for at in sorted(range(len(made.boxes)), key=lambda at: (made.boxes[at].rank, made.boxes[at].order)):
        box = made.boxes[at]
        above = [made.boxes[source] for source in into[at] if made.boxes[source].rank == box.rank - 1]
        joins = len(into[at]) > 1 or box.kind == "out"
        wish = 0.0 if not above else min((one.lane for one in above), key=abs) if joins else above[0].lane
        box.lane = min(_free(taken[box.rank]), key=lambda lane: (abs(lane - wish), -lane))
        taken[box.rank].add(box.lane)


def _free(taken: Iterable[float]) -> list[float]:
    used = set(taken)
    return [float(lane) for lane in range(-len(used) - 1, len(used) + 2) if lane not in used]


def _tracks(made: Branch) -> None:
    """Lines that pass boxes by get a track beside them, the shortest innermost; with its own lane free it goes straight."""
    cells = {(box.rank, box.lane) for box in made.boxes}
    busy: dict[int, list[tuple[int, int]]] = defaultdict(list)
    long = sorted(
        (link for link in made.links if link.skips(made.boxes)),
        key=lambda link: made.boxes[link.target].rank - made.boxes[link.source].rank,
    )
    for link in long:
        source, target = made.boxes[link.source], made.boxes[link.target]
        between = range(source.rank + 1, target.rank)
        if all((rank, source.lane) not in cells for rank in between):
            cells |= {(rank, source.lane) for rank in between}
            continue
        track = 1
        while any(not (target.rank <= low or high <= source.rank) for low, high in busy[track]):
            track += 1
        busy[track].append((source.rank, target.rank))
        link.track = track
