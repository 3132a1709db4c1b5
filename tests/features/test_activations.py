"""Activation maps: exactly what torch's own hooks see, in every kind of layer; nothing left behind."""

import gc
import weakref

import numpy as np
import pytest
import torch
from torch import nn

from explorer.engine.taps import hook_count
from explorer.jobs import Cancelled, CancelToken, Work, result_of
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.requests.dream import DreamRequest
from explorer.requests.look import ActivationsRequest


def activations(engine, frame, **fields):
    return result_of(ActivationsRequest(**fields), Work(engine=engine, frame=frame))


def seen_by_hook(network, frame, layer):
    """What the layer puts out, by torch alone: an own hook on a whole forward pass."""
    got = []
    handle = network.module.get_submodule(layer).register_forward_hook(lambda m, i, o: got.append(o.detach().clone()))
    with torch.no_grad():
        network.module(network.prepare(frame).nchw)
    handle.remove()
    return got[0][0].numpy()


@pytest.mark.parametrize("layer", ["conv1", "bn1", "relu1", "conv2", "relu2", "fc", "softmax"])
def test_values_are_exactly_those_of_an_independent_hook(small, coffee, layer):
    mosaic = activations(small, coffee, layer=layer)
    want = seen_by_hook(small.toy, coffee, layer)
    np.testing.assert_array_equal(mosaic.values, want.reshape(mosaic.values.shape))
    assert mosaic.grid.count == len(want)
    assert hook_count(small.toy.module) == 0


@pytest.mark.weights
@pytest.mark.parametrize(
    ("model", "layer"),
    [
        ("squeezenet1_1", "features.0"),
        ("squeezenet1_1", "features.7.expand3x3_activation"),
        ("squeezenet1_1", "classifier.3"),
        ("efficientnet_lite0", "blocks.10"),
    ],
)
def test_real_networks_likewise(real, coffee, model, layer):
    request = ActivationsRequest(model=model, layer=layer)
    mosaic = result_of(request, Work(engine=real, frame=coffee))
    want = seen_by_hook(real.network(request), coffee, layer)
    np.testing.assert_array_equal(mosaic.values, want.reshape(mosaic.values.shape))


def test_tiles_hold_the_values_where_the_grid_says(small, coffee):
    mosaic = activations(small, coffee, layer="conv2", scale="map")
    grid = mosaic.grid
    rng = np.random.default_rng(0)
    for y, x in zip(rng.integers(0, grid.height, 300), rng.integers(0, grid.width, 300), strict=True):
        found = grid.find(y, x)
        if found is None:
            assert mosaic.sheet[y, x] == 0
            continue
        tile, row, column = found
        low, high = mosaic.low[tile], mosaic.high[tile]
        want = 1 + (mosaic.values[mosaic.order[tile], row, column] - low) / (high - low) * 254
        assert abs(mosaic.sheet[y, x] - want) <= 0.501


def test_a_linear_output_is_a_strip(small, coffee):
    mosaic = activations(small, coffee, layer="softmax")
    assert mosaic.sheet.shape == (1, 5) and mosaic.values.shape == (5, 1, 1)
    assert abs(mosaic.values.sum() - 1) < 1e-6


def test_the_diverging_map_is_centred_on_zero(small, coffee):
    mosaic = activations(small, coffee, layer="conv1", colour_map="diverging")
    assert np.allclose(mosaic.low, -mosaic.high)
    inside = mosaic.sheet[mosaic.sheet > 0].astype(int)
    assert inside.min() >= 1
    positive = mosaic.values.max() > -mosaic.values.min()
    assert (inside.max() == 255) if positive else (inside.min() == 1)


def test_facts_name_layer_dead_channels_and_the_part_of_the_frame(small, coffee):
    with torch.no_grad():
        small.toy.module.bn1.bias[2] = -100.0  # this channel is never positive
    mosaic = activations(small, coffee, layer="relu1")
    assert mosaic.facts["dead"] == [2]
    assert mosaic.facts["kind"] == "ReLU" and mosaic.facts["shape"] == [8, 24, 24] and mosaic.facts["source"] == "coffee"
    x0, y0, x1, y1 = mosaic.facts["input_xyxy"]
    boxes = small.toy.prepare(coffee).to_frame_xyxy(np.array([[0, 0, 24, 24]], np.float32))
    np.testing.assert_allclose([[x0, y0, x1, y1]], boxes, atol=1e-3)


