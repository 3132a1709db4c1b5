"""Paths that leave the plane, and the linear pieces of ReLU networks."""

import numpy as np
import pytest

from explorer.descent.fullspace import by_itself
from explorer.descent.ground import known, surface_named
from explorer.descent.linear_regions import Cell, cut, folds, halves, label, linear_regions, output, random_layers, square
from explorer.descent.method import Optimizer
from explorer.descent.surfaces_neural import plane_of
from explorer.jobs import Progress, Result, Work, result_of
from explorer.records.errors import ExplorerError
from explorer.requests.neural import FullSpaceRequest, LinearRegionsRequest


def test_a_method_in_all_weights_is_the_textbooks_and_leaves_the_plane():
    request = FullSpaceRequest(surface="mlp_plane", optimizers=("gd", "momentum", "adam"), steps=40, resolution=16)
    record = result_of(request)
    plane = plane_of(surface_named("mlp_plane").chosen)
    network, weights = plane.network, plane.at(*record.start)
    assert record.weights == len(weights) == network.count == 105 and record.start == (-0.8, 0.75)
    lr = record.paths[0].hyper["lr"]
    for k in range(41):
        assert record.paths[0].values[k] == pytest.approx(network.value(weights), rel=1e-9)
        away = weights - plane.origin
        foot = np.linalg.lstsq(plane.directions.T, away, rcond=None)[0]
        np.testing.assert_allclose(record.paths[0].points[k], foot, atol=1e-9)
        assert record.paths[0].distance[k] == pytest.approx(np.linalg.norm(away - foot @ plane.directions), abs=1e-9)
        weights = weights - lr * network.gradient(weights)
    adam = record.paths[2]
    weights, mean, squares = plane.at(*record.start), 0.0, 0.0
    for k in range(1, 41):
        gradient = network.gradient(weights)
        mean, squares = 0.9 * mean + 0.1 * gradient, 0.999 * squares + 0.001 * gradient**2
        step = adam.hyper["lr"] * (mean / (1 - 0.9**k)) / (np.sqrt(squares / (1 - 0.999**k)) + adam.hyper["eps"])
        weights = weights - step
    assert adam.values[40] == pytest.approx(network.value(weights), rel=1e-8)
    for path in record.paths:
        assert path.distance[0] == pytest.approx(0.0, abs=1e-9) and path.distance[40] > 0.5 and not path.halted
        assert path.values[40] < 0.5 * path.values[0] and path.shadow[40] > path.values[40]  # what the plane hides
        assert path.shadow[0] == pytest.approx(path.values[0])


def test_mad_rates_end_the_path_and_keep_what_was_finite():
    record = result_of(FullSpaceRequest(surface="mlp_plane", optimizers=("gd",), rate=1000.0, steps=300, resolution=16,
                                        hyper={"gd": {"lr": 1e300}}))  # fmt: skip
    (path,) = record.paths
    assert path.halted and len(path.points) < 10 and np.isfinite(path.values).all() and np.isfinite(path.distance).all()


def test_what_cannot_walk_in_all_weights_is_refused():
    with pytest.raises(ExplorerError, match="saddle is not a plane in a larger space"):
        result_of(FullSpaceRequest(surface="saddle"))

    def make(hyper, surface):
        return lambda x, y, gx, gy, memory, k: (x - gx / (gx * gx + gy * gy) ** 0.5, y - gy)

    coupled, surface = Optimizer("unit_step", "", "", "", (), make), surface_named("mlp_plane")
    assert not by_itself(coupled, {}, surface)
    for name in known().optimizers:
        optimizer = known().optimizers[name]
        if optimizer.make is not None:
            assert by_itself(optimizer, optimizer.numbers(surface, {}), surface), name
    second = next((name for name in known().optimizers if known().optimizers[name].make is None), None)
    if second is not None:
        with pytest.raises(ExplorerError, match="cannot walk in all weights"):
            result_of(FullSpaceRequest(surface="mlp_plane", optimizers=(second,), steps=2))


