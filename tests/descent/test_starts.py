"""Many starts: the same walk as a race, the same verdicts, the same bytes for the same seed."""

import numpy as np
import pytest

from explorer.descent.ground import surface_named
from explorer.descent.race import course, ensemble
from explorer.descent.schedules import schedule_named
from explorer.jobs import result_of
from explorer.records.starts import FATES
from explorer.requests.base import changed
from explorer.requests.race import RaceRequest
from explorer.requests.starts import StartsRequest


def test_each_path_is_that_of_a_race_from_there():
    request = StartsRequest(surface="himmelblau", optimizers=("momentum", "newton"), count=9, steps=150)
    swarm = result_of(request)
    assert swarm.starts.shape == (9, 2) and swarm.ends.shape == (2, 9, 2) and swarm.paths.shape == (2, 9, 100, 2)
    for at, start in enumerate(swarm.starts.tolist()):
        race = result_of(RaceRequest(surface="himmelblau", optimizers=request.optimizers, steps=150, start=tuple(start)))
        for row, run in enumerate(race.runs):
            assert np.array_equal(swarm.ends[row, at], run.points[-1])
            assert np.allclose(swarm.paths[row, at][[0, -1]], run.points[[0, -1]], rtol=1e-6, atol=1e-6)
            if run.status == "converged":
                mark = swarm.landmarks[swarm.targets[row, at]]
                assert FATES[swarm.fates[row, at]] == "minimum" == mark.kind and swarm.steps[row, at] == run.status_step
    assert {key[0] for key in swarm.counts(0)} == {0} and sum(swarm.counts(0).values()) == 9


def test_newton_rests_on_the_saddle_and_descent_does_not():
    swarm = result_of(StartsRequest(surface="saddle", optimizers=("newton", "gd"), count=16, steps=400))
    assert swarm.counts(0) == {(FATES.index("saddle"), 0): 16}
    assert swarm.counts(1) == {(FATES.index("left the plot"), -1): 16}


@pytest.mark.parametrize("kind", ["line", "grid", "cloud"])
def test_starts_lie_in_the_plot_and_repeat(kind):
    request = StartsRequest(surface="rosenbrock", optimizers=("gd",), starts=kind, count=20, steps=5, seed=3, reach=1.0)
    first, again = result_of(request), result_of(request)
    assert np.array_equal(first.starts, again.starts) and np.array_equal(first.ends, again.ends)
    assert len(first.starts) == (16 if kind == "grid" else 20)
    x0, x1, y0, y1 = surface_named("rosenbrock").domain
    assert (first.starts >= (x0, y0)).all() and (first.starts <= (x1, y1)).all()
    other = result_of(changed(request, seed=4))
    assert np.array_equal(first.starts, other.starts) == (kind != "cloud")


def test_a_line_goes_through_the_start_at_its_angle():
    swarm = result_of(
        StartsRequest(optimizers=("gd",), starts="line", count=3, angle=0.0, reach=0.5, start=(0.2, 0.1), steps=1)
    )
    assert swarm.starts == pytest.approx(np.array([[-0.55, 0.1], [0.2, 0.1], [0.95, 0.1]]))
    cut = result_of(StartsRequest(optimizers=("gd",), starts="line", count=5, angle=90.0, start=(0.2, 1.4), steps=1))
    assert cut.starts[:, 0] == pytest.approx(np.full(5, 0.2)) and np.diff(cut.starts[:, 1]).min() > 0.1
    assert cut.starts[-1, 1] == pytest.approx(1.5)


def test_the_course_of_a_schedule_is_what_the_methods_get():
    request = RaceRequest(surface="quadratic", optimizers=("momentum",), schedule="onecycle", steps=100)
    told, run = course(request), result_of(request).runs[0]
    assert told["step"].tolist() == list(range(1, 101))
    assert run.rates[1:] == pytest.approx(told["factor"] * run.hyper["lr"])
    schedule = schedule_named("onecycle")
    assert told["momentum"][30] == schedule.against(31, 100, schedule.shape({}))
    assert len(course(changed(request, steps=100_000))["step"]) <= 240


def test_the_ensemble_is_the_mean_of_the_snapshots():
    request = RaceRequest(
        surface="rastrigin", optimizers=("gd",), schedule="restarts", shape={"period": 20.0, "growth": 1.0}, steps=100
    )
    race = result_of(request)
    run = race.runs[0]
    assert run.snapshots == (20, 40, 60, 80, 100)
    told = race.facts["ensembles"]["gd"]
    mean = run.points[list(run.snapshots)].mean(axis=0)
    surface = surface_named("rastrigin")
    assert told == ensemble(surface, run) and told["count"] == 5
    assert (told["x"], told["y"]) == pytest.approx(tuple(mean)) and told["value"] == pytest.approx(surface.value(*mean))
    assert told["best"] <= told["mean"] == pytest.approx(run.values[list(run.snapshots)].mean())
