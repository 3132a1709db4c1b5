"""The six first-order methods, as rows of the table `optimizers`.

Each method is one `make(hyper, surface)` that returns its step in plain floats. The forms are those of torch.optim, equal
to it step by step in float64 (tests/descent/test_against_torch.py), because that is what a person meets afterwards; where
the lecture writes another form, `care` says what the difference is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

from explorer.descent.ground import Point, Surface
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble
from explorer.tables import Tables

Numbers: TypeAlias = Mapping[str, float]
# One step: (x, y, gradient x, gradient y, memory, number of the step from 1) -> new (x, y). `memory` holds two floats for
# each name in `Optimizer.memory`, x before y, zero before the first step; the step changes it in place.
Move: TypeAlias = Callable[[float, float, float, float, list[float], int], Point]


@dataclass(frozen=True)
class Hyper:
    """One hyper-parameter. `low`, `high` bound the slider, not the value: a rate of 1e9 is a lesson, not an error."""

    name: str
    label: str
    help: str
    default: float
    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Optimizer:
    """A method. `make(hyper, surface)` gives a fresh step; `memory` names what it remembers, two numbers each.

    `formula` is the update for people, `paper` where it comes from, `care` what differs from the textbook form.
    """

    name: str
    title: str
    formula: str
    paper: str
    hyper: tuple[Hyper, ...]
    make: Callable[[Numbers, Surface], Move]
    memory: tuple[str, ...] = ()
    care: str = ""
    about: str = ""

    def numbers(self, surface: Surface, given: Numbers, factor: float = 1.0) -> dict[str, float]:
        """Every hyper-parameter's value: `given`, else what suits the surface, else the default; `factor` scales `lr`.

        Raises BadRequestError for a name in `given` that the method does not have.
        """
        declared = {one.name: one.default for one in self.hyper}
        for name in given:
            if name not in declared:
                values = {"optimizer": self.name, "name": name, "known": ", ".join(declared)}
                text = N_("{optimizer} has no hyper-parameter {name}; it has {known}.")
                raise BadRequestError(Trouble("optimizer.hyper", text, values, exit_code=2))
        if self.name in surface.rates and "lr" in declared:
            declared["lr"] = surface.rates[self.name]
        numbers = {**declared, **given}
        if "lr" in numbers:
            numbers["lr"] *= factor
        return numbers


LR = Hyper("lr", N_("Learning rate"), N_("Length of the step against the gradient."), 0.01, 1e-5, 10.0, log=True)
MOMENTUM = Hyper("momentum", N_("Momentum"), N_("Share of the last velocity that is kept."), 0.9, 0.0, 0.999)


def rate(default: float) -> Hyper:
    """The learning rate with another default."""
    return Hyper(LR.name, LR.label, LR.help, default, LR.low, LR.high, log=True)


def eps(default: float) -> Hyper:
    """The small number beside the root, outside it in every method here as in torch.optim."""
    help_text = N_("Keeps the division harmless where gradients vanish; added outside the root.")
    return Hyper("eps", N_("Epsilon"), help_text, default, 1e-12, 0.1, log=True)


def gd(hyper: Numbers, surface: Surface) -> Move:
    """Gradient descent."""
    lr = hyper["lr"]

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        return x - lr * gx, y - lr * gy

    return step


def momentum(hyper: Numbers, surface: Surface) -> Move:
    """Heavy ball."""
    lr, mu = hyper["lr"], hyper["momentum"]

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        vx = memory[0] = mu * memory[0] + gx
        vy = memory[1] = mu * memory[1] + gy
        return x - lr * vx, y - lr * vy

    return step


def nesterov(hyper: Numbers, surface: Surface) -> Move:
    """Nesterov's gradient, at the point looked ahead to."""
    lr, mu = hyper["lr"], hyper["momentum"]

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        vx = memory[0] = mu * memory[0] + gx
        vy = memory[1] = mu * memory[1] + gy
        return x - lr * (gx + mu * vx), y - lr * (gy + mu * vy)

    return step


def adagrad(hyper: Numbers, surface: Surface) -> Move:
    """Rates that shrink with the sum of squared gradients."""
    lr, tiny = hyper["lr"], hyper["eps"]

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        sx = memory[0] = memory[0] + gx * gx
        sy = memory[1] = memory[1] + gy * gy
        return x - lr * gx / (sqrt(sx) + tiny), y - lr * gy / (sqrt(sy) + tiny)

    return step


def rmsprop(hyper: Numbers, surface: Surface) -> Move:
    """Rates divided by a fading mean of squared gradients."""
    lr, beta, tiny = hyper["lr"], hyper["beta"], hyper["eps"]
    rest = 1.0 - beta

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        sx = memory[0] = beta * memory[0] + rest * gx * gx
        sy = memory[1] = beta * memory[1] + rest * gy * gy
        return x - lr * gx / (sqrt(sx) + tiny), y - lr * gy / (sqrt(sy) + tiny)

    return step


