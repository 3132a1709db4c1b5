"""What holds for all methods of a race: changes under way, noise, batches, clipping, budgets, long paths."""

import time

import numpy as np
import pytest

from explorer.descent.finite_sum import FiniteSum
from explorer.descent.ground import Surface, known, surface_named, use
from explorer.descent.schedules import schedule_named
from explorer.descent.walk import PLAIN, Rules, Walk, trajectory
from explorer.jobs import result_of
from explorer.records.errors import ExplorerError
from explorer.requests.race import RaceRequest

ALL = tuple(known().optimizers)


def run(name, surface="quadratic", steps=100, rules=PLAIN, start=None, **given):
    surface = surface_named(surface) if isinstance(surface, str) else surface
    optimizer = known().optimizers[name]
    return trajectory(surface, optimizer, optimizer.numbers(surface, given), start or surface.start, steps, rules=rules)


@pytest.mark.parametrize("name", ALL)
def test_the_winding_way_is_the_straight_way(name):
    """A change that changes nothing makes the step anew before every step: the path must stay the same to the last bit."""
    if known().optimizers[name].make is None:
        return
    hyper = known().optimizers[name].hyper[0].name
    surface = surface_named("himmelblau")
    value = known().optimizers[name].numbers(surface, {})[hyper]
    plain = run(name, "himmelblau")
    wound = run(name, "himmelblau", rules=Rules(changes=((7, hyper, value),)))
    assert plain.points.tobytes() == wound.points.tobytes()
    for memory in plain.state:
        assert plain.state[memory].tobytes() == wound.state[memory].tobytes()
    for one in ("rates", "evaluations", "numbers", "gradients"):
        np.testing.assert_array_equal(getattr(plain, one), getattr(wound, one))
    assert wound.changes == ((7, hyper, value),) and plain.changes == ()


def test_a_change_under_way_counts_from_its_step():
    request = RaceRequest(
        surface="quadratic", optimizers=("gd", "momentum"), steps=40, rate=0.5,
        changes=((11, "gd", "lr", 0.02), (21, "momentum", "momentum", 0.0), (500, "gd", "lr", 1.0)),
    )  # fmt: skip
    gd, momentum = result_of(request).runs
    assert gd.changes == ((11, "lr", 0.01),) and momentum.changes == ((21, "momentum", 0.0),)
    np.testing.assert_allclose(gd.rates[1:11], 0.025)
    np.testing.assert_allclose(gd.rates[11:], 0.01)
    np.testing.assert_allclose(gd.points[11], gd.points[10] - 0.01 * gd.gradients[10])
    np.testing.assert_allclose(momentum.points[22], momentum.points[21] - momentum.rates[21] * momentum.gradients[21])
    with pytest.raises(ExplorerError, match="gd has no hyper-parameter beta"):
        result_of(RaceRequest(changes=((3, "gd", "beta", 1.0),)))
    use(known())  # no plugins are asked for an unknown name
    with pytest.raises(ExplorerError, match="did you mean"):
        result_of(RaceRequest(changes=((3, "adm", "lr", 1.0),)))


def test_noise_is_the_same_for_all_and_follows_the_seed():
    request = RaceRequest(surface="quadratic", optimizers=("gd", "momentum"), steps=50, noise=0.5, seed=4)
    one, again, other = result_of(request), result_of(request), result_of(request.model_copy(update={"seed": 5}))
    assert one.runs[0].points.tobytes() == again.runs[0].points.tobytes() != other.runs[0].points.tobytes()
    gd = one.runs[0]
    np.testing.assert_allclose(gd.gradients, np.stack([gd.points[:, 0], 25 * gd.points[:, 1]], axis=1))  # the exact ones
    met = (gd.points[:-1] - gd.points[1:]) / gd.rates[1:, None] - gd.gradients[:-1]
    assert 0.35 < met.std() < 0.65
    first = (one.runs[1].points[0] - one.runs[1].points[1]) / one.runs[1].rates[1] - one.runs[1].gradients[0]
    np.testing.assert_allclose(first, met[0], atol=1e-9)


def test_larger_batches_make_less_noise():
    spread = []
    for batch in (1, 16, 256):
        path = run("sgd", steps=400, batch=batch, noise=2.0)
        met = (path.points[:-1] - path.points[1:]) / path.rates[1:, None] - path.gradients[:-1]
        spread.append(met.std())
    np.testing.assert_allclose(spread, [2.0, 0.5, 0.125], rtol=0.1)


def finite_sum():
    """f = mean of ½ |z − z_i|², eight terms."""
    centres = np.random.default_rng(1).normal(size=(8, 2))
    middle = centres.mean(axis=0)
    terms = FiniteSum(8, lambda x, y, which: np.array([x, y]) - centres[which])
    return Surface(
        "sum", "", "", (-3.0, 3.0, -3.0, 3.0), (2.0, 2.0),
        lambda x, y: float(0.5 * np.square(np.array([x, y]) - centres).sum(axis=1).mean()),
        lambda x, y: (float(x - middle[0]), float(y - middle[1])), terms=terms,
    )  # fmt: skip


