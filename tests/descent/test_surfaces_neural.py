"""Backpropagation by hand against torch, jets against differences, filter normalisation by hand, planes and landmarks."""

import math

import numpy as np
import pytest
import torch

from explorer.descent.fullspace import Space
from explorer.descent.ground import known, surface_named, surface_of
from explorer.descent.network import Network, Plane, random_directions
from explorer.descent.surfaces_neural import LAYERS, patterns, plane_of, trained, two_weights
from explorer.jobs import result_of
from explorer.records.errors import BadRequestError
from explorer.requests.race import RaceRequest

NAMES = ("mlp_plane", "sigmoid_network", "sigmoid_unit")
OTHERS = (
    ("sigmoid_network", {"response": 1.0, "seed": 2.0}),
    ("sigmoid_network", {"unit_y": 1.0, "input_y": 4.0, "scale": 1.0}),
    ("sigmoid_unit", {"response": 1.0}),
    ("mlp_plane", {"width": 3.0, "directions": 0.0, "plane": 5.0, "seed": 1.0}),
)
ALL = (*((name, {}) for name in NAMES), *OTHERS)


@pytest.fixture(params=ALL, ids=[f"{name} {list(values.values()) or ''}" for name, values in ALL])
def surface(request):
    name, values = request.param
    return surface_named(name).with_values(values)


def theirs(network, weights):
    """Loss of torch's own layers at a float64 tensor of weights."""
    h = torch.tensor(network.inputs)
    at = 0
    for number, (before, units) in enumerate(zip(network.sizes, network.sizes[1:], strict=False), start=1):
        matrix, bias = weights[at : at + units * before].reshape(units, before), weights[at + units * before :][:units]
        at += units * (before + 1)
        h = torch.nn.functional.linear(h, matrix, bias)
        if network.loss == "squares" or number < len(network.sizes) - 1:
            h = torch.sigmoid(h) if network.activation == "sigmoid" else torch.tanh(h)
    targets = torch.tensor(network.targets)
    if network.loss == "squares":
        return torch.nn.functional.mse_loss(h, targets)
    return torch.nn.functional.binary_cross_entropy_with_logits(h, targets)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("loss", ["squares", "logistic"])
@pytest.mark.parametrize("sizes", [(4, 5, 8, 2), (2, 6, 6, 1), (3, 1)])
def test_backpropagation_is_torchs(sizes, loss, activation):
    rng = np.random.default_rng(len(sizes))
    network = Network(sizes, activation, loss, rng.standard_normal((11, sizes[0])), rng.integers(0, 2, (11, sizes[-1])) * 1.0)
    for scale in (0.3, 1.0, 4.0):
        weights = scale * rng.standard_normal(network.count)
        leaf = torch.tensor(weights, requires_grad=True)
        expected = theirs(network, leaf)
        expected.backward()
        assert network.value(weights) == pytest.approx(expected.item(), rel=1e-12)
        np.testing.assert_allclose(network.gradient(weights), leaf.grad.numpy(), rtol=0, atol=1e-9)
        parts = [network.gradient(weights, np.arange(a, b)) for a, b in ((0, 4), (4, 11))]
        np.testing.assert_allclose((4 * parts[0] + 7 * parts[1]) / 11, network.gradient(weights), atol=1e-12)


