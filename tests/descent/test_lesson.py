"""Step by step: the terms of a step against the step that the race makes."""

import math

import numpy as np
import pytest

from explorer.descent.ground import known, surface_named
from explorer.jobs import result_of
from explorer.requests.race import RaceRequest, StepRequest

ALL = tuple(known().optimizers)
KINDS = {"arrow", "axes", "number"}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("step", [1, 2, 9])
def test_the_last_term_is_the_step_of_the_race(name, step):
    surface = "rosenbrock" if surface_named("rosenbrock").residuals else "himmelblau"
    if known().optimizers[name].needs and surface_named(surface).residuals is None:
        return
    fields = {"surface": surface, "steps": 12, "seed": 2, "schedule": "cosine"}
    path = result_of(RaceRequest(optimizers=(name,), **fields)).runs[0]
    if path.steps < step:
        return
    told = result_of(StepRequest(optimizer=name, step=step, **fields))
    np.testing.assert_array_equal(told.before, path.points[step - 1])
    np.testing.assert_array_equal(told.after, path.points[step])
    last = told.terms[-1]
    assert last.symbol.startswith("Δθ") and last.kind == "arrow"
    np.testing.assert_allclose((last.x, last.y), path.points[step] - path.points[step - 1], rtol=1e-9, atol=1e-12)
    first = told.terms[0]
    np.testing.assert_allclose((first.x, first.y), path.gradients[step - 1], rtol=1e-7)
    assert all(term.kind in KINDS and term.text and math.isfinite(term.x) and math.isfinite(term.y) for term in told.terms)
    assert told.rate == pytest.approx(path.rates[step], nan_ok=True) and told.evaluations == path.evaluations[step]


def test_adams_terms_by_hand():
    request = StepRequest(optimizer="adam", step=3, surface="quadratic", hyper={"adam": {"lr": 0.1}})
    told = result_of(request)
    path = result_of(RaceRequest(optimizers=("adam",), surface="quadratic", hyper={"adam": {"lr": 0.1}})).runs[0]
    terms = {term.symbol.split(" ")[0]: term for term in told.terms}
    assert list(terms) == ["g", "v", "τ", "v′", "τ′", "Δθ"]
    g, v, tau = path.gradients[2], path.state["velocity"], path.state["squares"]
    np.testing.assert_allclose((terms["v"].x, terms["v"].y), 0.9 * v[2] + 0.1 * g)
    np.testing.assert_allclose((terms["τ"].x, terms["τ"].y), 0.999 * tau[2] + 0.001 * g * g)
    np.testing.assert_allclose((terms["v′"].x, terms["v′"].y), v[3] / (1 - 0.9**3))
    np.testing.assert_allclose((terms["τ′"].x, terms["τ′"].y), tau[3] / (1 - 0.999**3))
    np.testing.assert_allclose(
        (terms["Δθ"].x, terms["Δθ"].y), -0.1 * v[3] / (1 - 0.9**3) / (np.sqrt(tau[3] / (1 - 0.999**3)) + 1e-8), rtol=1e-9
    )
    assert terms["v"].numbers.startswith("0.9 · (") and "(k = 3)" in terms["v′"].numbers
    slide = result_of(StepRequest(optimizer="adam", step=3, surface="quadratic", hyper={"adam": {"correction": 0.0}}))
    assert [term.symbol.split(" ")[0] for term in slide.terms] == ["g", "v", "τ", "Δθ"]


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "radam", "adadelta", "lion", "rmsprop", "adagrad", "nesterov"])
def test_the_terms_alone_give_the_step(name):
    """What is told is enough to make the step from: it is computed again from the terms before it."""
    told = result_of(StepRequest(optimizer=name, step=8, surface="himmelblau", steps=20))
    hyper = known().optimizers[name].numbers(surface_named("himmelblau"), {})
    term = {one.symbol.split(" ")[0]: np.array((one.x, one.y)) for one in told.terms}
    lr, eps = hyper.get("lr"), hyper.get("eps", 0.0)
    made = {
        "adam": lambda: -lr * term["v′"] / (np.sqrt(term["τ′"]) + eps),
        "adamw": lambda: -lr * term["v′"] / (np.sqrt(term["τ′"]) + eps) + term["−μ"],
        "nadam": lambda: -lr * term["n"] / (np.sqrt(term["τ′"]) + eps),
        "radam": lambda: -lr * term["r"][0] * term["v′"] / (np.sqrt(term["τ′"]) + eps),
        "adadelta": lambda: -lr * np.sqrt(term["δ"] + eps) / np.sqrt(term["τ"] + eps) * term["g"],
        "lion": lambda: -lr * np.sign(term["c"]),
        "rmsprop": lambda: -lr * term["g"] / (np.sqrt(term["τ"]) + eps),
        "adagrad": lambda: -lr * term["g"] / (np.sqrt(term["τ"]) + eps),
        "nesterov": lambda: -lr * (term["g"] + term["β"]),
    }[name]()
    np.testing.assert_allclose(made, term["Δθ"], rtol=1e-5, atol=1e-12)


def test_a_step_after_the_end_has_no_terms():
    told = result_of(StepRequest(optimizer="gd", step=250, surface="saddle", hyper={"gd": {"lr": 5.0}}))
    assert told.terms == () and told.before == told.after and told.status == "left the plot"
    unfit = result_of(StepRequest(optimizer="lm", step=1, surface="saddle"))
    assert unfit.terms == () and unfit.status == "does not fit"
    broken = result_of(StepRequest(optimizer="gd", step=1, surface="saddle", hyper={"gd": {"lr": 1e308}}))
    assert broken.status in {"running", "not finite"}
