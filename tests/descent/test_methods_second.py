"""Newton, BFGS, L-BFGS, conjugate gradients, Levenberg-Marquardt: steps by hand and by scipy."""

import math

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.descent.ground import Surface, known, surface_named
from explorer.descent.methods_second import positive, solved, two_loops, updated
from explorer.descent.walk import Rules, trajectory

numbers = st.floats(-2.0, 2.0)


def run(surface, name, start=None, steps=60, rules=None, **given_numbers):
    surface = surface_named(surface) if isinstance(surface, str) else surface
    optimizer = known().optimizers[name]
    hyper = optimizer.numbers(surface, given_numbers)
    return trajectory(surface, optimizer, hyper, start or surface.start, steps, rules=rules or Rules())


def bowl(xx, xy, yy, bx=0.0, by=0.0):
    """f = ½ zᵀ A z − bᵀ z with its exact Hessian."""
    return Surface(
        "bowl", "", "", (-4.0, 4.0, -4.0, 4.0), (2.5, -1.5),
        lambda x, y: 0.5 * (xx * x * x + 2 * xy * x * y + yy * y * y) - bx * x - by * y,
        lambda x, y: (xx * x + xy * y - bx, xy * x + yy * y - by),
        curvature=lambda x, y: (xx, xy, yy),
    )  # fmt: skip


@st.composite
def positive_matrices(draw):
    angle, low, ratio = draw(st.floats(0.0, 3.1)), draw(st.floats(0.7, 2.0)), draw(st.floats(1.5, 50.0))
    c, s = math.cos(angle), math.sin(angle)
    high = low * ratio
    return low * c * c + high * s * s, (low - high) * c * s, low * s * s + high * c * c


def dense(matrix):
    xx, xy, yy = matrix
    return np.array([[xx, xy], [xy, yy]])


def hessian_of(surface, at):
    return dense(surface.hessian(*at))


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "beale"])
def test_pure_newton_by_hand(name):
    surface = surface_named(name)
    path = run(name, "newton", steps=6)
    for before, after in zip(path.points, path.points[1:], strict=False):
        expected = before - np.linalg.solve(hessian_of(surface, before), surface.gradient(*before))
        np.testing.assert_allclose(after, expected, rtol=1e-9, atol=1e-12)


@given(positive_matrices(), numbers, numbers)
@settings(max_examples=40, deadline=None)
def test_newton_ends_a_bowl_in_one_step_however_it_is_turned(matrix, bx, by):
    path = run(bowl(*matrix, bx, by), "newton", steps=1)
    np.testing.assert_allclose(path.points[1], np.linalg.solve(dense(matrix), [bx, by]), atol=1e-8)
    assert path.evaluations[1] == 3  # one gradient, one Hessian


def test_newton_goes_to_the_saddle_and_its_positive_definite_kin_does_not():
    pure, damped, good = (run("himmelblau", "newton", kind=kind) for kind in (0, 1, 2))
    saddle = np.array([-0.12796134673068005, -1.9537149802445766])
    for path in (pure, damped):
        assert np.linalg.norm(path.points[-1] - saddle) < 1e-9 and path.status == "running"
    assert good.status == "converged" and (np.diff(good.values) <= 0).all()
    assert np.linalg.norm(run("saddle", "newton", steps=1).points[1]) < 1e-12  # at once
    assert run("saddle", "newton", kind=2).status == "left the plot"


def test_where_the_hessian_is_singular_newton_stops_in_words():
    path = run("monkey_saddle", "newton", start=(0.0, 1.0), steps=5)
    assert np.isfinite(path.points).all()
    flat = bowl(1.0, 0.0, 0.0)
    assert run(flat, "newton").status == "not finite"
    assert run(flat, "newton", kind=2).status in {"running", "converged", "left the plot"}


@given(numbers, numbers, numbers, st.floats(0.01, 1.0))
@settings(max_examples=80, deadline=None)
def test_positive_replaces_the_eigenvalues_and_keeps_their_directions(xx, xy, yy, floor):
    values, vectors = np.linalg.eigh(dense((xx, xy, yy)))
    expected = vectors @ np.diag(np.maximum(np.abs(values), floor)) @ vectors.T
    np.testing.assert_allclose(dense(positive((xx, xy, yy), floor)), expected, atol=1e-9)