def test_gradient_and_hessian_of_the_planes_are_torchs(surface):
    if surface.name == "mlp_plane":
        plane = plane_of(surface.chosen)
    else:
        values = surface.chosen
        sizes = LAYERS if surface.name == "sigmoid_network" else (4, 1)
        units = (values.get("unit_x", 1.0), values.get("unit_y", 1.0))
        places = [int(4 * (u - 1) + values[f"input_{name}"] - 1) for u, name in zip(units, "xy", strict=True)]
        plane, own = two_weights(sizes, int(values["seed"]), values["scale"], values["response"] == 1.0, *places)
        np.testing.assert_array_equal(plane.network.inputs, patterns())
        np.testing.assert_allclose(plane.at(1.25, -7.5)[places], (1.25, -7.5))
        if values["response"] == 1.0:
            assert plane.value(*own) == pytest.approx(0.0, abs=1e-30)
    origin, directions = torch.tensor(plane.origin), torch.tensor(plane.directions)

    def loss(at):
        return theirs(plane.network, origin + at @ directions)

    rng = np.random.default_rng(3)
    x0, x1, y0, y1 = surface.domain
    for x, y in zip(rng.uniform(x0, x1, 4), rng.uniform(y0, y1, 4), strict=True):
        at = torch.tensor([x, y], requires_grad=True)
        (slopes,) = torch.autograd.grad(loss(at), at)
        hessian = torch.autograd.functional.hessian(loss, torch.tensor([x, y])).numpy()
        assert surface.value(x, y) == pytest.approx(loss(at).item(), rel=1e-12)
        np.testing.assert_allclose(surface.gradient(x, y), slopes.numpy(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(surface.curvature(x, y), hessian[[0, 0, 1], [0, 1, 1]], rtol=1e-9, atol=1e-9)


def test_arrays_and_single_points_agree(surface):
    rng = np.random.default_rng(5)
    x0, x1, y0, y1 = surface.domain
    x, y = rng.uniform(x0, x1, (3, 4)), rng.uniform(y0, y1, (3, 4))
    each = list(zip(x.ravel(), y.ravel(), strict=True))
    np.testing.assert_allclose(surface.array(x, y).ravel(), [surface.value(*p) for p in each], rtol=1e-12)
    np.testing.assert_allclose(
        np.stack(surface.gradients(x, y), -1).reshape(-1, 2), [surface.gradient(*p) for p in each], atol=1e-12
    )
    np.testing.assert_allclose(
        np.stack(surface.curvatures(x, y), -1).reshape(-1, 3), [surface.curvature(*p) for p in each], atol=1e-12
    )


def test_terms_average_to_the_gradient(surface):
    gradients = surface.terms.gradients(0.3, -0.2, np.arange(surface.terms.count))
    np.testing.assert_allclose(gradients.mean(axis=0), surface.gradient(0.3, -0.2), atol=1e-12)
    assert surface.terms.spread(0.3, -0.2, 1) > 0


def test_residuals_are_there_for_squares_only(surface):
    if surface.name == "mlp_plane":
        assert surface.residuals is None and surface.jacobian is None
        return
    r, j = np.array(surface.residuals(1.0, 2.0)), np.array(surface.jacobian(1.0, 2.0))
    assert r @ r == pytest.approx(surface.value(1.0, 2.0))
    np.testing.assert_allclose(2 * r @ j, surface.gradient(1.0, 2.0), atol=1e-12)


def test_landmarks_have_no_slope_and_the_curvature_of_their_kind(surface):
    assert any(mark.kind == "minimum" for mark in surface.landmarks)
    for mark in surface.landmarks:
        assert surface.value(mark.x, mark.y) == pytest.approx(mark.value, abs=1e-12)
        assert math.hypot(*surface.gradient(mark.x, mark.y)) < 1e-8
        xx, xy, yy = surface.curvature(mark.x, mark.y)
        low, high = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
        assert {"minimum": low > 0, "maximum": high < 0, "saddle": low < 0 < high}[mark.kind]
    exact = [mark for mark in surface.landmarks if mark.exact]
    assert len(exact) == int(surface.chosen.get("response", 0.0)) and all(mark.value == 0.0 for mark in exact)


def test_filter_normalisation_by_hand():
    network = Network((2, 3, 1), "tanh", "logistic", np.zeros((1, 2)), np.zeros((1, 1)))
    weights = np.array([3.0, 4.0, 0.0, 2.0, 1.0, 0.0, 9.0, 9.0, 9.0, 1.0, 2.0, 2.0, 7.0])  # 3x2, 3 biases, 1x3, 1 bias
    raw = np.random.default_rng(11).standard_normal((2, 13))
    for by_hand, direction in zip(raw, random_directions(network, weights, 11, True), strict=True):
        for rows, length in (((0, 1), 5.0), ((2, 3), 2.0), ((4, 5), 1.0), ((9, 10, 11), 3.0)):
            part = by_hand[list(rows)]
            np.testing.assert_allclose(direction[list(rows)], part * length / math.sqrt((part * part).sum()))
        assert (direction[[6, 7, 8, 12]] == 0).all()
    whole = random_directions(network, weights, 11, False)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), math.sqrt(25 + 4 + 1 + 9))
    without = raw[0] * ~np.isin(np.arange(13), [6, 7, 8, 12])
    np.testing.assert_allclose(whole[0] / np.linalg.norm(whole[0]), without / np.linalg.norm(without))


