"""Everything of the Why panel in a real window, and the same requests asked in this process."""

import numpy as np
import pytest

from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.attribution import AttributeRequest, RandomiseRequest, TrustRequest

pytestmark = pytest.mark.weights
METHODS = ("gradcam", "saliency", "integrated_gradients", "guided_backprop")


def test_everything(real_window):
    facts = real_window("everything")
    work = Work(Engine(), Frame(read_rgb(sample_path("coffee"))))
    for name, fields in (("first", {}), ("other", {"class_index": 809}), ("box", {"model": "yolov3_tiny"})):
        found = result_of(AttributeRequest(methods=METHODS, steps=8, **fields), work)
        said = facts[name]
        assert said["target"] == found.target.english() and said["score"] == pytest.approx(found.score, rel=1e-3)
        for item in found.items:
            assert said["sums"][item.method] == pytest.approx(float(item.heat.sum()), rel=1e-2, abs=1e-3)
            assert said["empty"].get(item.method, "") == (item.empty.english() if item.empty else "")
    curve = result_of(TrustRequest(methods=METHODS[:1], steps=8, points=8), work).items[0]
    assert facts["areas"] == pytest.approx(curve.areas, abs=5e-3)
    check = result_of(RandomiseRequest(methods=METHODS[:1], steps=8), work)
    assert np.allclose(facts["ranks"], [stage.correlation for stage in check.stages], atol=2e-2)
    assert facts["muted"] == "consomme"

    assert facts["live"] == ["gradcam", "saliency"] and len(facts["frozen"]) == 4 and facts["seconds"] < 30
