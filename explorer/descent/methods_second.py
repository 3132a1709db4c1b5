"""Methods that know or learn the curvature: Newton, BFGS, L-BFGS, conjugate gradients. Two variables, so all in closed form."""

from __future__ import annotations

from math import hypot, isfinite

from explorer.descent import line_search
from explorer.descent.ground import Parameter, Point, Surface
from explorer.descent.line_search import Line
from explorer.descent.method import Numbers, Optimizer, Plan, choice, chosen, switch
from explorer.descent.oracle import Oracle
from explorer.descent.terms import SLOPE_HERE, STEP, pair, said
from explorer.i18n import N_

INVERSE_X, INVERSE_Y, LAST_SLOPE, LAST_STEP, DIRECTION = "inverse x", "inverse y", "gradient", "step", "direction"
FIXED, ARMIJO, WOLFE, EXACT = range(4)
SMALLEST = 1e-200  # products of a step and a gradient below this would make 1 / sᵀy infinite
DIRECTION_TERM = N_("Direction to search along.")
LENGTH_TERM = N_("How far to go along it.")


def searched(oracle: Oracle, line: Line, kind: int, first: float, c2: float) -> float:
    """The length that the chosen line search accepts."""
    if kind == FIXED:
        return first
    if kind == ARMIJO:
        return line_search.backtracking(line, first)
    return line_search.strong_wolfe(line, first, c2=c2) if kind == WOLFE else line_search.exact(line, first)


def went(oracle: Oracle, x: float, y: float, a: float, px: float, py: float) -> Point:
    """The new point, its length and step told."""
    oracle.rate = a
    oracle.note("α", LENGTH_TERM, a, kind="number")
    oracle.note("Δθ = α p", STEP, a * px, a * py, numbers=f"{said(a)} · {pair(px, py)}")
    return x + a * px, y + a * py


def solved(hessian: tuple[float, float, float], gx: float, gy: float) -> Point:
    """−H⁻¹ g. Raises ZeroDivisionError where H is singular."""
    xx, xy, yy = hessian
    determinant = xx * yy - xy * xy
    return (xy * gy - yy * gx) / determinant, (xy * gx - xx * gy) / determinant


def positive(hessian: tuple[float, float, float], floor: float) -> tuple[float, float, float]:
    """The Hessian with every eigenvalue λ replaced by max(|λ|, floor)."""
    xx, xy, yy = hessian
    middle, half = 0.5 * (xx + yy), hypot(0.5 * (xx - yy), xy)
    high, low = max(abs(middle + half), floor), max(abs(middle - half), floor)
    if half == 0.0:
        return high, 0.0, high
    # H = m I + h R with R the reflection (c, s; s, -c): the same eigenvectors, other eigenvalues
    c, s = 0.5 * (xx - yy) / half, xy / half
    m, h = 0.5 * (high + low), 0.5 * (high - low)
    return m + h * c, h * s, m - h * c


def newton(hyper: Numbers, surface: Surface) -> Plan:
    """To the stationary point of the local quadratic model, whatever kind it is."""
    alpha, kind, floor = hyper["alpha"], chosen(hyper, "kind", 3), hyper["floor"]

    def step(x: float, y: float, oracle: Oracle, memory: list[float], k: int) -> Point:
        gx, gy = oracle.gradient(x, y)
        found = oracle.hessian(x, y)
        used = positive(found, floor) if kind == 2 else found
        oracle.note("g", SLOPE_HERE, gx, gy)
        for symbol, (xx, xy, yy) in (("H", found), ("|H|", used))[: 2 if kind == 2 else 1]:
            oracle.note(
                symbol, N_("Hessian: first row, and the second below it."), xx, xy, "axes", f"{pair(xx, xy)} {pair(xy, yy)}"
            )
        px, py = solved(used, gx, gy) if gx or gy else (0.0, 0.0)
        symbol = "p = −|H|⁻¹ g" if kind == 2 else "p = −H⁻¹ g"
        oracle.note(symbol, N_("To where the local quadratic model is flat."), px, py)
        a = alpha
        if kind and (px or py):
            uphill = gx * px + gy * py >= 0.0
            line = Line(oracle, (x, y, px, py), surface.diagonal)
            a = _flatter(oracle, (x, y, px, py), hypot(gx, gy), alpha) if uphill else line_search.backtracking(line, alpha)
        return went(oracle, x, y, a, px, py)

    return step


