"""Schedules: how the learning rate goes along a race, as rows of the table `schedules`.

A schedule says a factor of the method's own rate for every step, so that one schedule suits all methods. The forms are those
of torch.optim.lr_scheduler (tests/descent/test_schedules.py), written closed: any step can be asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from explorer.descent.ground import Parameter
from explorer.descent.method import Numbers
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble
from explorer.tables import Table, UnknownNameError

# (step from 1, steps in all, shape) -> factor of the rate
Factor: TypeAlias = Callable[[int, int, Numbers], float]
# (steps in all, shape) -> the steps after which a cycle ends
Ends: TypeAlias = Callable[[int, Numbers], tuple[int, ...]]
MOMENTA = ("momentum", "beta1")  # what runs against the rate in one cycle


@dataclass(frozen=True)
class Schedule:
    """A schedule. `factor`: of the rate; `against`: of the momentum, where it is scheduled too; `ends`: of its cycles."""

    name: str
    title: str
    formula: str
    hyper: tuple[Parameter, ...]
    factor: Factor
    paper: str = ""
    about: str = ""
    against: Factor | None = None
    ends: Ends | None = None

    def shape(self, given: Numbers) -> dict[str, float]:
        """Every parameter's value: `given`, else the default. Raises BadRequestError for a name that it does not have."""
        shape = {one.name: one.default for one in self.hyper}
        for name in given:
            if name not in shape:
                values = {"schedule": self.name, "name": name, "known": ", ".join(shape) or "–"}
                text = N_("The schedule {schedule} has no parameter {name}; it has {known}.")
                raise BadRequestError(Trouble("schedule.shape", text, values, exit_code=2))
        return {**shape, **given}

    def cycles(self, steps: int, shape: Numbers) -> tuple[int, ...]:
        """The steps after which a cycle ends: where snapshots are taken."""
        return () if self.ends is None else self.ends(steps, shape)


def _whole(value: float) -> int:
    """A length in steps, at least 1."""
    return max(1, round(min(value, 1e9)))


def _cosine(low: float, share: float) -> float:
    """From 1 to `low` along half a cosine."""
    return low + (1.0 - low) * 0.5 * (1.0 + math.cos(math.pi * share))


def constant(k: int, steps: int, shape: Numbers) -> float:
    """Always the same."""
    return 1.0


