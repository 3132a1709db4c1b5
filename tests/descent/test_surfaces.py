import math
import re

import numpy as np
import pytest
import scipy.optimize
import sympy

from explorer.descent.finite_sum import Batches
from explorer.descent.ground import Surface, known, surface_named, surface_of
from explorer.descent.surfaces_marks import found_landmarks
from explorer.jobs import result_of
from explorer.records.errors import BadRequestError
from explorer.requests.race import RaceRequest

LECTURE = ("beale", "himmelblau", "inflexion", "monkey_saddle", "plateau_cliff", "quadratic", "rosenbrock", "saddle")
ROUGH = ("ackley", "noisy_bowl", "rastrigin", "ravine")
OTHERS = (  # the same with other values of their parameters
    ("quadratic", {"condition": 400.0, "rotation": 33.0}),
    ("rosenbrock", {"walls": 7.0}),
    ("plateau_cliff", {"steepness": 1.5}),
    ("rastrigin", {"depth": 3.0}),
    ("ravine", {"bend": 1.2, "walls": 60.0}),
    ("noisy_bowl", {"condition": 9.0, "noise": 0.2}),
)
ALL = (*((name, {}) for name in (*LECTURE, *ROUGH)), *OTHERS)


PI2 = 2 * sympy.pi
FORMULAS = {
    "quadratic": lambda x, y, condition, rotation: (
        (x * sympy.cos(rotation * sympy.pi / 180) + y * sympy.sin(rotation * sympy.pi / 180)) ** 2 / 2
        + condition * (y * sympy.cos(rotation * sympy.pi / 180) - x * sympy.sin(rotation * sympy.pi / 180)) ** 2 / 2
    ),
    "saddle": lambda x, y: x**2 - y**2,
    "monkey_saddle": lambda x, y: x**3 - 3 * x * y**2,
    "rosenbrock": lambda x, y, walls: (1 - x) ** 2 + walls * (y - x**2) ** 2,
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "beale": lambda x, y: sum((a - x + x * y**n) ** 2 for n, a in ((1, 1.5), (2, 2.25), (3, 2.625))),
    "plateau_cliff": lambda x, y, steepness: sympy.tanh(steepness * x) + (x + 2) ** 2 / 100 + 3 * y**2 / 10,
    "inflexion": lambda x, y: x**4 / 4 + x**3 / 3 + y**4 / 4 + y**3 / 3,
    "rastrigin": lambda x, y, depth: 2 * depth + x**2 + y**2 - depth * (sympy.cos(PI2 * x) + sympy.cos(PI2 * y)),
    "ackley": lambda x, y: (
        20 * (1 - sympy.exp(-sympy.sqrt((x**2 + y**2) / 2) / 5))
        + sympy.E
        - sympy.exp((sympy.cos(PI2 * x) + sympy.cos(PI2 * y)) / 2)
    ),
    "ravine": lambda x, y, bend, walls: (x**2 / 10 + walls * (y - bend * sympy.sin(2 * x)) ** 2) / 2,
    "noisy_bowl": lambda x, y, noise, condition: (x**2 + condition * y**2) / 2,
}


@pytest.fixture(params=ALL, ids=[f"{name} {list(values.values()) or ''}" for name, values in ALL])
def surface(request):
    name, values = request.param
    return surface_named(name).with_values(values)


def places(surface, count=200):
    x0, x1, y0, y1 = surface.domain
    rng = np.random.default_rng(7)
    return rng.uniform(x0, x1, count), rng.uniform(y0, y1, count)


def test_the_presets_are_there():
    assert {*LECTURE, *ROUGH} <= set(known().surfaces)


def test_every_gradient_agrees_with_central_differences(surface):
    step = 1e-6
    for x, y in zip(*places(surface), strict=True):
        gx = (surface.value(x + step, y) - surface.value(x - step, y)) / (2 * step)
        gy = (surface.value(x, y + step) - surface.value(x, y - step)) / (2 * step)
        assert surface.gradient(x, y) == pytest.approx((gx, gy), rel=1e-5, abs=2e-4)


def test_every_hessian_agrees_with_central_differences_of_the_gradient(surface):
    step = 1e-6
    for x, y in zip(*places(surface, 60), strict=True):
        right, left = surface.gradient(x + step, y), surface.gradient(x - step, y)
        up, down = surface.gradient(x, y + step), surface.gradient(x, y - step)
        xx, yx = ((one - other) / (2 * step) for one, other in zip(right, left, strict=True))
        xy, yy = ((one - other) / (2 * step) for one, other in zip(up, down, strict=True))
        exact = surface.curvature(x, y)
        assert exact == pytest.approx((xx, xy, yy), rel=1e-5, abs=1e-3) and yx == pytest.approx(xy, rel=1e-5, abs=1e-3)