@given(positive_matrices(), numbers, numbers)
@settings(max_examples=40, deadline=None)
def test_solved_is_numpys(matrix, gx, gy):
    np.testing.assert_allclose(solved(matrix, gx, gy), -np.linalg.solve(dense(matrix), [gx, gy]), atol=1e-9)


@given(positive_matrices(), numbers, numbers, numbers, numbers)
@settings(max_examples=60, deadline=None)
def test_bfgs_update_is_scipys_and_keeps_the_secant_condition(matrix, sx, sy, vx, vy):
    if sx * vx + sy * vy < 0.05:
        return
    theirs = scipy.optimize.BFGS(init_scale=1.0)
    theirs.initialize(2, "inv_hess")
    theirs.H = dense(matrix).copy()
    theirs.first_iteration = False
    theirs.update(np.array([sx, sy]), np.array([vx, vy]))
    ours = dense(updated(matrix, sx, sy, vx, vy))
    np.testing.assert_allclose(ours, np.tril(theirs.get_matrix()) + np.tril(theirs.get_matrix(), -1).T, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours @ [vx, vy], [sx, sy], rtol=1e-7, atol=1e-9)
    assert np.linalg.eigvalsh(ours)[0] > 0


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "beale", "plateau_cliff"])
@pytest.mark.parametrize("search", [1, 2, 3])
def test_lbfgs_with_all_pairs_and_the_same_first_matrix_is_bfgs(name, search):
    one = run(name, "bfgs", steps=25, search=search, scaling=0)
    other = run(name, "lbfgs", steps=25, search=search, scaling=0, m=1000)
    count = min(len(one.points), len(other.points), 16)
    assert count > 5
    np.testing.assert_allclose(one.points[:count], other.points[:count], rtol=0, atol=1e-6)


def test_two_loops_are_the_matrix():
    rng = np.random.default_rng(3)
    pairs, matrix = [], (1.0, 0.0, 1.0)
    for _ in range(6):
        s = rng.normal(size=2)
        v = dense((3.0, 1.0, 2.0)) @ s
        pairs.append((*s, *v))
        matrix = updated(matrix, *s, *v)
    np.testing.assert_allclose(two_loops(0.7, -1.1, pairs, False), -dense(matrix) @ [0.7, -1.1], rtol=1e-9)


def test_bfgs_learns_the_inverse_hessian_and_leaves_out_what_would_spoil_it():
    surface = bowl(5.0, 2.0, 3.0, 1.0, -1.0)
    path = run(surface, "bfgs", steps=4, search=3)
    learnt = np.array([path.state["inverse x"][3], path.state["inverse y"][3]])
    np.testing.assert_allclose(learnt, np.linalg.inv(hessian_of(surface, (0, 0))), atol=1e-8)
    wild = run("himmelblau", "bfgs", start=(-0.2, -0.9), steps=40, search=0, alpha=0.2)  # starts on a hilltop: sᵀy < 0
    for row_x, row_y in zip(wild.state["inverse x"][1:], wild.state["inverse y"][1:], strict=True):
        assert np.linalg.eigvalsh([row_x, row_y])[0] > 0


@given(positive_matrices(), numbers, numbers)
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("formula", [0, 1])
def test_conjugate_gradients_end_a_quadratic_in_two_steps(formula, matrix, bx, by):
    path = run(bowl(*matrix, bx, by), "cg", steps=2, formula=formula, search=0)
    np.testing.assert_allclose(path.points[-1], np.linalg.solve(dense(matrix), [bx, by]), atol=1e-6)


