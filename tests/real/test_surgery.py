"""The journey of ux.md in a real window; every number is that of the same request run here."""

import pytest

from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.ablation import AblateRequest, CompareRequest
from explorer.requests.surgery import Edit


def said(scores):
    return [[old.label, pytest.approx(old.score, abs=1e-5), pytest.approx(new.score, abs=1e-5)] for old, new in scores]


@pytest.mark.timeout(150)
def test_why_espresso(real_window):
    facts = real_window("journey", timeout=140)
    work = Work(Engine(threads=2), Frame(read_rgb(sample_path("coffee")), source="coffee"))
    ranking = result_of(AblateRequest(layer=facts["layer"]), work)
    assert (facts["layer"], ranking.label) == ("features.12", "espresso")
    assert facts["first"] == ranking.channels[:5].tolist()
    assert facts["scores"] == pytest.approx(ranking.probabilities[:5].tolist(), abs=1e-5)
    assert facts["together"] == pytest.approx(ranking.together, abs=1e-5)
    mute = (Edit(kind="mute", layer="features.12", channels=tuple(sorted(facts["first"]))),)
    assert facts["before"] == facts["undone"] == said(result_of(CompareRequest(), work).scores)
    assert facts["after"] == said(result_of(CompareRequest(surgery=mute), work).scores)
    assert facts["before"][0][0] == "espresso" and max(facts["after"], key=lambda row: row[2])[0] != "espresso"
    assert "5 edits" in facts["title"] and facts["status"] == "5 edits" and "edit" not in facts["title again"]
    assert facts["clicked"] == [{"kind": "mute", "layer": "features.12", "channels": [21]}]
    assert facts["kept"] == {"kind": "keep", "layer": "features.12", "channels": [30]}
    sobel = [-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0]
    assert facts["sobel"] == sobel and facts["dragged"] == [*sobel[:5], 7.0, *sobel[6:]]
    assert (facts["typed"], facts["zeroed"]) == (7.0, 0.0)
    edit = Edit.model_validate(facts["edit"])
    assert edit.layer == "features.0" and edit.numbers == tuple(facts["dragged"])
    assert facts["put"] == said(result_of(CompareRequest(surgery=(edit,)), work).scores)


@pytest.mark.timeout(150)
def test_boxes_and_masks_in_the_dark_in_hungarian_in_a_small_window(real_window):
    facts = real_window("others", theme="dark", language="hu", size=(1100, 720), timeout=140)
    work = Work(Engine(threads=2), Frame(read_rgb(sample_path("coffee")), source="coffee"))
    request = AblateRequest(model="yolov3_tiny", layer="layers.14.act", box=tuple(facts["box"]))
    assert facts["objects"] >= 1 and facts["first"] == result_of(request, work).channels[:5].tolist()
