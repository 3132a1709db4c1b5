"""The tree of a formula: numbers, names, and calls of operators and functions. Compared by what they say, hashed once.

Numbers are never negative: "-2" is the call "neg" of 2, so that printing and reading again gives the same tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias


class Number:
    """A finite float64, zero or larger."""

    __slots__ = ("value",)

    def __init__(self, value: float) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"{self.value:g}"


class Name:
    """A variable (x, y), a constant (pi, e) or a parameter."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return self.name


class Call:
    """`head`: "+", "-", "*", "/", "^", "neg", "<", "<=", ">", ">=" (these four only first in "where") or a function."""

    __slots__ = ("_hash", "args", "head")

    def __init__(self, head: str, args: tuple[Node, ...]) -> None:
        self.head = head
        self.args = args
        self._hash = hash((head, args))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        same = isinstance(other, Call) and self._hash == other._hash
        return same and isinstance(other, Call) and self.head == other.head and self.args == other.args

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"{self.head}({', '.join(map(repr, self.args))})"


Node: TypeAlias = Number | Name | Call


def ordered(roots: Iterable[Node]) -> list[Node]:
    """Every different node below `roots`, arguments before calls. Not recursive: derivatives are deep."""
    seen: set[int] = set()
    found: dict[Node, None] = {}
    stack: list[tuple[Node, bool]] = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, ready = stack.pop()
        if ready:
            found.setdefault(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            if isinstance(node, Call):
                stack += [(part, False) for part in reversed(node.args)]
    return list(found)


def within(root: Node, most: int) -> bool:
    """Whether the tree written out has at most so many nodes; shared parts count each time."""
    stack, count = [root], 0
    while stack and count <= most:
        node = stack.pop()
        count += 1
        if isinstance(node, Call):
            stack += node.args
    return count <= most
