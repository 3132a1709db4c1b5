"""Optimizers, surfaces, landscapes, first weights, fair races and basins in a real window, against their requests run here."""

import hashlib
import json

import numpy as np
import pytest

from explorer.cli.media import still
from explorer.descent.formula import facts as formula_facts
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.records.contest_card import card_text
from explorer.requests.basins import BasinsRequest, StabilityRequest
from explorer.requests.contest import ContestRequest, TaskRequest, TurnedRequest
from explorer.requests.landscape import DescentRequest, map_part
from explorer.requests.neural import InitialisationRequest, LinearRegionsRequest
from explorer.requests.race import ProbeRequest, RaceExportRequest, RaceRequest, StepRequest, SurfaceRequest, torch_part
from explorer.requests.starts import StartsRequest

DRIVES = ("play", "ground", "landscape", "init", "contest", "basins")
pytestmark = pytest.mark.timeout(420)  # the first test waits for all drives


@pytest.fixture(scope="module")
def window(one_window):
    """What each drive tells. One window for all of them: to start the program takes as long as to use it."""
    return one_window(DRIVES, "journey", timeout=400)


def test_the_window_shows_what_the_jobs_say(window, tmp_path):
    facts = window["drive_play"]
    request = RaceRequest.model_validate(facts["request"])
    ((step, name, own, value),) = request.changes
    assert facts["playing"] and (name, own, value) == ("adam", "lr", 1.2) and 21 <= step <= 80
    race = result_of(request)
    assert facts["ends"] == [run.points[-1].tolist() for run in race.runs]
    rates = race.runs[2].rates
    assert facts["rates"] == rates.tolist() and rates[step] / rates[step - 1] > 3
    assert facts["hovered"] == ["bfgs", 6] and facts["words"].startswith("BFGS: It arrived at the minimum near")
    told = result_of(StepRequest.model_validate({**request.model_dump(), "optimizer": "adam", "step": 10}))
    terms = [[term.symbol, term.x, term.y, term.numbers] for term in told.terms]
    assert facts["step"] == ["adam", list(told.before), list(told.after), terms]
    assert np.allclose(told.after, race.runs[2].points[10])
    swarm = result_of(StartsRequest.model_validate({**request.model_dump(), "starts": "grid", "count": 25}))
    assert facts["counts"] == [sorted([*key, count] for key, count in swarm.counts(row).items()) for row in range(4)]
    assert facts["methods"] == ["gd", "momentum", "adam", "newton", "bfgs"]
    said = facts["said"]
    assert "diverged" in said["diverged"] and "led into a hole" in said["hole"] and "hardly moves" in said["plateau"]
    assert "arrived at the minimum" in said["million"] and facts["kept"] == [20_000, 1_000_000] and facts["alive"]
    saved = RaceExportRequest(
        surface="himmelblau", steps=60, optimizers=("gd",), path=str(tmp_path / "x.svg"), dark=facts["dark"]
    )
    result_of(saved)
    assert facts["svg"] == hashlib.sha256((tmp_path / "x.svg").read_bytes()).hexdigest()


def test_a_person_shapes_types_draws_and_turns(window):
    facts = window["drive_ground"]
    bowl = result_of(SurfaceRequest(surface="quadratic", values=facts["values"]))
    assert (facts["low"], facts["high"]) == (bowl.z.min(), bowl.z.max())
    at, value, gradient, eigenvalues, target, shape = facts["probe"]
    probe = result_of(ProbeRequest(surface="quadratic", values=facts["values"], at=at))
    assert (value, shape) == (probe.value, "bowl")
    np.testing.assert_array_equal(gradient + eigenvalues + target, [*probe.gradient, *probe.eigenvalues, *probe.target])
    text = "x^2/(1+y^2) + a sqrt(|y|)"
    assert facts["sliders"] == ["a"] and facts["typeset"] == formula_facts(text)["latex"]
    formula = result_of(SurfaceRequest(formula=text, values={"a": 2.5}))
    assert (facts["formula low"], facts["formula high"]) == (formula.z.min(), formula.z.max())
    assert facts["bad"] == 8 and "'.' is not allowed" in facts["fault"] and facts["stayed"]
    assert facts["zoomed"][0] == pytest.approx(-facts["zoomed"][1], abs=0.05) and 1.5 < facts["zoomed"][1] < 2.9
    slope, offset = np.polyfit(*np.array(facts["points"]).T, 1)
    assert facts["fit"] == pytest.approx([slope, offset], abs=1e-9)
    assert facts["pasted"] == [[0.0, 1.0], [1.5, 2.0], [3.0, 2.5]]
    assert facts["alone"] and facts["colours"] > 100
    assert facts["pinned"] == pytest.approx([3.0, 2.0], abs=0.1)
    assert facts["crossed"] is not None and facts["start"] == pytest.approx(facts["crossed"], abs=0.01)


