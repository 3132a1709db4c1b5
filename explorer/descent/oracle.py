"""What a method may ask about the surface, and what it costs.

The counting rule, in gradients: one gradient is 1 and brings the value at that point with it; a value asked alone is 1 too
(one pass over the model, the same as a gradient to within a small factor), and the gradient at that point is then free;
a Hessian is 2, one gradient for each of the two variables; residuals with their Jacobian are 1. Asking again at a point
that was already asked in this step, or at the point where the last one ended, costs nothing. A batch's gradient is 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from explorer.descent.ground import HOLES, Gradient, Point, Surface, height, slope
from explorer.records.descent import Term


class Oracle:
    """Answers and counts. `count`: so far; `rate`: the step length that the method found, NaN where it has none.

    `notes`: None, or a list that the terms of the step are written to.
    """

    __slots__ = ("_gradient", "_heights", "_paid", "_samples", "_seed", "_slopes", "_surface", "count", "notes", "rate")

    def __init__(self, surface: Surface, gradient: Gradient, seed: int = 0) -> None:
        self.count = 0
        self.rate = math.nan
        self.notes: list[Term] | None = None
        self._surface = surface
        self._seed = seed
        self._samples: dict[tuple[int, float], Gradient] = {}
        self._gradient = gradient
        self._heights: dict[Point, float] = {}
        self._slopes: dict[Point, Point] = {}
        self._paid: set[Point] = set()

    def begin(self, x: float, y: float) -> None:
        """A step starts at (x, y): what is known of other points is forgotten."""
        here = (x, y)
        self._heights = {here: self._heights[here]} if here in self._heights else {}
        self._slopes = {here: self._slopes[here]} if here in self._slopes else {}
        self._paid = {here} if here in self._paid else set()
        self.rate = math.nan

    def _pay(self, at: Point) -> None:
        if at not in self._paid:
            self._paid.add(at)
            self.count += 1

    def value(self, x: float, y: float) -> float:
        """f(x, y); infinity where it has none, so that line searches turn back there."""
        at = (x, y)
        self._pay(at)
        if at not in self._heights:
            found = height(self._surface.value, x, y)
            self._heights[at] = math.inf if found != found else found
        return self._heights[at]

    def gradient(self, x: float, y: float) -> Point:
        """The gradient; (NaN, NaN) where there is none."""
        at = (x, y)
        self._pay(at)
        if at not in self._slopes:
            try:
                gx, gy = self._gradient(x, y)
                self._slopes[at] = (float(gx), float(gy))
            except HOLES:
                self._slopes[at] = (math.nan, math.nan)
        return self._slopes[at]

    def hessian(self, x: float, y: float) -> tuple[float, float, float]:
        """(f_xx, f_xy, f_yy)."""
        self.count += 2
        return self._surface.hessian(x, y)

    def residuals(self, x: float, y: float) -> tuple[Sequence[float], Sequence[Point]]:
        """The residuals of a least-squares surface and their gradients; no residuals at all where there is a hole."""
        assert self._surface.residuals is not None and self._surface.jacobian is not None
        self._pay((x, y))
        try:
            return self._surface.residuals(x, y), self._surface.jacobian(x, y)
        except HOLES:
            return (), ()

    def sampled(self, x: float, y: float, batch: int, noise: float) -> Point:
        """The gradient with chance in it, fresh at every call: of a batch, or with normal noise where f is no mean of terms."""
        self.count += 1
        key = (batch, 0.0) if self._surface.terms is not None else (0, noise)
        if key not in self._samples:
            self._samples[key] = self._surface.sampled_gradient(key[0], np.random.default_rng((self._seed, 1)), key[1])
        return self._samples[key](x, y)

    def exact(self, x: float, y: float) -> Point:
        """The true gradient, uncounted: for words about a step, not for the step."""
        return slope(self._surface.gradient, x, y)

    def note(self, symbol: str, text: str, x: float, y: float = 0.0, kind: str = "arrow", numbers: str = "") -> None:
        """Say one term of this step, if anybody listens."""
        if self.notes is not None:
            self.notes.append(Term(symbol, text, x, y, kind, numbers))
