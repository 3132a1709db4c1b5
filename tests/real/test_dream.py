"""The Dream panel in a real window, and the same dreams in this process."""

import hashlib

import numpy as np
import pytest

from explorer import jobs
from explorer.assets import asset
from explorer.engine.device import threads_beside_window
from explorer.engine.engine import Engine
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.dream import DreamRequest


def digest(rgb):
    return hashlib.sha256(np.ascontiguousarray(rgb).tobytes()).hexdigest()


@pytest.mark.timeout(150)
def test_the_dream_panel(real_window):
    facts = real_window("whole", timeout=140)
    engine = Engine(threads_beside_window())  # as many as the window's engine: then it is the same bytes
    plain = jobs.result_of(DreamRequest(layer="features.7", channel=11, size=224, steps=160, seed=3), jobs.Work(engine))
    assert facts["rested"] and facts["paused"] == digest(plain.rgb) and facts["after"] == plain.facts["after"]
    mixed = jobs.result_of(DreamRequest.model_validate(facts["goals"]), jobs.Work(engine))
    assert len(facts["goals"]["goals"]) == 2 and facts["goals"]["goals"][1]["weight"] == -0.5
    assert facts["mixed"] == digest(mixed.rgb)
    frame = Frame(read_rgb(asset("samples", "coffee.jpg")))
    masked = jobs.result_of(DreamRequest.model_validate(facts["masked request"]), jobs.Work(engine, frame))
    assert facts["masked"] == digest(masked.rgb)
    assert facts["shots"] > 3 and facts["stepped back"] and facts["branched"] and facts["went on"]
    assert facts["queued"] == ["running", "waiting", "waiting"] and facts["order"] == [5, 2]
    assert facts["one zoom"] and "Seed" in facts["differ"] and "Steps" not in facts["differ"]
    first, second = facts["painted"]
    assert 0.0 < first < second < 0.5 and 0.05 < facts["mask share"] < 0.95
    assert facts["ranked"][1] is not None and facts["kept"] and facts["restored"]
    assert max(facts["stops"]) < 1.0, "the promise is 0.2 s; five times that tells a hang"
    assert facts["gif"] > 1000 and facts["mp4"] > 1000 and facts["film"] == 4
