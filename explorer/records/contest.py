"""What a fair race found: every method's tuned numbers, its runs over the seeds, its place, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.i18n import tr
from explorer.records.descent import Race

F64 = npt.NDArray[np.float64]
# A sentence that is put together when it is shown: (English template, values); a value that is a text is a message key, one
# that is such a pair is a sentence itself.
Text = tuple[str, dict[str, Any]]


def spoken(text: Text) -> str:
    """A sentence in the language in use."""

    def said(value: Any) -> Any:
        return tr(value) if isinstance(value, str) else spoken(value) if isinstance(value, tuple) else value

    template, values = text
    return tr(template).format(**{name: said(value) for name, value in values.items()})


def _no_floats() -> F64:
    return np.zeros(0)


@dataclass(frozen=True)
class Range:
    """Where a hyper-parameter is searched. `log`: evenly in its logarithm; `whole`: rounded."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Contender:
    """One method of a fair race.

    `ranges`: what was searched; `hyper`: all its numbers, the best of the search; `fixed`: names of those that were not
    searched. `trials`: done so far; `best`: the best trial's cost (mean over the tuning seeds, in gradients for "target", in
    log10 of the height for "loss"; NaN: nothing tried). `costs`: (S,) float64, for each reported seed: gradients to the
    target (inf: not within the budget), or the loss at the end (inf: it left or broke off). `median`, `low`, `high`: (G,)
    float64 of the loss over the seeds at `Contest.grid` gradients (quartiles; inf: no number any more). `ends`: how many
    seeds ended how. `rank`: mean rank over the seeds, 1 is best; `rank_low`, `rank_high`: 90 % interval of it. `place`: 1 +
    how many are clearly better; `tied`: with whom there is no clear difference.
    """

    optimizer: str
    title: str
    ranges: dict[str, Range] = field(default_factory=dict)
    hyper: dict[str, float] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    trials: int = 0
    best: float = float("nan")
    costs: F64 = field(default_factory=_no_floats)
    median: F64 = field(default_factory=_no_floats)
    low: F64 = field(default_factory=_no_floats)
    high: F64 = field(default_factory=_no_floats)
    ends: dict[str, int] = field(default_factory=dict)
    rank: float = float("nan")
    rank_low: float = float("nan")
    rank_high: float = float("nan")
    place: int = 0
    tied: tuple[str, ...] = ()

    @property
    def reached(self) -> int:
        """Seeds whose cost is a number."""
        return int(np.isfinite(self.costs).sum())

    def quartiles(self) -> tuple[float, float, float]:
        """Median and quartiles of the costs; inf where that many did not get there. NaN before there are any."""
        if not len(self.costs):
            return float("nan"), float("nan"), float("nan")
        low, middle, high = quartiles(self.costs[:, None])
        return float(middle[0]), float(low[0]), float(high[0])


def quartiles(values: F64) -> tuple[F64, F64, F64]:
    """Lower quartile, median, upper quartile of (S, G) values along S, infinities allowed: between two of which one is
    infinite lies infinity."""
    ordered = np.sort(values, axis=0)
    found = []
    for share in (0.25, 0.5, 0.75):
        at = share * (len(ordered) - 1)
        below, above = ordered[int(np.floor(at))], ordered[int(np.ceil(at))]
        part = at - np.floor(at)
        with np.errstate(invalid="ignore"):
            between = below + part * (above - below)
        found.append(np.where(np.isfinite(above), between, np.where(part > 0.0, np.inf, below)))
    return found[0], found[1], found[2]


@dataclass(frozen=True, eq=False)
class Contest:
    """A fair race. `stage`: "tuning", "runs" or "done".

    `request`: the request as plain values. `grid`: (G,) float64, gradients at which the curves stand. `floor`: lowest known
    value, `floor_known`: of a minimum (else the lowest of the plot); `first`: the loss at the start; `target`: the loss that
    counts as being there. `tuning_starts`, `starts`: (x, y) of each seed; `tuning_seeds`, `seeds`: of their noise.
    `facts`: "title", "formula", "values", "domain", "start".
    """

    request: dict[str, Any]
    contenders: tuple[Contender, ...]
    grid: F64
    floor: float
    floor_known: bool
    first: float
    target: float
    tuning_starts: tuple[tuple[float, float], ...]
    starts: tuple[tuple[float, float], ...]
    tuning_seeds: tuple[int, ...]
    seeds: tuple[int, ...]
    stage: str = "done"
    facts: dict[str, Any] = field(default_factory=dict)

    def ordered(self) -> list[Contender]:
        """By place, then mean rank, then as they were named."""
        return sorted(self.contenders, key=lambda one: (one.place, one.rank)) if self.stage == "done" else list(self.contenders)


@dataclass(frozen=True, eq=False)
class TurnedRun:
    """One method at all angles. `costs`: (A, S) float64, gradients to the target (inf: not within the budget; NaN: not run
    yet). `hypers`: the tuned numbers at each angle. `ratio`, `ratio_low`, `ratio_high`: how many times as many gradients it
    needs at the last angle as at the first, with a 90 % interval (NaN: cannot be said).
    """

    optimizer: str
    title: str
    costs: F64
    hypers: tuple[dict[str, float], ...] = ()
    ratio: float = float("nan")
    ratio_low: float = float("nan")
    ratio_high: float = float("nan")

    def curve(self) -> tuple[F64, F64, F64]:
        """Lower quartile, median, upper quartile at each angle; NaN where nothing was run yet."""
        low, middle, high = quartiles(self.costs.T)
        missing = np.isnan(self.costs).any(axis=1)
        return np.where(missing, np.nan, low), np.where(missing, np.nan, middle), np.where(missing, np.nan, high)


@dataclass(frozen=True, eq=False)
class Turned:
    """The fair race at several angles. `angles`: (A,) float64, degrees; `done`: how many of them are. `sentences`: what the
    figures say."""

    request: dict[str, Any]
    angles: F64
    runs: tuple[TurnedRun, ...]
    done: int
    sentences: tuple[Text, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Task:
    """A question about a race, its answer found by running it.

    `kind`: "first", "diverges", "saddle" or "rate". `options`: what may be answered; `answer`: the index of the right one;
    `reasons`: what the run showed. `race`: what was run; its facts say "labels" (run -> Text) and "methods" besides.
    """

    number: int
    seed: int
    kind: str
    question: Text
    options: tuple[Text, ...]
    answer: int
    reasons: tuple[Text, ...]
    race: Race
    facts: dict[str, Any] = field(default_factory=dict)
