"""Best pictures and galleries on every odd network: each layer gives a record or a reason in words, never a traceback."""

import logging

import numpy as np
import pytest
from fixtures_networks import ODD, RAISES, odd_table

from explorer.engine.engine import Engine
from explorer.features import unit_store
from explorer.jobs import Failed, Result, Work, run
from explorer.picture.stills import write_png
from explorer.requests.units import BestRequest, GalleryRequest

EXPECTED = {"layer.no-maps", "layer.no-channels", "layer.none", "layer.silent", "layer.channel", "dream.size"}


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setattr(unit_store, "folder", lambda: tmp_path / "store")


@pytest.fixture
def album(tmp_path, chelsea):
    folder = tmp_path / "album"
    for name, rgb in (("dot", chelsea.rgb[:1, :1]), ("line", chelsea.rgb[:1]), ("cat", chelsea.rgb[::3, ::3])):
        write_png(folder / f"{name}.png", np.ascontiguousarray(rgb))
    return folder


@pytest.mark.parametrize("name", sorted(set(ODD) - RAISES))
def test_every_layer_answers_or_says_why_not(name, album, caplog):
    engine = Engine(threads=1, networks=odd_table(name))
    base = {"model": name, "weights": "random"}
    network = engine.network(GalleryRequest(**base))
    layers = list(network.layer_names)
    some = [*layers[:3], *layers[-2:], ""] if len(layers) < 100 else layers[:1]  # thousands of layers take minutes
    for layer in dict.fromkeys(some):
        for request in (
            BestRequest(**base, layer=layer, folder=str(album)),
            BestRequest(**base, layer=layer, folder=str(album), channel=0, measure="mean"),
            GalleryRequest(**base, layer=layer, channels=(0,), size=32, steps=2),
        ):
            with caplog.at_level(logging.ERROR):
                last = list(run(request, Work(engine)))[-1]
            if isinstance(last, Failed):
                assert last.trouble.code in EXPECTED, (layer, request, last.trouble)
                assert "{" not in last.trouble.english()
            else:
                assert isinstance(last, Result), last
                assert np.isfinite(
                    getattr(last.record, "score", np.zeros(1))[getattr(last.record, "index", np.zeros(1)) >= 0]
                ).all()
    assert not caplog.records, caplog.text
