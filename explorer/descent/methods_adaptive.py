"""Methods that scale each axis by the history of its gradients: AdaGrad, RMSProp, Adadelta, Adam and its relatives, Lion."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from explorer.descent.ground import Parameter, Point, Surface
from explorer.descent.method import (
    SQUARES,
    VELOCITY,
    Moment,
    Move,
    Numbers,
    Optimizer,
    beta,
    chosen,
    eps,
    rate,
    switch,
)
from explorer.descent.terms import CORRECTED, MEAN_TERM, SQUARES_MEAN, SQUARES_SUM, pair, said, slope_term, step_term
from explorer.i18n import N_
from explorer.records.descent import Term

PRODUCT, CHANGES = "product", "changes"


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
    lr, keep, tiny = hyper["lr"], hyper["beta"], hyper["eps"]
    rest = 1.0 - keep

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        sx = memory[0] = keep * memory[0] + rest * gx * gx
        sy = memory[1] = keep * memory[1] + rest * gy * gy
        return x - lr * gx / (sqrt(sx) + tiny), y - lr * gy / (sqrt(sy) + tiny)

    return step


def _squares(m: Moment, keep: float | None, at: int = 0) -> Term:
    """The squared gradients' memory: a sum, or a mean that keeps the share `keep`."""
    sx, sy = m.after[at : at + 2]
    old, square = pair(*m.before[at : at + 2]), pair(m.gx * m.gx, m.gy * m.gy)
    if keep is None:
        return Term("τ ← τ + g²", SQUARES_SUM, sx, sy, "axes", f"{old} + {square}")
    numbers = f"{said(keep)} · {old} + {said(1.0 - keep)} · {square}"
    name = "β₂" if "beta2" in m.hyper else "β"
    return Term(f"τ ← {name} τ + (1 − {name}) g²", SQUARES_MEAN, sx, sy, "axes", numbers)


def adagrad_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, sum of squares, step."""
    squares = _squares(m, None)
    return slope_term(m), squares, _scaled(m, squares)


def rmsprop_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, mean of squares, step."""
    squares = _squares(m, m.hyper["beta"])
    return slope_term(m), squares, _scaled(m, squares)


def _scaled(m: Moment, squares: Term) -> Term:
    roots = pair(sqrt(squares.x), sqrt(squares.y))
    return step_term(m, "−μ g / (√τ + ε)", f"−{said(m.hyper['lr'])} · {pair(m.gx, m.gy)} / ({roots} + {said(m.hyper['eps'])})")


def adadelta(hyper: Numbers, surface: Surface) -> Move:
    """AdaGrad that forgets and whose numerator is the mean size of its own steps."""
    lr, rho, tiny = hyper["lr"], hyper["rho"], hyper["eps"]
    rest = 1.0 - rho

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        sx = memory[0] = rho * memory[0] + rest * gx * gx
        sy = memory[1] = rho * memory[1] + rest * gy * gy
        dx = sqrt(memory[2] + tiny) / sqrt(sx + tiny) * gx
        dy = sqrt(memory[3] + tiny) / sqrt(sy + tiny) * gy
        memory[2] = rho * memory[2] + rest * dx * dx
        memory[3] = rho * memory[3] + rest * dy * dy
        return x - lr * dx, y - lr * dy

    return step