def adam(hyper: Numbers, surface: Surface) -> Move:
    """Momentum and RMSProp together, both corrected for having started at zero."""
    lr, beta1, beta2, tiny = hyper["lr"], hyper["beta1"], hyper["beta2"], hyper["eps"]
    rest1, rest2 = 1.0 - beta1, 1.0 - beta2

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        vx = memory[0] = beta1 * memory[0] + rest1 * gx
        vy = memory[1] = beta1 * memory[1] + rest1 * gy
        sx = memory[2] = beta2 * memory[2] + rest2 * gx * gx
        sy = memory[3] = beta2 * memory[3] + rest2 * gy * gy
        size, root = lr / (1.0 - beta1**k), sqrt(1.0 - beta2**k)
        return x - size * vx / (sqrt(sx) / root + tiny), y - size * vy / (sqrt(sy) / root + tiny)

    return step


VELOCITY, SQUARES = "velocity", "squares"

BUILT_IN = (
    Optimizer(
        "gd", N_("Gradient descent"), "θ ← θ − μ g", "Cauchy 1847", (rate(0.01),), gd,
        about=N_("Straight downhill. Too small a rate crawls, above 2/λmax it diverges."),
        care=N_("Converges on a bowl for μ < 2/λmax; the slide's bound μ ≤ 1/λmax is the safe one."),
    ),
    Optimizer(
        "momentum", N_("Momentum"), "v ← β v + g;  θ ← θ − μ v", "Polyak 1964", (rate(0.01), MOMENTUM), momentum, (VELOCITY,),
        about=N_("A heavy ball: rolls through flat places and overshoots at the bottom."),
        care=N_("The lecture's second view (physics), the rate outside the velocity as in torch.optim. "
                "Its first view (low pass) steps (1 − β) times as far."),
    ),
    Optimizer(
        "nesterov", N_("Nesterov"), "v ← β v + g;  θ ← θ − μ (g + β v)", "Nesterov 1983; Sutskever et al. 2013",
        (rate(0.01), MOMENTUM), nesterov, (VELOCITY,),
        about=N_("Momentum that looks ahead: brakes before the far wall."),
        care=N_("The point drawn is the one looked ahead to, where the gradient is taken (torch.optim's form); "
                "the lecture's own point is θ + μ β v."),
    ),
    Optimizer(
        "adagrad", N_("AdaGrad"), "τ ← τ + g²;  θ ← θ − μ g / (√τ + ε)", "Duchi, Hazan, Singer 2011",
        (rate(0.1), eps(1e-10)), adagrad, (SQUARES,),
        about=N_("A rate for each axis; its memory never fades, so it gets slower and slower."),
        care=N_("τ includes the present step, as in torch.optim; the slide sums to the step before."),
    ),
    Optimizer(
        "rmsprop", N_("RMSProp"), "τ ← β τ + (1 − β) g²;  θ ← θ − μ g / (√τ + ε)", "Tieleman, Hinton 2012",
        (rate(0.01), Hyper("beta", N_("Memory β"), N_("Share of the old mean of squares that is kept."), 0.9, 0.0, 0.999),
         eps(1e-8)), rmsprop, (SQUARES,),
        about=N_("AdaGrad that forgets: steps of nearly constant length."),
        care=N_("ε is added outside the root, as in torch.optim and the lecture; β = 0.9 as in the lecture "
                "(torch.optim's default is 0.99)."),
    ),
    Optimizer(
        "adam", N_("Adam"), "v ← β₁ v + (1 − β₁) g;  τ ← β₂ τ + (1 − β₂) g²;  θ ← θ − μ v′ / (√τ′ + ε)", "Kingma, Ba 2015",
        (rate(0.02), Hyper("beta1", N_("Memory β₁"), N_("Share of the old direction that is kept."), 0.9, 0.0, 0.999),
         Hyper("beta2", N_("Memory β₂"), N_("Share of the old mean of squares that is kept."), 0.999, 0.0, 0.9999),
         eps(1e-8)), adam, (VELOCITY, SQUARES),
        about=N_("Momentum and RMSProp together."),
        care=N_("With bias correction, v′ = v / (1 − β₁ᵏ) and τ′ = τ / (1 − β₂ᵏ), as in the paper and torch.optim; "
                "the slide leaves it out."),
    ),
)  # fmt: skip


def register(tables: Tables) -> None:
    """Enter the built-in methods, by the same door as a plugin."""
    for optimizer in BUILT_IN:
        tables.optimizers.add(optimizer.name, optimizer)
