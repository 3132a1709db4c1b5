"""How far to go along a direction: by Armijo's rule, by the strong Wolfe conditions, or to the minimum along the line.

Every search gets a Line and a first length and returns the length it accepts; 0 where it found none. A hole of the surface
counts as infinitely high. Algorithms 3.1, 3.5 and 3.6 of Nocedal and Wright, Numerical Optimization, 2006.
"""

from __future__ import annotations

import math

from explorer.descent.oracle import Oracle

ARMIJO, SLOPE = 1e-4, 0.9  # c1 and c2 of the conditions
TRIES = 40
FAR = 10.0  # in diagonals of the plot: a line that still falls there falls for ever


class Line:
    """f along (x, y) + a (px, py), through the oracle. `reach`: the longest length that is tried."""

    __slots__ = ("_here", "oracle", "reach", "slope0", "value0")

    def __init__(self, oracle: Oracle, here: tuple[float, float, float, float], diagonal: float) -> None:
        self.oracle = oracle
        self._here = here
        x, y, px, py = here
        self.value0 = oracle.value(x, y)
        gx, gy = oracle.gradient(x, y)
        self.slope0 = gx * px + gy * py
        length = math.hypot(px, py)
        self.reach = FAR * diagonal / length if length > 0.0 else 0.0

    def value(self, a: float) -> float:
        """f there; infinity at a hole."""
        x, y, px, py = self._here
        return self.oracle.value(x + a * px, y + a * py)

    def slope(self, a: float) -> float:
        """Its derivative by `a`; infinity at a hole, NaN or not: it must not go on there."""
        x, y, px, py = self._here
        gx, gy = self.oracle.gradient(x + a * px, y + a * py)
        found = gx * px + gy * py
        return math.inf if found != found else found


def backtracking(line: Line, first: float, shrink: float = 0.5, c1: float = ARMIJO) -> float:
    """Shorten `first` until Armijo's rule holds: the value falls by at least c1 times what the slope promises."""
    a = min(first, line.reach)
    for _ in range(TRIES):
        if line.value(a) <= line.value0 + c1 * a * line.slope0:
            return a
        a *= shrink
    return 0.0


def strong_wolfe(line: Line, first: float, c1: float = ARMIJO, c2: float = SLOPE) -> float:
    """A length where Armijo's rule holds and the slope has shrunk to c2 of the first one's size (algorithm 3.5)."""
    last, last_value, last_slope = 0.0, line.value0, line.slope0
    a = min(first, line.reach)
    for index in range(TRIES):
        value = line.value(a)
        if value > line.value0 + c1 * a * line.slope0 or (index and value >= last_value) or value == math.inf:
            return _zoom(line, (last, last_value, last_slope), (a, value, math.nan), c1, c2)
        slope = line.slope(a)
        if abs(slope) <= -c2 * line.slope0:
            return a
        if slope >= 0.0:
            return _zoom(line, (a, value, slope), (last, last_value, last_slope), c1, c2)
        if a >= line.reach:
            return a  # it falls as far as anybody looks
        last, last_value, last_slope = a, value, slope
        a = min(2.0 * a, line.reach)
    return last


Mark = tuple[float, float, float]  # length, value, slope there (NaN: not asked)


def _zoom(line: Line, low: Mark, high: Mark, c1: float, c2: float) -> float:
    """Algorithm 3.6: `low` has the smallest value so far and its slope points to `high`."""
    for _ in range(TRIES):
        a = _between(low, high)
        value = line.value(a)
        if value > line.value0 + c1 * a * line.slope0 or value >= low[1]:
            high = (a, value, math.nan)
        else:
            slope = line.slope(a)
            if abs(slope) <= -c2 * line.slope0:
                return a
            if slope * (high[0] - low[0]) >= 0.0:
                high = low
            low = (a, value, slope)
        if abs(high[0] - low[0]) <= 1e-15 * max(1.0, abs(low[0])):
            break
    return low[0]


def _between(low: Mark, high: Mark) -> float:
    """The minimum of the parabola (of value and slope at `low`, value at `high`), kept off the ends; else the middle."""
    (a, value, slope), (b, other, _) = low, high
    width = b - a
    middle = a + 0.5 * width
    bend = other - value - slope * width
    if not (math.isfinite(bend) and bend > 0.0):
        return middle
    at = a - slope * width * width / (2.0 * bend)
    edge = 0.1 * abs(width)
    return at if min(a, b) + edge <= at <= max(a, b) - edge else middle


def exact(line: Line, first: float) -> float:
    """The first minimum along the line.

    On a quadratic in closed form: its slope is a straight line, whose root two slopes say. Elsewhere a bracket is searched by
    doubling, then the root of the slope in it by secants (Illinois), or by halving where it ends behind a hump.
    """
    a = min(first, line.reach)
    slope = line.slope(a)
    tiny = 1e-12 * abs(line.slope0)
    if math.isfinite(slope) and slope > line.slope0:
        root = a * line.slope0 / (line.slope0 - slope)
        if root <= line.reach and abs(line.slope(root)) <= 1e-10 * abs(line.slope0) and line.value(root) <= line.value0:
            return root
    low, low_slope = 0.0, line.slope0
    while slope < 0.0 and line.value(a) < line.value0:
        if a >= line.reach:
            return a
        low, low_slope = a, slope
        a = min(2.0 * a, line.reach)
        slope = line.slope(a)
    high, high_slope, moved = a, slope, 0
    for _ in range(2 * TRIES):
        at = 0.5 * (low + high)
        if 0.0 < high_slope < math.inf:  # else the bracket ends behind a hump or at a hole
            secant = low - low_slope * (high - low) / (high_slope - low_slope)
            at = secant if low < secant < high else at
        slope = line.slope(at)
        if abs(slope) <= tiny or high - low <= 1e-15 * high:
            return at
        if slope < 0.0 and line.value(at) < line.value0:
            low, low_slope = at, slope
            high_slope *= 0.5 if moved == -1 else 1.0  # Illinois: an end that stays twice weighs half
            moved = -1
        else:
            high, high_slope = at, slope
            low_slope *= 0.5 if moved == 1 else 1.0
            moved = 1
    return low
