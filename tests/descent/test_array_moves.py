"""Steps for many starts at once against the plain-float steps, and what becomes of a path against verdict.py."""

import numpy as np
import pytest

from explorer.descent.array_moves import MAKERS
from explorer.descent.array_plans import _positive
from explorer.descent.field_arrays import bends_of, has_holes, slopes_of
from explorer.descent.formula import formula_surface
from explorer.descent.ground import known, slope, surface_named
from explorer.descent.methods_second import positive
from explorer.descent.sweep import has_arrays, sweep
from explorer.descent.sweep_ends import Ends, ends_of
from explorer.descent.sweep_places import Lattice, grouped
from explorer.descent.verdict import CLOSE
from explorer.descent.walk import Rules, trajectory
from explorer.jobs import Cancelled, CancelToken
from explorer.records.basins import STATUS

VARIANTS = {"momentum": {"view": 1.0}, "adam": {"correction": 0.0}, "newton": {"kind": 2.0}, "lion": {"decay": 0.1}}


def whole(walk):
    """What a generator returns."""
    while True:
        try:
            next(walk)
        except StopIteration as end:
            return end.value


def cast(surface, count, seed=0):
    x0, x1, y0, y1 = surface.domain
    rng = np.random.default_rng(seed)
    return np.stack([rng.uniform(x0, x1, count), rng.uniform(y0, y1, count)])


def settings(name):
    surface = surface_named("himmelblau")
    optimizer = known().optimizers[name]
    own = optimizer.numbers(surface, {})
    extra = [{**own, **VARIANTS[name]}] if name in VARIANTS else []
    return surface, optimizer, [own, {**own, **({"lr": 8 * own["lr"]} if "lr" in own else {})}, *extra]


@pytest.mark.parametrize("name", MAKERS)
def test_every_path_is_the_race_s_path_to_the_last_bit(name):
    surface, optimizer, numbers = settings(name)
    starts = cast(surface, 12)
    if name == "newton":
        numbers.append({**numbers[0], "kind": 1.0})
    for hyper in numbers:
        fates = whole(sweep(surface, optimizer, hyper, starts, 40, rules=Rules(seed=3)))
        for at, start in enumerate(starts.T.tolist()):
            run = trajectory(surface, optimizer, hyper, tuple(start), 40, rules=Rules(seed=3))
            if fates.status[at] != -1 or run.status == "left the plot":
                assert STATUS[int(fates.status[at])] == run.status and fates.since[at] == run.status_step
            if np.isnan(fates.held[0, at]):  # else it may have left early, at the minimum itself
                assert np.array_equal(fates.ends[:, at], run.points[-1]), (hyper, at)
            else:
                assert np.hypot(*(fates.ends[:, at] - run.points[-1])) <= CLOSE * surface.diagonal
                still = np.hypot(*(run.points[-1] - run.points[-2])) <= CLOSE * surface.diagonal
                assert fates.still[at] == still and run.status == ("converged" if still else "running")
                assert not still or fates.since[at] == run.status_step


