"""Filters & Activations in a real window: every deed once, and what it shows compared with the same request run here."""

import numpy as np
import pytest
from PIL import Image

from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.look import ActivationsRequest, FiltersRequest

DEEP = "features.3.expand3x3"


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=1)


def same(shown, record):
    """Whether the window showed this record."""
    assert shown["order"] == record.order.tolist() and shown["shape"] == list(record.values.shape)
    assert shown["sum"] == pytest.approx(float(record.values.astype(np.float64).sum()), rel=1e-4, abs=1e-2)
    assert shown["figures"] == pytest.approx(record.stats.whole().figures(), rel=1e-4, abs=1e-6)
    assert shown["ends"] == pytest.approx([float(record.low.min()), float(record.high.max())], rel=1e-4)
    assert np.abs(np.array(shown["counts"]) - record.histogram.counts).sum() <= 1e-4 * record.values.size + 4
    assert shown["sheet"] == pytest.approx(int(record.sheet.astype(np.int64).sum()), rel=1e-4)


@pytest.mark.timeout(120)
def test_every_deed_by_mouse_and_keys(real_window, engine):
    facts = real_window("look")
    coffee = Work(engine, Frame(read_rgb(sample_path("coffee"))))
    same(facts["start"]["kernels"], result_of(FiltersRequest(), coffee))
    same(facts["start"]["maps"], result_of(ActivationsRequest(), coffee))
    same(facts["spectrum"], result_of(FiltersRequest(spectrum=True), coffee))
    same(facts["norms"], result_of(FiltersRequest(layer=DEEP, sort="l2"), coffee))
    same(facts["inputs"], result_of(FiltersRequest(layer=DEEP, sort="l2", view="inputs", kernel=10), coffee))
    request = ActivationsRequest(layer=DEEP, sort="sparsity", pinned=(20,))
    same(facts["pinned"], result_of(request, coffee))
    ranged = ActivationsRequest(layer=DEEP, sort="sparsity", pinned=(20,), range=tuple(facts["range"]))
    same(facts["ranged"], result_of(ranged, coffee))
    assert facts["figures"].startswith("all · min ")
    assert facts["muted"][0]["kind"] == "mute" and facts["muted"][0]["channels"] == [5] and len(facts["muted"]) == 1
    assert facts["spot"].startswith("channel 20 · y 2")


@pytest.mark.timeout(120)
def test_sheets_of_every_shape_odd_pictures_and_a_large_live_layer(real_window, engine, tmp_path):
    small = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(small[:1, :1]).save(tmp_path / "one.png")
    Image.fromarray(small).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    Image.fromarray(small[..., 0].astype(np.uint16) * 257).save(tmp_path / "sixteen.png")
    facts = real_window("layers", theme="dark", language="hu", size=(1100, 720), EXPLORER_ODD=str(tmp_path))
    last = ActivationsRequest(layer="classifier.3")
    same(facts["numbers"], result_of(last, Work(engine, Frame(read_rgb(sample_path("coffee"))))))
    for name in ("one.png", "cmyk.jpg", "sixteen.png"):
        same(facts[name], result_of(last, Work(engine, Frame(read_rgb(tmp_path / name)))))
    assert facts["live"]["reduced"] == 3 and "1/3" in facts["live"]["detail"]
    assert facts["frozen"] == [64, 320, 320]