def test_nan_weights_are_counted_not_raised(small, coffee):
    with torch.no_grad():
        small.toy.module.conv1.weight[4] = float("nan")
    mosaic = activations(small, coffee, layer="conv1")
    assert mosaic.bad.tolist() == [0, 0, 0, 0, 24 * 24, 0, 0, 0]
    assert np.isfinite(mosaic.low).all() and np.isfinite(mosaic.high).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2000, 3)])
def test_odd_pictures(small, shape):
    mosaic = activations(small, Frame(np.full((*shape, 3), 200, np.uint8)), layer="conv2")
    assert np.isfinite(mosaic.values).all()


class Answers(nn.Module):
    def __init__(self, answer):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.answer = answer
        self.last = nn.Identity()

    def forward(self, x):
        return self.last(self.answer(self.conv(x)))


@pytest.mark.parametrize(
    ("answer", "count"),
    [(lambda y: (y, y), 4), (lambda y: {"out": y}, 4), (lambda y: y.flatten(2), 1)],
    ids=["tuple", "dict", "tokens"],
)
def test_odd_outputs_are_shown(toys, coffee, answer, count):
    assert activations(toys(Answers(answer)), coffee, layer="last").grid.count == count


@pytest.mark.parametrize("answer", [lambda y: y[None], lambda y: y[:, :, :0], lambda y: torch.complex(y, y)])
def test_others_are_explained(toys, coffee, answer):
    with pytest.raises(ExplorerError) as caught:
        activations(toys(Answers(answer)), coffee, layer="last")
    assert caught.value.trouble.code == "layer.no-maps"


def test_no_picture_and_unknown_layer_are_explained(small, coffee):
    with pytest.raises(ExplorerError) as caught:
        activations(small, None)
    assert caught.value.trouble.code == "picture.missing"
    with pytest.raises(ExplorerError) as caught:
        activations(small, coffee, layer="conv7")
    assert caught.value.trouble.code == "layer.unknown"
    assert hook_count(small.toy.module) == 0


class Nothing(nn.Module):
    def forward(self, x):
        return x


@pytest.mark.parametrize("request_type", [ActivationsRequest, DreamRequest])
def test_a_network_without_layers_says_so(toys, coffee, request_type):
    with pytest.raises(ExplorerError) as caught:
        result_of(request_type(), Work(engine=toys(Nothing()), frame=coffee))
    assert caught.value.trouble.code == "layer.none"


def test_two_thousand_layers_are_no_trouble(toys, coffee):
    deep = nn.Sequential(nn.Conv2d(3, 2, 3), *[nn.ReLU() for _ in range(2000)])
    assert activations(toys(deep), coffee, layer="2000").grid.count == 2


def test_cancel_inside_the_pass_leaves_no_hook(small, coffee):
    token = CancelToken()
    handle = small.toy.module.conv1.register_forward_hook(lambda m, i, o: token.cancel())
    with pytest.raises(Cancelled):
        result_of(ActivationsRequest(layer="relu2"), Work(engine=small, frame=coffee, token=token))
    handle.remove()
    assert hook_count(small.toy.module) == 0


