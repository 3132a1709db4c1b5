"""Levenberg-Marquardt: for surfaces that are a sum of squares f = Σ r_i² and say their residuals."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from explorer.descent.ground import Parameter, Point, Surface
from explorer.descent.method import Numbers, Optimizer, Plan, choice, chosen
from explorer.descent.methods_second import solved
from explorer.descent.oracle import Oracle
from explorer.descent.terms import SLOPE_HERE, STEP, pair, said
from explorer.i18n import N_

DAMPING = "damping"
TRIES = 40


def normal_equations(residuals: Sequence[float], rows: Sequence[Point]) -> tuple[tuple[float, float, float], Point, float]:
    """JᵀJ as (xx, xy, yy), Jᵀr, and Σ r²."""
    xx = sum(a * a for a, _ in rows)
    xy = sum(a * b for a, b in rows)
    yy = sum(b * b for _, b in rows)
    gx = sum(a * r for (a, _), r in zip(rows, residuals, strict=True))
    gy = sum(b * r for (_, b), r in zip(rows, residuals, strict=True))
    return (xx, xy, yy), (gx, gy), sum(r * r for r in residuals)


def levenberg(hyper: Numbers, surface: Surface) -> Plan:
    """Between Gauss-Newton (damping 0) and a short gradient step (much damping), by what helped last."""
    start, factor, scaled = hyper["damping"], max(hyper["factor"], 1.0 + 1e-9), chosen(hyper, "scale", 2)

    def step(x: float, y: float, oracle: Oracle, memory: list[float], k: int) -> Point:
        residuals, rows = oracle.residuals(x, y)
        (xx, xy, yy), (gx, gy), height = normal_equations(residuals, rows)
        damping = memory[0] if k > 1 else start
        dx = dy = 0.0
        for _ in range(TRIES):
            more = (xx + damping * (xx if scaled else 1.0), xy, yy + damping * (yy if scaled else 1.0))
            try:
                dx, dy = solved(more, gx, gy)
            except ZeroDivisionError:
                dx, dy = 0.0, 0.0
            there = oracle.residuals(x + dx, y + dy)[0] if dx or dy else ()
            total = sum(r * r for r in there) if there else float("nan")
            if isfinite(total) and total < height:
                break
            if not (gx or gy) or damping > 1e16:
                dx = dy = 0.0
                break
            damping = max(damping, 1e-12) * factor
        else:
            dx = dy = 0.0
        oracle.rate = float("nan")
        oracle.note("g = 2 Jᵀr", SLOPE_HERE, 2.0 * gx, 2.0 * gy)
        oracle.note("JᵀJ", N_("Gauss-Newton's stand-in for the Hessian: first row, and the second below it."), xx, xy, "axes",
                    f"{pair(xx, xy)} {pair(xy, yy)}")  # fmt: skip
        oracle.note("λ", N_("Damping that made the sum of squares fall."), damping, kind="number")
        symbol = "Δθ = −(JᵀJ + λ diag JᵀJ)⁻¹ Jᵀr" if scaled else "Δθ = −(JᵀJ + λ I)⁻¹ Jᵀr"
        oracle.note(symbol, STEP, dx, dy, numbers=f"λ = {said(damping)}")
        memory[0] = memory[1] = damping / factor if dx or dy else damping
        return x + dx, y + dy

    return step


ROWS = (
    Optimizer(
        "lm", N_("Levenberg-Marquardt"), "θ ← θ − (JᵀJ + λ D)⁻¹ Jᵀr", "Levenberg 1944; Marquardt 1963",
        (Parameter("damping", N_("Damping λ"),
                   N_("At the start; it falls after every good step and grows until a step is good."), 1e-2, 1e-6, 1e3,
                   log=True),
         Parameter("factor", N_("Factor"), N_("By which the damping falls and grows."), 10.0, 1.1, 100.0, log=True),
         choice("scale", N_("Damped by"), N_("The same for all axes (Levenberg), or by each axis's own curvature (Marquardt)."),
                N_("identity"), N_("diagonal"), default=1)),
        None, (DAMPING,), plan=levenberg, needs="residuals",
        about=N_("The classic for small networks: uses that the error is a sum of squares to guess the curvature from first "
                 "derivatives."),
        care=N_("Only on least-squares surfaces, which say their residuals; elsewhere it does not start."),
    ),
)  # fmt: skip
