"""Palettes against published values; colours that colour-blind viewers can tell apart; looks that never change."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from explorer.descent.optimizers import BUILT_IN
from explorer.picture.colour import (
    CLASS_COLOURS,
    PALETTES,
    ZERO_OF_DIVERGING,
    class_colour,
    ink_on,
    optimizer_colour,
    optimizer_look,
    optimizer_marker,
    paint,
    palette,
    to_index,
)
from explorer.requests.race import SIX


@pytest.mark.parametrize("name", ["viridis", "cividis", "magma"])
def test_palettes_agree_with_opencv_s_tables(name):
    import cv2

    ramp = np.arange(256, dtype=np.uint8)[None]
    theirs = cv2.applyColorMap(ramp, getattr(cv2, f"COLORMAP_{name.upper()}"))[0, :, ::-1]
    assert np.abs(palette(name).astype(int) - theirs).max() <= 1


def lightness(rgb):
    linear = np.asarray(rgb, float) / 255
    linear = np.where(linear > 0.04045, ((linear + 0.055) / 1.055) ** 2.4, linear / 12.92)
    return 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16


@pytest.mark.parametrize("name", ["viridis", "cividis", "magma", "grey"])
def test_palettes_rise_in_lightness(name):
    steps = np.diff(lightness(palette(name)))
    assert steps.min() > -0.2 and lightness(palette(name)[-1]) - lightness(palette(name)[0]) > 70


def test_the_diverging_palette_is_centred_and_even():
    table = palette("diverging")
    light = lightness(table)
    assert np.ptp(table[ZERO_OF_DIVERGING].astype(int)) <= 2 and light.argmax() == ZERO_OF_DIVERGING
    assert abs(light[1] - light[255]) < 12
    assert table[1, 2] > table[1, 0] and table[255, 0] > table[255, 2]


@pytest.mark.parametrize("name", PALETTES)
def test_tables_are_read_only_and_whole(name):
    table = palette(name)
    assert table.shape == (256, 3) and table.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1


def test_an_unknown_palette_is_a_key_error():
    with pytest.raises(KeyError):
        palette("jet")


def test_to_index_by_hand():
    values = np.array([[-1.0, 0.0, 1.0, np.nan, np.inf]])
    assert to_index(values, -1, 1).tolist() == [[0, 128, 255, 0, 0]]
    assert to_index(values, -1, 1, diverging=True).tolist() == [[1, 128, 255, 0, 0]]
    assert to_index(np.array([0.5, -0.5]), 0, 1, diverging=True).tolist() == [192, 64]
    assert to_index(np.zeros(3), 0, 0).tolist() == [0, 0, 0]
    assert paint(np.array([[0, 255]], np.uint8), "viridis").tolist() == [[[68, 1, 84], [253, 231, 37]]]


# Viénot, Brettel and Mollon (1999): what a deuteranope and a protanope see, in linear RGB
DEUTERAN = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
PROTAN = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])


@pytest.mark.parametrize("blindness", [np.eye(3), DEUTERAN, PROTAN])
def test_class_colours_stay_apart_for_colour_blind_viewers(blindness):
    linear = (np.array(CLASS_COLOURS) / 255) ** 2.2
    seen = np.clip(linear @ blindness.T, 0, 1) ** (1 / 2.2) * 255
    for (i, a), (j, b) in combinations(enumerate(seen), 2):
        assert np.linalg.norm(a - b) > 28, (i, j)


def test_class_colours_repeat_in_a_stable_order():
    assert [class_colour(k) for k in range(8)] == list(CLASS_COLOURS) == [class_colour(k + 80) for k in range(8)]


def test_ink_is_legible_on_every_class_colour():
    for colour in CLASS_COLOURS:
        a, b = sorted([lightness(np.array(colour)), lightness(np.array(ink_on(colour)))])
        assert b - a > 40


def test_no_two_methods_look_alike():
    looks = [optimizer_look(row.name) for row in BUILT_IN]
    assert (
        len({(look.colour, look.marker) for look in looks}) == len({(look.colour, look.dash) for look in looks}) == len(looks)
    )


def test_the_six_optimizers_look_different_and_never_change():
    looks = [optimizer_look(name) for name in SIX]
    assert len({look.colour for look in looks}) == 6 and len({look.marker for look in looks}) == 6
    code = "from explorer.picture.colour import optimizer_look as o; print(o('my_method'), o('lion'))"
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in range(2)}
    assert runs == {f"{optimizer_look('my_method')} {optimizer_look('lion')}\n"}
    assert optimizer_colour("adam") == optimizer_look("adam").colour and optimizer_marker("adam") == "star"