def test_statistics_and_histogram_of_real_maps_are_numpys(small, coffee):
    mosaic = activations(small, coffee, layer="relu2")
    exact = mosaic.values.astype(np.float64)
    np.testing.assert_allclose(mosaic.stats.mean, exact.mean((1, 2)), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(mosaic.stats.std, exact.std((1, 2)), rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(mosaic.stats.zeros, (exact == 0).sum((1, 2)))
    counts, edges = np.histogram(mosaic.values, len(mosaic.histogram.counts))
    assert (mosaic.histogram.low, mosaic.histogram.high) == (edges[0], edges[-1])
    assert np.abs(mosaic.histogram.counts - counts).sum() <= 4


@pytest.mark.parametrize(("sort", "figure"), [("mean", np.mean), ("max", np.max), ("variance", np.var)])
def test_maps_are_sorted_and_pinned_ones_come_first(small, coffee, sort, figure):
    natural = activations(small, coffee, layer="conv2")
    mosaic = activations(small, coffee, layer="conv2", sort=sort, pinned=(9, 2))
    np.testing.assert_array_equal(mosaic.values, natural.values)  # numbers stay in natural order
    keys = np.array([figure(values.astype(np.float64)) for values in natural.values])
    rest = [k for k in np.argsort(-keys, kind="stable").tolist() if k not in (9, 2)]
    assert mosaic.order.tolist() == [9, 2, *rest]
    for tile, channel in enumerate(mosaic.order):
        top, left = mosaic.grid.corner(tile)
        first, second = natural.grid.corner(channel)
        height, width = mosaic.grid.tile_h, mosaic.grid.tile_w
        np.testing.assert_array_equal(
            mosaic.sheet[top : top + height, left : left + width],
            natural.sheet[first : first + height, second : second + width],
        )


def test_a_fixed_range_holds_for_every_map_and_picture(small, coffee, chelsea):
    for frame in (coffee, chelsea):
        mosaic = activations(small, frame, layer="conv2", range=(-1.0, 1.0), scale="map")
        assert set(mosaic.low.tolist()) == {-1.0} and set(mosaic.high.tolist()) == {1.0}
        want = np.clip(1.5 + 254 * (mosaic.values + 1) / 2, 1, 255).astype(np.uint8)
        top, left = mosaic.grid.corner(5)
        drawn = mosaic.sheet[top : top + mosaic.grid.tile_h, left : left + mosaic.grid.tile_w].astype(int)
        assert np.abs(drawn - want[5]).max() <= 1


def test_a_large_layer_is_sent_as_means_for_a_live_picture(small, coffee):
    whole = activations(small, coffee, layer="conv1")
    mosaic = activations(small, coffee, layer="conv1", live_values=500, detail=6)
    assert mosaic.reduced == 4 and mosaic.values.shape == (8, 6, 6)  # 8 x 24 x 24 = 4608 numbers
    blocks = whole.values.reshape(8, 6, 4, 6, 4).mean((2, 4))
    np.testing.assert_allclose(mosaic.values, blocks, atol=1e-5)
    assert mosaic.detail[0] == 6 and mosaic.exact(5) is None
    np.testing.assert_array_equal(mosaic.exact(6), whole.values[6])
    np.testing.assert_array_equal(mosaic.stats.most, whole.stats.most)
    np.testing.assert_array_equal(mosaic.histogram.counts, whole.histogram.counts)
    np.testing.assert_array_equal(mosaic.high, whole.high)  # the same colour is the same number
    assert mosaic.facts["shape"] == [8, 24, 24] and whole.reduced == 1 and whole.exact(3) is not None
    odd = activations(small, coffee, layer="conv2", live_values=12 * 4 * 4, detail=99)
    assert odd.values.shape == (12, 4, 4) and odd.detail is None  # 11 x 11 by 3: the border has fewer numbers
    exact = activations(small, coffee, layer="conv2").values
    np.testing.assert_allclose(odd.values[:, 3, 3], exact[:, 9:, 9:].mean((1, 2)), atol=1e-5)


def test_nan_in_a_reduced_map_is_still_counted_one_by_one(small, coffee):
    with torch.no_grad():
        small.toy.module.conv1.weight[4] = float("nan")
    mosaic = activations(small, coffee, layer="conv1", live_values=500)
    assert mosaic.bad.tolist() == [0, 0, 0, 0, 576, 0, 0, 0] and np.isnan(mosaic.values[4]).all()


def test_another_input_size(small, coffee):
    mosaic = activations(small, coffee, layer="conv1", input_size=48)
    assert mosaic.values.shape == (8, 48, 48) and mosaic.facts["input_size"] == 48
    np.testing.assert_allclose(mosaic.facts["input_xyxy"], activations(small, coffee).facts["input_xyxy"], atol=1e-6)


def test_an_input_size_that_the_network_cannot_take_is_explained(toys, coffee):
    head = toys(nn.Sequential(nn.Conv2d(3, 2, 3, padding=1), nn.Flatten(), nn.Linear(512, 4)))
    assert activations(head, coffee, layer="0", input_size=32).values.shape == (2, 32, 32)
    with pytest.raises(ExplorerError) as caught:
        activations(head, coffee, layer="2", input_size=32)
    assert caught.value.trouble.code == "activations.input-size"


@pytest.mark.parametrize(
    "error",
    [MemoryError(), torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory")],
)
def test_out_of_memory_at_a_later_layer_is_explained_and_keeps_nothing(small, coffee, error):
    held = []

    def fail(module, inputs):
        held.append(weakref.ref(inputs[0]))
        raise error

    handle = small.toy.module.conv2.register_forward_pre_hook(fail)
    with pytest.raises(ExplorerError) as caught:
        activations(small, coffee, layer="relu2")
    assert caught.value.trouble.code == "memory.forward"
    handle.remove()
    del caught
    error.__traceback__ = None
    gc.collect()
    assert held[0]() is None  # the tensors of the failed pass are gone
    assert hook_count(small.toy.module) == 0
    assert activations(small, coffee, layer="relu2").grid.count == 12  # the next picture works
