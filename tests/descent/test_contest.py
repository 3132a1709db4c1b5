"""Fair races: the budget to the gradient, the same search for all, the toy whose answer is known, ranks, ends, cards."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from explorer.descent import contest_runs as runs
from explorer.descent.contest import Maker, course_of, seeds_of, starts_of
from explorer.descent.contest_rank import median_ratio, ranks, standing
from explorer.descent.contest_search import GIVEN, Search, at, searched, steps
from explorer.descent.contest_turned import sentences
from explorer.descent.ground import known, optimizer_named, surface_named
from explorer.jobs import Cancelled, CancelToken, Preview, Result, Work, result_of, run
from explorer.labs.contest_file import read_card, write
from explorer.records.contest import Range, TurnedRun, quartiles, spoken
from explorer.records.contest_card import card, card_text, differences, lines, request_in
from explorer.records.errors import BadRequestError, ExplorerError
from explorer.requests.contest import ContestRequest, TaskRequest, TurnedRequest

SMALL = {"trials": 8, "seeds": 4, "tuning_seeds": 2, "budget": 120}


def small(**more):
    return ContestRequest(**{"surface": "quadratic", "optimizers": ("gd", "adam"), **SMALL, **more})


# -- the budget --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["gd", "adam", "polyak", "sgd", "newton", "bfgs", "lbfgs", "cg", "lm"])
def test_no_run_asks_for_more_than_its_budget_or_stops_short(name):
    """Counted from outside: every gradient, value, Hessian and residual that the surface is asked for, by the oracle's rule."""
    surface = surface_named("rosenbrock")
    for budget in (10, 23, 57):
        request = ContestRequest(surface="rosenbrock", budget=budget, noise=0.0)
        course = course_of(request, surface)
        one = optimizer_named(name)
        hyper = runs.rounded(one, course, one.numbers(surface, {}))
        found = runs.run(course, one, hyper, surface.start, 0)
        assert found.evaluations[0] == 0 and found.evaluations[-1] <= budget
        assert (np.diff(found.evaluations) >= 0).all() and len(found.points) == len(found.values) == len(found.evaluations)
        longer = runs.run(replace(course, budget=budget + 100), one, hyper, surface.start, 0)
        last = len(found.evaluations) - 1
        assert np.array_equal(found.points, longer.points[: last + 1])  # the budget changes nothing before its end
        if last < budget and len(longer.evaluations) > last + 1:  # who rests takes steps that cost nothing
            assert longer.evaluations[last + 1] > budget  # the next step would have gone beyond it


def test_a_line_search_is_charged_for_what_it_really_asks():
    """The surface itself counts: what the oracle charged is what was asked, values and gradients at new points once each."""
    plain = surface_named("rosenbrock")
    asked = set()

    def value(x, y):
        asked.add((x, y))
        return plain.value(x, y)

    def gradient(x, y):
        asked.add((x, y))
        return plain.gradient(x, y)

    surface = replace(plain, value=value, gradient=gradient)
    course = course_of(ContestRequest(surface="rosenbrock", budget=60, noise=0.0), surface)
    asked.clear()
    one = optimizer_named("bfgs")
    found = runs.run(course, one, one.numbers(plain, {}), plain.start, 0)
    beyond = runs.run(replace(course, budget=1), one, one.numbers(plain, {}), plain.start, 0)
    assert beyond.evaluations[-1] <= 1
    assert found.evaluations[-1] <= 60 <= len(asked) + 40  # the last, unfinished step was asked too, but is not counted
    assert len(asked) >= found.evaluations[-1]


# -- the search --------------------------------------------------------------------------------------------------------------
def test_everybody_gets_the_same_search():
    request = small(optimizers=tuple(known().optimizers), trials=9)
    surface = surface_named("rosenbrock")
    maker = Maker(replace_surface(request), surface, [optimizer_named(name) for name in request.optimizers], 0.0)
    assert {search.trials for search in maker.searches} == {9}
    assert len({search.wide for search in maker.searches}) == 1
    for search, one in zip(maker.searches, maker.entered, strict=True):
        declared = {p.name: p for p in one.hyper}
        assert search.ranges, one.name
        for name, found in search.ranges.items():
            assert (found.low, found.high, found.log) == (declared[name].low, declared[name].high, declared[name].log)
            assert name not in GIVEN and not declared[name].choices
    # the first number of every method is searched at the same places of its range
    shares = []
    for search in maker.searches:
        name, found = next(iter(search.ranges.items()))
        if found.log and not found.whole and len(search.ranges) == 1:
            value = search.ask()[name]
            shares.append(math.log(value / found.low) / math.log(found.high / found.low))
    assert len(shares) > 2 and np.ptp(shares) < 1e-9