# -- linear pieces -----------------------------------------------------------------------------------------------------
def area(outline):
    x, y = outline.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def test_a_network_made_by_hand():
    """Units x, y and x + y - 1 fold the square into 7 pieces; a unit of a second layer cuts some of them."""
    first = (np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([0.0, 0.0, -1.0]))
    cells = cut(square(2.0), first, 1e-9)
    assert len(cells) == 7 and sum(area(cell.outline) for cell in cells) == pytest.approx(16.0)
    assert sorted(round(area(cell.outline), 6) for cell in cells) == [0.5, 0.5, 0.5, 3.5, 3.5, 3.5, 4.0]
    second = (np.array([[1.0, 0.0, 0.0]]), np.array([-0.25]))  # folds along x = 0.25 wherever the unit x is on
    assert len(cut(cells, second, 1e-9)) == 10  # of the four pieces with x > 0 the line crosses three
    corner = next(cell for cell in cells if cell.outline.max(axis=0)[0] <= 1e-12 and cell.outline.max(axis=0)[1] <= 1e-12)
    assert (corner.matrix == 0).all() and (corner.offset == 0).all()  # no unit is on where x, y < 0


def test_a_line_that_only_touches_does_not_cut():
    outline = square(1.0)[0].outline
    assert len(halves(outline, np.array([1.0, 0.0]), 1.0, 1e-9)) == 1  # along an edge
    assert len(halves(outline, np.array([1.0, 1.0]), 2.0, 1e-9)) == 1  # through a corner
    assert len(halves(outline, np.array([0.0, 0.0]), 2.0, 1e-9)) == 1  # a unit without weights
    left, right = halves(outline, np.array([1.0, 1.0]), 0.0, 1e-9)  # through two corners
    assert area(left) == pytest.approx(2.0) == pytest.approx(area(right)) and len(left) == len(right) == 3


@pytest.mark.parametrize(("width", "depth"), [(1, 1), (5, 1), (8, 2), (6, 3)])
def test_pieces_are_what_the_network_does(width, depth):
    record = result_of(LinearRegionsRequest(width=width, depth=depth, seed=3, resolution=96))
    layers = random_layers(width, depth, 2.0, 3)
    axis = np.linspace(-2.0, 2.0, 96)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    labels = record.labels.ravel()
    inside = labels >= 0
    assert inside.mean() > 0.999 and record.values.ravel() == pytest.approx(output(layers, points))
    told = (record.slopes[labels] * points).sum(axis=1) + record.offsets[labels]
    np.testing.assert_allclose(told[inside], record.values.ravel()[inside], atol=1e-9)
    patterns = folds(layers, points)
    seen = {row.tobytes() for row in patterns[inside]}
    assert len(seen) == len(set(labels[inside].tolist())) <= record.count == record.by_layer[-1]
    assert sum(area(outline) for outline in record.polygons) == pytest.approx(16.0)
    assert record.count <= (1 + width + width * (width - 1) // 2) ** depth  # every layer at most folds like lines in a plane
    if depth == 1 and width == 1:
        assert record.count == 2


def test_the_job_reports_by_layer_and_the_same_seed_is_the_same_map():
    steps = list(linear_regions(LinearRegionsRequest(width=4, depth=3, resolution=32), Work()))
    assert [step.total for step in steps if isinstance(step, Progress)] == [4, 4, 4] and isinstance(steps[-1], Result)
    again = result_of(LinearRegionsRequest(width=4, depth=3, resolution=32))
    assert (steps[-1].record.labels == again.labels).all() and again.sizes == (2, 4, 4, 4, 1)
    lone = Cell(square(1.0)[0].outline, np.zeros((2, 2)), np.zeros(2))
    assert label(random_layers(1, 1, 1.0, 0), [lone], np.zeros((1, 2))).shape == (1,)
