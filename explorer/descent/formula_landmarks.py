"""Minima, saddles and maxima of a surface, looked for numerically: found, not proven, and some may be missed.

Newton's method on the gradient from every cell of a grid; what it comes to rest at is told apart by the exact Hessian, or
where that is singular by the heights on a small ring. Minima at a kink, which have no gradient, by going downhill from the
grid. Where critical points are not isolated (a groove, a plain) none of them is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from explorer.descent.ground import Domain, Value, eigenvalues, height
from explorer.records.descent import F64, Landmark

# value, f_x, f_y, f_xx, f_xy, f_yy on arrays
Derivatives = Callable[[F64, F64], list[F64]]
CELLS, ROUNDS, DIRECTIONS = 20, 60, 24
LAP = 6  # rounds
MOST = 100  # landmarks named
CURVE = 12  # more singular points than this are a curve, not points
KINDS = ("minimum", "saddle", "maximum", "inflexion")


def landmarks(value: Value, derivatives: Derivatives, domain: Domain) -> tuple[Landmark, ...]:
    """The landmarks inside `domain`, minima first, the lowest before the others."""
    with np.errstate(all="ignore"):
        smooth = _critical(value, derivatives, domain)
        found = [*smooth, *_kinks(value, derivatives, domain, smooth)]
    found = [_rounded(value, mark, math.hypot(domain[1] - domain[0], domain[3] - domain[2])) for mark in found]
    found.sort(key=lambda mark: (KINDS.index(mark.kind), mark.value, mark.x, mark.y))
    return tuple(found[:MOST])


def _critical(value: Value, derivatives: Derivatives, domain: Domain) -> list[Landmark]:
    x0, x1, y0, y1 = domain
    diagonal = math.hypot(x1 - x0, y1 - y0)
    x, y, slope, scale = _newton(derivatives, domain, diagonal)
    inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    x, y = x[inside], y[inside]
    if not len(x):
        return []
    z, gx, gy, xx, xy, yy = derivatives(x, y)
    still = np.hypot(gx, gy) <= 1e-4 * slope  # where the Hessian is singular, Newton may rest on a slope
    x, y, z, gx, gy, xx, xy, yy = (one[still] for one in (x, y, z, gx, gy, xx, xy, yy))
    order = np.argsort(np.hypot(gx, gy), kind="stable")
    kept = _apart(x[order], y[order], 1e-3 * diagonal)
    plain: list[Landmark] = []
    level: list[tuple[tuple[float, float], float]] = []
    for index in order[kept]:
        here = (float(x[index]), float(y[index]))
        low, high = eigenvalues(float(xx[index]), float(xy[index]), float(yy[index]))
        if not (math.isfinite(low + high) and math.isfinite(z[index])):
            continue
        if min(abs(low), abs(high)) > 1e-5 * max(abs(low), abs(high), scale):
            kind = "minimum" if low > 0.0 else "maximum" if high < 0.0 else "saddle"
            plain.append(Landmark(*here, float(z[index]), kind, False))
            continue
        level.append((here, 0.5 * math.atan2(2.0 * float(xy[index]), float(xx[index] - yy[index]))))
        if len(level) > CURVE:
            return plain
    for here, turn in level:
        kind = _by_ring(derivatives, here, 1e-3 * diagonal, turn)
        end = here
        if kind in ("minimum", "maximum"):  # Newton comes to a singular point slowly; of these the heights know more
            end = downhill(_turned(value, kind == "maximum"), here, 1e-4 * diagonal, 1e-10 * diagonal)
        if kind:
            plain.append(Landmark(*end, height(value, *end), kind, False))
    return plain


def _turned(value: Value, up: bool) -> Value:
    return (lambda x, y: -value(x, y)) if up else value


def _newton(derivatives: Derivatives, domain: Domain, diagonal: float) -> tuple[F64, F64, float, float]:
    """Where Newton's steps from the cells of the grid come to rest; the usual size of first and second derivatives."""
    x0, x1, y0, y1 = domain
    share = (np.arange(CELLS) + 0.5) / CELLS
    x, y = (one.ravel() for one in np.meshgrid(x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
    slope, scale, rested, before = 0.0, 0.0, np.zeros(0), (x, y)
    ends: list[tuple[F64, F64]] = []
    for turn in range(ROUNDS):
        _, gx, gy, xx, xy, yy = derivatives(x, y)
        if not turn:
            slope, scale = _usual(np.hypot(gx, gy)), _usual(np.abs(xx) + np.abs(yy))
        across, up = _step(gx, gy, xx, xy, yy)
        length = np.hypot(across, up)
        short = np.minimum(1.0, 0.1 * diagonal / np.maximum(length, 1e-300))
        x, y = x - short * across, y - short * up
        rested = length
        near = np.isfinite(length) & (np.abs(x - (x0 + x1) / 2) <= x1 - x0) & (np.abs(y - (y0 + y1) / 2) <= y1 - y0)
        done = near & (length <= 1e-13 * diagonal)
        ends.append((x[done], y[done]))
        # Steps that are long and lead back to where it was a few rounds ago lead there again and again.
        round_trip = (np.hypot(x - before[0], y - before[1]) <= 1e-9 * diagonal) & (length > 1e-3 * diagonal)
        if turn % LAP == 0:
            before = x, y
        on = near & ~done & ~round_trip
        x, y, rested, before = x[on], y[on], rested[on], (before[0][on], before[1][on])
        if not len(x):
            break
    slow = rested <= 1e-5 * diagonal  # a singular point is approached by a constant factor only
    ends.append((x[slow], y[slow]))
    return np.concatenate([one for one, _ in ends]), np.concatenate([two for _, two in ends]), slope, scale


def _usual(sizes: F64) -> float:
    sizes = sizes[np.isfinite(sizes)]
    return float(np.median(sizes)) if len(sizes) else 0.0


def _step(gx: F64, gy: F64, xx: F64, xy: F64, yy: F64) -> tuple[F64, F64]:
    """Newton's step; where the Hessian is singular, the shortest step in the direction it knows; none where it is zero."""
    determinant, square = xx * yy - xy * xy, xx * xx + 2.0 * xy * xy + yy * yy
    regular = np.abs(determinant) > 1e-13 * square
    safe, length = np.where(regular, determinant, 1.0), np.where(square > 0.0, square, 1.0)
    across = np.where(regular, (yy * gx - xy * gy) / safe, (xx * gx + xy * gy) / length)
    up = np.where(regular, (xx * gy - xy * gx) / safe, (xy * gx + yy * gy) / length)
    flat = (square == 0.0) & (gx * gx + gy * gy > 0.0)
    return np.where(flat, np.nan, across), np.where(flat, np.nan, up)


def _apart(x: F64, y: F64, distance: float) -> list[int]:
    """Indices of points that are further than `distance` from all kept before them."""
    kept: list[int] = []
    free = np.isfinite(x) & np.isfinite(y)
    for index in range(len(x)):
        if free[index]:
            kept.append(index)
            free &= np.hypot(x - x[index], y - y[index]) > distance
    return kept


def _by_ring(derivatives: Derivatives, here: tuple[float, float], radius: float, turn: float) -> str:
    """The kind of a singular point, from the heights around it; "" where some direction is level: it is not isolated."""
    angles = np.sort((turn + 2.0 * math.pi / DIRECTIONS * np.arange(DIRECTIONS)) % (2.0 * math.pi))  # with both axes
    x = np.append(here[0] + radius * np.cos(angles), here[0])
    y = np.append(here[1] + radius * np.sin(angles), here[1])
    z = derivatives(x, y)[0]
    rise = z[:-1] - z[-1]
    if not np.isfinite(rise).all():
        return ""
    level = 1e-9 * np.abs(rise).max() + 4e-16 * abs(z[-1])
    if (np.abs(rise) <= level).any():
        return ""
    ups: npt.NDArray[np.bool_] = rise > 0.0
    if ups.all() or not ups.any():
        return "minimum" if ups.all() else "maximum"
    changes = int((ups != np.roll(ups, 1)).sum())
    return "saddle" if changes > 2 else "inflexion"


def _kinks(value: Value, derivatives: Derivatives, domain: Domain, known: list[Landmark]) -> list[Landmark]:
    """Minima that Newton cannot see because the surface has an edge there."""
    x0, x1, y0, y1 = domain
    diagonal, count = math.hypot(x1 - x0, y1 - y0), 2 * CELLS + 1
    x, y = np.linspace(x0, x1, count), np.linspace(y0, y1, count)
    z, gx, gy, xx, _, yy = derivatives(*np.meshgrid(x, y))
    middle = z[1:-1, 1:-1]
    lowest = np.isfinite(middle) & (_jumps(gx, xx, x[1] - x[0]) | _jumps(gy.T, yy.T, y[1] - y[0]).T)
    for down in range(3):
        for right in range(3):
            if (down, right) != (1, 1):
                lowest &= middle < z[down : down + count - 2, right : right + count - 2]
    found: list[Landmark] = []
    for row, column in np.argwhere(lowest)[:MOST]:
        start = (float(x[column + 1]), float(y[row + 1]))
        near = 2.0 * max(x1 - x0, y1 - y0) / (count - 1)
        if any(mark.kind == "minimum" and math.dist(start, (mark.x, mark.y)) <= near for mark in known):
            continue
        end = downhill(value, start, near / 4.0, 1e-10 * diagonal)
        inside = x0 <= end[0] <= x1 and y0 <= end[1] <= y1
        apart = all(math.dist(end, (mark.x, mark.y)) > 1e-3 * diagonal for mark in (*known, *found))
        if inside and apart and _is_edge(value, derivatives, end, diagonal):
            found.append(Landmark(*end, height(value, *end), "minimum", False))
    return found


def _jumps(slope: F64, bend: F64, step: float) -> npt.NDArray[np.bool_]:
    """Inner points across which the slope along a row changes by more than its own derivative explains (Simpson's rule)."""
    change = (slope[:, 2:] - slope[:, :-2])[1:-1]
    explained = ((bend[:, :-2] + 4.0 * bend[:, 1:-1] + bend[:, 2:]) * step / 3.0)[1:-1]
    return ~(np.abs(change - explained) <= 0.3 * np.abs(change))


def _is_edge(value: Value, derivatives: Derivatives, end: tuple[float, float], diagonal: float) -> bool:
    """All around higher, the slope not fading towards the middle, and the way down from either side of a groove leads here."""
    if any(_by_ring(derivatives, end, share * diagonal, 0.1) != "minimum" for share in (1e-3, 1e-5)):
        return False
    turns = 0.1 + 2.0 * math.pi / DIRECTIONS * np.arange(DIRECTIONS)
    steep, rise = [], []
    for share in (1e-3, 1e-5):
        z, gx, gy, *_ = derivatives(end[0] + share * diagonal * np.cos(turns), end[1] + share * diagonal * np.sin(turns))
        steep.append(float(np.hypot(gx, gy).mean()))
        rise.append(float(z.max()) - height(value, *end))
    if not (steep[1] > 0.3 * steep[0] and rise[1] < 0.5 * rise[0]):  # fading: smooth; as high close by: a pole
        return False
    away = 5e-3 * diagonal
    ring = [(end[0] + away * math.cos(turn), end[1] + away * math.sin(turn)) for turn in turns.tolist()]
    ring.sort(key=lambda place: height(value, *place))
    return all(math.dist(downhill(value, place, 0.2 * away, 1e-3 * away), end) < 0.5 * away for place in ring[:2])


def downhill(value: Value, start: tuple[float, float], step: float, least: float) -> tuple[float, float]:
    """Compass search: one of eight neighbours while any is lower, else half the step. No slopes needed."""
    (x, y), here = start, height(value, *start)
    sides = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)]
    for _ in range(400):
        tried = [(height(value, x + step * a, y + step * b), a, b) for a, b in sides]
        lower, a, b = min((one for one in tried if one[0] == one[0]), default=(math.inf, 0, 0))
        if lower < here:
            x, y, here = x + step * a, y + step * b, lower
        elif step < least:
            break
        else:
            step *= 0.5
    return x, y


def _rounded(value: Value, mark: Landmark, diagonal: float) -> Landmark:
    """A coordinate within the search's own error of a round number is that number, unless the height says otherwise."""
    for digits, reach in ((7, 1e-12 * diagonal), (3, 1e-6 * diagonal)):
        for axis in ("x", "y"):
            old = getattr(mark, axis)
            new = round(old, digits) + 0.0
            moved = replace(mark, **{axis: new})
            rise = height(value, moved.x, moved.y) - mark.value
            level = digits == 7 and abs(rise) <= 1e-15 * max(1.0, abs(mark.value))
            better = level or {"minimum": rise <= 0.0, "maximum": rise >= 0.0}.get(mark.kind, False)
            if new != old and abs(new - old) <= reach and better:
                mark = replace(moved, value=mark.value + rise + 0.0)
    return mark
