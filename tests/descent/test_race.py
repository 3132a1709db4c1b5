import math

import numpy as np
import pytest
from pydantic import ValidationError

from explorer.descent.ground import Surface, known, surface_named, use
from explorer.descent.kept_paths import forget
from explorer.descent.race import trajectory
from explorer.jobs import CancelledJob, CancelToken, Progress, Result, Started, Work, result_of, run
from explorer.records.errors import ExplorerError
from explorer.requests.race import SIX, RaceRequest, SurfaceRequest
from explorer.tables import Tables


def walk(surface_name, name, start=None, steps=300, **hyper):
    surface, optimizer = surface_named(surface_name), known().optimizers[name]
    return trajectory(surface, optimizer, optimizer.numbers(surface, hyper), start or surface.start, steps)


def test_a_race_yields_one_progress_a_method_and_one_race():
    events = list(run(RaceRequest(surface="quadratic", steps=20)))
    assert isinstance(events[0], Started) and events[0].seed == 0
    assert [event.text for event in events if isinstance(event, Progress)] == list(SIX)
    race = events[-1].record
    assert isinstance(events[-1], Result) and [run.optimizer for run in race.runs] == list(SIX)
    for one in race.runs:
        assert one.points.shape == (21, 2) and one.values.shape == (21,) and one.gradients.shape == (21, 2)
        assert tuple(one.points[0]) == race.start == (-2.6, 1.5)
        np.testing.assert_allclose(one.gradients[:, 1], 25 * one.points[:, 1])
        assert all(memory.shape == (21, 2) for memory in one.state.values())
    assert race.surface.z.shape == (200, 200)


def test_the_same_request_gives_the_same_bytes():
    request = RaceRequest(surface="beale", start=(2.0, 2.0), seed=3)
    first = result_of(request)
    forget()
    second = result_of(request)
    assert [one.points.tobytes() for one in first.runs] == [one.points.tobytes() for one in second.runs]


def test_only_what_changed_is_walked_again():
    request = RaceRequest(surface="beale", start=(2.0, 2.0), steps=60, noise=0.1, seed=3)
    first = result_of(request)
    dragged = result_of(request.model_copy(update={"hyper": {"adam": {"beta1": 0.8}}, "levels": "linear"}))
    same = [one is other for one, other in zip(first.runs, dragged.runs, strict=True)]
    assert same == [name != "adam" for name in SIX]
    forget()
    alone = result_of(request.model_copy(update={"hyper": {"adam": {"beta1": 0.8}}}))
    for one, other in zip(alone.runs, dragged.runs, strict=True):
        assert one is not other and one.points.tobytes() == other.points.tobytes()
    others = (
        {"seed": 4},
        {"noise": 0.2},
        {"rate": 2.0},
        {"steps": 61},
        {"start": (2.0, 1.9)},
        {"schedule": "cosine"},
        {"clip": 0.5},
    )
    for change in (*others, {"changes": tuple((9, name, "lr", 0.001) for name in SIX)}):
        again = result_of(request.model_copy(update=change))
        assert not any(one is other for one, other in zip(alone.runs, again.runs, strict=True)), change


def test_the_six_leave_the_saddle_and_each_at_its_own_time():
    race = result_of(RaceRequest(surface="saddle", start=(-1.0, 0.001), optimizers=SIX, steps=300))
    assert {one.status for one in race.runs} == {"left the plot"}
    assert all(abs(one.points[-1][1]) > 1.5 > abs(one.points[-1][0]) for one in race.runs)  # by the valley, not over the ridge
    steps = {one.optimizer: one.status_step for one in race.runs}
    assert len(set(steps.values())) == 6
    assert steps["gd"] == max(steps.values()) and steps["adagrad"] == min(steps.values())  # gd dwells; scaled steps do not
    for one in race.runs:
        outside = np.abs(one.points).max(axis=1) > 1.5
        assert outside[one.status_step :].all() and not outside[one.status_step - 1]


def test_a_saddle_is_never_called_converged():
    exact = walk("saddle", "gd", start=(-1.0, 0.0), steps=2000)  # the ridge itself: gradient descent stays for ever
    assert math.hypot(*exact.gradients[-1]) < 1e-12
    assert exact.status == "running" and exact.status_step == 2000
    assert walk("himmelblau", "gd", start=(-0.12796134673068005, -1.9537149802445766), steps=50).status == "running"
    assert walk("monkey_saddle", "gd", start=(1.2, 0.0), steps=20_000).status == "running"
    assert walk("inflexion", "gd", steps=20_000).status == "running"


def test_an_unlisted_minimum_is_recognised_by_its_curvature_only():
    def copy(name, start):
        real = surface_named(name)
        return Surface("copy", "", "", real.domain, start, real.value, real.gradient, rates=real.rates), real

    gd = known().optimizers["gd"]
    for name, start, expected in (
        ("quadratic", (-2.6, 1.5), "converged"),
        ("himmelblau", (-0.4, -0.4), "converged"),
        ("saddle", (-1.0, 0.0), "running"),
        ("monkey_saddle", (1.2, 0.0), "running"),
        ("inflexion", (1.2, 0.9), "running"),
    ):
        surface, real = copy(name, start)
        path = trajectory(surface, gd, gd.numbers(real, {}), start, 20_000)
        assert path.status == expected, name


