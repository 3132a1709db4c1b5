import importlib
import json
import pkgutil

import pytest
from pydantic import ValidationError

import explorer.requests
from explorer.requests.base import Request, changed, parameters
from explorer.requests.dream import DreamRequest
from explorer.requests.network import DetectRequest
from explorer.requests.race import RaceRequest


def every_request():
    for info in pkgutil.iter_modules(explorer.requests.__path__):
        importlib.import_module(f"explorer.requests.{info.name}")
    waiting, found = [Request], []
    while waiting:
        for model in waiting.pop().__subclasses__():
            waiting.append(model)
            if model.__module__.startswith("explorer.requests.") and model.job:
                found.append(model)
    return sorted(set(found), key=lambda model: model.__name__)


@pytest.mark.parametrize("model", every_request(), ids=lambda model: model.__name__)
def test_every_request_is_whole(model):
    request = model()
    assert model.model_validate_json(request.model_dump_json()) == request
    json.dumps(model.model_json_schema())
    assert model.title and ":" in model.job
    for info in parameters(model):
        assert info.label and info.label[0].isupper(), info.name
        assert info.help.endswith("."), info.name
        if info.kind in {"int", "float"}:
            assert info.low is not None and info.high is not None and info.step, info.name
            if info.default is not None:
                assert info.low <= info.default <= info.high
        if info.log:
            assert info.low is not None and info.low > 0
        if info.kind == "choice":
            assert info.default in info.options


@pytest.mark.parametrize("model", every_request(), ids=lambda model: model.__name__)
def test_every_job_is_there(model):
    module, _, function = model.job.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_ranges_hold_also_for_changes():
    request = DetectRequest()
    assert changed(request, confidence=0.5).confidence == 0.5
    for bad in (0.0, 1.5, float("nan"), float("inf"), "much"):
        with pytest.raises(ValidationError):
            changed(request, confidence=bad)
    with pytest.raises(ValidationError):
        DreamRequest(colour="red")
    with pytest.raises(ValidationError):
        request.confidence = 0.1


def test_race_takes_each_optimizer_once():
    assert RaceRequest(optimizers=("gd", "adam"), start=(-1, 0.001)).start == (-1.0, 0.001)
    for bad in ((), ("gd", "gd")):
        with pytest.raises(ValidationError):
            RaceRequest(optimizers=bad)


def test_kinds_of_parameters():
    kinds = {info.name: info.kind for info in parameters(RaceRequest)}
    assert kinds["surface"] == "text" and kinds["optimizers"] == "list" and kinds["start"] == "point"
    assert kinds["rate"] == "float" and kinds["steps"] == "int" and kinds["hyper"] == "map"
    dream = {info.name: info for info in parameters(DreamRequest)}
    assert dream["channel"].optional and dream["channel"].kind == "int"
    assert dream["start"].options == ("noise", "picture")
