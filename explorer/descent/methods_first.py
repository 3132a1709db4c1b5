"""Methods of one gradient and one rate: descent, noisy descent, momentum, Nesterov, Polyak's step."""

from __future__ import annotations

from math import sqrt

from explorer.descent.ground import Parameter, Point, Surface
from explorer.descent.method import MOMENTUM, VELOCITY, Moment, Move, Numbers, Optimizer, Plan, choice, chosen, rate
from explorer.descent.oracle import Oracle
from explorer.descent.terms import SLOPE_HERE, STEP, VELOCITY_TERM, pair, said, slope_term, step_term
from explorer.i18n import N_
from explorer.records.descent import Term


def gd(hyper: Numbers, surface: Surface) -> Move:
    """Gradient descent."""
    lr = hyper["lr"]

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        return x - lr * gx, y - lr * gy

    return step


def gd_terms(m: Moment) -> tuple[Term, ...]:
    """Rate times gradient."""
    return slope_term(m), step_term(m, "−μ g", f"−{said(m.hyper['lr'])} · {pair(m.gx, m.gy)}")


def sgd(hyper: Numbers, surface: Surface) -> Plan:
    """Gradient descent on a gradient with the noise of a batch."""
    lr, size = hyper["lr"], max(1, int(min(hyper["batch"], 1e6)))
    spread = hyper["noise"] / sqrt(size)

    def step(x: float, y: float, oracle: Oracle, memory: list[float], k: int) -> Point:
        gx, gy = oracle.sampled(x, y, size, spread)
        oracle.rate = lr
        if oracle.notes is not None:
            ex, ey = oracle.exact(x, y)
            oracle.note("g", SLOPE_HERE, ex, ey)
            oracle.note("ξ", N_("Noise: how far this batch's gradient lies from that of all data."), gx - ex, gy - ey)
            oracle.note("Δθ = −μ (g + ξ)", STEP, -lr * gx, -lr * gy, numbers=f"−{said(lr)} · {pair(gx, gy)}")
        return x - lr * gx, y - lr * gy

    return step


