"""Basins and stability maps: theory, solve_ivp, symmetry, coarse to fine."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from explorer.descent.basins import levels
from explorer.descent.captured import factor
from explorer.descent.ground import known, surface_named
from explorer.descent.stability import axes
from explorer.descent.sweep import sweep
from explorer.descent.sweep_rules import rules_of
from explorer.descent.verdict import CLOSE
from explorer.jobs import CancelledJob, CancelToken, Failed, Preview, Progress, Result, Work, result_of, run
from explorer.records.basins import NOT_YET, STATUS, UNFIT, rows
from explorer.records.errors import ExplorerError
from explorer.requests.basins import BasinsRequest, StabilityRequest
from explorer.requests.race import RaceRequest


def test_the_basins_of_a_tiny_rate_are_those_of_the_gradient_flow():
    record = result_of(
        BasinsRequest(surface="himmelblau", optimizers=("gd",), grid=16, rate=0.05, steps=8000, resolution=16)
    )  # the rate is 0.0002
    surface = surface_named("himmelblau")
    flow = record.maps[0].ends.copy()
    for row in range(1, 16, 2):
        for column in range(row % 4, 16, 4):
            start = record.start(0, row, column)
            found = solve_ivp(lambda t, p: [-one for one in surface.gradient(*p)], (0, 20), start, rtol=1e-7, atol=1e-7)
            away = [np.hypot(*(found.y[:, -1] - (mark.x, mark.y))) for mark in record.ends]
            flow[row, column] = int(np.argmin(away))
            assert min(away) < 1e-3
    assert (record.maps[0].ends == flow).all() and set(flow.ravel().tolist()) == {0, 1, 2, 3}


def test_gradient_descent_converges_exactly_below_two_over_l():
    condition = 40.0
    request = StabilityRequest(
        surface="quadratic",
        values={"condition": condition},
        optimizer="gd",
        grid=64,
        steps=4000,
        resolution=16,
        start=(1.0, 1.0),
    )
    record = result_of(request)
    assert record.curvatures == pytest.approx((1.0, condition)) and record.map.ends.shape == (1, 64)
    steps = np.arange(4001)[:, None]
    with np.errstate(over="ignore"):
        away = np.hypot((1.0 - record.x) ** steps, (1.0 - condition * record.x) ** steps)  # the path, in closed form
    close = 1e-3 * np.hypot(6.0, 4.0)
    arrives = (record.x < 2.0 / condition) & (away[-1] <= close)
    assert (record.arrived()[0] == arrives).all() and arrives.sum() > 20
    assert (record.map.steps[0, arrives] == (away[:, arrives] > close).sum(axis=0)).all()
    assert (record.map.ends[0, record.x > 2.0 / condition] == -2).all()
    one, two = record.bounds
    assert one.points[:, 0].tolist() == pytest.approx([1 / condition] * 2) and two.points[0, 0] == pytest.approx(2 / condition)
    assert record.best[0] == pytest.approx(2 / (1 + condition))


@pytest.mark.parametrize(("name", "view"), [("momentum", 0.0), ("momentum", 1.0), ("nesterov", None)])
def test_the_bound_of_methods_with_momentum(name, view):
    hyper = {} if view is None else {"momentum": {"view": view}}
    record = result_of(
        StabilityRequest(surface="quadratic", optimizer=name, grid=32, span=1.2, steps=3000, hyper=hyper, resolution=16,
                         start=(0.8, 0.8))
    )  # fmt: skip
    bound = record.bounds[2]
    limit = np.interp(record.y, bound.points[:, 1], bound.points[:, 0])
    numbers = {"lr": record.x[None, :] + 0 * record.y[:, None], "momentum": record.y[:, None] + 0 * record.x[None, :]}
    growth = factor(name, {**numbers, "view": view or 0.0}, np.float64(25.0))
    clear = np.abs(record.x[None, :] / limit[:, None] - 1.0) > 0.01
    assert ((growth < 1.0) == (record.x[None, :] < limit[:, None]))[clear].all()
    stays = record.map.ends != -2
    early = record.y < 0.8  # a light ball stays in the plot until it has settled
    assert (record.arrived() <= (growth < 1.0)).all()
    assert (~stays[early] >= (growth[early] > 1.05)).all()
    lr, beta = record.best
    if view != 1.0:
        near = factor(name, {"lr": lr, "momentum": beta, "view": 0.0}, np.array([1.0, 25.0])).max()
        others = [
            factor(name, {"lr": lr * a, "momentum": min(beta + b, 0.99), "view": 0.0}, np.array([1.0, 25.0])).max()
            for a, b in ((0.9, 0), (1.1, 0), (1, 0.05), (1, -0.05))
        ]
        assert near <= min(others)


def test_a_symmetric_surface_has_symmetric_basins():
    record = result_of(BasinsRequest(surface="rastrigin", optimizers=("gd", "adam"), grid=32, resolution=16))
    for one in record.maps:
        assert (one.steps == one.steps[::-1]).all() and (one.steps == one.steps[:, ::-1]).all()
        marks = np.array([(mark.x, mark.y) for mark in record.ends])
        ends = marks[np.maximum(one.ends, 0)]
        assert np.allclose(ends, ends[::-1] * (1, -1)) and np.allclose(ends, ends[:, ::-1] * (-1, 1))
    bowl = result_of(BasinsRequest(surface="saddle", optimizers=("gd",), grid=16, resolution=16, steps=2000))
    assert (bowl.maps[0].ends == -2).all() and (bowl.maps[0].steps[0] == bowl.maps[0].steps[-1]).all()


def test_coarse_to_fine_with_progress_and_without_long_silence():
    events = list(run(BasinsRequest(surface="himmelblau", optimizers=("gd", "bfgs"), grid=100, steps=3, resolution=16)))
    shown = [event.record for event in events if isinstance(event, Preview)]
    last = events[-1]
    assert [len(one.x) for one in shown] == [32, 64] and not any(one.whole for one in shown)
    assert isinstance(last, Result) and last.record.whole and len(last.record.x) == 100
    assert [one.ends.shape for one in last.record.maps] == [(100, 100), (48, 48)]
    assert [one.by for one in last.record.maps] == ["arrays", "walks"]
    told = [event.done for event in events if isinstance(event, Progress)]
    assert told == sorted(told) and told
    assert levels(16) == [16] and levels(256) == [32, 64, 128, 256] and levels(300) == [32, 64, 128, 256, 300]


def test_a_map_stops_when_asked_with_what_it_has():
    token = CancelToken()
    last = None
    for event in run(BasinsRequest(surface="himmelblau", grid=512, steps=3000, resolution=16), Work(token=token)):
        if isinstance(event, Preview):
            token.cancel()
        last = event
    assert isinstance(last, CancelledJob) and len(last.record.x) == 32


def test_refusals_and_methods_that_do_not_fit():
    record = result_of(BasinsRequest(surface="saddle", optimizers=("lm",), grid=16, resolution=16))
    assert (record.maps[0].ends == UNFIT).all()
    for request, code in (
        (StabilityRequest(optimizer="momentum", second="beta2", surface="quadratic"), "stability.axis"),
        (StabilityRequest(surface="quadratic", minimum=2, grid=16, steps=5), "stability.minimum"),
    ):
        last = list(run(request))[-1]
        assert isinstance(last, Failed) and last.trouble.code == code, last


def test_axes_are_chosen_from_a_method_s_own_numbers():
    rows = known().optimizers
    found = {name: axes(rows[name])[:2] for name in rows}
    assert found["momentum"] == ("lr", "momentum") and found["adam"] == ("lr", "beta1") and found["rmsprop"] == ("lr", "beta")
    assert found["gd"] == ("lr",) and found["adadelta"] == ("lr", "rho") and found["polyak"] == ("share", "above")
    beta2 = result_of(
        StabilityRequest(surface="quadratic", optimizer="adam", second="beta2", grid=16, steps=100, resolution=16)
    )
    assert beta2.second == "beta2" and 0.0 < beta2.y[0] < 0.9 < beta2.y[8] < beta2.y[-1] < 1.0
    assert not beta2.bounds and beta2.fastest() is not None


def test_words_and_tables_of_a_record():
    record = result_of(BasinsRequest(surface="quadratic", optimizers=("gd",), grid=16, steps=5, resolution=16))
    lines = list(rows(record))
    assert len(lines) == 256 and lines[0][:3] == ("gd", *record.start(0, 0, 0)) and lines[0][4] == "running"
    assert record.maps[0].shares()[0][:2] == (NOT_YET, 256 - sum(one[1] for one in record.maps[0].shares()[1:]))
    assert record.cell(0, *record.start(0, 3, 7)) == (3, 7) and record.cell(0, 99.0, -99.0) == (0, 15)


def test_a_slow_surface_is_seen_coarsely_first():
    request = BasinsRequest(surface="sigmoid_unit", optimizers=("adam",), grid=16, steps=20, resolution=16)
    events = list(run(request))
    assert [len(event.record.x) for event in events if isinstance(event, (Preview, Result))] == [8, 16]


RULED = [
    {"schedule": "onecycle", "clip": 3.0},
    {"schedule": "restarts", "shape": {"period": 15}, "noise": 2.0, "seed": 3},
    {"schedule": "cosine", "noise": 0.5, "clip": 1.0, "seed": 9},
    {"clip": 2.0, "noise": 4.0},
]


@pytest.mark.parametrize("rules", RULED)
def test_every_start_ends_where_the_race_with_the_same_options_ends(rules):
    fields = {"surface": "himmelblau", "steps": 60, "rate": 2.0, "resolution": 16, **rules}
    everybody = (
        "gd",
        "sgd",
        "momentum",
        "nesterov",
        "adagrad",
        "rmsprop",
        "adadelta",
        "adam",
        "nadam",
        "radam",
        "lion",
        "polyak",
    )
    for optimizers in (everybody[:4], everybody[4:8], everybody[8:]):
        record = result_of(BasinsRequest(optimizers=optimizers, grid=16, **fields))
        assert record.facts["rules"] == rules | ({"seed": 0} if "noise" in rules and "seed" not in rules else {})
        for row, column in ((1, 2), (6, 11), (13, 4), (8, 8)):
            race = result_of(RaceRequest(optimizers=optimizers, start=record.start(0, row, column), **fields))
            for one, path in zip(record.maps, race.runs, strict=True):
                end = int(one.ends[row, column])
                rests = end >= 0 and record.ends[end].kind != "minimum"
                assert path.status == ("running" if rests else STATUS.get(end, "converged")), (one.optimizer, row, column)
                if end >= 0:
                    mark = record.ends[end]
                    assert np.hypot(*(path.points[-1] - (mark.x, mark.y))) <= CLOSE * surface_named("himmelblau").diagonal
                if not rests:
                    assert one.steps[row, column] == (60 if end == NOT_YET else path.status_step)
    ends = whole_sweep(fields, "adam")
    assert ends == [
        result_of(RaceRequest(optimizers=("adam",), start=start, **fields)).runs[0].points[-1].tolist() for start in SOME
    ]


SOME = ((-2.5, 1.0), (0.3, -0.2), (4.0, 4.5))


def whole_sweep(fields, name):
    """The last points of paths from SOME, all walked at once."""
    request = BasinsRequest(optimizers=(name,), **fields)
    surface, optimizer = surface_named(request.surface), known().optimizers[name]
    walk = sweep(surface, optimizer, optimizer.numbers(surface, {}, request.rate), np.array(SOME).T, request.steps,
                 rules=rules_of(request))  # fmt: skip
    while True:
        try:
            next(walk)
        except StopIteration as end:
            return end.value.ends.T.tolist()


def test_a_stability_map_has_the_race_s_schedule_and_noise_too_and_batches_go_path_by_path():
    fields = {
        "surface": "quadratic",
        "steps": 50,
        "schedule": "cosine",
        "noise": 0.05,
        "clip": 4.0,
        "seed": 2,
        "resolution": 16,
    }
    record = result_of(StabilityRequest(optimizer="momentum", grid=16, **fields))
    for row, column in ((2, 3), (9, 8), (12, 6)):
        numbers = {"lr": float(record.x[column]), "momentum": float(record.y[row])}
        path = result_of(RaceRequest(optimizers=("momentum",), hyper={"momentum": numbers}, **fields)).runs[0]
        end = int(record.map.ends[row, column])
        assert path.status == STATUS.get(end, "converged") and (end < 0 or record.map.steps[row, column] == path.status_step)
    fields = {"surface": "least_squares", "steps": 20, "batch": 4, "seed": 5, "resolution": 16}
    batches = result_of(BasinsRequest(optimizers=("momentum", "sgd"), grid=16, **fields))
    assert [one.by for one in batches.maps] == ["walks", "walks"] and batches.facts["rules"] == {"batch": 4, "seed": 5}
    race = result_of(RaceRequest(optimizers=("momentum", "sgd"), start=batches.start(0, 3, 9), **fields))
    for one, path in zip(batches.maps, race.runs, strict=True):
        assert STATUS.get(int(one.ends[3, 9]), "converged") == path.status
    with pytest.raises(ExplorerError, match="period"):
        result_of(BasinsRequest(schedule="cosine", shape={"period": 3}, grid=16, steps=5))