def test_a_network_s_plane_with_noise_and_a_class_of_torch(window):
    facts = window["drive_ground"]
    request = RaceRequest.model_validate(facts["plane"])
    assert (request.surface, request.torch, request.noise, request.clip) == ("mlp_plane", ("Adamax(lr=0.02)",), 0.05, 1.0)
    assert request.levels != RaceRequest().levels
    runs = [*result_of(request).runs, *result_of(torch_part(request), Work(None, None)).runs]
    assert list(facts["ends"]) == [run.optimizer for run in runs]
    np.testing.assert_allclose([*facts["ends"].values()], [run.points[-1] for run in runs], rtol=1e-9)


def test_a_click_trains_from_there_and_the_map_goes_old(window):
    facts = window["drive_landscape"]
    request = DescentRequest(model="lenet5", size=17, views=2, steps=12, method="Adam(lr=0.002)", start=tuple(facts["start"]))
    work = Work(Engine(threads=1), still("coffee"))
    np.testing.assert_allclose(facts["z"], result_of(map_part(request), work).surface.z, rtol=1e-3)
    path = result_of(request, work)
    np.testing.assert_allclose(facts["values"], path.run.values, rtol=1e-2, atol=1e-6)
    np.testing.assert_allclose(facts["distance"], path.distance, rtol=1e-2, atol=1e-4)
    assert abs(facts["start"][0] + 0.6) < 0.02 and abs(facts["start"][1] - 0.6) < 0.02
    assert facts["step"] == 6 and "torch.Adam" in facts["words"]
    assert facts["nudged"][0] == round(facts["start"][0] + 0.05, 4)
    assert facts["held"] and facts["still held"] and facts["named"].startswith("coffee at 0:0")


def test_six_ways_and_the_pieces_of_a_plane(window):
    facts = window["drive_init"]
    record = result_of(InitialisationRequest())
    np.testing.assert_allclose(facts["spread"], record.scheme("he").spread, rtol=1e-9)
    assert facts["place"] == [5, 5] and "layer 5" in facts["told"]
    pieces = result_of(LinearRegionsRequest())
    assert facts["count"] == pieces.count
    assert facts["line"].startswith(f"Piece {facts['piece'] + 1} of {pieces.count}: f(x, y)")


def test_a_race_in_the_window_is_the_race(window):
    facts = window["drive_contest"]
    small = {"trials": 12, "seeds": 8, "tuning_seeds": 2, "budget": 200}
    three = ("gd", "momentum", "adam")
    record = result_of(ContestRequest(surface="quadratic", optimizers=three, **small))
    assert facts["costs"] == {one.optimizer: one.costs.tolist() for one in record.contenders}
    assert [row.split("\t")[1] for row in facts["rows"]] == [f"{one.place}." for one in record.ordered()]
    assert facts["highlight"] in three and record.ordered()[0].title in facts["detail"]
    assert facts["hyper"] == {one.optimizer: one.hyper for one in record.contenders}
    assert facts["stopped_s"] < 1.5 and 3 < facts["kept"] < 2000
    turned = result_of(TurnedRequest(optimizers=three, angles=4, **small))
    assert facts["turned"] == {run.optimizer: run.curve()[1].tolist() for run in turned.runs}
    assert "45°" in facts["told"]
    task = result_of(TaskRequest(number=1))
    assert task.question[1]["x"] in facts["question"] and facts["score"].startswith("1 of 1 right") and facts["next"] == 2
    assert json.loads(card_text(record))["budget"] == 200


def test_the_maps_in_the_window_are_the_maps(window):
    facts = window["drive_basins"]
    record = result_of(BasinsRequest(surface="himmelblau", grid=128))
    assert facts["shares"] == [[list(row) for row in one.shares()] for one in record.maps]
    index, row, column = facts["cell"]
    start = record.start(index, row, column)
    assert facts["start"] == pytest.approx(start, rel=1e-5)
    assert f"{record.maps[1].steps[row, column]} steps" in facts["said"] and "Adam: " in facts["said"]
    assert facts["rate"] > 1.05 and facts["moved"] == pytest.approx(0.004 * facts["rate"])
    stable = result_of(StabilityRequest(surface="quadratic"))
    assert facts["stable"] == [list(row) for row in stable.map.shares()]
    assert 0.0 < facts["hyper"]["momentum"] < 1.0 and facts["hyper"]["lr"] > 0.0