def momentum(hyper: Numbers, surface: Surface) -> Move:
    """Heavy ball; in the first view the new gradient only gets the share that the old velocity leaves."""
    lr, mu = hyper["lr"], hyper["momentum"]
    if chosen(hyper, "view", 2):
        rest = 1.0 - mu

        def low_pass(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
            vx = memory[0] = mu * memory[0] + rest * gx
            vy = memory[1] = mu * memory[1] + rest * gy
            return x - lr * vx, y - lr * vy

        return low_pass

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        vx = memory[0] = mu * memory[0] + gx
        vy = memory[1] = mu * memory[1] + gy
        return x - lr * vx, y - lr * vy

    return step


def _velocity(m: Moment, rest: float, symbol: str) -> Term:
    mu = m.hyper["momentum"]
    share = "" if rest == 1.0 else f"{said(rest)} · "
    numbers = f"{said(mu)} · {pair(*m.before[:2])} + {share}{pair(m.gx, m.gy)}"
    return Term(symbol, VELOCITY_TERM, m.after[0], m.after[1], "arrow", numbers)


def momentum_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, velocity, step."""
    low_pass = chosen(m.hyper, "view", 2)
    symbol = "v ← β v + (1 − β) g" if low_pass else "v ← β v + g"
    velocity = _velocity(m, 1.0 - m.hyper["momentum"] if low_pass else 1.0, symbol)
    return slope_term(m), velocity, step_term(m, "−μ v", f"−{said(m.hyper['lr'])} · {pair(velocity.x, velocity.y)}")


def nesterov(hyper: Numbers, surface: Surface) -> Move:
    """Nesterov's gradient, at the point looked ahead to."""
    lr, mu = hyper["lr"], hyper["momentum"]

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        vx = memory[0] = mu * memory[0] + gx
        vy = memory[1] = mu * memory[1] + gy
        return x - lr * (gx + mu * vx), y - lr * (gy + mu * vy)

    return step


def nesterov_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, velocity, the look ahead, step."""
    lr, mu = m.hyper["lr"], m.hyper["momentum"]
    velocity = _velocity(m, 1.0, "v ← β v + g")
    ahead = Term("β v", N_("The look ahead: where the velocity will carry it anyway."), mu * velocity.x, mu * velocity.y)
    numbers = f"−{said(lr)} · ({pair(m.gx, m.gy)} + {pair(ahead.x, ahead.y)})"
    return slope_term(m), velocity, ahead, step_term(m, "−μ (g + β v)", numbers)


def polyak(hyper: Numbers, surface: Surface) -> Plan:
    """Gradient descent whose rate follows from the height above the lowest value."""
    share, above = hyper["share"], hyper["above"]
    lowest = min((mark.value for mark in surface.landmarks if mark.kind == "minimum"), default=0.0) + above

    def step(x: float, y: float, oracle: Oracle, memory: list[float], k: int) -> Point:
        gx, gy = oracle.gradient(x, y)
        square = gx * gx + gy * gy
        height = oracle.value(x, y) - lowest
        size = oracle.rate = share * max(height, 0.0) / square if square > 0.0 else 0.0
        dx, dy = -size * gx, -size * gy
        oracle.note("g", SLOPE_HERE, gx, gy)
        oracle.note("f − f*", N_("Height above the lowest value."), height, kind="number")
        numbers = f"{said(share)} · {said(max(height, 0.0))} / {said(square)}"
        oracle.note("μ = c (f − f*) / |g|²", N_("Learning rate of this step."), size, kind="number", numbers=numbers)
        oracle.note("Δθ = −μ g", STEP, dx, dy, numbers=f"−{said(size)} · {pair(gx, gy)}")
        return x + dx, y + dy

    return step


ROWS = (
    Optimizer(
        "gd", N_("Gradient descent"), "θ ← θ − μ g", "Cauchy 1847", (rate(0.01),), gd, explain=gd_terms,
        about=N_("Straight downhill. Too small a rate crawls, above 2/λmax it diverges."),
        care=N_("Converges on a bowl for μ < 2/λmax; the slide's bound μ ≤ 1/λmax is the safe one."),
    ),
    Optimizer(
        "momentum", N_("Momentum"), "v ← β v + g;  θ ← θ − μ v", "Polyak 1964",
        (rate(0.01), MOMENTUM,
         choice("view", N_("View"), N_("The lecture's two ways of writing it: a heavy ball, or a low-pass filter on the "
                                       "gradients, whose steps are (1 − β) times as long."),
                N_("physics"), N_("low pass"))),
        momentum, (VELOCITY,), explain=momentum_terms,
        about=N_("A heavy ball: rolls through flat places and overshoots at the bottom."),
        care=N_("The lecture's second view (physics), the rate outside the velocity as in torch.optim. "
                "Its first view (low pass) steps (1 − β) times as far."),
    ),
    Optimizer(
        "nesterov", N_("Nesterov"), "v ← β v + g;  θ ← θ − μ (g + β v)", "Nesterov 1983; Sutskever et al. 2013",
        (rate(0.01), MOMENTUM), nesterov, (VELOCITY,), explain=nesterov_terms,
        about=N_("Momentum that looks ahead: brakes before the far wall."),
        care=N_("The point drawn is the one looked ahead to, where the gradient is taken (torch.optim's form); "
                "the lecture's own point is θ + μ β v."),
    ),
    Optimizer(
        "sgd", N_("SGD"), "θ ← θ − μ (g + ξ),  ξ ~ N(0, σ²/B)", "Robbins, Monro 1951",
        (rate(0.01),
         Parameter("noise", N_("Noise σ"), N_("Spread of one example's gradient around that of all data."), 1.0, 0.0, 20.0),
         Parameter("batch", N_("Batch size B"), N_("Examples averaged for one step: four times as many halve the noise."),
               1.0, 1.0, 1024.0, log=True, whole=True)),
        None, plan=sgd, like="gd",
        about=N_("Stochastic gradient descent sees a few examples at a time: noise shakes it out of flat places and keeps it "
                 "from coming to rest."),
        care=N_("On a surface made of data the batches are real parts of it. Elsewhere the noise is normal and the same "
                "everywhere. The seed decides it."),
    ),
    Optimizer(
        "polyak", N_("Polyak's step"), "μ = c (f − f*) / |g|²;  θ ← θ − μ g", "Polyak 1987",
        (Parameter("share", N_("Share c"), N_("1 is Polyak's step; smaller is more careful."), 1.0, 0.01, 2.0),
         Parameter("above", N_("Aim above the lowest"),
               N_("f* is the lowest known minimum plus this number; where none is known, this number alone."), 0.0, -5.0, 5.0)),
        None, plan=polyak,
        about=N_("No rate to choose: the height still to go, divided by the squared slope, is the right length on a cone."),
        care=N_("It must know the lowest value f*. Near another, higher minimum its steps explode."),
    ),
)  # fmt: skip