def _flatter(oracle: Oracle, here: tuple[float, float, float, float], size: float, first: float) -> float:
    """A length at which the gradient is shorter: what is left to measure by where the direction leads uphill."""
    x, y, px, py = here
    a = first
    for _ in range(line_search.TRIES):
        if hypot(*oracle.gradient(x + a * px, y + a * py)) <= (1.0 - line_search.ARMIJO * a) * size:
            return a
        a *= 0.5
    return 0.0


def bfgs(hyper: Numbers, surface: Surface) -> Plan:
    """Learns the inverse Hessian from the change of the gradient."""
    search, alpha, scale = chosen(hyper, "search", 4), hyper["alpha"], chosen(hyper, "scaling", 2)

    def step(x: float, y: float, oracle: Oracle, memory: list[float], k: int) -> Point:
        gx, gy = oracle.gradient(x, y)
        oracle.note("g", SLOPE_HERE, gx, gy)
        xx, xy, yy = (memory[0], memory[1], memory[3]) if k > 1 else (1.0, 0.0, 1.0)
        if k > 1:
            sx, sy = memory[6], memory[7]
            vx, vy = gx - memory[4], gy - memory[5]
            curved = sx * vx + sy * vy
            oracle.note("s", N_("The last step."), sx, sy)
            oracle.note("y", N_("How the gradient changed by it."), vx, vy)
            if _trusted(curved, sx, sy, vx, vy):
                if k == 2 and scale:
                    xx = yy = curved / (vx * vx + vy * vy)
                xx, xy, yy = updated((xx, xy, yy), sx, sy, vx, vy)
        px, py = -(xx * gx + xy * gy), -(xy * gx + yy * gy)
        if px * gx + py * gy > 0.0:  # rounding, or a search that kept no curvature: begin anew
            xx, xy, yy, px, py = 1.0, 0.0, 1.0, -gx, -gy
        memory[:6] = xx, xy, xy, yy, gx, gy
        oracle.note("H⁻¹", N_("Inverse Hessian so far: first row, and the second below it."), xx, xy, "axes",
                    f"{pair(xx, xy)} {pair(xy, yy)}")  # fmt: skip
        oracle.note("p = −H⁻¹ g", DIRECTION_TERM, px, py)
        a = _length(oracle, (x, y, px, py), surface, search, alpha, k, line_search.SLOPE)
        memory[6:8] = a * px, a * py
        return went(oracle, x, y, a, px, py)

    return step


def _trusted(curved: float, sx: float, sy: float, vx: float, vy: float) -> bool:
    """Whether sᵀy shows the positive curvature without which the update would spoil the matrix."""
    size = hypot(sx, sy) * hypot(vx, vy)
    return isfinite(curved) and curved > 1e-10 * size and min(curved, vx * vx + vy * vy) > SMALLEST


def updated(inverse: tuple[float, float, float], sx: float, sy: float, vx: float, vy: float) -> tuple[float, float, float]:
    """BFGS: (I − ρ s yᵀ) H⁻¹ (I − ρ y sᵀ) + ρ s sᵀ with ρ = 1 / sᵀy; then H⁻¹ y = s holds."""
    xx, xy, yy = inverse
    rho = 1.0 / (sx * vx + sy * vy)
    hx, hy = xx * vx + xy * vy, xy * vx + yy * vy
    both = rho * (1.0 + rho * (vx * hx + vy * hy))
    return (
        xx - 2.0 * rho * hx * sx + both * sx * sx,
        xy - rho * (hx * sy + sx * hy) + both * sx * sy,
        yy - 2.0 * rho * hy * sy + both * sy * sy,
    )


def _length(
    oracle: Oracle, here: Mark, surface: Surface, search: int, alpha: float, k: int, c2: float, unit: bool = True
) -> float:
    """The accepted length; the very first try is as long as a short gradient step, as in torch.optim's LBFGS."""
    _, _, px, py = here
    size = abs(px) + abs(py)
    if not isfinite(size):
        raise FloatingPointError("the direction is not finite")
    if size == 0.0:
        return 0.0
    first = alpha * min(1.0, 1.0 / size) if k == 1 or not unit else alpha
    if search == FIXED:
        return first
    return searched(oracle, Line(oracle, here, surface.diagonal), search, first, c2)


