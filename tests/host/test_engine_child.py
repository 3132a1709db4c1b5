"""The real engine and calc children: ready soon, killed while dreaming, restarted with the network that was loaded."""

from __future__ import annotations

import json
import os
import signal
import time

import numpy as np
import pytest
from fixtures_colours import FRAMES, check_numbers, write_film

from explorer.engine.engine import Engine
from explorer.host.messages import Answer, ChildLog, EngineState, FrameArrived, RecordState, SourceState
from explorer.jobs import CancelledJob, Failed, Preview, Result, Work, result_of
from explorer.picture.video import VideoWriter
from explorer.requests.dream import DreamRequest
from explorer.requests.look import ActivationsRequest
from explorer.requests.network import CatalogueRequest, DetectRequest, LoadRequest
from explorer.requests.race import RaceRequest
from explorer.requests.source import SourceRequest

RANDOM = {"model": "squeezenet1_1", "weights": "random"}  # no download needed: what is tested is the process


@pytest.fixture
def real(make_desk):
    return make_desk()


def dreaming(desk):
    """A long dream that has shown its first picture."""
    generation = desk.host.submit("dream", DreamRequest(**RANDOM, layer="features.3.expand1x1", channel=1, steps=4000, size=96))

    def under_way(event):
        mine = isinstance(event, Answer) and event.generation == generation and isinstance(event.event, Preview)
        return mine and event.event.done > 0

    desk.until(under_way, 60)
    return generation


def test_stop_and_kill_while_it_dreams(real):
    """Acceptance 6: the window hears it, the engine is back, the picture so far is still there."""
    load = real.host.submit("load", LoadRequest(**RANDOM))
    info = real.end_of("load", load).record
    assert info.name == "squeezenet1_1" and info.layers
    ready = next(e for e in real.of(EngineState) if e.kind == "ready")
    assert ready.facts["device"] and ready.facts["threads"] >= 1 and type(ready.facts["torch"]) is str

    dream = dreaming(real)
    pid, began = real.pid(), time.monotonic()
    real.host.stop("dream")
    stopped = real.end_of("dream", dream)
    assert time.monotonic() - began < 1.0  # promised: 0.2
    assert isinstance(stopped, CancelledJob) and np.ptp(stopped.record.rgb) > 0

    dream = dreaming(real)
    real.wait(0.3)
    assert real.pid() == pid, "a dream ends by itself, not with its process"
    os.kill(pid, signal.SIGKILL)
    last = real.end_of("dream", dream)
    assert isinstance(last, Failed) and last.trouble.values["how"] == "SIGKILL"
    kept = [e.event.record for e in real.of(Answer) if e.generation == dream and isinstance(e.event, Preview)]
    assert np.ptp(kept[-1].rgb) > 0
    state = real.seen_or_until(lambda e: isinstance(e, EngineState) and e.kind == "restarting")
    assert state.restarts == 1
    real.engine("ready", 60)
    short = real.host.submit("dream", DreamRequest(**RANDOM, layer="features.3.expand1x1", channel=1, steps=2, size=64))
    assert isinstance(real.end_of("dream", short, 60), Result)


def test_live_activations_of_the_clip(real):
    real.host.open_source(SourceRequest(kind="clip"))
    real.host.follow("activations", ActivationsRequest(**RANDOM))
    real.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Result), 60)
    real.events.clear()
    real.wait(2.0)
    frames = {e.frame.seq for e in real.of(FrameArrived)}
    answers = [e.event.record.frame_seq for e in real.of(Answer)]
    assert len(answers) >= 2 and frames <= set(answers)
    assert not [log for log in real.of(ChildLog) if log.level >= 30]


def test_a_race_needs_no_engine(real):
    last = real.end_of("race", real.host.submit("race", RaceRequest(steps=50)))
    assert len(last.record.runs) == 6
    assert {e.child for e in real.of(EngineState)} == {"calc"}
    plugins = real.seen_or_until(lambda e: isinstance(e, EngineState) and "plugins" in e.facts).facts["plugins"]
    assert {"levy", "sign_descent"} <= {row["name"] for row in plugins}


def test_a_detector_of_a_plugin_is_listed_followed_and_recorded(real, tmp_path):
    """The worked example, by its name alone; the crossing squares keep their numbers in the recording of the whole file."""
    film = write_film(tmp_path / "crossing.mp4")
    real.host.open_source(SourceRequest(kind="video", path=str(film), loop=False))
    real.seen_or_until(lambda e: isinstance(e, SourceState) and e.state == "playing")
    real.host.start("engine")
    real.until(lambda e: isinstance(e, EngineState) and e.child == "engine" and "plugins" in e.facts, 60)
    rows = real.end_of("list", real.host.submit("list", CatalogueRequest()), 60).record
    assert {row.name: row.task for row in rows}.items() >= {"colour_blobs": "detect", "colour_contrast": "segment"}.items()

    real.host.follow("detect", DetectRequest(model="colour_blobs", exact=True, track=True))
    real.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Result), 60)
    real.host.record([tmp_path / "out.jsonl", tmp_path / "out.json"], whole=True)
    done = real.until(lambda e: isinstance(e, RecordState) and e.state in ("done", "failed"), 60)
    assert (done.state, done.frames, done.total, done.dropped) == ("done", FRAMES, FRAMES, 0)
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    check_numbers(found)
    names = {one["name"] for one in json.loads((tmp_path / "out.json").read_text())["categories"]}
    assert names == {"red", "green", "blue", "yellow", "cyan", "magenta"}


def test_live_answers_are_those_of_the_pictures_alone(real, tmp_path, coffee):
    """Two pictures are in the child at a time; each answer is what the job says of that very picture alone."""
    film = tmp_path / "walk.mp4"
    with VideoWriter(film, 30.0, (400, 240)) as writer:
        for number in range(60):
            writer.write(np.ascontiguousarray(coffee.rgb[2 * number : 2 * number + 240, 3 * number : 3 * number + 400]))
    real.host.open_source(SourceRequest(kind="video", path=str(film), speed=8.0))
    request = DetectRequest(model="yolov3_tiny", confidence=0.1)
    real.host.follow("detect", request)
    real.until(lambda e: isinstance(e, Answer) and isinstance(e.event, Result), 60)
    real.wait(1.0)
    frames = {e.frame.seq: e.frame for e in real.of(FrameArrived)}
    found = {e.event.record.frame_seq: e.event.record for e in real.of(Answer) if isinstance(e.event, Result)}
    both = sorted(frames.keys() & found.keys())
    assert len(both) >= 10
    engine = Engine(1)
    for seq in both[:: len(both) // 3]:
        alone = result_of(request, Work(engine, frames[seq]))
        assert np.array_equal(alone.xyxy, found[seq].xyxy) and np.array_equal(alone.score, found[seq].score)
    assert any(len(found[seq]) for seq in both)
    real.host.follow("detect", None)
