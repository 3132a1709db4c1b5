"""Points of one's own that a surface is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PointTable:
    """What a table of numbers says: (x, y) or (x, y, class) each, the class 0 or 1.

    `labels`: what the table calls the classes 0 and 1, where it does not number them; `left_out`: columns behind those.
    """

    points: tuple[tuple[float, ...], ...]
    labels: tuple[str, ...] = ()
    left_out: int = 0
