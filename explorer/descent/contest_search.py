"""The search that tunes every method alike: the same number of trials, spread by the same rule over the declared ranges.

Two thirds of the trials are spread evenly over all of the ranges by a low-discrepancy sequence (Roberts' additive recurrence,
shifted by the seed), the rest over a small box around the best of them, whose side is the distance that the first ones have
from each other. No trial begins at a default: a method whose default happens to be good gets nothing for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from explorer.descent.ground import Parameter
from explorer.descent.method import Numbers, Optimizer
from explorer.records.contest import Range

FIRST = 2.0 / 3.0  # share of the trials that look everywhere
# Numbers of a method that say something about the surface or the noise: they are given, like the surface itself.
GIVEN = ("noise", "batch", "above")
RATES = ("lr", "alpha", "share")  # what "only the rate" means, the first that a method has


def searched(optimizer: Optimizer, scope: str, given: Numbers) -> dict[str, Range]:
    """The hyper-parameters that are tuned, with their ranges: all that are numbers, or the rate alone; none that is given."""
    numbers = [one for one in optimizer.hyper if not one.choices and one.name not in GIVEN]
    if scope == "rate":
        first = next((name for name in RATES if any(one.name == name for one in numbers)), "")
        numbers = [one for one in numbers if one.name == first]
    return {one.name: _range(one) for one in numbers if one.name not in given}


def _range(one: Parameter) -> Range:
    return Range(one.low, one.high, one.log, one.whole)


def at(one: Range, share: float) -> float:
    """The value that lies at `share` (0 .. 1) of a range."""
    value = one.low * (one.high / one.low) ** share if one.log else one.low + share * (one.high - one.low)
    return float(round(value)) if one.whole else float(value)


def steps(dimensions: int) -> list[float]:
    """The steps of the sequence: powers of 1 / φ, φ the root of x^(d + 1) = x + 1 (d = 1: the golden ratio)."""
    root = 2.0
    for _ in range(64):
        root = (1.0 + root) ** (1.0 / (dimensions + 1.0))
    return [root ** -(index + 1.0) for index in range(dimensions)]


@dataclass
class Search:
    """The trials of one method. `ask()` says the next set of numbers, `tell(cost)` what it came to; the smallest cost wins.

    `place`, `best`: of the best trial so far; `done`: trials told.
    """

    ranges: dict[str, Range]
    trials: int
    seed: int
    done: int = 0
    best: float = math.inf
    place: tuple[float, ...] = ()
    _asked: tuple[float, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        count = len(self.ranges)
        self._steps = steps(count) if count else []
        # The shift depends on the seed alone, and the first number's is the same for all methods.
        self._shift = np.random.default_rng((self.seed, 11)).random(max(1, count)).tolist()
        self.wide = self.trials if self.trials < 6 else math.ceil(FIRST * self.trials)

    def ask(self) -> dict[str, float]:
        """The next set of numbers."""
        index = self.done if self.done < self.wide else self.done - self.wide
        shares = [(shift + (index + 1) * step) % 1.0 for shift, step in zip(self._shift, self._steps, strict=False)]
        if self.done >= self.wide:
            half = 0.5 * min(1.0, 2.0 * self.wide ** (-1.0 / max(1, len(self.ranges))))
            shares = [
                min(max(best + half * (2.0 * share - 1.0), 0.0), 1.0) for best, share in zip(self.middle, shares, strict=True)
            ]
        self._asked = tuple(shares)
        return self.numbers(self._asked)

    def tell(self, cost: float) -> bool:
        """What the trial just asked for came to; whether it is the best so far."""
        better = cost < self.best or not self.place
        if better:
            self.best, self.place = cost, self._asked
        self.done += 1
        if self.done == self.wide:
            self.middle = self.place
        return better

    middle: tuple[float, ...] = ()

    def numbers(self, place: tuple[float, ...]) -> dict[str, float]:
        """The values at a place of the unit cube."""
        return {name: at(one, share) for (name, one), share in zip(self.ranges.items(), place, strict=True)}
