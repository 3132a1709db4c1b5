"""A surface at one point against finite differences and Newton's method; the field of slopes; levels; what is kept."""

import math

import numpy as np
import pytest

from explorer.descent import sampling
from explorer.descent.ground import surface_of
from explorer.jobs import result_of
from explorer.picture.race_chart import BANDS, level_scale, levels_of
from explorer.requests.race import ProbeRequest, RaceRequest, SlopesRequest, SurfaceRequest


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "logistic", "sigmoid_unit", "ravine", "ackley"])
@pytest.mark.parametrize("share", [(0.23, 0.61), (0.7, 0.4)])
def test_a_probe_is_the_surface_there(name, share):
    request = SurfaceRequest(surface=name)
    surface = surface_of(request)
    x0, x1, y0, y1 = surface.domain
    x, y = x0 + share[0] * (x1 - x0), y0 + share[1] * (y1 - y0)
    found = result_of(ProbeRequest(surface=name, at=(x, y)))
    h = 1e-4 * surface.diagonal / 4
    f = surface.value
    assert found.value == f(x, y)
    slope = [(f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)]
    size = max(1.0, *map(abs, slope))
    np.testing.assert_allclose(found.gradient, slope, atol=1e-4 * size)
    xx, xy, yy = found.hessian
    matrix = np.array([[xx, xy], [xy, yy]])
    low, high = np.linalg.eigvalsh(matrix)
    np.testing.assert_allclose(found.eigenvalues, (low, high), rtol=1e-9, atol=1e-12 * abs(high))
    for value, direction in zip(found.eigenvalues, found.directions, strict=True):
        np.testing.assert_allclose(matrix @ direction, value * np.array(direction), atol=1e-9 * abs(high) + 1e-9 * abs(low))
    jump = np.linalg.solve(matrix, found.gradient)
    np.testing.assert_allclose(found.target, np.array([x, y]) - jump, rtol=1e-6, atol=1e-9)
    assert found.shape == ("bowl" if low > 0 else "dome" if high < 0 else "saddle") and found.exact


@pytest.mark.parametrize(
    ("formula", "at", "shape"),
    [
        ("x^2 + 3y^2", (1, 1), "bowl"),
        ("-x^2 - y^2", (1, 1), "dome"),
        ("x y", (1, 1), "saddle"),
        ("x^2", (1, 1), "trough"),
        ("(x + y)^2", (1, 1), "trough"),
        ("x + y", (1, 1), "flat"),
        ("2", (0, 0), "flat"),
        ("log(x)", (-1, 0), "hole"),
        ("1/x", (0, 0), "hole"),
    ],
)
def test_shapes(formula, at, shape):
    found = result_of(ProbeRequest(formula=formula, at=at))
    assert found.shape == shape
    assert (found.target is None) == (shape in ("trough", "flat", "hole"))
    if shape == "saddle":
        assert found.target == pytest.approx((0.0, 0.0), abs=1e-12)


@pytest.mark.parametrize(
    "request_", [SlopesRequest(surface="beale"), SlopesRequest(formula="log(x) + y^2", columns=30, rows=7)]
)
def test_slopes_stand_at_the_middles_of_cells(request_):
    surface, found = surface_of(request_), result_of(request_)
    assert found.gx.shape == (request_.rows, request_.columns) == (len(found.y), len(found.x))
    x0, x1, _, _ = surface.domain
    assert found.x[0] - x0 == pytest.approx(x1 - found.x[-1])
    for i, j in ((0, 0), (3, 5), (-1, -1)):
        try:
            here = surface.gradient(float(found.x[j]), float(found.y[i]))
        except (ArithmeticError, ValueError):
            here = (math.nan, math.nan)
        here = here if all(map(math.isfinite, here)) else (math.nan, math.nan)
        np.testing.assert_allclose((found.gx[i, j], found.gy[i, j]), here, rtol=1e-9)
    assert found.highest == np.nanmax(np.hypot(found.gx, found.gy))


@pytest.mark.parametrize("levels", ["balanced", "linear", "logarithmic"])
def test_levels_keep_the_order_of_heights(levels):
    samples = result_of(SurfaceRequest(surface="rosenbrock", levels=levels, resolution=64))
    assert samples.facts["levels"] == levels
    heights, found = samples.z.ravel(), levels_of(samples).ravel()
    assert found.min() == pytest.approx(0.0, abs=1e-9) and found.max() == pytest.approx(BANDS)
    order = np.argsort(heights)
    assert (np.diff(found[order]) >= 0).all()
    middle = float(np.median(found))
    share = (np.median(heights) - heights.min()) / np.ptp(heights)
    if levels == "linear":
        assert middle == pytest.approx(share * BANDS)
    elif levels == "balanced":
        assert middle == pytest.approx(BANDS / 2, abs=0.1)
    else:  # ten times as high is the same number of bands everywhere
        scale = level_scale(samples)
        tenth, hundredth = (float(scale.of(np.array(scale.low + (scale.high - scale.low) * part))) for part in (0.1, 0.01))
        assert BANDS - tenth == pytest.approx(tenth - hundredth, rel=0.05) and middle > tenth - 1


def test_a_slow_surface_is_sampled_once(monkeypatch):
    monkeypatch.setattr(sampling, "SLOW_S", 0.0)
    sampling._kept.clear()
    request = RaceRequest(surface="himmelblau", steps=3, resolution=48)
    first = result_of(request).surface
    again = result_of(RaceRequest(surface="himmelblau", steps=9, rate=2.0, levels="linear", resolution=48)).surface
    assert again.z is first.z and again.facts["levels"] == "linear" and first.facts["levels"] == "balanced"
    moved = result_of(RaceRequest(surface="himmelblau", domain=(-1, 1, -1, 1), steps=3, resolution=48)).surface
    assert moved.z is not first.z and moved.x[0] == -1
    for size in range(20, 20 + 2 * sampling.KEPT):
        result_of(SurfaceRequest(surface="saddle", resolution=size))
    assert len(sampling._kept) == sampling.KEPT