def test_converged_means_stays_there():
    path = walk("quadratic", "momentum")
    far = np.hypot(*path.points.T) > 1e-3 * surface_named("quadratic").diagonal
    assert path.status == "converged" and far[path.status_step - 1] and not far[path.status_step :].any()
    assert walk("quadratic", "momentum", steps=path.status_step - 5).status == "running"
    # RMSProp's steps keep their length: it circles the minimum and never rests
    assert walk("quadratic", "rmsprop").status == "running"
    assert walk("quadratic", "gd", start=(0.0, 0.0)).status_step == 0


@pytest.mark.parametrize("name", (*SIX, "adamw", "adadelta", "nadam", "radam", "lion", "sgd"))
@pytest.mark.parametrize("surface_name", ["rosenbrock", "quadratic", "plateau_cliff", "saddle"])
@pytest.mark.parametrize("lr", [1e9, -0.3, 1e308, math.nan, math.inf, 0.0])
def test_mad_learning_rates_end_in_words(name, surface_name, lr):
    path = walk(surface_name, name, steps=3000, lr=lr)
    assert np.isfinite(path.points).all() and np.isfinite(path.values).all() and np.isfinite(path.gradients).all()
    if math.isfinite(lr):
        assert path.status in {"left the plot", "not finite", "running"}
    else:
        assert path.status == "not finite" and path.status_step == 1 and path.steps == 0
    if path.status == "left the plot" and lr >= 1e9:
        assert path.status_step == 1
    if lr == 0.0:
        assert path.status == "running" and path.steps == 3000


def test_requests_refuse_what_json_could_not_say():
    with pytest.raises(ValidationError):
        RaceRequest(hyper={"adam": {"lr": math.nan}})
    with pytest.raises(ValidationError):
        RaceRequest(steps=1_000_001)
    with pytest.raises(ValidationError):
        RaceRequest(start=(math.inf, 0.0))


def test_a_hole_stops_the_path_and_keeps_it():
    surface = Surface(
        "log", "", "", (-1.0, 2.0, -1.0, 1.0), (1.0, 0.5), lambda x, y: math.log(x) + y * y, lambda x, y: (1 / x, 2 * y)
    )
    path = trajectory(surface, known().optimizers["gd"], {"lr": 0.1}, surface.start, 300)
    assert path.status == "not finite" and 3 < path.steps < 30 and path.status_step == path.steps + 1
    assert (path.points[:, 0] > 0).all() and np.isfinite(path.values).all()
    start = trajectory(surface, known().optimizers["gd"], {"lr": 0.1}, (-0.5, 0.0), 300)
    assert start.status == "not finite" and start.status_step == 0 and start.steps == 0


def test_a_start_outside_the_plot_may_come_in():
    path = walk("quadratic", "gd", start=(-4.0, 1.0))
    assert path.status == "converged"
    assert walk("saddle", "gd", start=(0.0, 2.0)).status == "left the plot"
    assert walk("saddle", "gd", start=(0.0, 2.0)).status_step == 0


def test_a_hundred_thousand_steps_stop_within_a_chunk_when_cancelled():
    token = CancelToken()
    events = run(RaceRequest(surface="rosenbrock", steps=100_000, optimizers=("gd", "adam")), Work(token=token))
    for event in events:
        if isinstance(event, Progress):
            token.cancel()
        last = event
    assert isinstance(last, CancelledJob)

    class Counting(CancelToken):
        asked = 0

        def check(self):
            self.asked += 1
            super().check()

    counting = Counting()
    gd = known().optimizers["gd"]
    path = trajectory(surface_named("rosenbrock"), gd, {"lr": 1e-3}, (-1.5, 2.5), 20_000, counting)
    assert counting.asked == 20 and path.steps == 20_000


def test_hyper_parameters_reach_the_method_and_wrong_ones_are_named():
    race = result_of(RaceRequest(surface="quadratic", rate=2.0, hyper={"adam": {"lr": 0.3, "beta1": 0.5}}, steps=5))
    by_name = {one.optimizer: one.hyper for one in race.runs}
    assert by_name["adam"] == {"lr": 0.6, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8, "correction": 1.0}
    assert by_name["gd"]["lr"] == pytest.approx(0.1) == race.facts["rates"]["gd"]
    with pytest.raises(ExplorerError, match="gd has no hyper-parameter momentum; it has lr"):
        result_of(RaceRequest(hyper={"gd": {"momentum": 0.9}}))
    for bad in ({"optimizers": ("adm",)}, {"hyper": {"adm": {"lr": 1.0}}}, {"surface": "sadle"}):
        with pytest.raises(ExplorerError, match="did you mean") as caught:
            result_of(RaceRequest(**bad))
        assert caught.value.trouble.exit_code == 2


def test_sample_job():
    samples = result_of(SurfaceRequest(surface="beale", resolution=64))
    assert samples.z.shape == (64, 64) and samples.name == "beale" and samples.formula and len(samples.landmarks) == 3


def test_another_set_of_tables_can_be_used():
    tables = Tables()
    tables.surfaces.add("only", surface_named("saddle"))
    use(tables)
    try:
        assert tuple(known().surfaces) == ("only",)
    finally:
        use(None)
    assert {"saddle", "quadratic", "rastrigin"} < set(known().surfaces)
