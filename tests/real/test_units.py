"""The Units panel in a real window shows what the same requests give in-process."""

import pytest

from explorer.engine.engine import Engine
from explorer.features import unit_store
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.receptive import ReceptiveRequest
from explorer.requests.units import BestRequest, GalleryRequest


@pytest.mark.timeout(150)
def test_a_unit_is_looked_at(real_window, monkeypatch, tmp_path):
    facts = real_window("look")
    monkeypatch.setattr(unit_store, "folder", lambda: tmp_path / "store")
    engine = Engine(threads=1)
    unit = result_of(GalleryRequest(layer="features.3", channels=(10,), size=48, steps=6), Work(engine))
    assert facts["unit"]["objective"] == pytest.approx(float(unit.objective[0]), rel=0.02)
    assert facts["unit"]["mean"] == pytest.approx(float(unit.sheet.mean()), rel=0.02)
    best = result_of(BestRequest(layer="features.3", channel=10), Work(engine))
    assert [one[0] for one in facts["best"]] == [entry.path for entry in best.entries]
    for said, entry in zip(facts["best"], best.entries, strict=True):
        assert said[1] == pytest.approx(entry.score, rel=1e-4)
        assert said[2:] == [list(entry.place), pytest.approx(entry.box)]
    frame = Frame(read_rgb(sample_path("coffee")), source="coffee")
    place = {"y": facts["sight"]["y"], "x": facts["sight"]["x"]}
    sight = result_of(ReceptiveRequest(layer="features.3", channel=10, **place), Work(engine, frame))
    assert facts["sight"]["box"] == list(sight.box)
    assert facts["sight"]["value"] == pytest.approx(sight.value, rel=1e-3)
    assert facts["sight"]["value"] == pytest.approx(facts["most"], rel=1e-3)  # the strongest place
    assert facts["opened"] == best.entries[0].path
    assert facts["numbers"][0] == "name\tvalue"
