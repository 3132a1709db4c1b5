"""A race as vectors: every line is a line, the same race gives the same bytes, the regions are those of the grid."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from explorer.jobs import result_of
from explorer.picture.colour import optimizer_look
from explorer.picture.level_lines import regions
from explorer.picture.race_svg import race_svg
from explorer.requests.race import SIX, RaceRequest

SVG = "{http://www.w3.org/2000/svg}"


def inside(polygons, x, y):
    """Even-odd rule, by a ray to the right."""
    crossings = 0
    for loop in polygons:
        a, b = loop, np.roll(loop, -1, axis=0)
        over = (a[:, 1] > y) != (b[:, 1] > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
        crossings += int((over & (at > x)).sum())
    return crossings % 2 == 1


@pytest.mark.parametrize("holes", [False, True])
def test_regions_hold_the_grid_points_above_the_level(holes):
    rng = np.random.default_rng(5)
    z = rng.standard_normal((9, 11))
    if holes:
        z[rng.random(z.shape) < 0.2] = np.nan
    for level in (-0.5, 0.0, 0.8):
        polygons = regions(z, level)
        for row in range(1, 8):
            for column in range(1, 10):
                high = bool(np.nan_to_num(z[row, column], nan=-9.0) >= level)
                assert inside(polygons, column + 1e-7, row + 1e-7) == high


def test_levels_beyond_the_grid():
    assert regions(np.zeros((4, 4)), 1.0) == [] and regions(np.full((4, 4), np.nan), 0.0) == []
    (whole,) = regions(np.ones((3, 4)), 0.5)
    assert whole.min() == 0 and whole[:, 0].max() == 3 and whole[:, 1].max() == 2


def test_the_drawing_is_vector_and_names_everybody():
    race = result_of(
        RaceRequest(surface="himmelblau", steps=60, resolution=64, schedule="restarts", changes=((10, "gd", "lr", 0.001),))
    )
    text = race_svg(race)
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg" and root.find(f".//{SVG}image") is None and text == race_svg(race)
    said = [element.text for element in root.iter(f"{SVG}text")]
    assert {"Gradient descent", "Momentum", "Adam", "Himmelblau's four minima"} <= set(said)
    strokes = [element.get("stroke") for element in root.iter(f"{SVG}path")]
    for name in SIX:
        assert strokes.count("#{:02x}{:02x}{:02x}".format(*optimizer_look(name).colour)) >= 2  # trail and curve
    titles = [element.text for element in root.iter(f"{SVG}title")]
    assert "lr = 0.001" in titles and "step 50" in titles
    assert race_svg(race, dark=False) != text and len(text) < 300_000


def test_a_diverging_race_and_a_single_method_are_drawn_too():
    race = result_of(RaceRequest(surface="saddle", optimizers=("gd",), rate=1000.0, steps=20, resolution=32))
    text = race_svg(race, 640, 400)
    assert "nan" not in text and "inf" not in text.replace("inflexion", "")
    ElementTree.fromstring(text)