def replace_surface(request):
    return ContestRequest.model_validate({**request.model_dump(), "surface": "rosenbrock"})


def test_the_sequence_fills_every_dimension_evenly():
    assert steps(1)[0] == pytest.approx((math.sqrt(5) - 1) / 2)
    ranges = {name: Range(0.0, 1.0) for name in "abc"}
    search = Search(ranges, 90, seed=4)
    points = []
    for _ in range(60):
        points.append(list(search.ask().values()))
        search.tell(1.0)
    for column in np.array(points).T:
        assert np.histogram(column, bins=6, range=(0, 1))[0].min() >= 7  # 10 each on average
    assert at(Range(1e-5, 10.0, log=True), 0.5) == pytest.approx(1e-2)
    assert at(Range(1.0, 100.0, log=True, whole=True), 0.5) == 10.0


def test_the_last_third_looks_around_the_best():
    search = Search({"lr": Range(1e-5, 10.0, log=True)}, 30, seed=0)
    tried = []
    for _ in range(30):
        value = search.ask()["lr"]
        tried.append(value)
        search.tell(abs(math.log(value / 0.03)))
    assert search.wide == 20 and max(tried[:20]) / min(tried[:20]) > 1e5
    assert max(tried[20:]) / min(tried[20:]) < 6 and abs(math.log(search.numbers(search.place)["lr"] / 0.03)) < 0.07


def test_what_is_given_is_not_searched():
    adam = optimizer_named("adam")
    assert set(searched(adam, "all", {})) == {"lr", "beta1", "beta2", "eps"}
    assert set(searched(adam, "all", {"beta1": 0.9})) == {"lr", "beta2", "eps"}
    assert set(searched(adam, "rate", {})) == {"lr"}
    assert set(searched(optimizer_named("newton"), "rate", {})) == {"alpha"}
    assert set(searched(optimizer_named("sgd"), "all", {})) == {"lr"}  # its noise and batch are the race's


def test_gradient_descent_finds_its_known_best_rate():
    """On ½ (μ x² + L y²) with both errors alike, the fastest fixed rate is 2 / (L + μ)."""
    best = 2.0 / (1.0 + 25.0)
    request = ContestRequest(
        surface="quadratic", optimizers=("gd",), start=(2.5, 0.5), noise=0.0, spread=0.0, budget=400, seeds=1, tuning_seeds=1,
        trials=90, share=1e-9,
    )  # fmt: skip
    found = result_of(request).contenders[0].hyper["lr"]
    assert found == pytest.approx(best, rel=0.03) and found < 2.0 / 25.0


def test_tuning_never_sees_a_seed_that_is_reported(monkeypatch):
    seen = []
    plain = runs.run

    def watched(course, optimizer, hyper, start, seed, token=None):
        seen.append((seed, start))
        return plain(course, optimizer, hyper, start, seed, token)

    monkeypatch.setattr(runs, "run", watched)
    request = small()
    record = result_of(request)
    tuned = 2 * 8 * 2
    assert {seed for seed, _ in seen[:tuned]} == set(record.tuning_seeds)
    assert {seed for seed, _ in seen[tuned:]} == set(record.seeds)
    assert not set(record.tuning_seeds) & set(record.seeds) and not set(record.tuning_starts) & set(record.starts)
    more = ContestRequest(surface="quadratic", seeds=200, tuning_seeds=20)
    assert not set(seeds_of(more, 0, 20)) & set(seeds_of(more, 1, 200))
    surface = surface_named("quadratic")
    starts = np.array(starts_of(more, surface, 1, 200)) - surface.start
    assert np.hypot(*starts.T).max() <= 0.05 * surface.diagonal and np.abs(starts.mean(axis=0)).max() < 0.03