def adadelta_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, both memories, step."""
    tiny = m.hyper["eps"]
    moved = Term("δ", N_("Fading mean of its own squared steps, for each axis."), m.before[2], m.before[3], "axes")
    squares = _squares(m, m.hyper["rho"])
    sizes = pair(sqrt(moved.x + tiny), sqrt(moved.y + tiny)), pair(sqrt(squares.x + tiny), sqrt(squares.y + tiny))
    numbers = f"−{said(m.hyper['lr'])} · {sizes[0]} / {sizes[1]} · {pair(m.gx, m.gy)}"
    return slope_term(m), squares, moved, step_term(m, "−μ √(δ + ε) / √(τ + ε) · g", numbers)


def _adam(decay: bool) -> Callable[[Numbers, Surface], Move]:
    """Adam, or AdamW with its weight decay beside the gradient."""

    def make(hyper: Numbers, surface: Surface) -> Move:
        lr, beta1, beta2, tiny = hyper["lr"], hyper["beta1"], hyper["beta2"], hyper["eps"]
        rest1, rest2 = 1.0 - beta1, 1.0 - beta2
        shrink = 1.0 - lr * hyper["decay"] if decay else 1.0
        correct = bool(chosen(hyper, "correction", 2))

        def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
            vx = memory[0] = beta1 * memory[0] + rest1 * gx
            vy = memory[1] = beta1 * memory[1] + rest1 * gy
            sx = memory[2] = beta2 * memory[2] + rest2 * gx * gx
            sy = memory[3] = beta2 * memory[3] + rest2 * gy * gy
            size, root = (lr / (1.0 - beta1**k), sqrt(1.0 - beta2**k)) if correct else (lr, 1.0)
            return shrink * x - size * vx / (sqrt(sx) / root + tiny), shrink * y - size * vy / (sqrt(sy) / root + tiny)

        return step

    return make


def _mean(m: Moment) -> Term:
    keep = m.hyper["beta1"]
    numbers = f"{said(keep)} · {pair(*m.before[:2])} + {said(1.0 - keep)} · {pair(m.gx, m.gy)}"
    return Term("v ← β₁ v + (1 − β₁) g", MEAN_TERM, m.after[0], m.after[1], "arrow", numbers)


def _corrected(m: Moment, mean: Term, squares: Term) -> tuple[Term, Term]:
    """v′ and τ′."""
    k, grown, spread = m.k, 1.0 - m.hyper["beta1"] ** m.k, 1.0 - m.hyper["beta2"] ** m.k
    above = Term("v′ = v / (1 − β₁ᵏ)", CORRECTED, mean.x / grown, mean.y / grown, "arrow",
                 f"{pair(mean.x, mean.y)} / {said(grown)}  (k = {k})")  # fmt: skip
    below = Term("τ′ = τ / (1 − β₂ᵏ)", CORRECTED, squares.x / spread, squares.y / spread, "axes",
                 f"{pair(squares.x, squares.y)} / {said(spread)}  (k = {k})")  # fmt: skip
    return above, below


def adam_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, both means, both corrected, what decays, step."""
    mean, squares = _mean(m), _squares(m, m.hyper["beta2"], 2)
    told = [slope_term(m), mean, squares]
    above, below, mark = mean, squares, ""
    if chosen(m.hyper, "correction", 2):
        above, below = _corrected(m, mean, squares)
        mark = "′"
        told += [above, below]
    lr = said(m.hyper["lr"])
    roots = pair(sqrt(below.x), sqrt(below.y))
    numbers = f"−{lr} · {pair(above.x, above.y)} / ({roots} + {said(m.hyper['eps'])})"
    symbol = f"−μ v{mark} / (√τ{mark} + ε)"
    if "decay" in m.hyper:
        share = m.hyper["lr"] * m.hyper["decay"]
        told.append(Term("−μ λ θ", DECAY_TERM, -share * m.x, -share * m.y, "arrow", f"−{said(share)} · {pair(m.x, m.y)}"))
        symbol, numbers = symbol + " − μ λ θ", f"{numbers} − {said(share)} · {pair(m.x, m.y)}"
    return (*told, step_term(m, symbol, numbers))


DECAY_TERM = N_("Weight decay: a pull to the origin, not scaled by τ.")


