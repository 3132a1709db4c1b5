"""Exact derivatives of a tree, simplified on the way; equal parts are one node, so that they are evaluated once.

At a kink a derivative is that of one side: abs'(0) = sign(0) = 0; max and min take the first argument's slope where both are
equal, clip the inner one's on its bounds; relu'(0) = 0; floor, ceil and sign have the slope 0, also on their steps; where has
the slope of the branch taken. A cone's tip, as of sqrt(x^2+y^2), has none: NaN. Factors that are zero are left out, so a
derivative may be a number where the value has a hole: look at the value first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from explorer.descent.formula_tree import Call, Name, Node, Number, ordered


class Algebra:
    """Makes nodes: simplified where that is certain, and each different one only once."""

    def __init__(self) -> None:
        self._known: dict[Node, Node] = {}
        self.zero, self.one, self.two = (self.keep(Number(value)) for value in (0.0, 1.0, 2.0))
        self._slopes: dict[tuple[Node, str], Node] = {}

    def keep(self, node: Node) -> Node:
        """The one node that is equal to `node`."""
        return self._known.setdefault(node, node)

    def call(self, head: str, *args: Node) -> Node:
        """A call as it is."""
        return self.keep(Call(head, args))

    def number(self, value: float) -> Node:
        """A number; a negative one as "neg"."""
        return self.call("neg", self.keep(Number(-value))) if value < 0.0 else self.keep(Number(value))

    def neg(self, a: Node) -> Node:
        """-a."""
        factor, rest = self._split(a)
        return self._scaled(-factor, rest)

    def add(self, a: Node, b: Node) -> Node:
        """a + b."""
        if a is self.zero:
            return b
        if b is self.zero:
            return a
        (p, one), (q, other) = self._split(a), self._split(b)
        if one is other and math.isfinite(p + q):
            return self._scaled(p + q, one)
        if q < 0.0:
            return self.sub(a, self.neg(b))
        return self.sub(b, self.neg(a)) if p < 0.0 else self.call("+", a, b)

    def sub(self, a: Node, b: Node) -> Node:
        """a - b."""
        if b is self.zero:
            return a
        if a is self.zero:
            return self.neg(b)
        (p, one), (q, other) = self._split(a), self._split(b)
        if one is other and math.isfinite(p - q):
            return self._scaled(p - q, one)
        return self.call("+", a, self.neg(b)) if q < 0.0 else self.call("-", a, b)

    def mul(self, a: Node, b: Node) -> Node:
        """a * b, the number in front."""
        if a is self.zero or b is self.zero:
            return self.zero
        (p, one), (q, other) = self._split(a), self._split(b)
        if not math.isfinite(p * q):
            return self.call("*", a, b)
        if one is self.one or other is self.one:
            return self._scaled(p * q, other if one is self.one else one)
        return self._scaled(p * q, self._product(one, other))

    def _product(self, a: Node, b: Node) -> Node:
        """a * b without numbers: equal factors become powers, 1/b a division."""
        for one, other in ((a, b), (b, a)):
            if isinstance(other, Call) and other.head == "/" and other.args[0] is self.one:
                return self.div(one, other.args[1])
        (base, m), (other, n) = _powered(a), _powered(b)
        return self.power(base, self.number(m + n)) if base is other else self.call("*", a, b)

    def div(self, a: Node, b: Node) -> Node:
        """a / b; 1/3 stays as it is."""
        if a is self.zero or b is self.one:
            return a
        (p, one), (q, other) = self._split(a), self._split(b)
        if p * q < 0.0:
            return self.neg(self.div(self._scaled(abs(p), one), self._scaled(abs(q), other)))
        p, q = abs(p), abs(q)
        if isinstance(one, Call) and one.head == "/":
            return self._scaled(p, self.div(one.args[0], self.mul(one.args[1], self._scaled(q, other))))
        (base, m), (same, n) = _powered(one), _powered(other)
        if base is same and m < n:  # x/x^3; not x^3/x, which is a hole at 0
            return self.div(self.number(p), self._scaled(q, self.power(base, self.number(n - m))))
        if q not in (0.0, 1.0) and math.isfinite(p / q) and (p / q).is_integer():  # 2*a / 2, 6*a / (3*b)
            return self.div(self._scaled(p / q, one), other)
        return self.call("/", self._scaled(p, one), self._scaled(q, other))

    def power(self, a: Node, b: Node) -> Node:
        """a ^ b."""
        if b is self.zero:
            return self.one
        return a if b is self.one else self.call("^", a, b)

    def where(self, sign: str, left: Node, right: Node, then: Node, otherwise: Node) -> Node:
        """The one or the other."""
        return then if then is otherwise else self.call("where", self.call(sign, left, right), then, otherwise)

    def _split(self, node: Node) -> tuple[float, Node]:
        """(number, rest) with node = number * rest; the rest of a number is 1."""
        if isinstance(node, Number):
            return node.value, self.one
        if isinstance(node, Call):
            if node.head == "neg":
                factor, rest = self._split(node.args[0])
                return -factor, rest
            if node.head == "*" and isinstance(node.args[0], Number):
                return node.args[0].value, node.args[1]
            if node.head == "/" and isinstance(node.args[0], Number) and node.args[0].value:
                return node.args[0].value, self.call("/", self.one, node.args[1])
        return 1.0, node

    def _scaled(self, factor: float, rest: Node) -> Node:
        if factor == 0.0:
            return self.zero
        if rest is self.one:
            return self.number(factor)
        if factor == 1.0:
            return rest
        if factor < 0.0:
            return self.call("neg", self._scaled(-factor, rest))
        if isinstance(rest, Call) and rest.head == "/" and rest.args[0] is self.one:
            return self.call("/", self.keep(Number(factor)), rest.args[1])
        return self.call("*", self.keep(Number(factor)), rest)

    # -- whole trees -------------------------------------------------------------------------------------------------
    def bound(self, root: Node, values: Mapping[str, float]) -> Node:
        """The same tree, nodes shared, names in `values` and the constants replaced by their numbers. Nothing is left out."""
        done: dict[Node, Node] = {}
        for node in ordered([root]):
            if isinstance(node, Name) and node.name in values:
                done[node] = self.number(values[node.name])
            elif isinstance(node, Call):
                done[node] = self.call(node.head, *(done[part] for part in node.args))
            else:
                done[node] = self.keep(node)
        return done[root]

    def slope(self, root: Node, variable: str) -> Node:
        """The derivative of `root` (made by this Algebra) with respect to `variable`."""
        for node in ordered([root]):
            if (node, variable) not in self._slopes:
                self._slopes[node, variable] = self._slope(node, variable)
        return self._slopes[root, variable]

    def _slope(self, node: Node, variable: str) -> Node:
        if isinstance(node, Name):
            return self.one if node.name == variable else self.zero
        if isinstance(node, Number) or node.head in FLAT or node.head in COMPARED:
            return self.zero
        slopes = tuple(self._slopes[part, variable] for part in node.args)
        if all(slope is self.zero for slope in slopes):
            return self.zero
        if node.head in OUTER:
            return self.mul(OUTER[node.head](self, node, node.args[0]), slopes[0])
        return RULES[node.head](self, node, node.args, slopes)


def _powered(node: Node) -> tuple[Node, float]:
    """(base, exponent), for positive constant exponents."""
    if isinstance(node, Call) and node.head == "^" and isinstance(node.args[1], Number) and node.args[1].value > 0.0:
        return node.args[0], node.args[1].value
    return node, 1.0


Args: TypeAlias = tuple[Node, ...]
FLAT = ("floor", "ceil", "sign")
COMPARED = ("<", "<=", ">", ">=")


def _power(m: Algebra, n: Node, a: Args, d: Args) -> Node:
    base, exponent = a
    slope = m.mul(m.mul(exponent, m.power(base, m.sub(exponent, m.one))), d[0])
    if d[1] is m.zero:
        return slope
    natural = base in (Name("e"), Number(math.e))
    return m.add(slope, m.mul(n if natural else m.mul(n, m.call("log", base)), d[1]))


def _atan2(m: Algebra, n: Node, a: Args, d: Args) -> Node:
    above = m.sub(m.mul(a[1], d[0]), m.mul(a[0], d[1]))
    return m.div(above, m.add(m.power(a[0], m.two), m.power(a[1], m.two)))


def _clip(m: Algebra, n: Node, a: Args, d: Args) -> Node:
    inside = m.where(">=", a[0], a[1], d[0], d[1])
    return m.where("<=", m.call("max", a[0], a[1]), a[2], inside, d[2])


def _where(m: Algebra, n: Node, a: Args, d: Args) -> Node:
    return d[1] if d[1] is d[2] else m.call("where", a[0], d[1], d[2])


# head -> the derivative of a call from its arguments and their derivatives
RULES: dict[str, Callable[[Algebra, Node, Args, Args], Node]] = {
    "+": lambda m, n, a, d: m.add(d[0], d[1]),
    "-": lambda m, n, a, d: m.sub(d[0], d[1]),
    "*": lambda m, n, a, d: m.add(m.mul(d[0], a[1]), m.mul(a[0], d[1])),
    "/": lambda m, n, a, d: m.div(m.sub(d[0], m.mul(n, d[1])), a[1]),
    "neg": lambda m, n, a, d: m.neg(d[0]),
    "^": _power,
    "log": lambda m, n, a, d: m.div(d[0], a[0]),
    "log2": lambda m, n, a, d: m.div(d[0], m.mul(a[0], m.call("log", m.two))),
    "log10": lambda m, n, a, d: m.div(d[0], m.mul(a[0], m.call("log", m.number(10.0)))),
    "sqrt": lambda m, n, a, d: m.div(d[0], m.mul(m.two, n)),
    "asin": lambda m, n, a, d: m.div(d[0], m.call("sqrt", m.sub(m.one, m.power(a[0], m.two)))),
    "acos": lambda m, n, a, d: m.neg(m.div(d[0], m.call("sqrt", m.sub(m.one, m.power(a[0], m.two))))),
    "atan": lambda m, n, a, d: m.div(d[0], m.add(m.one, m.power(a[0], m.two))),
    "atan2": _atan2,
    "hypot": lambda m, n, a, d: m.div(m.add(m.mul(a[0], d[0]), m.mul(a[1], d[1])), n),
    "min": lambda m, n, a, d: m.where("<=", a[0], a[1], d[0], d[1]),
    "max": lambda m, n, a, d: m.where(">=", a[0], a[1], d[0], d[1]),
    "clip": _clip,
    "where": _where,
    "relu": lambda m, n, a, d: m.where(">", a[0], m.zero, d[0], m.zero),
}
# head -> the outer derivative of a function of one argument; the inner one is multiplied on
OUTER: dict[str, Callable[[Algebra, Node, Node], Node]] = {
    "sin": lambda m, n, a: m.call("cos", a),
    "cos": lambda m, n, a: m.neg(m.call("sin", a)),
    "tan": lambda m, n, a: m.add(m.one, m.power(n, m.two)),
    "sinh": lambda m, n, a: m.call("cosh", a),
    "cosh": lambda m, n, a: m.call("sinh", a),
    "tanh": lambda m, n, a: m.sub(m.one, m.power(n, m.two)),
    "exp": lambda m, n, a: n,
    "abs": lambda m, n, a: m.call("sign", a),
    "sigmoid": lambda m, n, a: m.mul(n, m.sub(m.one, n)),
    "gauss": lambda m, n, a: m.neg(m.mul(m.mul(m.two, a), n)),
}