def test_conjugate_directions_by_hand():
    surface = surface_named("rosenbrock")
    path = run("rosenbrock", "cg", steps=12, formula=1)
    slopes = [np.array(surface.gradient(*point)) for point in path.points]
    direction = np.zeros(2)
    for step, g in enumerate(slopes[:-1]):
        if step:
            direction = -g + max(0.0, g @ (g - slopes[step - 1]) / (slopes[step - 1] @ slopes[step - 1])) * direction
        if not direction @ g < 0:
            direction = -g
        np.testing.assert_allclose(path.state["direction"][step + 1], direction, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(path.points[step + 1] - path.points[step], path.rates[step + 1] * direction, atol=1e-12)
        # the search was exact: the new gradient is at right angles
        assert abs(slopes[step + 1] @ direction) < 1e-6 * np.linalg.norm(g) * np.linalg.norm(direction)


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "beale"])
@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "cg"])
def test_they_arrive_where_scipy_arrives(name, method):
    path = run(name, method, steps=200)
    start = surface_named(name).start
    theirs = scipy.optimize.minimize(
        lambda p: surface_named(name).value(*p), start, jac=lambda p: np.array(surface_named(name).gradient(*p)), method="BFGS"
    )
    assert path.status == "converged" and path.values[-1] <= theirs.fun + 1e-9


def squares(name="rosenbrock"):
    real = surface_named(name)
    return Surface(
        "squares", "", "", real.domain, real.start, real.value, real.gradient,
        residuals=lambda x, y: (1.0 - x, 10.0 * (y - x * x)), jacobian=lambda x, y: ((-1.0, 0.0), (-20.0 * x, 10.0)),
    )  # fmt: skip


@pytest.mark.parametrize("scale", [0, 1])
def test_levenberg_marquardt_by_hand(scale):
    surface = squares()
    path = run(surface, "lm", steps=60, scale=scale, damping=0.05)
    damping = 0.05
    for before, after, kept in zip(path.points, path.points[1:], path.state["damping"][1:, 0], strict=False):
        j, r = np.array(surface.jacobian(*before)), np.array(surface.residuals(*before))
        while True:
            more = np.diag(np.diag(j.T @ j)) if scale else np.eye(2)
            step = -np.linalg.solve(j.T @ j + damping * more, j.T @ r)
            if np.sum(np.square(surface.residuals(*(before + step)))) < r @ r:
                break
            damping *= 10.0
            assert damping < 1e14
        np.testing.assert_allclose(after, before + step, rtol=1e-7, atol=1e-9)
        damping /= 10.0
        assert kept == pytest.approx(damping, rel=1e-9)
        if r @ r < 1e-12:
            break
    theirs = scipy.optimize.least_squares(lambda p: surface.residuals(*p), surface.start, method="lm")
    np.testing.assert_allclose(path.points[-1], theirs.x, atol=1e-4)
    assert path.status == "converged"


def test_levenberg_marquardt_says_where_it_does_not_fit():
    path = run("saddle", "lm")
    assert path.status == "does not fit" and path.steps == 0 and path.evaluations.tolist() == [0]


@pytest.mark.parametrize("name", ["newton", "bfgs", "lbfgs", "cg", "lm", "sgd", "polyak"])
@pytest.mark.parametrize("surface_name", ["rosenbrock", "saddle", "monkey_saddle", "plateau_cliff", "inflexion"])
def test_they_end_in_words_from_anywhere(name, surface_name):
    surface = squares() if name == "lm" else surface_named(surface_name)
    x0, x1, y0, y1 = surface.domain
    for x, y in np.random.default_rng(5).uniform((x0, y0), (x1, y1), (6, 2)):
        for changes in (
            {},
            {"alpha": math.nan},
            {"alpha": 1e200},
            {"lr": math.inf},
            {"share": math.nan},
            {"damping": math.nan},
        ):
            if set(changes) <= {one.name for one in known().optimizers[name].hyper}:
                path = run(surface, name, start=(float(x), float(y)), steps=60, **changes)
                assert np.isfinite(path.points).all() and np.isfinite(path.values).all() and np.isfinite(path.gradients).all()
                assert path.status in {"running", "converged", "left the plot", "not finite"}
                assert (np.diff(path.evaluations) >= 0).all() and len(path.evaluations) == len(path.rates) == len(path.points)