Mark = tuple[float, float, float, float]  # x, y, direction


def lbfgs(hyper: Numbers, surface: Surface) -> Plan:
    """BFGS from the last m pairs only, without a matrix: the two loops."""
    search, alpha, scale = chosen(hyper, "search", 4), hyper["alpha"], chosen(hyper, "scaling", 2)
    most = max(1, int(min(hyper["m"], 1e6)))

    def step(x: float, y: float, oracle: Oracle, memory: list[float], k: int) -> Point:
        gx, gy = oracle.gradient(x, y)
        oracle.note("g", SLOPE_HERE, gx, gy)
        if k > 1:
            sx, sy = memory[2], memory[3]
            vx, vy = gx - memory[0], gy - memory[1]
            if _trusted(sx * vx + sy * vy, sx, sy, vx, vy):
                memory += (sx, sy, vx, vy)
                del memory[6 : max(6, len(memory) - 4 * most)]
        pairs = [(memory[at], memory[at + 1], memory[at + 2], memory[at + 3]) for at in range(6, len(memory), 4)]
        px, py = two_loops(gx, gy, pairs, bool(scale))
        if px * gx + py * gy > 0.0:
            del memory[6:]
            px, py = -gx, -gy
        memory[:2] = gx, gy
        memory[4:6] = px, py
        oracle.note("m", N_("Pairs of step and change of gradient in use."), float(len(pairs)), kind="number")
        oracle.note("p = −H⁻¹ g", N_("Direction, from these pairs by the two loops."), px, py)
        a = _length(oracle, (x, y, px, py), surface, search, alpha, k, line_search.SLOPE)
        memory[2:4] = a * px, a * py
        return went(oracle, x, y, a, px, py)

    return step


def two_loops(gx: float, gy: float, pairs: list[Mark], scale: bool) -> Point:
    """−H⁻¹ g from pairs (s, y), oldest first. Nocedal and Wright, algorithm 7.4."""
    qx, qy, kept = -gx, -gy, []
    for sx, sy, vx, vy in reversed(pairs):
        rho = 1.0 / (sx * vx + sy * vy)
        a = rho * (sx * qx + sy * qy)
        qx, qy = qx - a * vx, qy - a * vy
        kept.append((rho, a))
    if pairs and scale:
        sx, sy, vx, vy = pairs[-1]
        gamma = (sx * vx + sy * vy) / (vx * vx + vy * vy)
        qx, qy = gamma * qx, gamma * qy
    for (sx, sy, vx, vy), (rho, a) in zip(pairs, reversed(kept), strict=True):
        b = a - rho * (vx * qx + vy * qy)
        qx, qy = qx + b * sx, qy + b * sy
    return qx, qy


def conjugate(hyper: Numbers, surface: Surface) -> Plan:
    """Directions that do not undo what the last one gained."""
    formula, search, alpha = chosen(hyper, "formula", 2), chosen(hyper, "search", 2), hyper["alpha"]

    def step(x: float, y: float, oracle: Oracle, memory: list[float], k: int) -> Point:
        gx, gy = oracle.gradient(x, y)
        share = 0.0
        old = memory[0] * memory[0] + memory[1] * memory[1]
        if k > 1 and old > 0.0:
            if formula == 0:
                share = (gx * gx + gy * gy) / old
            else:
                share = max(0.0, (gx * (gx - memory[0]) + gy * (gy - memory[1])) / old)
        px, py = share * memory[2] - gx, share * memory[3] - gy
        if px * gx + py * gy >= 0.0:  # no way down: begin anew
            share, px, py = 0.0, -gx, -gy
        name = ("β = |g|² / |g₋₁|²", "β = max(0, gᵀ (g − g₋₁) / |g₋₁|²)")[formula]
        oracle.note("g", SLOPE_HERE, gx, gy)
        oracle.note(name, N_("Share of the last direction that is kept."), share, kind="number")
        oracle.note("p ← −g + β p", DIRECTION_TERM, px, py, numbers=f"−{pair(gx, gy)} + {said(share)} · {pair(*memory[2:4])}")
        memory[:4] = gx, gy, px, py
        a = _length(oracle, (x, y, px, py), surface, (EXACT, WOLFE)[search], alpha, k, 0.1, unit=False)
        return went(oracle, x, y, a, px, py)

    return step


