"""The lens and the numbers in a real window, against the same requests here."""

import pytest

from explorer import jobs
from explorer.engine.engine import Engine
from explorer.jobs import Work
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.numbers import NumbersRequest
from explorer.requests.receptive import ReceptiveRequest, SeenByRequest

LAYER = "features.3.expand3x3"


@pytest.fixture(scope="module")
def here():
    engine, frame = Engine(1), Frame(read_rgb(sample_path("coffee")), source="coffee")
    return lambda request: jobs.result_of(request, Work(engine, frame))


@pytest.mark.timeout(150)
def test_lens_and_numbers_by_mouse_and_keys(real_window, here):
    facts = real_window("lens", timeout=140)
    for name in ("tile", "hovered"):
        said = facts[name]
        one = here(ReceptiveRequest(layer=LAYER, channel=3, y=said["y"], x=said["x"]))
        assert said["box"] == list(one.box)
        assert said["heat"] == pytest.approx(float(one.heat.sum()), rel=1e-4, abs=1e-9)
        assert said["value"] == pytest.approx(one.value, rel=1e-4, abs=1e-5)
    assert facts["hovered"]["y"] == 20 and facts["selected"]["pixel"] == [20, 31]
    assert facts["held"] == [20, 31, True] and facts["held_elsewhere"] == LAYER
    x, y = facts["pixel"]
    seen = here(SeenByRequest(layer=LAYER, pixel_x=x, pixel_y=y))
    assert abs(x - 300) < 2 and abs(y - 200) < 2
    assert facts["seen"] == [[one.layer, one.count, one.of] for one in seen.layers]
    assert facts["pixel_now"] == [2, 1]
    number = here(NumbersRequest(layer=LAYER, channel=3, y=2, x=1))
    value, total, sums, chosen = facts["numbers"]
    assert (value, total) == pytest.approx((number.value, number.worked.total), rel=1e-4)
    assert sums == pytest.approx(number.worked.window.sums.tolist(), rel=1e-3, abs=1e-4)
    assert chosen == number.worked.window.chosen
    at, shown, channel = facts["slice"]
    assert at == number.worked.window.order()[2] and shown == channel
    assert facts["copied"].startswith(f"layer\t{LAYER}\n") and "product" in facts["copied"]
    assert {layer: how for layer, (how, *_) in facts["kinds"].items()} == {
        "features.1": "steps", "features.2": "pool", "classifier.1": "sum", "classifier.3": "pool", "features.3": "same",
        "features.0": "sum",
    }  # fmt: skip
    for value, total in (rest for _, *rest in facts["kinds"].values()):
        assert value == pytest.approx(total, rel=1e-4, abs=1e-4)
