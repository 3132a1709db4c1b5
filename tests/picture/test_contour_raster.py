"""The pixels of a contour against the same written plainly."""

import numpy as np
import pytest

from explorer.picture.contour_raster import STRIP, Taps, raster

BANDS = np.linspace((10, 20, 60), (200, 190, 80), 6).astype(np.float32)
INK, GROUND = np.array((255, 255, 255), np.float32), np.array((20, 23, 28), np.float32)


def surface(rows=40, columns=50):
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    return (2.6 + 2.2 * np.sin(2 * x) * np.cos(3 * y) + 0.3 * x).astype(np.float32)


def matrix(count, size):
    taps, made = Taps.of(count, size), np.zeros((size, count), np.float32)
    for at, weight in zip(taps.at, taps.weight, strict=True):
        np.add.at(made, (np.arange(size), at), weight)
    return made


def plainly(level, size, share):
    fine = np.clip(matrix(len(level), size[1]) @ level[::-1] @ matrix(level.shape[1], size[0]).T, 0, len(BANDS) - 1e-3)
    steep = np.hypot(*np.gradient(fine)) + 1e-6
    away = np.abs(fine - np.maximum(np.rint(fine), 1.0)) / steep
    strength = share * np.clip(1.1 - away, 0, 1) * np.clip(0.9 - steep, 0, 0.5)
    bands = BANDS[fine.astype(int)]
    return np.rint(bands + strength[..., None] * (INK - bands))


@pytest.mark.parametrize("size", ((181, 3 * STRIP + 7), (64, STRIP), (40, 1), (33, STRIP + 1)))
def test_strips_are_the_whole(size):
    if size[1] < 2:
        assert raster(surface(), None, size, BANDS, INK, GROUND, 0.4).shape == (1, 40, 3)
        return
    made = raster(surface(), None, size, BANDS, INK, GROUND, 0.4)
    assert made.dtype == np.uint8 and made.shape == (size[1], size[0], 3)
    apart = np.abs(made - plainly(surface(), size, 0.4)).max(axis=2)
    assert (apart > 1).mean() < 0.002  # a level exactly between two lines


def test_resampling_keeps_points_and_straight_lines():
    line = np.linspace(0, 1, 21, dtype=np.float32)[:, None] * np.ones(3, np.float32)
    made = Taps.of(21, 84).rows(line, 0, 84)[:, 0]
    inside = (np.arange(84) + 0.5) / 84
    np.testing.assert_allclose(made[4:-4], inside[4:-4], atol=1e-6)
    np.testing.assert_allclose(Taps.of(21, 21).weight.sum(axis=0), 1.0, atol=1e-6)


def test_holes_show_the_ground_and_the_lowest_row_is_below():
    hole = np.zeros((40, 50), np.float32)
    hole[:12] = 1
    made = raster(surface(), hole, (100, 80), BANDS, INK, GROUND, 0.4)
    np.testing.assert_array_equal(made[70:], np.broadcast_to(GROUND, (10, 100, 3)))
    assert (made[:50] != GROUND).any(axis=2).all()