def stairs(k: int, steps: int, shape: Numbers) -> float:
    """Down by a factor every so many steps."""
    return float(shape["gamma"] ** ((k - 1) // _whole(shape["period"])))


def exponential(k: int, steps: int, shape: Numbers) -> float:
    """Down by the same factor at every step."""
    return float(shape["gamma"] ** (k - 1))


def inverse(k: int, steps: int, shape: Numbers) -> float:
    """1/t."""
    return 1.0 / (1.0 + shape["decay"] * (k - 1))


def cosine(k: int, steps: int, shape: Numbers) -> float:
    """Half a cosine from the first step to the last."""
    return _cosine(shape["floor"], (k - 1) / max(1, steps))


def _cycle(k: int, shape: Numbers) -> tuple[int, int]:
    """(steps done in the present cycle, its length), k from 1."""
    length, growth, done = _whole(shape["period"]), max(1.0, shape["growth"]), k - 1
    if growth == 1.0:
        return done % length, length
    while done >= length:
        done -= length
        length = _whole(length * growth)
    return done, length


def restarts(k: int, steps: int, shape: Numbers) -> float:
    """Half a cosine again and again, each longer than the last."""
    done, length = _cycle(k, shape)
    return _cosine(shape["floor"], done / length)


def restart_ends(steps: int, shape: Numbers) -> tuple[int, ...]:
    """The last step before every restart."""
    length, growth, at, ends = _whole(shape["period"]), max(1.0, shape["growth"]), 0, []
    while at + length <= steps:
        at += length
        ends.append(at)
        length = _whole(length * growth)
    return tuple(ends)


def cyclic(k: int, steps: int, shape: Numbers) -> float:
    """A triangle: up from `floor` to 1 and back."""
    half = _whole(shape["half"])
    place = (k - 1) % (2 * half)
    return shape["floor"] + (1.0 - shape["floor"]) * (1.0 - abs(place / half - 1.0))


def cyclic_ends(steps: int, shape: Numbers) -> tuple[int, ...]:
    """The steps taken at the lowest rate, from the second on."""
    cycle = 2 * _whole(shape["half"])
    return tuple(range(cycle + 1, steps + 1, cycle))


def _one(k: int, steps: int, shape: Numbers, start: float, top: float, end: float) -> float:
    """From `start` to `top` and then to `end`, each along half a cosine."""
    peak = shape["rise"] * steps - 1.0
    at = float(k - 1)
    if at <= peak:
        return top + (start - top) * 0.5 * (1.0 + math.cos(math.pi * at / peak)) if peak > 0.0 else top
    rest = max(steps - 1.0 - peak, 1e-12)
    return end + (top - end) * 0.5 * (1.0 + math.cos(math.pi * min((at - peak) / rest, 1.0)))


def one_cycle(k: int, steps: int, shape: Numbers) -> float:
    """Up to the full rate, then far below where it began."""
    return _one(k, steps, shape, shape["start"], 1.0, shape["start"] * shape["final"])


def one_cycle_momentum(k: int, steps: int, shape: Numbers) -> float:
    """The momentum itself, high where the rate is low."""
    return _one(k, steps, shape, shape["high"], shape["low"], shape["high"])


def last_step(steps: int, shape: Numbers) -> tuple[int, ...]:
    """One cycle: the whole race."""
    return (steps,)


FLOOR = Parameter("floor", N_("Lowest share"), N_("Of the learning rate, at the bottom of the schedule."), 0.0, 0.0, 1.0)
PERIOD = Parameter(
    "period", N_("Period"), N_("Length of the first stretch, in steps."), 50.0, 1.0, 1000.0, log=True, whole=True
)


def _gamma(default: float, low: float) -> Parameter:
    return Parameter("gamma", N_("Factor γ"), N_("What the learning rate is multiplied by each time."), default, low, 1.0)


ROWS = (
    Schedule("constant", N_("Constant"), "μₖ = μ", (), constant, about=N_("The same rate from the first step to the last.")),
    Schedule(
        "step", N_("Step"), "μₖ = μ γ^⌊(k − 1)/T⌋", (Parameter(PERIOD.name, PERIOD.label, PERIOD.help, 100.0, 1.0, 1000.0,
                                                           log=True, whole=True), _gamma(0.5, 0.01)), stairs,
        about=N_("Down a stair every so many steps."),
    ),
    Schedule(
        "exponential", N_("Exponential"), "μₖ = μ γ^(k − 1)", (_gamma(0.99, 0.9),), exponential,
        about=N_("The same percentage less at every step."),
    ),
    Schedule(
        "inverse", "1/t", "μₖ = μ / (1 + c (k − 1))",
        (Parameter("decay", N_("Decay c"), N_("How soon the rate falls: it is half after 1/c steps."), 0.02, 1e-4, 1.0,
                   log=True),),
        inverse, "Robbins, Monro 1951",
        N_("Slow enough to get anywhere, fast enough for noise to die out: the classic condition for convergence."),
    ),
    Schedule(
        "cosine", N_("Cosine"), "μₖ = μ (q + (1 − q) ½ (1 + cos π (k − 1)/K))", (FLOOR,), cosine, "Loshchilov, Hutter 2017",
        N_("Gently down over the whole race."), ends=last_step,
    ),
    Schedule(
        "restarts", N_("Warm restarts"), "μₖ = μ (q + (1 − q) ½ (1 + cos π t/T)),  T ← c T",
        (PERIOD, Parameter("growth", N_("Growth c"), N_("How much longer each cycle is than the last."), 2.0, 1.0, 4.0,
                           whole=True),
         FLOOR), restarts, "Loshchilov, Hutter 2017; Huang et al. 2017",
        N_("A cosine again and again: each restart jumps out of the dent just found; a snapshot is taken before it."),
        ends=restart_ends,
    ),
    Schedule(
        "cyclic", N_("Cyclic"), "μₖ = μ (q + (1 − q) △(k))",
        (Parameter("half", N_("Half cycle"), N_("Steps from the lowest rate to the highest."), 25.0, 1.0, 1000.0, log=True,
               whole=True),
         Parameter(FLOOR.name, FLOOR.label, FLOOR.help, 0.1, 0.0, 1.0)), cyclic, "Smith 2017",
        N_("Up and down in straight lines; a snapshot is taken at the bottom of each."), ends=cyclic_ends,
    ),
    Schedule(
        "onecycle", N_("One cycle"), "μₖ: q μ ↗ μ ↘ q r μ,  β: high ↘ low ↗ high",
        (Parameter("rise", N_("Share that rises"), N_("Of the race, before the rate falls."), 0.3, 0.01, 0.99),
         Parameter("start", N_("Share at the start"), N_("Of the learning rate, at the first step."), 0.04, 0.001, 1.0,
                   log=True),
         Parameter("final", N_("Share at the end"), N_("Of the rate at the start, at the last step."), 1e-4, 1e-6, 1.0,
                   log=True),
         Parameter("low", N_("Lowest momentum"), N_("Where the rate is highest."), 0.85, 0.0, 0.999),
         Parameter("high", N_("Highest momentum"), N_("Where the rate is lowest."), 0.95, 0.0, 0.999)),
        one_cycle, "Smith, Topin 2018",
        N_("Up to the full rate and down to almost none, the momentum run against it: large steps in the middle, rest at the "
           "end."),
        against=one_cycle_momentum, ends=last_step,
    ),
)  # fmt: skip


def schedules() -> Table[Schedule]:
    """All schedules by name."""
    table: Table[Schedule] = Table("schedule")
    for row in ROWS:
        table.add(row.name, row)
    return table


def schedule_named(name: str) -> Schedule:
    """The schedule `name`. Raises BadRequestError with near names."""
    try:
        return schedules()[name]
    except UnknownNameError as error:
        raise BadRequestError(Trouble("schedule.unknown", "{text}", {"text": str(error)}, exit_code=2)) from None
