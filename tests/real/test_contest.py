"""The fair race in a real window, against the same requests run here."""

import json

import pytest

from explorer.jobs import result_of
from explorer.records.contest_card import card_text
from explorer.requests.contest import ContestRequest, TaskRequest, TurnedRequest


@pytest.mark.timeout(150)
def test_a_race_in_the_window_is_the_race(real_window):
    facts = real_window("journey", timeout=140)
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
