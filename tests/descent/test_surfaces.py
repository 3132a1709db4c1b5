import math

import numpy as np
import pytest
import scipy.optimize

from explorer.descent.ground import Surface, known, surface_named
from explorer.records.errors import BadRequestError

NAMES = ("beale", "himmelblau", "inflexion", "monkey_saddle", "plateau_cliff", "quadratic", "rosenbrock", "saddle")


@pytest.fixture(params=NAMES)
def surface(request):
    return surface_named(request.param)


def places(surface, count=200):
    x0, x1, y0, y1 = surface.domain
    rng = np.random.default_rng(7)
    return rng.uniform(x0, x1, count), rng.uniform(y0, y1, count)


def test_the_eight_are_there():
    assert tuple(known().surfaces) == NAMES


def test_every_gradient_agrees_with_central_differences(surface):
    step = 1e-6
    for x, y in zip(*places(surface), strict=True):
        gx = (surface.value(x + step, y) - surface.value(x - step, y)) / (2 * step)
        gy = (surface.value(x, y + step) - surface.value(x, y - step)) / (2 * step)
        assert surface.gradient(x, y) == pytest.approx((gx, gy), rel=1e-5, abs=2e-4)


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
        assert math.hypot(*surface.gradient(mark.x, mark.y)) < 1e-9
        xx, xy, yy = surface.hessian(mark.x, mark.y)
        low, high = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
        if mark.kind == "minimum":
            assert 0 < low <= high
        elif mark.kind == "maximum":
            assert low <= high < 0
        elif surface.name in ("monkey_saddle", "inflexion"):  # flat to the second order: look all around
            assert abs(low) < 1e-6 and abs(high) < 1e-6
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
    assert found == set(minima)


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