ALPHA = Parameter("alpha", N_("Step length α"), N_("Share of the full step; where a line search follows, its first try."),
              1.0, 0.01, 2.0, log=True)  # fmt: skip
SEARCH = choice("search", N_("Line search"), N_("How the length along the direction is found; exact: closed form on a "
                "quadratic, else bracketing and secants."),
                N_("fixed length"), N_("Armijo backtracking"), N_("strong Wolfe"), N_("exact"), default=WOLFE)  # fmt: skip
SCALING = switch("scaling", N_("Scale the first matrix"), N_("Begin with the curvature of the last step instead of 1."))

ROWS = (
    Optimizer(
        "newton", N_("Newton"), "p = −H⁻¹ g;  θ ← θ + α p", "Newton 1669, Simpson 1740; Dauphin et al. 2014",
        (ALPHA,
         choice("kind", N_("Kind"), N_("Pure: the full step wherever it leads. Damped: shortened until it helps. Positive "
                                       "definite: negative curvatures count as positive, so that it always goes down."),
                N_("pure"), N_("damped"), N_("positive definite")),
         Parameter("floor", N_("Least curvature"), N_("Curvatures below this count as this much (positive definite only)."),
               1e-3, 1e-6, 10.0, log=True)),
        None, plan=newton,
        about=N_("Jumps to where the local quadratic model is flat: one step on a bowl, however long and narrow. Saddles and "
                 "tops are flat too: it goes to them."),
        care=N_("The slide writes arg max for the minimiser. Damped: Armijo's rule; where the direction leads uphill, the "
                "gradient must get shorter instead, so it still goes to saddles."),
    ),
    Optimizer(
        "bfgs", N_("BFGS"), "p = −H⁻¹ g;  θ ← θ + α p;  H⁻¹ y = s", "Broyden, Fletcher, Goldfarb, Shanno 1970",
        (ALPHA, SEARCH, SCALING), None, (INVERSE_X, INVERSE_Y, LAST_SLOPE, LAST_STEP), plan=bfgs,
        about=N_("Learns the inverse Hessian from how the gradient changes: nearly Newton's steps without second derivatives."),
        care=N_("Where sᵀy is not positive, the update is left out, or the matrix would stop being positive definite."),
    ),
    Optimizer(
        "lbfgs", N_("L-BFGS"), "p = −H⁻¹ g (m pairs);  θ ← θ + α p", "Nocedal 1980; Liu, Nocedal 1989",
        (ALPHA, Parameter("m", N_("Pairs m"), N_("How many steps it remembers; all of them is BFGS."), 10.0, 1.0, 100.0,
                          log=True, whole=True), SEARCH, SCALING),
        None, (LAST_SLOPE, LAST_STEP, DIRECTION), plan=lbfgs,
        about=N_("BFGS from the last few steps, without keeping a matrix: it fits millions of weights."),
        care=N_("With a fixed length it is torch.optim.LBFGS with max_iter 1: its first step is min(1, 1/|g|₁) long."),
    ),
    Optimizer(
        "cg", N_("Conjugate gradients"), "p ← −g + β p;  θ ← θ + α p", "Fletcher, Reeves 1964; Polak, Ribière 1969",
        (ALPHA,
         choice("formula", N_("Formula of β"), N_("How much of the last direction is kept. With g₋₁ the gradient before: "
                "Fletcher-Reeves |g|²/|g₋₁|², Polak-Ribière+ max(0, gᵀ(g − g₋₁)/|g₋₁|²)."),
                N_("Fletcher-Reeves"), N_("Polak-Ribière+"), default=1),
         choice("search", N_("Line search"), N_("How the length along the direction is found; exact: closed form on a "
                "quadratic, else bracketing and secants."), N_("exact"), N_("strong Wolfe"))),
        None, (LAST_SLOPE, DIRECTION), plan=conjugate,
        about=N_("Each direction keeps what the last one gained: on a quadratic in two variables it ends in two steps."),
        care=N_("The slide's sign of β depends on how it is defined; here p ← −g + β p. Uphill directions begin anew with −g."),
    ),
)  # fmt: skip