def nadam(hyper: Numbers, surface: Surface) -> Move:
    """Adam with Nesterov's look ahead; its first memory warms up."""
    lr, beta1, beta2, tiny, warm = hyper["lr"], hyper["beta1"], hyper["beta2"], hyper["eps"], hyper["warm"]
    rest1, rest2 = 1.0 - beta1, 1.0 - beta2

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        now = beta1 * (1.0 - 0.5 * 0.96 ** (k * warm))
        then = beta1 * (1.0 - 0.5 * 0.96 ** ((k + 1) * warm))
        product = memory[4] = memory[5] = (memory[4] if k > 1 else 1.0) * now
        vx = memory[0] = beta1 * memory[0] + rest1 * gx
        vy = memory[1] = beta1 * memory[1] + rest1 * gy
        sx = memory[2] = beta2 * memory[2] + rest2 * gx * gx
        sy = memory[3] = beta2 * memory[3] + rest2 * gy * gy
        spread = 1.0 - beta2**k
        fresh, old = lr * (1.0 - now) / (1.0 - product), lr * then / (1.0 - product * then)
        dx = (fresh * gx + old * vx) / (sqrt(sx / spread) + tiny)
        dy = (fresh * gy + old * vy) / (sqrt(sy / spread) + tiny)
        return x - dx, y - dy

    return step


def nadam_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, both means, the mix of present gradient and mean, step."""
    mean, squares = _mean(m), _squares(m, m.hyper["beta2"], 2)
    warm, beta1, product = m.hyper["warm"], m.hyper["beta1"], m.after[4]
    now, then = (beta1 * (1.0 - 0.5 * 0.96 ** (k * warm)) for k in (m.k, m.k + 1))
    fresh, old = (1.0 - now) / (1.0 - product), then / (1.0 - product * then)
    mixed = Term("n = a g + b v", N_("Nesterov's look ahead: the present gradient counts at once."),
                 fresh * m.gx + old * mean.x, fresh * m.gy + old * mean.y, "arrow",
                 f"{said(fresh)} · {pair(m.gx, m.gy)} + {said(old)} · {pair(mean.x, mean.y)}")  # fmt: skip
    spread = 1.0 - m.hyper["beta2"] ** m.k
    numbers = f"{pair(squares.x, squares.y)} / {said(spread)}  (k = {m.k})"
    below = Term("τ′ = τ / (1 − β₂ᵏ)", CORRECTED, squares.x / spread, squares.y / spread, "axes", numbers)
    roots = pair(sqrt(below.x), sqrt(below.y))
    last = f"−{said(m.hyper['lr'])} · {pair(mixed.x, mixed.y)} / ({roots} + {said(m.hyper['eps'])})"
    return slope_term(m), mean, squares, mixed, below, step_term(m, "−μ n / (√τ′ + ε)", last)


def rectified(beta2: float, k: int) -> float:
    """RAdam's factor: 0 while too few squares were seen to trust their mean (the step is then plain momentum)."""
    longest = 2.0 / (1.0 - beta2) - 1.0 if beta2 < 1.0 else 0.0
    seen = longest - 2.0 * k * beta2**k / (1.0 - beta2**k) if beta2 < 1.0 else 0.0
    if seen <= 5.0:
        return 0.0
    return sqrt((seen - 4.0) * (seen - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * seen))


def radam(hyper: Numbers, surface: Surface) -> Move:
    """Adam that starts as momentum, until the mean of squares can be trusted."""
    lr, beta1, beta2, tiny = hyper["lr"], hyper["beta1"], hyper["beta2"], hyper["eps"]
    rest1, rest2 = 1.0 - beta1, 1.0 - beta2

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        vx = memory[0] = beta1 * memory[0] + rest1 * gx
        vy = memory[1] = beta1 * memory[1] + rest1 * gy
        sx = memory[2] = beta2 * memory[2] + rest2 * gx * gx
        sy = memory[3] = beta2 * memory[3] + rest2 * gy * gy
        size, trust = lr / (1.0 - beta1**k), rectified(beta2, k)
        if not trust:
            return x - size * vx, y - size * vy
        size *= trust * sqrt(1.0 - beta2**k)
        return x - size * vx / (sqrt(sx) + tiny), y - size * vy / (sqrt(sy) + tiny)

    return step


