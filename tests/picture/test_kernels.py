"""Known kernels against scipy's and cv2's own numbers, and their answers against scipy.ndimage.correlate."""

import cv2
import numpy as np
import pytest
import scipy.ndimage
import torch
import torch.nn.functional as F

from explorer.picture.filtering import responses, shown
from explorer.picture.kernels import normalised, preset, resized
from explorer.requests.kernel import Preset

NAMES = ("sobel_x", "sobel_y", "laplacian", "gaussian", "gabor", "sharpen", "emboss", "box", "identity")


def test_against_opencv():
    for size in (3, 5, 7):
        across, along = cv2.getDerivKernels(1, 0, size)
        np.testing.assert_allclose(preset("sobel_x", size), along @ across.T)
        np.testing.assert_allclose(preset("sobel_y", size), across @ along.T)
        hill = cv2.getGaussianKernel(size, 1.3)
        np.testing.assert_allclose(preset("gaussian", size, 1.3), hill @ hill.T, atol=1e-12)
    np.testing.assert_allclose(preset("laplacian"), [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    turned = cv2.getGaborKernel((9, 9), 2.0, np.deg2rad(30), 5.0, 1.0, -np.deg2rad(90))[::-1, ::-1]  # cv2 stores it turned
    np.testing.assert_allclose(preset("gabor", 9, 2.0, 5.0, 30.0, 90.0), turned, atol=1e-9)  # an odd wave has no mean to lose


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_at_every_size(name):
    sums = {"gaussian": 1, "box": 1, "identity": 1, "sharpen": 1, "emboss": 1}
    for size in range(3, 16, 2):
        made = preset(name, size, 1.5, 5.0, 20.0, 10.0)
        assert made.shape == (size, size) and np.isfinite(made).all()
        assert made.sum() == pytest.approx(sums.get(name, 0), abs=1e-9)
    assert name in Preset.__args__ and set(Preset.__args__) == {*NAMES, "numbers", "filter"}
    with pytest.raises(ValueError, match="odd"):
        preset(name, 4)


def test_answers_are_correlations(coffee):
    rgb = np.ascontiguousarray(coffee.rgb[60:140, 40:160])
    bright = rgb.astype(np.float64) / 255
    grey = bright @ [0.299, 0.587, 0.114]
    for kernel in (
        preset("sobel_x"),
        preset("gabor", 9, 2.0, 6.0, 30.0, 40.0),
        preset("gaussian", 15, 3.0),
        np.array([[1.0, -2.0, 0.5]]),
    ):
        ours = responses(rgb, kernel, True)[..., 0]
        np.testing.assert_allclose(ours, scipy.ndimage.correlate(grey, kernel, mode="mirror"), atol=2e-5)
        colours = responses(rgb, kernel, False)
        for channel in range(3):
            theirs = scipy.ndimage.correlate(bright[..., channel], kernel, mode="mirror")
            np.testing.assert_allclose(colours[..., channel], theirs, atol=2e-5)
    kernel = preset("emboss", 5)
    padded = F.pad(torch.from_numpy(grey)[None, None], (2, 2, 2, 2), mode="reflect")
    layer = F.conv2d(padded, torch.from_numpy(kernel)[None, None])[0, 0].numpy()
    np.testing.assert_allclose(responses(rgb, kernel, True)[..., 0], layer, atol=2e-5)


def test_one_pixel_and_a_kernel_larger_than_the_picture():
    for height, width in ((1, 1), (2, 3), (1, 40)):
        rgb = np.full((height, width, 3), 51, np.uint8)
        assert responses(rgb, preset("box", 15), True).reshape(-1) == pytest.approx(0.2)


def test_drawn_as():
    answer = np.array([[[-2.0], [0.0], [1.0]]], np.float32)
    assert shown(answer, "signed")[0, :, 0].tolist() == [1, 128, 192]
    assert shown(answer, "absolute")[0, :, 0].tolist() == [255, 0, 128]
    assert shown(answer, "plain")[0, :, 0].tolist() == [0, 0, 255]
    assert (shown(np.zeros((2, 2, 3), np.float32), "signed") == 128).all()


def test_sum_and_size():
    kernel = np.array([[1.0, -3.0], [4.0, 0.0]])
    assert normalised(kernel, "sum").sum() == pytest.approx(1) and abs(normalised(kernel, "absolute")).sum() == pytest.approx(1)
    assert (
        normalised(preset("sobel_x"), "sum") is not None and (normalised(preset("sobel_x"), "sum") == preset("sobel_x")).all()
    )
    grown = resized(np.arange(9.0).reshape(3, 3), 5, 3)
    assert grown.tolist() == [[0, 0, 0], [0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 0, 0]]
    assert resized(grown, 3, 1).tolist() == [[1], [4], [7]]
