"""Every method that torch.optim has against it, step by step, in float64."""

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
    "adamw": lambda p, h: torch.optim.AdamW(
        p, lr=h["lr"], betas=(h["beta1"], h["beta2"]), eps=h["eps"], weight_decay=h["decay"]
    ),
    "adadelta": lambda p, h: torch.optim.Adadelta(p, lr=h["lr"], rho=h["rho"], eps=h["eps"]),
    "nadam": lambda p, h: torch.optim.NAdam(
        p, lr=h["lr"], betas=(h["beta1"], h["beta2"]), eps=h["eps"], momentum_decay=h["warm"]
    ),
    "radam": lambda p, h: torch.optim.RAdam(p, lr=h["lr"], betas=(h["beta1"], h["beta2"]), eps=h["eps"]),
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


@pytest.fixture(autouse=True)
def double():
    """NAdam keeps its product of momenta in torch's default type, whatever type the parameter has."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


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
    odd = {"lr": 3e-4, "momentum": 0.7, "eps": 1e-3, "beta": 0.99, "beta1": 0.8, "beta2": 0.95, "decay": 0.3, "rho": 0.8}
    odd["warm"] = 0.05
    hyper = optimizer.numbers(surface, {key: odd[key] for key in odd if key in {one.name for one in optimizer.hyper}})
    ours = trajectory(surface, optimizer, hyper, surface.start, 300)
    np.testing.assert_allclose(ours.points, torch_path(name, surface, hyper, 300), rtol=0, atol=1e-9)


@pytest.mark.parametrize("surface_name", ["rosenbrock", "himmelblau", "saddle"])
@pytest.mark.parametrize("name", MAKERS)
def test_every_single_step_from_the_same_state_agrees(name, surface_name):
    """torch is put where we stand before each step, its memory included, so that no error can build up or cancel."""
    surface, optimizer = surface_named(surface_name), known().optimizers[name]
    hyper = optimizer.numbers(surface, {"lr": 2e-4})
    ours = trajectory(surface, optimizer, hyper, surface.start, 40)
    slots = {
        "momentum": {"momentum_buffer": "velocity"},
        "nesterov": {"momentum_buffer": "velocity"},
        "adagrad": {"sum": "squares"},
        "rmsprop": {"square_avg": "squares"},
        "adadelta": {"square_avg": "squares", "acc_delta": "changes"},
    }.get(name, {"exp_avg": "velocity", "exp_avg_sq": "squares"} if name != "gd" else {})
    point = torch.tensor(ours.points[0], requires_grad=True)
    theirs = MAKERS[name]([point], hyper)
    for step in range(ours.steps):
        with torch.no_grad():
            point.copy_(torch.tensor(ours.points[step]))
            for slot, own in slots.items() if step else ():
                theirs.state[point][slot].copy_(torch.tensor(ours.state[own][step]))
        theirs.zero_grad()
        VALUES[surface_name](point[0], point[1]).backward()
        theirs.step()
        np.testing.assert_allclose(ours.points[step + 1], point.detach().numpy(), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("surface_name", "m"), [("rosenbrock", 10), ("himmelblau", 2), ("beale", 5), ("quadratic", 1)])
def test_lbfgs_of_a_fixed_length_is_torchs(surface_name, m):
    surface, optimizer = surface_named(surface_name), known().optimizers["lbfgs"]
    hyper = optimizer.numbers(surface, {"search": 0, "m": m, "alpha": 0.3})
    ours = trajectory(surface, optimizer, hyper, surface.start, 25)
    point = torch.tensor(surface.start, requires_grad=True)
    theirs = torch.optim.LBFGS([point], lr=0.3, max_iter=1, history_size=m, tolerance_grad=0.0, tolerance_change=0.0)

    def closure():
        theirs.zero_grad()
        loss = VALUES[surface_name](point[0], point[1])
        loss.backward()
        return loss

    assert ours.steps >= 10
    for step in range(1, ours.steps + 1):
        theirs.step(closure)
        np.testing.assert_allclose(ours.points[step], point.detach().numpy(), rtol=0, atol=1e-9)


def test_the_lectures_low_pass_is_momentum_with_steps_one_minus_beta_as_long():
    surface, optimizer = surface_named("quadratic"), known().optimizers["momentum"]
    physics = trajectory(surface, optimizer, {"lr": 0.01, "momentum": 0.9, "view": 0.0}, surface.start, 80)
    low_pass = trajectory(surface, optimizer, {"lr": 0.1, "momentum": 0.9, "view": 1.0}, surface.start, 80)
    np.testing.assert_allclose(physics.points, low_pass.points, atol=1e-12)
    np.testing.assert_allclose(low_pass.state["velocity"], 0.1 * physics.state["velocity"], atol=1e-12)


def test_adam_without_correction_is_the_slides():
    surface, optimizer = surface_named("rosenbrock"), known().optimizers["adam"]
    ours = trajectory(surface, optimizer, optimizer.numbers(surface, {"correction": 0.0, "lr": 0.05}), surface.start, 30).points
    theta, v, tau = np.array(surface.start), np.zeros(2), np.zeros(2)
    for step in range(1, 31):
        g = np.array(surface.gradient(*theta))
        v, tau = 0.9 * v + 0.1 * g, 0.999 * tau + 0.001 * g * g
        theta = theta - 0.05 * v / (np.sqrt(tau) + 1e-8)
        np.testing.assert_allclose(ours[step], theta, atol=1e-12)


def test_lion_by_its_papers_lines():
    surface, optimizer = surface_named("himmelblau"), known().optimizers["lion"]
    hyper = {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "decay": 0.1}
    ours = trajectory(surface, optimizer, hyper, surface.start, 40).points
    theta, m = np.array(surface.start), np.zeros(2)
    for step in range(1, 41):
        g = np.array(surface.gradient(*theta))
        theta = theta - 0.01 * (np.sign(0.9 * m + 0.1 * g) + 0.1 * theta)
        m = 0.99 * m + 0.01 * g
        np.testing.assert_allclose(ours[step], theta, atol=1e-12)


def test_polyaks_step_by_hand():
    surface, optimizer = surface_named("himmelblau"), known().optimizers["polyak"]
    path = trajectory(surface, optimizer, optimizer.numbers(surface, {}), surface.start, 3)
    g = np.array(surface.gradient(*surface.start))
    size = surface.value(*surface.start) / (g @ g)  # the lowest value is 0
    np.testing.assert_allclose(path.points[1], np.array(surface.start) - size * g, atol=1e-12)
    assert path.rates[1] == pytest.approx(size) and path.evaluations.tolist() == [0, 1, 2, 3]


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
