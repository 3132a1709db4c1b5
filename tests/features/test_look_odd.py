"""Filters and activations of networks that break every assumption: a result, or words a person can read."""

import numpy as np
import pytest
from fixtures_networks import ODD, odd_table

from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.requests.look import ActivationsRequest, FiltersRequest

PICTURE = Frame(np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8))


def outcome(request, engine):
    """The record, or the reason in words."""
    try:
        return result_of(request, Work(engine, PICTURE))
    except ExplorerError as error:
        said = str(error)
        assert "{" not in said and len(said) > 20 and error.trouble.code != "unforeseen", said
        return said


@pytest.mark.parametrize("name", sorted(ODD))
def test_every_layer_is_shown_or_explained(name):
    engine = Engine(threads=1, networks=odd_table(name))
    for fields in ({}, {"view": "inputs"}, {"spectrum": True, "sort": "l2"}):
        outcome(FiltersRequest(model=name, weights="random", **fields), engine)
    request = ActivationsRequest(model=name, weights="random")
    first = outcome(request, engine)
    if isinstance(first, str):
        return
    layers = engine.network(request).layer_names
    for layer in layers if len(layers) < 50 else (layers[0], layers[1000], layers[-1]):
        record = outcome(ActivationsRequest(model=name, weights="random", layer=layer, sort="sparsity", live_values=40), engine)
        if not isinstance(record, str):
            assert record.grid.count == len(record.values) == len(record.stats) and np.isfinite(record.low).all()


def test_nan_weights_are_marked_and_counted():
    engine = Engine(threads=1, networks=odd_table("NanWeights"))
    kernels = outcome(FiltersRequest(model="NanWeights", weights="random"), engine)
    assert kernels.bad.tolist() == [0, 0, 1, 0, 1, 0] and kernels.facts["whole"]["not_finite"] == 2
    maps = outcome(ActivationsRequest(model="NanWeights", weights="random", layer="conv", sort="max"), engine)
    assert maps.bad[2] == 64 and maps.bad[4] > 0 and np.isfinite(maps.stats.most).all()
    assert sorted(maps.order.tolist()) == list(range(6))


def test_a_dead_layer_is_all_silent():
    engine = Engine(threads=1, networks=odd_table("AllDead"))
    maps = outcome(ActivationsRequest(model="AllDead", weights="random", layer="relu"), engine)
    assert maps.facts["dead"] == [0, 1, 2, 3] and maps.stats.zero_share.tolist() == [1.0] * 4