@pytest.mark.parametrize("name", MAKERS)
def test_a_number_for_every_path_gives_what_that_number_gives(name):
    surface, optimizer, (own, *_) = settings(name)
    varied = next(one.name for one in optimizer.hyper if not one.choices and not one.whole)
    if name == "newton":
        own = {**own, "kind": 1.0}
    factors = np.array([0.5, 1.0, 1.5, 1e6])
    starts = cast(surface, 4)
    hyper = {**own, varied: own[varied] * factors}
    if "beta2" in own:
        hyper["beta2"] = np.array([0.5, 0.9, 0.99, 0.999])
    both = whole(sweep(surface, optimizer, hyper, starts, 30))
    for at in range(4):
        mine = {key: float(one[at]) if isinstance(one, np.ndarray) else one for key, one in hyper.items()}
        alone = whole(sweep(surface, optimizer, mine, starts[:, at : at + 1], 30))
        assert alone.status[0] == both.status[at] and alone.since[0] == both.since[at]
        assert np.allclose(alone.ends[:, 0], both.ends[:, at], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("surface", ["rosenbrock", "rastrigin", "saddle", "inflexion", "ravine", "plateau_cliff"])
def test_ends_and_steps_are_those_of_the_verdict(surface):
    surface = surface_named(surface)
    starts = cast(surface, 10, 1)
    for name in ("gd", "momentum", "rmsprop", "adam", "newton"):
        optimizer = known().optimizers[name]
        hyper = optimizer.numbers(surface, {}, 3.0)
        ends = Ends(surface)
        found, since = whole(ends_of(surface, optimizer, hyper, starts, 150, ends))
        for at, start in enumerate(starts.T.tolist()):
            run = trajectory(surface, optimizer, hyper, tuple(start), 150)
            end = int(found[at])
            rests = end >= 0 and ends.places[end].kind != "minimum"
            told = "running" if rests else STATUS.get(end, "converged")
            assert told == run.status, (name, start)
            if not rests:
                assert since[at] == (150 if end == -1 else run.status_step), (name, start)


def test_slopes_and_curvatures_at_once_are_those_of_one_point():
    named = [name for name in known().surfaces if name not in ("mlp_plane", "sigmoid_network")]
    surfaces = [*map(surface_named, named), formula_surface("sin(x)*y^2 + exp(-x*y) + 0.3x^4")]
    for surface in surfaces:
        points, found = cast(surface, 7), np.empty((2, 7))
        slopes_of(surface)(points, found)
        one = np.array([slope(surface.gradient, *point) for point in points.T.tolist()]).T
        assert np.allclose(found, one, rtol=1e-12, atol=1e-12), surface.name
        bends = np.array([surface.hessian(*point) for point in points.T.tolist()]).T
        assert surface.curvatures is not None
        assert np.allclose(bends_of(surface)(points), bends, rtol=1e-10, atol=1e-10), surface.name


def test_a_surface_without_arrays_is_asked_point_by_point():
    from dataclasses import replace

    surface = surface_named("beale")
    bare = replace(surface, gradients=None, curvatures=None)
    points, one, other = cast(surface, 5), np.empty((2, 5)), np.empty((2, 5))
    slopes_of(surface)(points, one)
    slopes_of(bare)(points, other)
    assert np.array_equal(one, other) and np.array_equal(bends_of(bare)(points), bends_of(surface)(points))


def test_holes_end_a_path_where_the_race_ends_it():
    surface = formula_surface("(x-1)^2 + y^2 + 0.2 sqrt(x+1.2)", domain=(-3.0, 3.0, -2.0, 2.0))
    assert has_holes(surface) and not has_holes(surface_named("himmelblau"))
    starts = np.concatenate([cast(surface, 30), [[-2.0], [0.5]]], axis=1)
    for name, factor in (("gd", 3.6), ("momentum", 9.0)):
        optimizer = known().optimizers[name]
        hyper = optimizer.numbers(surface, {}, factor)
        found, since = whole(ends_of(surface, optimizer, hyper, starts, 60, Ends(surface)))
        runs = [trajectory(surface, optimizer, hyper, tuple(start), 60) for start in starts.T.tolist()]
        assert [STATUS.get(int(end), "converged") for end in found] == [run.status for run in runs]
        ended = found != -1
        assert since[ended].tolist() == [run.status_step for run, there in zip(runs, ended, strict=True) if there]
        assert (found == -3).any()


def test_places_found_on_the_way_are_judged_by_eigenvalues():
    from dataclasses import replace

    surface = replace(surface_named("himmelblau"), landmarks=())  # nobody knows anything
    newton = known().optimizers["newton"]
    starts, ends = cast(surface, 60), Ends(surface)
    found, since = whole(ends_of(surface, newton, newton.numbers(surface, {}), starts, 60, ends))
    kinds = {mark.kind for mark in ends.places}
    assert kinds == {"minimum", "saddle", "maximum"} and not any(mark.exact for mark in ends.places)
    for mark in ends.places:
        true = min(surface_named("himmelblau").landmarks, key=lambda one: np.hypot(one.x - mark.x, one.y - mark.y))
        assert np.hypot(true.x - mark.x, true.y - mark.y) < 1e-6 and true.kind == mark.kind
    run = trajectory(surface, newton, newton.numbers(surface, {}), tuple(starts[:, 0].tolist()), 60)
    if run.status == "converged":
        assert since[0] == run.status_step
    flat = replace(surface_named("plateau_cliff"), landmarks=())
    gd = known().optimizers["gd"]
    on_plateau = np.array([[2.5], [0.0]])
    found, _ = whole(ends_of(flat, gd, gd.numbers(flat, {}, 0.01), on_plateau, 50, Ends(flat)))
    assert found[0] == -1  # hardly any slope, hardly a step, and no end


def test_who_is_captured_may_leave_early_and_who_is_not_may_not():
    surface = surface_named("quadratic")
    gd = known().optimizers["gd"]
    starts = np.array([[1e-10, 1.0], [1e-10, 1.0]])
    stable = whole(sweep(surface, gd, {"lr": 0.04}, starts, 3000))
    assert (
        stable.taken < 1500 and (stable.since == [0, trajectory(surface, gd, {"lr": 0.04}, (1.0, 1.0), 3000).status_step]).all()
    )
    wild = whole(sweep(surface, gd, {"lr": 0.081}, starts, 2000))
    assert wild.status.tolist() == [-2, -2]  # also the one that began at the minimum, nearly


def test_methods_without_a_form_walk_and_say_so():
    surface, bowl = surface_named("himmelblau"), surface_named("noisy_bowl")
    rows = known().optimizers
    assert not has_arrays(rows["bfgs"], surface) and has_arrays(rows["sgd"], surface) and not has_arrays(rows["sgd"], bowl)
    starts = cast(surface, 6)
    hyper = rows["bfgs"].numbers(surface, {})
    found, since = whole(ends_of(surface, rows["bfgs"], hyper, starts, 50, Ends(surface)))
    runs = [trajectory(surface, rows["bfgs"], hyper, tuple(start), 50) for start in starts.T.tolist()]
    assert (found >= 0).all() and since.tolist() == [run.status_step for run in runs]


def test_a_sweep_stops_when_asked():
    surface, token = surface_named("himmelblau"), CancelToken()
    walk = sweep(surface, known().optimizers["adam"], {**settings("adam")[2][0]}, cast(surface, 50_000), 5000, token)
    next(walk)
    token.cancel()
    with pytest.raises(Cancelled):
        next(walk)


def test_small_tools():
    some = [(2.0, 0.5, -1.0), (1.0, 0.0, 1.0), (0.0, 0.0, 0.0)]
    found = _positive(*np.array(some).T, 1e-3)
    assert np.allclose(np.array(found).T, [positive(one, 1e-3) for one in some], atol=1e-15)
    places = np.array([[0.0, 1.0, 2.0, 3.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]])
    for few in (places[:, :3], places):
        lattice = Lattice(few, (-1.0, 5.0, -1.0, 2.0), 0.01)
        found = lattice.nearest(np.array([[1.004, 0.5], [0.0, 0.5]]))
        assert found[:, 0].tolist() == [1.0, 0.0]
        assert few.shape[1] > 4 or np.isnan(found[:, 1]).all()
    firsts, group = grouped(np.array([[0.0, 5.0, 0.05, 9.0], [0.0, 5.0, 0.0, 9.0]]), 0.1, 2)
    assert firsts == [(0.0, 0.0), (5.0, 5.0)] and group.tolist() == [0, 1, 0, -1]