def test_on_a_mean_of_terms_batches_are_real_parts_of_it():
    surface = finite_sum()
    whole, batches = run("gd", surface, lr=0.1), run("gd", surface, rules=Rules(batch=2), lr=0.1)
    full = run("sgd", surface, batch=8, lr=0.1)
    np.testing.assert_allclose(full.points, whole.points, atol=1e-12)
    assert np.abs(batches.points - whole.points).max() > 0.01
    assert np.linalg.norm(run("sgd", surface, batch=1, lr=0.3).points[-1] - whole.points[-1]) > 0.01


def test_clipping_bounds_the_steps_of_first_order_methods_only():
    clipped = run("gd", "rosenbrock", rules=Rules(clip=2.0), lr=0.1, steps=50)
    assert np.linalg.norm(np.diff(clipped.points, axis=0), axis=1).max() <= 0.2 + 1e-12
    assert run("bfgs", "rosenbrock", rules=Rules(clip=2.0)).points.tobytes() == run("bfgs", "rosenbrock").points.tobytes()


@pytest.mark.parametrize("name", ["gd", "adam", "newton", "bfgs", "lbfgs", "cg", "sgd", "polyak"])
def test_a_budget_of_gradients_is_kept(name):
    path = run(name, "rosenbrock", steps=7, rules=Rules(budget=90), **({"lr": 1e-3} if name == "gd" else {}))
    rest = path.evaluations[path.evaluations < 90]
    assert len(rest) >= len(path.evaluations) - 1  # only the last step may go over it
    assert path.evaluations[-1] >= 90 or name in {"bfgs", "lbfgs", "cg"}
    assert (np.diff(path.evaluations) >= 0).all()


def test_one_gradient_a_step_is_what_first_order_methods_cost():
    for name in ("gd", "adam", "nadam", "sgd", "polyak"):
        path = run(name, "himmelblau", steps=20)
        assert path.evaluations.tolist() == list(range(path.steps + 1)) == path.numbers.tolist()


def test_long_paths_are_thinned_out_and_can_be_had_whole():
    whole = run("adam", "rosenbrock", steps=5000, rules=Rules(kept=10_000))
    thin = run("adam", "rosenbrock", steps=5000, rules=Rules(kept=700))
    assert whole.steps == whole.taken == 5000 == thin.taken
    assert len(thin.points) <= 702 and thin.numbers[0] == 0 and thin.numbers[-1] == 5000 and thin.numbers[3] == 24
    np.testing.assert_array_equal(thin.points, whole.points[thin.numbers])
    np.testing.assert_array_equal(thin.values, whole.values[thin.numbers])
    np.testing.assert_array_equal(thin.state["squares"], whole.state["squares"][thin.numbers])
    np.testing.assert_allclose(thin.gradients, whole.gradients[thin.numbers])
    assert thin.evaluations.tolist() == thin.numbers.tolist()
    assert thin.status == whole.status == "converged"
    assert abs(thin.number_at(thin.status_step) - whole.status_step) <= 8


def test_where_a_thinned_path_breaks_off_is_exact():
    def blow(rules):
        return run("gd", "saddle", steps=3000, rules=rules, start=(1.0, 0.0), lr=1.001)

    whole, thin = blow(Rules()), blow(Rules(kept=100))
    assert thin.status == whole.status and thin.taken == whole.taken
    np.testing.assert_array_equal(thin.points[-1], whole.points[-1])


def test_a_million_steps():
    begin = time.perf_counter()
    race = result_of(RaceRequest(surface="rosenbrock", optimizers=("gd",), steps=1_000_000, resolution=16))
    path = race.runs[0]
    assert path.taken == 1_000_000 and len(path.points) == 100_001 and path.status == "converged"
    assert time.perf_counter() - begin < 30


def test_walk_keeps_its_place_for_the_next_step():
    surface, adam = surface_named("rosenbrock"), known().optimizers["adam"]
    walk = Walk(surface, adam, adam.numbers(surface, {}), surface.start, 50, Rules(schedule_named("cosine")))
    assert walk.walk(range(1, 21))
    whole = run("adam", "rosenbrock", steps=50, rules=Rules(schedule_named("cosine")))
    np.testing.assert_array_equal(walk.at, whole.points[20])
    np.testing.assert_array_equal(walk.step(21), whole.points[21])


def test_the_request_is_checked():
    with pytest.raises(ValueError, match="steps"):
        RaceRequest(steps=0)
    with pytest.raises(ValueError, match="changes"):
        RaceRequest(changes=((1, "gd", "lr", float("nan")),))
