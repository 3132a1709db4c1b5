"""What a method is: its row, its hyper-parameters, the two kinds of step, and the moment that is taken apart in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from explorer.descent.ground import Parameter, Point, Surface
from explorer.descent.oracle import Oracle
from explorer.i18n import N_
from explorer.records.descent import Term
from explorer.records.errors import BadRequestError, Trouble

Numbers: TypeAlias = Mapping[str, float]
# One step: (x, y, gradient x, gradient y, memory, number of the step from 1) -> new (x, y). `memory` holds two floats for
# each name in `Optimizer.memory`, x before y, zero before the first step; the step changes it in place.
Move: TypeAlias = Callable[[float, float, float, float, list[float], int], Point]
# One step of a method that asks more than one gradient: (x, y, oracle, memory, number of the step) -> new (x, y). What it
# asks is counted. Its memory may grow behind the named numbers; only these are shown.
Plan: TypeAlias = Callable[[float, float, Oracle, list[float], int], Point]


@dataclass(frozen=True)
class Moment:
    """One step that a method has just made. `before`, `after`: its memory."""

    x: float
    y: float
    gx: float
    gy: float
    before: tuple[float, ...]
    after: tuple[float, ...]
    dx: float
    dy: float
    k: int
    hyper: Numbers


Explain: TypeAlias = Callable[[Moment], tuple[Term, ...]]


@dataclass(frozen=True)
class Optimizer:
    """A method. `make(hyper, surface)` gives a fresh step; `memory` names what it remembers, two numbers each.

    A method that needs values, several gradients or the Hessian gives `plan` instead of `make`; it says its terms itself
    (Oracle.note), the others by `explain`. Both are made anew whenever a hyper-parameter changes under way, so that nothing
    may be kept anywhere but in `memory`. `needs`: "residuals" for a method that only walks on least-squares surfaces.
    `formula` is the update for people, `paper` where it comes from, `care` what differs from the textbook form. `like`,
    `share`: on a surface that knows no rate for it, it takes this share of that method's.
    """

    name: str
    title: str
    formula: str
    paper: str
    hyper: tuple[Parameter, ...]
    make: Callable[[Numbers, Surface], Move] | None
    memory: tuple[str, ...] = ()
    care: str = ""
    about: str = ""
    plan: Callable[[Numbers, Surface], Plan] | None = None
    explain: Explain | None = None
    needs: str = ""
    like: str = ""
    share: float = 1.0

    def __post_init__(self) -> None:
        if (self.make is None) == (self.plan is None):
            raise ValueError(f"optimizer {self.name}: either make or plan")

    def numbers(self, surface: Surface, given: Numbers, factor: float = 1.0) -> dict[str, float]:
        """Every hyper-parameter's value: `given`, else what suits the surface, else the default; `factor` scales `lr`.

        Raises BadRequestError for a name in `given` that the method does not have.
        """
        declared = {one.name: one.default for one in self.hyper}
        for name in given:
            self.require(name)
        if "lr" in declared and self.name in surface.rates:
            declared["lr"] = surface.rates[self.name]
        elif "lr" in declared and self.like in surface.rates:
            declared["lr"] = surface.rates[self.like] * self.share
        numbers = {**declared, **given}
        if "lr" in numbers:
            numbers["lr"] *= factor
        return numbers

    def require(self, name: str) -> None:
        """Raise BadRequestError where the method has no hyper-parameter `name`."""
        known = [one.name for one in self.hyper]
        if name not in known:
            values = {"optimizer": self.name, "name": name, "known": ", ".join(known)}
            text = N_("{optimizer} has no hyper-parameter {name}; it has {known}.")
            raise BadRequestError(Trouble("optimizer.hyper", text, values, exit_code=2))


LR = Parameter("lr", N_("Learning rate"), N_("Length of the step against the gradient."), 0.01, 1e-5, 10.0, log=True)
MOMENTUM = Parameter("momentum", N_("Momentum"), N_("Share of the last velocity that is kept."), 0.9, 0.0, 0.999)
VELOCITY, SQUARES = "velocity", "squares"


def rate(default: float) -> Parameter:
    """The learning rate with another default."""
    return Parameter(LR.name, LR.label, LR.help, default, LR.low, LR.high, log=True)


def eps(default: float) -> Parameter:
    """The small number beside the root, outside it in every method here as in torch.optim."""
    help_text = N_("Keeps the division harmless where gradients vanish; added outside the root.")
    return Parameter("eps", N_("Epsilon"), help_text, default, 1e-12, 0.1, log=True)


def beta(name: str, label: str, help_text: str, default: float, high: float = 0.999) -> Parameter:
    """A memory: the share that is kept from step to step."""
    return Parameter(name, label, help_text, default, 0.0, high)


def switch(name: str, label: str, help_text: str, on: bool = True) -> Parameter:
    """Off or on."""
    return Parameter(name, label, help_text, float(on), 0.0, 1.0, choices=(N_("off"), N_("on")), whole=True)


def choice(name: str, label: str, help_text: str, *choices: str, default: int = 0) -> Parameter:
    """One of several; the number is its place in the list."""
    return Parameter(name, label, help_text, float(default), 0.0, len(choices) - 1.0, choices=choices, whole=True)


def chosen(hyper: Numbers, name: str, count: int) -> int:
    """The place that a choice or switch stands at, 0 .. count - 1, whatever number was given."""
    value = hyper[name]
    return min(max(int(value), 0), count - 1) if value == value and abs(value) < 1e9 else 0