def test_numpy_and_plain_floats_agree(surface):
    x, y = places(surface)
    many = [surface.value(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    slopes = [surface.gradient(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(surface.array(x, y), many, rtol=1e-12)
    np.testing.assert_allclose(np.stack(surface.gradients(x, y), axis=1), slopes, rtol=1e-12, atol=1e-12)


def test_landmarks_are_what_they_say(surface):
    assert surface.landmarks
    x0, x1, y0, y1 = surface.domain
    for mark in surface.landmarks:
        assert x0 <= mark.x <= x1 and y0 <= mark.y <= y1
        assert mark.value == pytest.approx(surface.value(mark.x, mark.y))
        assert math.hypot(*surface.gradient(mark.x, mark.y)) < 1e-9 * max(1.0, surface.value(*surface.start))
        xx, xy, yy = surface.hessian(mark.x, mark.y)
        if surface.name == "ackley" and (mark.x, mark.y) == (0.0, 0.0):  # the tip: a kink, lower than all around
            assert math.isnan(xx) and (surface.array(1e-6 * np.cos(np.arange(9.0)), 1e-6 * np.sin(np.arange(9.0))) > 1e-6).all()
            continue
        low, high = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
        if mark.kind == "minimum":
            assert 0 < low <= high
        elif mark.kind == "maximum":
            assert low <= high < 0
        elif surface.name in ("monkey_saddle", "inflexion"):  # flat to the second order in a direction: look all around
            assert abs(low) < 1e-6 and high >= -1e-6
            turns = np.linspace(0, 2 * np.pi, 72)
            signs = np.sign(surface.array(mark.x + 0.01 * np.cos(turns), mark.y + 0.01 * np.sin(turns)) - mark.value)
            assert (signs > 0).any() and (signs < 0).any()
        else:
            assert low < 0 < high


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # scipy's line search overflows on the surfaces without a floor
def test_scipy_finds_no_minimum_besides_the_known_ones(surface):
    x0, x1, y0, y1 = surface.domain
    minima = [mark for mark in surface.landmarks if mark.kind == "minimum"]
    found = set()
    for start in zip(*places(surface, 60), strict=True):
        x, y = scipy.optimize.minimize(lambda p: surface.value(*p), start, jac=lambda p: np.array(surface.gradient(*p))).x
        if x0 <= x <= x1 and y0 <= y <= y1 and math.hypot(*surface.gradient(x, y)) < 1e-5:
            xx, xy, yy = surface.hessian(x, y)
            if np.linalg.eigvalsh([[xx, xy], [xy, yy]])[0] > 1e-2:
                near = [mark for mark in minima if math.dist((x, y), (mark.x, mark.y)) < 1e-3]
                assert near, (x, y)
                found.add(near[0])
    assert found == set(minima) or len(found) > 8  # of the dented ones sixty starts do not meet them all


def test_newton_from_a_grid_finds_what_the_formulas_tell(surface):
    """Saddles and maxima too; the flat points of the monkey saddle and the inflexion cannot be approached by Newton."""
    found = found_landmarks(surface)
    assert all(not mark.exact for mark in found)

    def told(marks):
        return sorted((mark.kind, round(mark.x, 6) + 0.0, round(mark.y, 6) + 0.0) for mark in marks)

    flat = {"monkey_saddle": 1, "inflexion": 1}.get(surface.name, 0)
    known = [mark for mark in surface.landmarks if not (flat and (mark.x, mark.y) == (0.0, 0.0))]
    tip = [mark for mark in known if surface.name == "ackley" and mark.exact]
    assert told(found) == told([mark for mark in known if mark not in tip])


def test_formulas_with_sympy(surface):
    """Gradient and Hessian of every preset, derived by a computer algebra system from the formula that people read."""
    x, y = sympy.symbols("x y", real=True)
    f = FORMULAS[surface.name](x, y, **{name: sympy.Float(value, 30) for name, value in surface.chosen.items()})
    slopes = [sympy.diff(f, one) for one in (x, y)]
    bends = [sympy.diff(f, *pair) for pair in ((x, x), (x, y), (y, y))]
    exact = sympy.lambdify((x, y), [f, *slopes, *bends], "math")
    for a, b in zip(*places(surface, 50), strict=True):
        value, gx, gy, *hessian = exact(a, b)
        scale = 1.0 + abs(value)
        assert surface.value(a, b) == pytest.approx(value, rel=1e-11, abs=1e-11 * scale)
        assert surface.gradient(a, b) == pytest.approx((gx, gy), rel=1e-10, abs=1e-10 * scale)
        assert surface.curvature(a, b) == pytest.approx(hessian, rel=1e-10, abs=1e-10 * scale)


def test_least_squares_presets_say_their_residuals(surface):
    if surface.residuals is None:
        assert surface.jacobian is None
        return
    for a, b in zip(*places(surface, 20), strict=True):
        r, j = np.array(surface.residuals(a, b)), np.array(surface.jacobian(a, b))
        assert r @ r == pytest.approx(surface.value(a, b)) and j.shape == (len(r), 2)
        np.testing.assert_allclose(2 * r @ j, surface.gradient(a, b), rtol=1e-9, atol=1e-9)


def test_parameters_are_checked_and_name_what_there_is():
    quadratic = surface_named("quadratic")
    turned = surface_of(RaceRequest(surface="quadratic", values={"rotation": 45.0}))
    assert turned.chosen == {"condition": 25.0, "rotation": 45.0} and quadratic.with_values({}) is quadratic
    np.testing.assert_allclose(np.linalg.eigvalsh([[13.0, turned.hessian(0, 0)[1]], [turned.hessian(0, 0)[1], 13.0]]), [1, 25])
    assert quadratic.with_values({"rotation": 0.0}) is quadratic
    for values, points, words in (
        ({"slope": 1.0}, (), "quadratic has no parameter slope; it has: condition, rotation."),
        ({"condition": 0.5}, (), "condition = 0.5 is not between 1.0 and 10000.0."),
        ({}, ((1.0, 2.0),), "quadratic is not made of points."),
    ):
        with pytest.raises(BadRequestError, match=re.escape(words)) as caught:
            surface_of(RaceRequest(surface="quadratic", values=values, points=points))
        assert caught.value.trouble.exit_code == 2
    assert surface_named("saddle").with_values({}) is surface_named("saddle")
    race = result_of(RaceRequest(surface="quadratic", values={"condition": 100.0}, steps=2, optimizers=("gd",)))
    assert race.runs[0].hyper["lr"] == pytest.approx(0.0125) and "100 y²" in race.surface.formula


def test_batches_of_the_noisy_bowl():
    bowl = surface_named("noisy_bowl")
    exact = bowl.gradient(0.7, -0.4)
    for size in (1, 8, 10, 64):
        batches = Batches(bowl.terms, size, np.random.default_rng(3))
        epoch = [batches.next() for _ in range(-(-64 // size))]
        assert sorted(np.concatenate(epoch).tolist()) == list(range(64))
        mean = sum(len(one) * np.array(bowl.terms.mean(0.7, -0.4, one)) for one in epoch) / 64
        np.testing.assert_allclose(mean, exact, atol=1e-12)
        gradient = bowl.sampled_gradient(size, np.random.default_rng(3))
        first = gradient(0.7, -0.4)
        assert first == pytest.approx(bowl.terms.mean(0.7, -0.4, epoch[0]))
        assert (first == pytest.approx(exact)) == (size == 64)
    spread = [bowl.terms.spread(0.7, -0.4, size) for size in (1, 4, 16, 64)]
    assert spread[0] == pytest.approx(math.sqrt(2.0)) and spread[3] == 0.0 and spread == sorted(spread, reverse=True)
    seen = np.array([bowl.terms.mean(0.7, -0.4, np.random.default_rng(k).permutation(64)[:4]) for k in range(4000)])
    assert np.sqrt(np.square(seen - exact).sum(axis=1).mean()) == pytest.approx(spread[1], rel=0.03)


def test_added_noise_is_seeded_and_right_on_average():
    saddle = surface_named("saddle")
    assert saddle.sampled_gradient(4, np.random.default_rng(0)) is saddle.gradient  # one term only: nothing to sample
    draws = [np.array([g(1.0, 1.0) for _ in range(4000)])
             for g in (saddle.sampled_gradient(0, np.random.default_rng(9), 0.5) for _ in range(2))]  # fmt: skip
    assert (draws[0] == draws[1]).all()
    np.testing.assert_allclose(draws[0].mean(axis=0), (2.0, -2.0), atol=0.03)
    np.testing.assert_allclose(draws[0].std(axis=0), 0.5, rtol=0.03)


def test_the_start_and_the_facts_are_sane(surface):
    x0, x1, y0, y1 = surface.domain
    assert x0 < surface.start[0] < x1 and y0 < surface.start[1] < y1
    assert math.hypot(*surface.gradient(*surface.start)) > 0.01
    assert set(surface.rates) == {"gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"}
    assert surface.formula.startswith("f(x, y) = ") and surface.title and surface.about


def test_samples_are_indexed_row_y_column_x():
    samples = surface_named("saddle").samples(31)
    assert samples.z.shape == (31, 31)
    assert samples.z[4, 9] == pytest.approx(samples.x[9] ** 2 - samples.y[4] ** 2)


def test_holes_become_nan_and_plain_functions_are_enough():
    def value(x, y):
        return math.log(x) + 1 / y

    def gradient(x, y):
        return 1 / x, -1 / (y * y)

    surface = Surface("hole", "Hole", "f", (-1.0, 1.0, -1.0, 1.0), (0.5, 0.5), value, gradient)
    z = surface.samples(21).z
    assert np.isnan(z[:, :10]).all()  # log of a negative number
    assert np.isnan(z[10]).all()  # 1 / 0
    assert np.isfinite(z[:10, 11:]).all()


@pytest.mark.parametrize(
    ("domain", "start"), [((1, 1, 0, 1), (0, 0)), ((0, math.nan, 0, 1), (0, 0)), ((0, 1, 0, 1), (math.inf, 0))]
)
def test_impossible_surfaces_are_refused(domain, start):
    with pytest.raises(ValueError, match="surface broken"):
        Surface("broken", "", "", domain, start, lambda x, y: 0.0, lambda x, y: (0.0, 0.0))


def test_an_unknown_name_suggests_near_ones():
    with pytest.raises(BadRequestError, match="did you mean saddle") as caught:
        surface_named("sadle")
    assert caught.value.trouble.exit_code == 2