# -- what comes out ----------------------------------------------------------------------------------------------------------
def test_previews_grow_and_the_result_is_the_same_every_time():
    events = list(run(small(trials=40, budget=400)))
    record = events[-1].record
    assert isinstance(events[-1], Result) and record.stage == "done"
    again = result_of(small(trials=40, budget=400))
    assert card_text(record) == card_text(again)
    previews = [event.record for event in events if isinstance(event, Preview)]
    assert all(one.stage in ("tuning", "runs") for one in previews)
    assert card_text(result_of(small(trials=40, budget=400, seed=1))) != card_text(record)


def test_it_stops_at_once():
    work = Work(token=CancelToken())
    job = run(ContestRequest(surface="rosenbrock", trials=2000, optimizers=("adam",)), work)
    next(job)
    next(job)
    work.token.cancel()
    assert type(list(job)[-1]).__name__ == "CancelledJob"
    course = course_of(small(), surface_named("quadratic"))
    one = optimizer_named("gd")
    with pytest.raises(Cancelled):
        runs.run(course, one, one.numbers(course.surface, {}), (1.0, 1.0), 0, work.token)


def test_nobody_is_tuned_without_trials():
    record = result_of(small(trials=0))
    surface = surface_named("quadratic")
    for one in record.contenders:
        assert one.hyper == optimizer_named(one.optimizer).numbers(surface, {}) and not one.ranges and one.trials == 0


def test_sgd_runs_on_the_noise_of_the_race():
    noisy = result_of(small(optimizers=("gd", "sgd"), noise=0.4))
    assert noisy.contenders[1].hyper["noise"] == 0.4 and noisy.contenders[1].hyper["batch"] == 1.0
    still = result_of(small(optimizers=("gd", "sgd"), noise=0.0))
    gd, sgd = still.contenders
    assert gd.costs.tolist() == sgd.costs.tolist() and gd.place == sgd.place == 1 and gd.tied == ("sgd",)


def test_ranks_ties_and_what_is_clear():
    costs = np.array([[3.0, 5.0, 5.0], [4.0, 9.0, np.inf], [2.0, np.inf, np.inf], [1.0, 6.0, 5.0]])
    assert ranks(costs).tolist() == [[1, 2.5, 2.5], [1, 2, 3], [1, 2.5, 2.5], [1, 3, 2]]
    found = standing(np.tile(costs, (5, 1)), seed=0)
    assert found.places == (1, 2, 2) and found.ties == ((), (2,), (1,))
    assert found.rank[0] == 1.0 == found.low[0] == found.high[0] and found.low[1] < found.rank[1] < found.high[1]
    one = standing(np.array([[1.0, 1.0]]), seed=0)
    assert one.places == (1, 1) and one.ties == ((1,), (0,))


def test_quartiles_know_infinity():
    low, middle, high = quartiles(np.array([[1.0], [2.0], [np.inf]]))
    assert (low[0], middle[0], high[0]) == (1.5, 2.0, np.inf)
    plain = np.random.default_rng(0).random((9, 4))
    for found, share in zip(quartiles(plain), (0.25, 0.5, 0.75), strict=True):
        assert found == pytest.approx(np.quantile(plain, share, axis=0))
    ratio, low_, high_ = median_ratio(np.full(9, 6.0), np.full(9, 3.0), 0)
    assert ratio == low_ == high_ == 2.0 and math.isnan(median_ratio(np.full(3, np.inf), np.full(3, 1.0), 0)[0])


def made(course, points, halted=""):
    points = np.array(points, dtype=np.float64)
    values = course.surface.array(points[:, 0], points[:, 1])
    return runs.Run(np.arange(len(points)), values, points, halted)


def test_who_passes_by_has_not_arrived():
    surface = surface_named("quadratic")
    course = course_of(ContestRequest(surface="quadratic"), surface)
    away, near, there = (-2.0, 1.0), (0.3, 0.0), (0.01, 0.0)
    assert runs.arrival(course, made(course, [away, there, away, away])) == math.inf
    assert runs.arrival(course, made(course, [away, there, away, there, there])) == 3
    assert runs.arrival(course, made(course, [away, there, near, there])) == 1  # 0.045 is below ten times the target's height
    assert runs.arrival(course, made(course, [away, there, there], "not finite")) == math.inf