def radam_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, means, trust, step."""
    mean, squares = _mean(m), _squares(m, m.hyper["beta2"], 2)
    above, below = _corrected(m, mean, squares)
    trust = rectified(m.hyper["beta2"], m.k)
    told = (slope_term(m), mean, squares, above)
    factor = Term("r", N_("Trust in the mean of squares: 0 while too few were seen, 1 in the end."), trust, 0.0, "number")
    lr = said(m.hyper["lr"])
    if not trust:
        return (*told, factor, step_term(m, "−μ v′", f"−{lr} · {pair(above.x, above.y)}"))
    numbers = f"−{lr} · {said(trust)} · {pair(above.x, above.y)} / {pair(sqrt(below.x), sqrt(below.y))}"
    return (*told, below, factor, step_term(m, "−μ r v′ / (√τ′ + ε)", numbers))


def _sign(value: float) -> float:
    return value if value != value else float((value > 0.0) - (value < 0.0))


def lion(hyper: Numbers, surface: Surface) -> Move:
    """Only the sign of a mean of gradients."""
    lr, beta1, beta2 = hyper["lr"], hyper["beta1"], hyper["beta2"]
    rest1, rest2, shrink = 1.0 - beta1, 1.0 - beta2, 1.0 - lr * hyper["decay"]

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> Point:
        ux, uy = _sign(beta1 * memory[0] + rest1 * gx), _sign(beta1 * memory[1] + rest1 * gy)
        memory[0] = beta2 * memory[0] + rest2 * gx
        memory[1] = beta2 * memory[1] + rest2 * gy
        return shrink * x - lr * ux, shrink * y - lr * uy

    return step


def lion_terms(m: Moment) -> tuple[Term, ...]:
    """Gradient, the mix whose sign counts, what decays, step."""
    keep, lr, decay = m.hyper["beta1"], m.hyper["lr"], m.hyper["decay"]
    cx, cy = (keep * old + (1.0 - keep) * new for old, new in zip(m.before[:2], (m.gx, m.gy), strict=True))
    mixing = f"{said(keep)} · {pair(*m.before[:2])} + {said(1.0 - keep)} · {pair(m.gx, m.gy)}"
    mixed = Term("c = β₁ v + (1 − β₁) g", N_("Memory and present gradient; only its signs are used."), cx, cy, "arrow", mixing)
    told = [slope_term(m), mixed]
    numbers, symbol = f"−{said(lr)} · {pair(_sign(cx), _sign(cy))}", "−μ sign(c)"
    if decay:
        share = f"−{said(lr * decay)} · {pair(m.x, m.y)}"
        told.append(Term("−μ λ θ", DECAY_TERM, -lr * decay * m.x, -lr * decay * m.y, "arrow", share))
        symbol, numbers = "−μ (sign(c) + λ θ)", f"{numbers} − {share[1:]}"
    return (*told, step_term(m, symbol, numbers))


BETA = Parameter("beta", N_("Memory β"), N_("Share of the old mean of squares that is kept."), 0.9, 0.0, 0.999)
RHO = beta("rho", N_("Memory ρ"), N_("Share of both old means that is kept."), 0.9)
DIRECTION, SQUARED = N_("Share of the old direction that is kept."), N_("Share of the old mean of squares that is kept.")
BETA1 = beta("beta1", N_("Memory β₁"), DIRECTION, 0.9)
BETA2 = beta("beta2", N_("Memory β₂"), SQUARED, 0.999, 0.9999)
DECAY = Parameter("decay", N_("Weight decay λ"), N_("How strongly the weights are pulled to the origin."), 0.01, 0.0, 1.0)
WARM = Parameter("warm", N_("Warm-up ψ"), N_("How fast the look ahead grows to its full length."), 0.004, 0.0, 0.1)
CORRECTION = switch("correction", N_("Bias correction"), N_("Undo that both memories start at zero. The slide leaves it out."))

ROWS = (
    Optimizer(
        "adagrad", N_("AdaGrad"), "τ ← τ + g²;  θ ← θ − μ g / (√τ + ε)", "Duchi, Hazan, Singer 2011",
        (rate(0.1), eps(1e-10)), adagrad, (SQUARES,), explain=adagrad_terms,
        about=N_("A rate for each axis; its memory never fades, so it gets slower and slower."),
        care=N_("τ includes the present step, as in torch.optim; the slide sums to the step before."),
    ),
    Optimizer(
        "rmsprop", N_("RMSProp"), "τ ← β τ + (1 − β) g²;  θ ← θ − μ g / (√τ + ε)", "Tieleman, Hinton 2012",
        (rate(0.01), BETA, eps(1e-8)), rmsprop, (SQUARES,), explain=rmsprop_terms,
        about=N_("AdaGrad that forgets: steps of nearly constant length."),
        care=N_("ε is added outside the root, as in torch.optim and the lecture; β = 0.9 as in the lecture "
                "(torch.optim's default is 0.99)."),
    ),
    Optimizer(
        "adam", N_("Adam"), "v ← β₁ v + (1 − β₁) g;  τ ← β₂ τ + (1 − β₂) g²;  θ ← θ − μ v′ / (√τ′ + ε)", "Kingma, Ba 2015",
        (rate(0.02), BETA1, BETA2, eps(1e-8), CORRECTION), _adam(False), (VELOCITY, SQUARES), explain=adam_terms,
        about=N_("Momentum and RMSProp together."),
        care=N_("With bias correction, v′ = v / (1 − β₁ᵏ) and τ′ = τ / (1 − β₂ᵏ), as in the paper and torch.optim; "
                "the slide leaves it out."),
    ),
    Optimizer(
        "adamw", N_("AdamW"), "θ ← (1 − μ λ) θ − μ v′ / (√τ′ + ε)", "Loshchilov, Hutter 2019",
        (rate(0.02), BETA1, BETA2, eps(1e-8), DECAY, CORRECTION), _adam(True), (VELOCITY, SQUARES), explain=adam_terms,
        like="adam",
        about=N_("Adam with a pull to the origin that the squares do not scale: weights stay small."),
        care=N_("It ends beside the minimum, on the side of the origin: the pull changes what is sought."),
    ),
    Optimizer(
        "adadelta", N_("Adadelta"), "τ ← ρ τ + (1 − ρ) g²;  θ ← θ − μ √(δ + ε) / √(τ + ε) g", "Zeiler 2012",
        (rate(1.0), RHO, eps(1e-6)), adadelta, (SQUARES, CHANGES), explain=adadelta_terms,
        about=N_("RMSProp whose rate is the size of its own last steps: none to choose, but it starts very slowly."),
        care=N_("ε stands inside both roots and decides how it starts; the paper has no μ (μ = 1)."),
    ),
    Optimizer(
        "nadam", N_("NAdam"), "n = a g + b v;  θ ← θ − μ n / (√τ′ + ε)", "Dozat 2016",
        (rate(0.02), BETA1, BETA2, eps(1e-8), WARM), nadam, (VELOCITY, SQUARES, PRODUCT), explain=nadam_terms, like="adam",
        about=N_("Adam with Nesterov's look ahead."),
        care=N_("The look ahead warms up as in torch.optim: β₁ (1 − ½ · 0.96^(ψ k))."),
    ),
    Optimizer(
        "radam", N_("RAdam"), "θ ← θ − μ r v′ / (√τ′ + ε)", "Liu et al. 2020",
        (rate(0.02), BETA1, BETA2, eps(1e-8)), radam, (VELOCITY, SQUARES), explain=radam_terms, like="gd",
        about=N_("Adam that begins as momentum, until enough squares were seen to be trusted: a warm-up of its own."),
        care=N_("The first steps (five at β₂ = 0.999) are not divided by √τ: on steep surfaces only a rate as small as "
                "gradient descent's keeps them from leaping away."),
    ),
    Optimizer(
        "lion", N_("Lion"), "c = β₁ v + (1 − β₁) g;  θ ← θ − μ (sign(c) + λ θ)", "Chen et al. 2023",
        (rate(0.005), BETA1, beta("beta2", N_("Memory β₂"), DIRECTION, 0.99),
         Parameter(DECAY.name, DECAY.label, DECAY.help, 0.0, DECAY.low, DECAY.high)),
        lion, (VELOCITY,), explain=lion_terms, like="adam", share=0.3,
        about=N_("Only the signs: every step is equally long along each axis, and it never rests without a schedule."),
        care=N_("Found by a search over programs; wants a rate 3 to 10 times smaller than AdamW's. Not in torch.optim."),
    ),
)  # fmt: skip
