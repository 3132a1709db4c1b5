"""The kernel studio's job: own numbers, presets, and a slice of a layer, which is put back where it came from."""

import numpy as np
import pytest
import scipy.ndimage
from pydantic import ValidationError

from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.kernels import preset
from explorer.records.errors import ExplorerError
from explorer.requests.kernel import KernelRequest
from explorer.requests.network import NetworkRequest
from explorer.requests.surgery import Edit


class NoEngine:
    """A preset needs no network."""

    def network(self, *_):
        raise AssertionError("a network was asked for")


def test_own_numbers(coffee):
    request = KernelRequest(preset="numbers", rows=1, columns=3, numbers=(-1, 0, 1), colours="colour", display="plain")
    record = result_of(request, Work(NoEngine(), coffee))
    wanted = np.stack([scipy.ndimage.correlate(coffee.rgb[..., c] / 255, [[-1, 0, 1]], mode="mirror") for c in range(3)], 2)
    np.testing.assert_allclose(record.rgb, np.clip(np.rint(wanted * 255), 0, 255), atol=1)
    assert record.facts["low"] == pytest.approx(wanted.min(), abs=1e-5) and record.facts["high"] == pytest.approx(
        wanted.max(), abs=1e-5
    )
    assert record.facts["numbers"] == [-1, 0, 1] and (record.facts["rows"], record.facts["columns"]) == (1, 3)


def test_presets_and_normalising(coffee):
    record = result_of(KernelRequest(preset="sobel_y", size=5, normalise="absolute"), Work(NoEngine(), coffee))
    numbers = preset("sobel_y", 5)
    np.testing.assert_allclose(np.reshape(record.facts["numbers"], (5, 5)), numbers / abs(numbers).sum())
    assert record.rgb.shape == coffee.rgb.shape and abs(int(np.median(record.rgb)) - 128) < 8


def test_a_slice_of_a_layer_with_the_surgery_on_it(coffee):
    engine = Engine(threads=1)
    request = KernelRequest(preset="filter", channel=5, input_channel=1)
    record = result_of(request, Work(engine, coffee))
    weight = engine.network(NetworkRequest()).module.features[0].weight[5, 1]
    np.testing.assert_allclose(np.reshape(record.facts["numbers"], (3, 3)), weight.numpy(), rtol=1e-6)
    assert (record.facts["layer"], record.facts["filters"], record.facts["inputs"]) == ("features.0", 64, 3)
    edit = Edit(kind="kernel", layer="features.0", channels=(5,), input_channel=1, rows=3, columns=3, numbers=tuple(range(9)))
    after = result_of(KernelRequest(preset="filter", channel=5, input_channel=1, surgery=(edit,)), Work(engine, coffee))
    assert after.facts["numbers"] == list(range(9))
    for wrong, said in (
        ({"layer": "features.1"}, "no kernel"),
        ({"channel": 64}, "no channel 64"),
        ({"input_channel": 3}, "no input channel 3"),
        ({"layer": "nowhere"}, "no layer"),
    ):
        with pytest.raises(ExplorerError, match=said):
            result_of(KernelRequest(preset="filter", **wrong), Work(engine, coffee))


def test_refusals():
    with pytest.raises(ValidationError):
        KernelRequest(preset="numbers")
    with pytest.raises(ValidationError):
        KernelRequest(preset="numbers", rows=2, columns=2, numbers=(1,))
    with pytest.raises(ValidationError):
        KernelRequest(preset="numbers", rows=1, columns=1, numbers=(float("nan"),))
    with pytest.raises(ExplorerError):
        result_of(KernelRequest(), Work(NoEngine()))