def test_a_saddle_is_no_place_to_arrive():
    surface = surface_named("saddle")
    course = course_of(ContestRequest(surface="saddle", noise=0.0), surface)
    stuck = made(course, [(-1.0 * 0.5**k, 0.0) for k in range(60)])
    assert runs.end_of(course, stuck) == runs.SADDLE and runs.arrival(course, stuck) == math.inf
    newton = runs.run(course, optimizer_named("newton"), optimizer_named("newton").numbers(surface, {}), (0.6, 0.2), 0)
    assert runs.end_of(course, newton) == runs.SADDLE  # the gradient is nothing there, and yet it is no minimum
    home = surface_named("quadratic")
    rest = course_of(ContestRequest(surface="quadratic"), home)
    assert runs.end_of(rest, made(rest, [(0.5**k, 0.0) for k in range(60)])) == runs.MINIMUM
    plain = surface_named("inflexion")
    flat = course_of(ContestRequest(surface="inflexion"), plain)
    assert runs.end_of(flat, made(flat, [(0.5**k, 0.5**k) for k in range(60)])) == runs.INFLEXION
    assert runs.end_of(flat, made(flat, [(1.0, 0.9 - 0.02 * k) for k in range(60)])) == runs.WAY


def test_a_saddle_without_a_mark_is_one_all_the_same():
    surface = replace(surface_named("saddle"), landmarks=())
    course = course_of(ContestRequest(surface="saddle"), surface)
    assert runs.end_of(course, made(course, [(0.5**k, 0.0) for k in range(60)])) == runs.SADDLE


def test_off_a_plot_without_a_minimum_is_no_loss_for_who_came_down_on_it():
    course = course_of(ContestRequest(surface="saddle"), surface_named("saddle"))
    walked = made(course, [(-1.0, 0.01), (0.0, 1.2), (0.0, 4.0)], "left the plot")
    leapt = made(course, [(-1.0, 0.01), (0.0, 4.0)], "left the plot")
    assert runs.arrival(course, walked) == 1 and runs.arrival(course, leapt) == math.inf


def test_a_start_that_is_there_already_is_refused():
    with pytest.raises(BadRequestError, match="nobody has to move"):
        course_of(ContestRequest(surface="quadratic", target=1e6), surface_named("quadratic"))
    with pytest.raises(ExplorerError, match="no value at the start"):
        result_of(ContestRequest(formula="log(x)+y^2", start=(-1.0, 0.0), **SMALL))
    with pytest.raises(ExplorerError, match="momentun"):
        result_of(small(optimizers=("momentun",)))
    with pytest.raises(ExplorerError, match="no hyper-parameter"):
        result_of(small(hyper={"gd": {"beta1": 0.9}}))


def test_a_batch_is_the_noise_of_a_surface_from_data():
    record = result_of(small(surface="least_squares", batch=4, noise=0.0, spread=0.0))
    assert len({tuple(one) for one in record.starts}) == 1
    assert any(np.ptp(one.low - one.high) > 0 for one in record.contenders)


# -- cards -------------------------------------------------------------------------------------------------------------------
def test_a_card_makes_the_same_card(tmp_path):
    record = result_of(small(optimizers=("gd", "adam", "cg"), objective="loss", hyper={"adam": {"beta1": 0.5}}))
    text = card_text(record)
    again = result_of(ContestRequest.model_validate(request_in(text)))
    assert card_text(again) == text and differences(text, card_text(again)) == []
    for ending in (".json", ".png", ".txt", ".csv"):
        write(record, tmp_path / f"one{ending}")
        write(again, tmp_path / f"two{ending}")
        assert (tmp_path / f"one{ending}").read_bytes() == (tmp_path / f"two{ending}").read_bytes()
    assert read_card(tmp_path / "one.json") == read_card(tmp_path / "one.png") == text
    told = card(record)
    assert json.loads(text) == told
    for name in ("version", "surface", "start", "target", "budget", "search", "noise", "batch", "tuning", "reported"):
        assert name in told, name
    adam = next(row for row in told["ranking"] if row["optimizer"] == "adam")
    assert adam["hyper"]["beta1"] == 0.5 and "beta1" in adam["fixed"] and adam["ranges"]["lr"]["high"] == 10.0
    assert any("beta1 = 0.5" in line for line in lines(record))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"card": "other"}', '{"card": "explorer fair race", "format": 9, "request": {}}']
)
def test_what_is_no_card_is_refused(text):
    with pytest.raises(BadRequestError):
        request_in(text)