def test_the_trained_point_is_trained_and_the_same_every_time():
    network, weights = trained(0, 8)
    assert network.sizes == (2, 8, 8, 1) and network.value(weights) < 0.02
    assert (network.forward(weights)[-1] > 0).tolist() == (network.targets > 0.5).tolist()
    trained.cache_clear()
    assert trained(0, 8)[1].tobytes() == weights.tobytes()


def test_a_point_of_space_is_seen_on_the_plane_and_away_from_it():
    space = surface_named("mlp_plane").space()
    flat = np.array([space.lift(0.3, -0.7), space.lift(0.0, 0.0)])
    points, distance = space.project(flat)
    np.testing.assert_allclose(points, [(0.3, -0.7), (0.0, 0.0)], atol=1e-12)
    np.testing.assert_allclose(distance, 0.0, atol=1e-12)
    skew = Space(np.zeros(3), np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]), lambda w: 0.0, lambda w: w)
    points, distance = skew.project(np.array([[3.0, 2.0, 5.0]]))  # directions that are not at right angles
    np.testing.assert_allclose(points, [(1.0, 2.0)])
    np.testing.assert_allclose(distance, [5.0])


def test_a_race_on_each_and_nothing_is_prepared_before_it_is_asked_for():
    for name in NAMES:
        assert known().surfaces[name].landmarks == () and not known().surfaces[name].ready
        race = result_of(RaceRequest(surface=name, optimizers=("gd", "adam"), steps=30, resolution=16))
        assert all(run.values[-1] < run.values[0] for run in race.runs) and race.surface.landmarks
    assert surface_named("sigmoid_unit") is surface_named("sigmoid_unit")


def test_the_same_weight_twice_is_refused():
    for name, values in (("sigmoid_network", {"unit_y": 1.0}), ("sigmoid_unit", {"input_y": 1.0})):
        with pytest.raises(BadRequestError, match="two different weights"):
            surface_of(RaceRequest(surface=name, values=values))


def test_pictures_come_in_pieces_of_any_size():
    plane = Plane(trained(0, 8)[0], *(lambda p: (p.origin, p.directions))(plane_of(surface_named("mlp_plane").chosen)))
    x, y = np.meshgrid(np.linspace(-1, 1, 37), np.linspace(-1, 1, 23))
    z = plane.values(x, y)
    assert z.shape == (23, 37) and z[11, 18] == pytest.approx(plane.value(0.0, 0.0), rel=1e-12)


def test_many_points_at_once_are_the_points_one_by_one():
    for name in ("mlp_plane", "sigmoid_network"):
        surface = surface_named(name)
        x, y = np.random.default_rng(0).uniform(-0.9, 0.9, (2, 400))
        z, gradients = surface.array(x, y), np.stack(surface.gradients(x, y))
        alone = [(surface.value(a, b), *surface.gradient(a, b)) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        np.testing.assert_allclose(np.vstack([z, gradients]).T, alone, rtol=0, atol=1e-12)
