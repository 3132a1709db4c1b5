"""Frame -> tensor -> frame: the geometry is exact, the numbers are the recipe's."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.prepare import Recipe

CPU = torch.device("cpu")
RULES = ("centre-crop", "letterbox", "stretch")
sides = st.integers(1, 900)


def draw(height, width, box):
    """A black frame with one white rectangle."""
    rgb = np.zeros((height, width, 3), np.uint8)
    left, top, right, bottom = box
    rgb[top:bottom, left:right] = 255
    return rgb


@pytest.mark.parametrize("rule", RULES)
@given(height=sides, width=sides, size=st.sampled_from([28, 224, 416]))
def test_way_there_and_back(rule, height, width, size):
    geometry = Recipe(size=size, rule=rule).geometry(height, width)
    inside = np.array([[0.3 * width, 0.4 * height, 0.6 * width, 0.7 * height]])
    np.testing.assert_allclose(geometry.to_frame_xyxy(geometry.to_net_xyxy(inside)), inside, atol=2e-3)


@given(height=sides, width=sides)
def test_whole_frame_is_the_border(height, width):
    whole = np.array([[0.0, 0.0, width, height]])
    stretched = Recipe(size=100, rule="stretch").geometry(height, width).to_net_xyxy(whole)[0]
    np.testing.assert_allclose(stretched, [0, 0, 100, 100], atol=1e-3)
    boxed = Recipe(size=100, rule="letterbox").geometry(height, width).to_net_xyxy(whole)[0]
    assert boxed.min() >= 0 and boxed.max() <= 100
    assert (boxed == boxed.round()).all()  # the frame begins and ends on a pixel edge
    assert max(boxed[2] - boxed[0], boxed[3] - boxed[1]) == 100


def test_boxes_outside_are_clipped():
    geometry = Recipe(size=416, rule="letterbox").geometry(720, 1280)
    assert geometry.to_frame_xyxy(np.array([[-50.0, -50.0, 999.0, 999.0]])).tolist() == [[0, 0, 1280, 720]]


@pytest.mark.parametrize("rule", RULES)
def test_a_white_box_is_where_the_geometry_says(rule):
    """To the pixel: the white box of a 400 x 800 frame is found in the network's picture and mapped back."""
    box = (320, 120, 480, 280)
    recipe = Recipe(size=200, rule=rule)
    prepared = recipe.prepare(draw(400, 800, box), CPU)
    seen = prepared.nchw[0, 0].numpy() > 0.75
    if rule == "letterbox":
        seen[:50], seen[150:] = False, False  # the grey border is not the box
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    found = np.array([[columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]], np.float64)
    pixel = 1 / np.array([prepared.geometry.scale_x, prepared.geometry.scale_y] * 2)
    assert (np.abs(prepared.to_frame_xyxy(found) - np.array([box])) <= pixel).all()
    np.testing.assert_allclose(found, prepared.geometry.to_net_xyxy(np.array([box])), atol=0.51)


def test_letterbox_border_is_the_fill():
    prepared = Recipe(size=100, rule="letterbox", fill=127.5).prepare(np.full((100, 200, 3), 255, np.uint8), CPU)
    grey, white = prepared.nchw[0, :, :25], prepared.nchw[0, :, 25:75]
    assert torch.allclose(grey, torch.full_like(grey, 0.5)) and torch.allclose(white, torch.ones_like(white))


@pytest.mark.parametrize("rule", RULES)
def test_map_back_covers_what_was_seen(rule):
    geometry = Recipe(size=64, rule=rule).geometry(120, 240)
    back = geometry.to_frame_map(np.ones((64, 64), np.float32))
    assert back.shape == (120, 240) and back.dtype == np.float32
    if rule == "centre-crop":
        assert back[:, 60:180].min() == 1 and back[:, :60].max() == 0 and back[:, 180:].max() == 0
    else:
        assert back.min() == 1


