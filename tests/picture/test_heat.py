import numpy as np
import pytest

from explorer.picture.colour import palette
from explorer.picture.heat import heat_rgba, map_for, over, scale_end
from explorer.picture.heat_sheet import heat_sheet
from explorer.records.attribution import Attribution, AttributionSet, Randomisation, RandomStage, Said, TrustCurve, TrustCurves


def item(values, signed=False, **fields):
    heat = np.asarray(values, np.float32)
    return Attribution("m", "Saliency", heat, signed, heat.shape, 1.0, **fields)


def test_colours_end_where_most_of_the_heat_ends():
    flat = np.linspace(0, 1, 1000, dtype=np.float32).reshape(20, 50)
    assert scale_end(flat) == 1.0 and scale_end(np.zeros((3, 3), np.float32)) == 0.0
    flat[0, 0] = 1000
    assert scale_end(flat) < 2


def test_warm_is_opaque_and_its_own_colour():
    rgba = heat_rgba(np.array([[0.0, 0.25, 1.0]], np.float32), 1.0, "magma", signed=False, opacity=1.0)
    assert rgba[0, 2].tolist() == [*palette("magma")[255], 255]
    assert rgba[0, 0, 3] < rgba[0, 1, 3] < 255 and rgba[0, 0, :3].tolist() == [0, 0, 0]  # a veil, no colour
    none = heat_rgba(np.ones((1, 1), np.float32), 1.0, "magma", signed=False, opacity=0.0)
    assert over(np.full((1, 1, 3), 77, np.uint8), none).tolist() == [[[77, 77, 77]]]


def test_two_sides_have_two_colours():
    rgba = heat_rgba(np.array([[-1.0, 1.0]], np.float32), 1.0, map_for(True), signed=True, opacity=1.0)
    assert rgba[0, 0, 2] > rgba[0, 0, 0] and rgba[0, 1, 0] > rgba[0, 1, 2]
    assert map_for(True, "viridis") == "diverging" and map_for(False, "viridis") == "viridis"


@pytest.mark.parametrize("shape", [(40, 60), (1, 1), (3, 400)])
def test_a_sheet_of_everything(shape):
    rgb = np.full((*shape, 3), 200, np.uint8)
    warm = np.zeros(shape, np.float32)
    warm[0, 0] = 1
    items = (
        item(warm),
        item(warm - 0.5, signed=True),
        item(np.zeros(shape), empty=Said("The answer is {what}.", {"what": "saturated"})),
    )
    found = AttributionSet(items, "class", Said("{label}", {"label": "cup"}), "logit", 2.0, 0.5)
    share = np.linspace(0, 1, 5)
    curve = TrustCurve("m", "Saliency", share, 1 - share, share, share * 0, share * 0 + 0.3)
    trust = TrustCurves((curve,), found.target, "probability", "blur", 8)
    check = Randomisation(items[0], (RandomStage("fc", 1, items[0], 0.5), RandomStage("conv", 2, items[2], None)), found.target)
    plain, full = heat_sheet(rgb, found), heat_sheet(rgb, found, trust=trust, checks=(check,))
    assert plain.dtype == np.uint8 and plain.shape[2] == 3 and full.shape[0] > plain.shape[0] and full.std() > 5
