"""Playing with a race in a real window, against the same requests run here."""

import hashlib

import numpy as np
import pytest

from explorer.jobs import result_of
from explorer.requests.race import RaceExportRequest, RaceRequest, StepRequest
from explorer.requests.starts import StartsRequest


@pytest.mark.timeout(150)
def test_the_window_shows_what_the_jobs_say(real_window, tmp_path):
    facts = real_window("journey", timeout=140)
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
