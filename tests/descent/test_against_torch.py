"""Every method against torch.optim, step by step, in float64."""

import math

import numpy as np
import pytest
import torch

from explorer.descent.ground import known, surface_named
from explorer.descent.race import trajectory

MAKERS = {
    "gd": lambda p, h: torch.optim.SGD(p, lr=h["lr"]),
    "momentum": lambda p, h: torch.optim.SGD(p, lr=h["lr"], momentum=h["momentum"]),
    "nesterov": lambda p, h: torch.optim.SGD(p, lr=h["lr"], momentum=h["momentum"], nesterov=True),
    "adagrad": lambda p, h: torch.optim.Adagrad(p, lr=h["lr"], eps=h["eps"]),
    "rmsprop": lambda p, h: torch.optim.RMSprop(p, lr=h["lr"], alpha=h["beta"], eps=h["eps"]),
    "adam": lambda p, h: torch.optim.Adam(p, lr=h["lr"], betas=(h["beta1"], h["beta2"]), eps=h["eps"]),
}
VALUES = {  # on torch's own tensors, written again, so that a slip in our formulas shows too
    "quadratic": lambda x, y: 0.5 * x**2 + 12.5 * y**2,
    "saddle": lambda x, y: x**2 - y**2,
    "monkey_saddle": lambda x, y: x**3 - 3 * x * y**2,
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    "plateau_cliff": lambda x, y: torch.tanh(4 * x) + 0.01 * (x + 2) ** 2 + 0.3 * y**2,
    "inflexion": lambda x, y: x**4 / 4 + x**3 / 3 + y**4 / 4 + y**3 / 3,
}


def torch_path(name, surface, hyper, steps):
    point = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    optimizer = MAKERS[name]([point], hyper)
    path = [point.detach().numpy().copy()]
    for _ in range(steps):
        optimizer.zero_grad()
        VALUES[surface.name](point[0], point[1]).backward()
        optimizer.step()
        path.append(point.detach().numpy().copy())
    return np.array(path)


@pytest.mark.parametrize("surface_name", VALUES)
@pytest.mark.parametrize("name", MAKERS)
def test_paths_agree(name, surface_name):
    surface, optimizer = surface_named(surface_name), known().optimizers[name]
    hyper = optimizer.numbers(surface, {})
    ours = trajectory(surface, optimizer, hyper, surface.start, 60)
    theirs = torch_path(name, surface, hyper, ours.steps)
    assert ours.steps >= 50
    np.testing.assert_allclose(ours.points, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", MAKERS)
def test_a_single_step_from_an_odd_state_agrees_with_other_hyper_parameters(name):
    surface, optimizer = surface_named("rosenbrock"), known().optimizers[name]
    odd = {"lr": 3e-4, "momentum": 0.7, "eps": 1e-3, "beta": 0.99, "beta1": 0.8, "beta2": 0.95}
    hyper = optimizer.numbers(surface, {key: odd[key] for key in odd if key in {one.name for one in optimizer.hyper}})
    ours = trajectory(surface, optimizer, hyper, surface.start, 400)
    np.testing.assert_allclose(ours.points, torch_path(name, surface, hyper, 400), rtol=0, atol=1e-9)


def test_defaults_are_the_libraries_where_they_say_so():
    for name, key, theirs in (
        ("adam", "beta1", 0.9),
        ("adam", "beta2", 0.999),
        ("adam", "eps", 1e-8),
        ("adagrad", "eps", 1e-10),
    ):
        assert {one.name: one.default for one in known().optimizers[name].hyper}[key] == theirs


def test_the_memory_is_torchs():
    surface, adam = surface_named("saddle"), known().optimizers["adam"]
    ours = trajectory(surface, adam, adam.numbers(surface, {}), (-1.0, 0.001), 20)
    point = torch.tensor([-1.0, 0.001], dtype=torch.float64, requires_grad=True)
    theirs = MAKERS["adam"]([point], ours.hyper)
    for step in range(1, 21):
        theirs.zero_grad()
        VALUES["saddle"](point[0], point[1]).backward()
        theirs.step()
        np.testing.assert_allclose(ours.state["velocity"][step], theirs.state[point]["exp_avg"], atol=1e-12)
        np.testing.assert_allclose(ours.state["squares"][step], theirs.state[point]["exp_avg_sq"], atol=1e-12)
    assert not ours.state["velocity"][0].any()


def test_the_lectures_nesterov_is_torchs_seen_from_the_other_end():
    """v = mu v - lr grad(theta + mu v), theta += v: its look-ahead points are the points torch and we walk on."""
    surface, mu, lr = surface_named("quadratic"), 0.9, 0.01
    optimizer = known().optimizers["nesterov"]
    ours = trajectory(surface, optimizer, {"lr": lr, "momentum": mu}, surface.start, 50).points
    theta, v = np.array(surface.start), np.zeros(2)
    for step in range(51):
        ahead = theta + mu * v
        np.testing.assert_allclose(ours[step], ahead, atol=1e-12)
        v = mu * v - lr * np.array(surface.gradient(*ahead))
        theta = theta + v
    assert math.hypot(*theta) < math.hypot(*surface.start)