# -- the turned valley -------------------------------------------------------------------------------------------------------
def test_only_who_scales_the_axes_feels_the_turn():
    request = TurnedRequest(optimizers=("gd", "momentum", "adagrad"), angles=3, trials=16, seeds=5, budget=400, tuning_seeds=2)
    record = result_of(request)
    gd, momentum, adagrad = record.runs
    for run_ in (gd, momentum):  # the same path, turned: the same count at every angle
        assert np.abs(run_.costs - run_.costs[0]).max() <= 1 and run_.ratio == pytest.approx(1.0, abs=0.05)
        assert all(one == pytest.approx(run_.hypers[0]) for one in run_.hypers)
    assert adagrad.ratio_low > 2 and np.median(adagrad.costs[2]) > 2 * np.median(adagrad.costs[0])
    said = "\n".join(spoken(one) for one in record.sentences)
    assert "as the lecture says" in said and f"{adagrad.curve()[1][0]:.4g} gradients at 0°" in said


def test_what_the_figures_do_not_say_is_not_said():
    request = TurnedRequest(angles=2, seeds=3)
    even = [TurnedRun(name, name, np.full((2, 3), 40.0), (), 1.0, 1.0, 1.0) for name in ("gd", "adam")]
    axes = {"gd": False, "adam": True}
    said = " ".join(spoken(one) for one in sentences(even, axes, request))
    assert "does not show" in said and "as the lecture says" not in said and said.count("changes nothing") == 2
    worse = TurnedRun("adam", "adam", np.array([[10.0] * 3, [30.0] * 3]), (), 3.0, 2.5, 3.5)
    said = " ".join(spoken(one) for one in sentences([even[0], worse], axes, request))
    assert "as the lecture says" in said and "3 times as many (2.5 to 3.5)" in said and "4 times as fast" in said
    lost = TurnedRun("adam", "adam", np.array([[10.0] * 3, [np.inf] * 3]))
    said = " ".join(spoken(one) for one in sentences([lost], axes, request))
    assert "at 45° most runs are not there" in said and "1 of the 1" in said and "The other methods" not in said


# -- tasks -------------------------------------------------------------------------------------------------------------------
def test_the_answers_are_what_running_shows():
    """Every task's answer is worked out again from its own paths, by other means than those that made it."""
    kinds, answers = set(), set()
    for number in range(1, 9):
        task = result_of(TaskRequest(number=number, seed=3))
        kinds.add(task.kind)
        answers.add(task.answer)
        gone = [run_.status in ("left the plot", "not finite") for run_ in task.race.runs]
        rest = [run_.status == "converged" for run_ in task.race.runs]
        if task.kind == "first":
            times = [run_.status_step if good else math.inf for run_, good in zip(task.race.runs, rest, strict=True)]
            assert task.answer == (times.index(min(times)) if any(rest) else 3)
        elif task.kind == "diverges":
            assert task.answer == (gone.index(True) if any(gone) else 3) and sum(gone) <= 1
        elif task.kind == "rate":
            rates = [run_.hyper["lr"] for run_ in task.race.runs]
            good = [rate for rate, ok in zip(rates, rest, strict=True) if ok]
            assert task.answer == (rates.index(max(good)) if good else 3)
        else:
            marks = [mark for mark in task.race.surface.landmarks if mark.kind == "saddle"]
            ends = [min(math.dist(run_.points[-1], (m.x, m.y)) for m in marks) for run_ in task.race.runs]
            assert (min(ends) < 0.2) == (task.answer != 3) and (task.answer == 3 or ends[task.answer] == min(ends))
        assert len(task.options) == 4 and spoken(task.question) and all(spoken(one) for one in task.reasons)
        assert card_of(task) == card_of(result_of(TaskRequest(number=number, seed=3)))
    assert kinds == {"first", "diverges", "saddle", "rate"} and len(answers) >= 3


def card_of(task):
    return spoken(task.question), task.answer, [run_.points.tolist() for run_ in task.race.runs]
