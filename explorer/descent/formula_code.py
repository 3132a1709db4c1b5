"""A tree made ready to run: as nested closures over plain floats (the path), and as a list of numpy calls (the picture).

No source text is generated. What occurs more than once is worked out once; what is constant, here and now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

from explorer.descent.formula_functions import ALL, CONSTANTS, choose, divide
from explorer.descent.formula_tree import Call, Name, Node, Number, ordered
from explorer.records.descent import F64

# (x, y, shared values) -> value
Plain: TypeAlias = Callable[[float, float, list[float]], float]
Floats: TypeAlias = Callable[[float, float], tuple[float, ...]]
Arrays: TypeAlias = Callable[[F64, F64], list[F64]]
Made = TypeVar("Made", Floats, Arrays)
DEEP = 24  # closures within closures; deeper parts become shared values, so that no stack can overflow
BLOCK = 1 << 14  # points worked on at once: what a core's cache holds


def floats(roots: Sequence[Node]) -> Floats:
    """A function of two floats that gives the value of every root. All names but x and y must be bound. Never raises."""
    shared, final = _closures(roots)
    if not shared:
        return _unshared(final)
    if len(final) == 2:
        first, second = final

        def pair(x: float, y: float) -> tuple[float, ...]:
            values: list[float] = []
            keep = values.append
            for part in shared:
                keep(part(x, y, values))
            return first(x, y, values), second(x, y, values)

        return pair

    def several(x: float, y: float) -> tuple[float, ...]:
        values: list[float] = []
        for part in shared:
            values.append(part(x, y, values))
        return tuple(root(x, y, values) for root in final)

    return several


def _unshared(final: list[Plain]) -> Floats:
    none: list[float] = []
    if len(final) == 2:
        first, second = final
        return lambda x, y: (first(x, y, none), second(x, y, none))
    return lambda x, y: tuple(root(x, y, none) for root in final)


def when_called(make: Callable[[Sequence[Node]], Made], roots: Sequence[Node]) -> Made:
    """What `floats` or `arrays` makes of `roots`, made when it is first called: a picture needs few of them."""
    made: list[Made] = []

    def run(x: Any, y: Any) -> Any:
        if not made:
            made.append(make(roots))
        return made[0](x, y)

    return cast(Made, run)


def _closures(roots: Sequence[Node]) -> tuple[list[Plain], list[Plain]]:
    nodes = ordered(roots)
    users: dict[Node, int] = {}
    for node in nodes:
        for part in node.args if isinstance(node, Call) else ():
            users[part] = users.get(part, 0) + 1
    for root in roots:
        users[root] = users.get(root, 0) + 1
    shared: list[Plain] = []
    made: dict[Node, Plain] = {}
    fixed: dict[Node, float] = {}
    depth: dict[Node, int] = {}
    for node in nodes:
        if isinstance(node, Call):
            depth[node] = 1 + max(depth[part] for part in node.args)
            if all(part in fixed for part in node.args):
                fixed[node] = ALL[node.head].plain(*(fixed[part] for part in node.args))
                made[node] = _constant(fixed[node])
                continue
            made[node] = _closure(node, made, fixed)
            if users[node] > 1 or depth[node] >= DEEP:
                shared.append(made[node])
                made[node], depth[node] = _shared(len(shared) - 1), 1
            continue
        depth[node] = 1
        if isinstance(node, Name) and node.name in ("x", "y"):
            made[node] = _x if node.name == "x" else _y
        else:
            fixed[node] = node.value if isinstance(node, Number) else CONSTANTS[node.name]
            made[node] = _constant(fixed[node])
    return shared, [made[root] for root in roots]


def _x(x: float, y: float, m: list[float]) -> float:
    return x


def _y(x: float, y: float, m: list[float]) -> float:
    return y


def _constant(value: float) -> Plain:
    return lambda x, y, m: value


def _shared(index: int) -> Plain:
    return lambda x, y, m: m[index]


def _closure(node: Call, made: dict[Node, Plain], fixed: dict[Node, float]) -> Plain:
    """The commonest forms each have a closure of their own; the rest goes through the table of functions."""
    head, args = node.head, node.args
    run = ALL[head].plain
    if len(args) == 1:
        one = made[args[0]]
        if head == "neg":
            return lambda x, y, m: -one(x, y, m)
        return lambda x, y, m: run(one(x, y, m))
    if len(args) == 3:
        one, two, three = (made[part] for part in args)
        if head == "where":
            return lambda x, y, m: choose(one(x, y, m), two(x, y, m), three(x, y, m))
        return lambda x, y, m: run(one(x, y, m), two(x, y, m), three(x, y, m))
    one, two = made[args[0]], made[args[1]]
    left, right = fixed.get(args[0]), fixed.get(args[1])
    if head in "+-*/":
        return _arithmetic(head, one, two, left, right, args[0] is args[1])
    if head == "^" and right == 2.0:
        return lambda x, y, m: (v := one(x, y, m)) * v
    if head == "^" and right == 3.0:
        return lambda x, y, m: (v := one(x, y, m)) * v * v
    if right is not None:
        return lambda x, y, m: run(one(x, y, m), right)
    return lambda x, y, m: run(one(x, y, m), two(x, y, m))


def _arithmetic(head: str, one: Plain, two: Plain, left: float | None, right: float | None, same: bool) -> Plain:
    if head == "+":
        if left is not None:
            return lambda x, y, m: left + two(x, y, m)
        return (lambda x, y, m: one(x, y, m) + right) if right is not None else (lambda x, y, m: one(x, y, m) + two(x, y, m))
    if head == "-":
        if left is not None:
            return lambda x, y, m: left - two(x, y, m)
        return (lambda x, y, m: one(x, y, m) - right) if right is not None else (lambda x, y, m: one(x, y, m) - two(x, y, m))
    if head == "*":
        if left is not None:
            return (lambda x, y, m: left * x) if two is _x else (lambda x, y, m: left * two(x, y, m))
        return (lambda x, y, m: one(x, y, m) * right) if right is not None else (lambda x, y, m: one(x, y, m) * two(x, y, m))
    if right:
        return lambda x, y, m: one(x, y, m) / right
    return lambda x, y, m: divide(one(x, y, m), two(x, y, m))


def arrays(roots: Sequence[Node]) -> Arrays:
    """A function of two float64 arrays of one shape that gives an array of that shape for every root; NaN and inf stay.

    A meshgrid is recognised: parts that depend on one variable alone are then worked out once a row or column.
    """
    plan = _Plan(roots)

    def run(x: F64, y: F64) -> list[F64]:
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        with np.errstate(all="ignore"):
            return _by_rows(plan, x, y) if _is_grid(x, y) else _by_points(plan, x, y)

    return run


def _is_grid(x: F64, y: F64) -> bool:
    if x.ndim != 2 or x.shape != y.shape or min(x.shape) < 2:
        return False
    return bool((x == x[:1]).all() and (y == y[:, :1]).all())


def _by_rows(plan: _Plan, x: F64, y: F64) -> list[F64]:
    out = [np.empty(x.shape) for _ in plan.roots]
    rows = max(1, BLOCK // x.shape[1])
    for first in range(0, x.shape[0], rows):
        part = slice(first, first + rows)
        for whole, values in zip(out, plan.run(x[:1], y[part, :1]), strict=True):
            whole[part] = values
    return out


def _by_points(plan: _Plan, x: F64, y: F64) -> list[F64]:
    flat_x, flat_y = np.ravel(x), np.ravel(y)
    out = [np.empty(flat_x.shape) for _ in plan.roots]
    for first in range(0, len(flat_x), BLOCK):
        part = slice(first, first + BLOCK)
        for whole, values in zip(out, plan.run(flat_x[part], flat_y[part]), strict=True):
            whole[part] = values
    return [one.reshape(np.shape(x)) for one in out]


class _Plan:
    """Numpy calls in their order, results in numbered places; a place is emptied after its last use."""

    def __init__(self, roots: Sequence[Node]) -> None:
        nodes = ordered(roots)
        place = {node: index for index, node in enumerate(nodes)}
        self.roots = [place[root] for root in roots]
        self.start: list[Any] = [None] * len(nodes)
        self.variables: list[tuple[int, bool]] = []
        self.steps: list[tuple[Callable[..., Any], int, tuple[int, ...], tuple[int, ...]]] = []
        last: dict[int, int] = {}
        for node in nodes:
            for part in node.args if isinstance(node, Call) else ():
                last[place[part]] = place[node]
        for index, node in enumerate(nodes):
            if isinstance(node, Number):
                self.start[index] = node.value
            elif isinstance(node, Name) and node.name in CONSTANTS:
                self.start[index] = CONSTANTS[node.name]
            elif isinstance(node, Name):
                self.variables.append((index, node.name == "x"))
            else:
                self._add(node, index, place, last)

    def _add(self, node: Call, index: int, place: dict[Node, int], last: dict[int, int]) -> None:
        where = tuple(place[part] for part in node.args)
        known = [self.start[one] for one in where]
        if all(value is not None for value in known):
            self.start[index] = ALL[node.head].plain(*known)
            return
        done = tuple(one for one in set(where) if last[one] == index and one not in self.roots and self.start[one] is None)
        self.steps.append((ALL[node.head].array, index, where, done))

    def run(self, x: F64, y: F64) -> list[Any]:
        """The values of the roots for arrays that may be broadcast against each other."""
        values = self.start.copy()
        for index, is_x in self.variables:
            values[index] = x if is_x else y
        for function, index, where, done in self.steps:
            if len(where) == 2:
                one, two = where
                values[index] = function(values[one], values[two])
            elif len(where) == 1:
                values[index] = function(values[where[0]])
            else:
                values[index] = function(*[values[one] for one in where])
            for one in done:
                values[one] = None
        return [values[root] for root in self.roots]