@pytest.mark.parametrize("rule", RULES)
def test_map_back_keeps_places(rule):
    """A smooth ramp over the network's picture comes back as the ramp of the positions."""
    geometry = Recipe(size=80, rule=rule).geometry(160, 240)
    ramp = np.tile((np.arange(80, dtype=np.float32) + 0.5)[None, :], (80, 1))
    back = geometry.to_frame_map(ramp)
    columns = [100, 120, 140]
    expected = [(column + 0.5) * geometry.scale_x + geometry.left for column in columns]
    np.testing.assert_allclose(back[80, columns], expected, atol=1e-3)


def test_stretched_map_is_torchs_own_resize():
    small = np.random.default_rng(0).random((40, 40), dtype=np.float32)
    back = Recipe(size=40, rule="stretch").geometry(90, 130).to_frame_map(small)
    expected = torch.nn.functional.interpolate(torch.from_numpy(small)[None, None], size=(90, 130), mode="bilinear")
    np.testing.assert_allclose(back, expected[0, 0].numpy(), atol=1e-4)


def test_numbers_order_and_scale():
    rgb = np.full((8, 8, 3), (10, 20, 30), np.uint8)
    rgb_way = Recipe(size=8, mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 1.0)).prepare(rgb, CPU).nchw[0, :, 0, 0]
    expected = [(10 / 255 - 0.1) / 0.5, (20 / 255 - 0.2) / 0.25, (30 / 255 - 0.3) / 1.0]
    np.testing.assert_allclose(rgb_way.numpy(), expected, atol=1e-6)
    caffe = Recipe(size=8, scale=1.0, mean=(103.939, 116.779, 123.68), order="bgr").prepare(rgb, CPU).nchw[0, :, 0, 0]
    np.testing.assert_allclose(caffe.numpy(), [30 - 103.939, 20 - 116.779, 10 - 123.68], atol=1e-4)
    grey = Recipe(size=8, order="grey").prepare(rgb, CPU).nchw
    assert grey.shape == (1, 1, 8, 8)
    np.testing.assert_allclose(grey[0, 0, 0, 0], (0.299 * 10 + 0.587 * 20 + 0.114 * 30) / 255, atol=1e-6)


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_tensor_of_and_picture_of_are_inverse(order, coffee):
    recipe = Recipe(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), order=order)
    tensor = recipe.tensor_of(coffee.rgb, CPU)
    assert tensor.shape == (1, 3, 400, 600)
    assert np.array_equal(recipe.picture_of(tensor), coffee.rgb)
    lows, highs = zip(*recipe.bounds, strict=True)
    black = recipe.tensor_of(np.zeros((1, 1, 3), np.uint8), CPU)[0, :, 0, 0]
    white = recipe.tensor_of(np.full((1, 1, 3), 255, np.uint8), CPU)[0, :, 0, 0]
    np.testing.assert_allclose(black.numpy(), lows, rtol=1e-5)
    np.testing.assert_allclose(white.numpy(), highs, rtol=1e-5)


def test_picture_of_survives_nan_and_huge_numbers():
    wild = torch.tensor([float("nan"), float("inf"), -1e30])[None, :, None, None].expand(1, 3, 2, 2)
    assert Recipe().picture_of(wild).shape == (2, 2, 3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 3)])
@pytest.mark.parametrize("rule", RULES)
def test_extreme_frames(shape, rule):
    prepared = Recipe(size=32, rule=rule).prepare(np.full((*shape, 3), 200, np.uint8), CPU)
    assert prepared.nchw.shape == (1, 3, 32, 32) and bool(torch.isfinite(prepared.nchw).all())
    assert prepared.to_frame_map(np.ones((32, 32), np.float32)).shape == shape


def test_read_only_frames_are_taken_without_a_warning():
    rgb = np.zeros((50, 60, 3), np.uint8)
    rgb.flags.writeable = False
    assert Recipe(size=32).prepare(rgb, CPU).nchw.shape == (1, 3, 32, 32)
