"""Schedules against torch.optim.lr_scheduler, value by value, and in a race."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as theirs

from explorer.descent.ground import known, surface_named
from explorer.descent.schedules import ROWS, schedule_named
from explorer.descent.walk import Rules, trajectory
from explorer.jobs import result_of
from explorer.records.errors import ExplorerError
from explorer.requests.race import RaceRequest

STEPS = 130
SHAPES = {
    "constant": {},
    "step": {"period": 40.0, "gamma": 0.3},
    "exponential": {"gamma": 0.97},
    "inverse": {"decay": 0.07},
    "cosine": {"floor": 0.05},
    "restarts": {"period": 20.0, "growth": 2.0, "floor": 0.1},
    "cyclic": {"half": 13.0, "floor": 0.2},
    "onecycle": {"rise": 0.3, "start": 0.04, "final": 1e-3, "low": 0.85, "high": 0.95},
}
MAKERS = {
    "constant": lambda o, s: theirs.ConstantLR(o, factor=1.0),
    "step": lambda o, s: theirs.StepLR(o, 40, 0.3),
    "exponential": lambda o, s: theirs.ExponentialLR(o, 0.97),
    "inverse": lambda o, s: theirs.LambdaLR(o, lambda epoch: 1 / (1 + 0.07 * epoch)),
    "cosine": lambda o, s: theirs.CosineAnnealingLR(o, STEPS, eta_min=0.05 * 0.4),
    "restarts": lambda o, s: theirs.CosineAnnealingWarmRestarts(o, 20, 2, eta_min=0.1 * 0.4),
    "cyclic": lambda o, s: theirs.CyclicLR(o, base_lr=0.2 * 0.4, max_lr=0.4, step_size_up=13, cycle_momentum=False),
    "onecycle": lambda o, s: theirs.OneCycleLR(
        o, 0.4, total_steps=STEPS, pct_start=0.3, div_factor=25, final_div_factor=1e3, base_momentum=0.85, max_momentum=0.95
    ),
}


def test_every_schedule_is_compared():
    assert {row.name for row in ROWS} == set(MAKERS)


@pytest.mark.parametrize("name", MAKERS)
def test_rates_are_torchs(name):
    point = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([point], lr=0.4, momentum=0.9)
    scheduler, schedule = MAKERS[name](optimizer, SHAPES[name]), schedule_named(name)
    shape = schedule.shape(SHAPES[name])
    for k in range(1, STEPS + 1):
        group = optimizer.param_groups[0]
        assert 0.4 * schedule.factor(k, STEPS, shape) == pytest.approx(group["lr"], rel=1e-9, abs=1e-12), k
        if schedule.against is not None:
            assert schedule.against(k, STEPS, shape) == pytest.approx(group["momentum"], rel=1e-9), k
        optimizer.step()
        if k < STEPS:
            scheduler.step()


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_one_cycle_drives_rate_and_momentum_of_a_race(name):
    surface, optimizer = surface_named("quadratic"), known().optimizers[name]
    hyper = optimizer.numbers(surface, {"lr": 0.02})
    ours = trajectory(surface, optimizer, hyper, surface.start, STEPS, rules=Rules(schedule_named("onecycle")))
    point = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    made = {
        "momentum": lambda: torch.optim.SGD([point], lr=0.02, momentum=0.9),
        "adam": lambda: torch.optim.Adam([point], lr=0.02),
    }
    other = made[name]()
    scheduler = theirs.OneCycleLR(other, 0.02, total_steps=STEPS)
    for step in range(1, STEPS + 1):
        assert ours.rates[step] == pytest.approx(other.param_groups[0]["lr"], rel=1e-9)
        other.zero_grad()
        (0.5 * point[0] ** 2 + 12.5 * point[1] ** 2).backward()
        other.step()
        np.testing.assert_allclose(ours.points[step], point.detach().numpy(), rtol=0, atol=1e-9)
        if step < STEPS:
            scheduler.step()
    assert ours.rates[0] == ours.rates[1] and ours.hyper["lr"] == 0.02


def test_snapshots_stand_where_cycles_end():
    request = RaceRequest(
        surface="quadratic", optimizers=("gd",), steps=150, schedule="restarts", shape={"period": 20, "growth": 2}
    )  # fmt: skip
    run = result_of(request).runs[0]
    assert run.snapshots == (20, 60, 140)
    rates = run.rates
    for at in run.snapshots:
        assert rates[at] < 0.02 * rates[1] and rates[at + 1] == pytest.approx(rates[1])
    cycles = result_of(RaceRequest(optimizers=("adam",), surface="quadratic", steps=100, schedule="cyclic")).runs[0]
    assert cycles.snapshots == (51,) and cycles.rates[51] == cycles.rates[1:].min()
    assert result_of(RaceRequest(optimizers=("gd",), surface="quadratic", steps=50)).runs[0].snapshots == ()


def test_unknown_schedules_and_parameters_are_named():
    with pytest.raises(ExplorerError, match="did you mean cosine"):
        result_of(RaceRequest(schedule="cosin"))
    with pytest.raises(ExplorerError, match="cosine has no parameter period; it has floor"):
        result_of(RaceRequest(schedule="cosine", shape={"period": 3}))


@pytest.mark.parametrize("name", SHAPES)
def test_odd_lengths_and_shapes_give_finite_rates(name):
    schedule = schedule_named(name)
    for one in schedule.hyper:
        for value in (one.low, one.high):
            shape = schedule.shape({one.name: value})
            for steps in (1, 2, 3, 50):
                factors = [schedule.factor(k, steps, shape) for k in range(1, steps + 1)]
                assert np.isfinite(factors).all() and min(factors) >= 0.0 and max(factors) <= 1.0 + 1e-12
                assert all(1 <= end <= steps for end in schedule.cycles(steps, shape))
