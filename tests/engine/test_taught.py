"""A taught model's file: whole or refused with a reason, and only on the backbone that it was taught on."""

import json

import numpy as np
import pytest
from safetensors.numpy import save

from explorer.engine.engine import Engine
from explorer.engine.taught import last_layer, numbers_hash, preparation_of
from explorer.records.errors import ModelFileError
from explorer.requests.network import NetworkRequest
from explorer.weights import taught_file


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=1)


@pytest.fixture(scope="module")
def facts(engine):
    """Of a head on the LeNet-5 that comes with the program."""
    network = engine.network(NetworkRequest(model="lenet5"))
    return {
        "format": taught_file.MARK,
        "version": taught_file.VERSION,
        "backbone": {
            "name": "lenet5",
            "title": "LeNet-5",
            "weights": None,
            "numbers": numbers_hash(network.module),
            "layer": last_layer(network),
        },
        "preprocessing": preparation_of(network),
        "features": 84,
        "hidden": 0,
        "classes": ["one", "two"],
    }


TENSORS = {"output.weight": np.arange(168, dtype=np.float32).reshape(2, 84) / 100, "output.bias": np.zeros(2, np.float32)}


def refused(engine, path):
    with pytest.raises(ModelFileError) as error:
        engine.network(NetworkRequest(model=str(path)))
    return error.value.trouble.code


def test_a_whole_file_is_a_network(engine, facts, tmp_path):
    path = tmp_path / "ones.safetensors"
    path.write_bytes(taught_file.pack(facts, TENSORS))
    network = engine.network(NetworkRequest(model=str(path)))
    assert network.info.classes == ("one", "two") and network.info.title == "ones, taught on LeNet-5"
    assert "head.output" in network.layer_names and "backbone.c1" in network.layer_names
    assert np.array_equal(network.module.head.output.weight.numpy(), TENSORS["output.weight"])
    base = engine.network(NetworkRequest(model="lenet5"))
    assert base.module.output.out_features == 10  # the backbone itself stays as it was
    assert engine.network(NetworkRequest(model=str(path))) is network


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 2}, "weights.taught-version"),
        ({"classes": ["one"]}, "weights.taught-damaged"),
        ({"classes": ["one", "one"]}, "weights.taught-damaged"),
        ({"features": 85}, "weights.taught-damaged"),
        ({"hidden": -1}, "weights.taught-damaged"),
        ({"preprocessing": None}, "weights.taught-damaged"),
    ],
)
def test_wrong_facts_are_refused(engine, facts, tmp_path, change, code):
    path = tmp_path / "x.safetensors"
    path.write_bytes(taught_file.pack({**facts, **change}, TENSORS))
    assert refused(engine, path) == code


@pytest.mark.parametrize(
    ("entry", "value", "code"),
    [
        ("numbers", "0" * 64, "weights.backbone-changed"),
        ("weights", "random", "weights.backbone-changed"),
        ("layer", "f6", "weights.backbone-other"),
        ("name", "nothing", "network.unknown"),
    ],
)
def test_another_backbone_is_refused(engine, facts, tmp_path, entry, value, code):
    path = tmp_path / "x.safetensors"
    path.write_bytes(taught_file.pack({**facts, "backbone": {**facts["backbone"], entry: value}}, TENSORS))
    if code.startswith("weights"):
        assert refused(engine, path) == code
    else:
        with pytest.raises(Exception, match="nothing"):
            engine.network(NetworkRequest(model=str(path)))


def test_another_preparation_is_refused(engine, facts, tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(taught_file.pack({**facts, "preprocessing": {**facts["preprocessing"], "scale": 1.0}}, TENSORS))
    assert refused(engine, path) == "weights.backbone-changed"


def test_damaged_files_are_refused(engine, facts, tmp_path):
    whole = taught_file.pack(facts, TENSORS)
    contents = {
        "not.safetensors": (save(TENSORS), "weights.not-taught"),
        "page.safetensors": (b"<html>", "weights.not-weights.html"),
        "short.safetensors": (whole[:-4], "weights.damaged"),
        "nan.safetensors": (
            taught_file.pack(facts, {**TENSORS, "output.bias": np.full(2, np.nan, np.float32)}),
            "weights.taught-damaged",
        ),
        "deep.safetensors": (save(TENSORS, metadata={taught_file.MARK: "[" * 5000}), "weights.taught-damaged"),
    }
    for name, (data, code) in contents.items():
        (tmp_path / name).write_bytes(data)
        assert refused(engine, tmp_path / name) == code, name
    assert not taught_file.is_taught(tmp_path / "none") and not taught_file.is_taught(tmp_path)


def test_every_cut_of_a_file_is_refused_in_words(facts, tmp_path):
    whole = taught_file.pack(facts, TENSORS)
    path = tmp_path / "cut.safetensors"
    for length in range(0, len(whole), 61):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelFileError):
            taught_file.read(path)
    assert json.dumps(taught_file.facts_of(_written(path, whole)), sort_keys=True) == json.dumps(facts, sort_keys=True)


def _written(path, data):
    path.write_bytes(data)
    return path
