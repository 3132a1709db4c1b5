"""Networks nobody would publish: every job that looks into a network gives a result, or a reason that a person can read."""

import pytest
from fixtures_networks import ODD, odd_table

from explorer.engine.engine import Engine
from explorer.engine.taps import hook_count
from explorer.jobs import Result, Work, find
from explorer.records.errors import ExplorerError
from explorer.requests.look import ActivationsRequest, FiltersRequest
from explorer.requests.network import LoadRequest
from explorer.requests.network_map import NetworkMapRequest

REQUESTS = (LoadRequest, NetworkMapRequest, FiltersRequest, ActivationsRequest)
LAYERS = (FiltersRequest, ActivationsRequest)


@pytest.fixture(scope="module")
def engine():
    return Engine(1, odd_table())


def answered(request, engine, frame):
    """The record, or the reason in words. Anything but ExplorerError fails the test by itself."""
    try:
        for step in find(request.job)(request, Work(engine, frame)):
            if isinstance(step, Result):
                return step.record, ""
    except ExplorerError as error:
        trouble = error.trouble
        assert trouble.code and trouble.code != "unforeseen"
        text = trouble.english()
        assert len(text) > 20 and "{" not in text
        return None, text
    raise AssertionError("no result")


REASONS = {  # what cannot be shown of whom, and the words that say why
    ("FiltersRequest", "NoConvolution"): "no convolution",
    ("FiltersRequest", "NoLayers"): "no convolution",
    ("FiltersRequest", "NoTensor"): "no convolution",
    ("FiltersRequest", "Deep"): "no convolution",
    ("FiltersRequest", "Recurrent"): "no convolution",
    ("FiltersRequest", "Volume"): "no convolution",
    ("ActivationsRequest", "NoLayers"): "no layer",
    ("ActivationsRequest", "NoTensor"): "no layer",
    ("ActivationsRequest", "DataDependent"): "no numbers for this picture",  # it takes another way for a bright picture
    ("ActivationsRequest", "Volume"): "cannot be drawn",
}


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", ODD)
def test_a_result_or_a_reason(name, kind, engine, coffee):
    record, reason = answered(kind(model=name, **({"passes": 1} if kind is NetworkMapRequest else {})), engine, coffee)
    expected = "cannot run" if name == "Broken" else REASONS.get((kind.__name__, name), "")
    assert (record is None) == bool(expected), reason
    assert expected in reason
    if record is not None and kind in (LoadRequest, NetworkMapRequest):
        assert record.name == name
    if name != "Broken":
        assert hook_count(engine.network(LoadRequest(model=name)).module) == 0


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", [name for name in ODD if name not in ("Broken", "Deep", "LongConvolutions")])
def test_every_layer_that_is_listed_can_be_looked_at(name, kind, engine, coffee):
    network = engine.network(LoadRequest(model=name))
    for layer in network.info.layers:
        record, reason = answered(kind(model=name, layer=layer.name), engine, coffee)
        if kind is ActivationsRequest:
            unseen = "no numbers" in reason if name == "DataDependent" else "cannot be drawn" in reason and len(layer.shape) > 3
            assert record is not None or unseen, reason
            assert record is None or record.values.shape[0] >= 1
        else:
            assert (record is not None) == (layer.kernel is not None), reason
