import math

import numpy as np
import pytest
import scipy.optimize

from explorer.descent.finite_sum import Batches
from explorer.descent.ground import surface_named, surface_of
from explorer.jobs import result_of
from explorer.records.errors import BadRequestError
from explorer.requests.race import RaceRequest

LINE = ((0.0, 1.0), (1.0, 3.0), (2.0, 4.0), (4.0, 9.5))
CLASSES = ((0.0, 1.0, 1.0), (1.0, 0.5, 1.0), (-1.0, -0.5, 0.0), (0.5, -2.0, 0.0), (0.2, 0.1, 0.0), (-0.5, 1.0, 0.0))
ALL = (
    ("least_squares", {}, ()),
    ("least_squares", {}, LINE),
    ("logistic", {}, ()),
    ("logistic", {"ridge": 0.3, "bias": -1.0}, CLASSES),
    ("logistic", {"ridge": 0.0}, CLASSES),
)


@pytest.fixture(params=ALL, ids=[f"{name} {list(values.values())} {len(points)}" for name, values, points in ALL])
def surface(request):
    name, values, points = request.param
    return surface_of(RaceRequest(surface=name, values=values, points=points))


def places(surface, count):
    x0, x1, y0, y1 = surface.domain
    rng = np.random.default_rng(7)
    return zip(rng.uniform(x0, x1, count).tolist(), rng.uniform(y0, y1, count).tolist(), strict=True)


def by_the_book(surface, x, y):
    data = np.array(surface.points)
    if surface.name == "least_squares":
        return np.mean((x * data[:, 0] + y - data[:, 1]) ** 2)
    margin = (2 * data[:, 2] - 1) * (x * data[:, 0] + y * data[:, 1] + surface.chosen["bias"])
    return np.mean(np.log(1 + np.exp(-margin))) + surface.chosen["ridge"] / 2 * (x * x + y * y)


def test_values_gradients_and_hessians(surface):
    step = 1e-5
    for x, y in places(surface, 30):
        assert surface.value(x, y) == pytest.approx(by_the_book(surface, x, y), rel=1e-10)
        gx = (surface.value(x + step, y) - surface.value(x - step, y)) / (2 * step)
        gy = (surface.value(x, y + step) - surface.value(x, y - step)) / (2 * step)
        assert surface.gradient(x, y) == pytest.approx((gx, gy), rel=1e-6, abs=1e-6)
        right, left = surface.gradient(x + step, y), surface.gradient(x - step, y)
        up, down = surface.gradient(x, y + step), surface.gradient(x, y - step)
        bends = ((right[0] - left[0]) / (2 * step), (up[0] - down[0]) / (2 * step), (up[1] - down[1]) / (2 * step))
        assert surface.curvature(x, y) == pytest.approx(bends, rel=1e-6, abs=1e-6)
    x, y = (np.array(side) for side in zip(*places(surface, 12), strict=True))
    np.testing.assert_allclose(surface.array(x, y), [surface.value(*p) for p in places(surface, 12)], rtol=1e-12)
    np.testing.assert_allclose(np.stack(surface.gradients(x, y), 1), [surface.gradient(*p) for p in places(surface, 12)])


def test_batches_of_an_epoch_average_to_the_gradient(surface):
    for size in (1, 2, 3):
        batches = Batches(surface.terms, size, np.random.default_rng(0))
        epoch = [batches.next() for _ in range(-(-surface.terms.count // size))]
        mean = sum(len(one) * np.array(surface.terms.mean(0.4, -0.3, one)) for one in epoch) / surface.terms.count
        np.testing.assert_allclose(mean, surface.gradient(0.4, -0.3), atol=1e-12)


def test_the_landmark_is_where_scipy_ends(surface):
    end = scipy.optimize.minimize(
        lambda p: surface.value(*p), (0.1, 0.1), jac=lambda p: np.array(surface.gradient(*p)), tol=1e-9
    )
    (mark,) = surface.landmarks
    assert mark.kind == "minimum" and (mark.x, mark.y) == pytest.approx(tuple(end.x), abs=1e-5)
    assert math.hypot(*surface.gradient(mark.x, mark.y)) < 1e-9 and mark.exact == (surface.name == "least_squares")


def test_the_line_is_the_one_of_the_textbook():
    surface = surface_named("least_squares").with_values({}, LINE)
    (mark,) = surface.landmarks
    slope, intercept = np.polyfit(*np.array(LINE).T, 1)
    assert (mark.x, mark.y) == pytest.approx((slope, intercept))
    r, j = np.array(surface.residuals(1.5, 0.5)), np.array(surface.jacobian(1.5, 0.5))
    assert r @ r == pytest.approx(surface.value(1.5, 0.5)) and r[3] == pytest.approx((6.5 - 9.5) / 2)
    np.testing.assert_allclose(2 * r @ j, surface.gradient(1.5, 0.5))
    low, high = np.linalg.eigvalsh([[2 * np.mean([0, 1, 4, 16]), 3.5], [3.5, 2.0]])
    assert surface.rates["gd"] == pytest.approx(1 / high) and low > 0  # the safe bound 1 / L


def test_a_line_of_lowest_places_and_two_separated_classes_have_no_minimum():
    alone = surface_named("least_squares").with_values({}, ((1.0, 2.0), (1.0, 4.0)))
    assert alone.landmarks == () and alone.value(0.5, 2.5) == pytest.approx(1.0) == pytest.approx(alone.value(3.0, 0.0))
    assert np.isfinite(alone.samples(32).z).all()
    apart = ((1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (-1.0, -1.0, 0.0))
    assert surface_named("logistic").with_values({"ridge": 0.0}, apart).landmarks == ()
    assert surface_named("logistic").with_values({"ridge": 0.1}, apart).landmarks
    assert surface_named("least_squares").with_values({}, ((0.3, 0.2),)).value(0.0, 0.2) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("name", "points", "words"),
    [
        ("least_squares", ((1.0, 2.0, 1.0),), "Every point needs 2 numbers: x and y."),
        ("logistic", ((1.0, 2.0),), "Every point needs 3 numbers: x, y and the class 0 or 1."),
        ("logistic", ((1.0, 2.0, 2.0),), "The class of a point is 0 or 1."),
        ("least_squares", ((1e200, 2.0), (1.0, 1.0)), "A point lies beyond"),
    ],
)
def test_points_that_are_none_are_refused(name, points, words):
    with pytest.raises(BadRequestError, match=words):
        surface_of(RaceRequest(surface=name, points=points))


def test_a_race_on_drawn_points_repeats():
    request = RaceRequest(surface="least_squares", points=LINE, optimizers=("gd", "momentum"), steps=200, resolution=16)
    race = result_of(request)
    assert {run.status for run in race.runs} == {"converged"}
    assert race.runs[0].points.tobytes() == result_of(request).runs[0].points.tobytes()
    assert surface_named("least_squares").points != LINE
