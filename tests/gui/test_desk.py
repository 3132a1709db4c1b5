"""The desk: undo that goes back to where one was, the newest answer to whom it concerns, one place for notices."""

import logging

import numpy as np
import pytest

from explorer.gui.desk import CATALOGUE_CHANNEL, NETWORK_CHANNEL
from explorer.gui.notices import Notice, Sink, trouble_text
from explorer.jobs import CancelledJob, Failed, Progress, Result, Started
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import CatalogueRow, RunsOn
from explorer.records.vision import TopK
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest
from explorer.requests.look import ActivationsRequest
from explorer.requests.network import ClassifyRequest
from explorer.requests.source import SourceRequest


def steps(desk, n, undoable=True):
    desk.change(undoable=undoable, dream=changed(desk.session.dream, steps=n))


def test_undo_and_redo(desk):
    steps(desk, 10)
    steps(desk, 20)
    desk.undo()
    assert desk.session.dream.steps == 10
    desk.undo()
    assert desk.session.dream.steps == DreamRequest().steps
    assert not desk.can_undo
    desk.redo()
    desk.redo()
    assert desk.session.dream.steps == 20
    assert not desk.can_redo


def test_a_slid_slider_is_one_step_back(desk):
    steps(desk, 10)
    for n in (11, 12, 13):
        steps(desk, n, undoable=False)
    steps(desk, 14)
    desk.undo()
    assert desk.session.dream.steps == 10
    desk.redo()
    assert desk.session.dream.steps == 14


def test_undo_in_the_middle_of_sliding(desk):
    steps(desk, 10)
    steps(desk, 11, undoable=False)
    desk.undo()
    assert desk.session.dream.steps == 10
    desk.redo()
    assert desk.session.dream.steps == 11


def test_a_selection_is_no_step_and_is_kept_by_undo_of_something_else(desk):
    steps(desk, 10)
    desk.select(layer="features.0", channel=3)
    assert desk.session.selection.layer == "features.0"
    desk.undo()
    assert desk.session.dream.steps == DreamRequest().steps


def test_session_changed_tells_new_and_old(desk, qtbot):
    with qtbot.waitSignal(desk.session_changed) as told:
        steps(desk, 77)
    new, old = told.args
    assert (new.dream.steps, old.dream.steps) == (77, DreamRequest().steps)


def test_equal_changes_are_not_told(desk, qtbot):
    with qtbot.assertNotEmitted(desk.session_changed):
        steps(desk, DreamRequest().steps)


def test_another_network_is_another_network_everywhere(desk):
    desk.change(dream=changed(desk.session.dream, layer="features.3", channel=5))
    desk.use_network("efficientnet_lite0")
    session = desk.session
    assert {session.network.model, session.filters.model, session.activations.model, session.dream.model} == {
        "efficientnet_lite0"
    }
    assert (session.dream.layer, session.dream.channel) == ("", None)
    assert desk.host.requests(NETWORK_CHANNEL)[-1].model == "efficientnet_lite0"
    desk.undo()
    assert desk.session.dream.layer == "features.3"
    assert desk.host.requests(NETWORK_CHANNEL)[-1].model == "squeezenet1_1"


def test_a_device_is_switched_everywhere_at_run_time(desk):
    desk.use_device(device="cpu", exact=True)
    for name in ("network", "filters", "activations", "dream", "detect", "segment"):
        request = getattr(desk.session, name)
        assert (request.device, request.exact) == ("cpu", True), name
    assert desk.host.requests(NETWORK_CHANNEL)[-1].exact


def test_the_network_and_its_choices(desk, network, qtbot):
    assert desk.choices("layer") == ()
    desk.load_network()
    with qtbot.waitSignals([desk.network_changed, desk.choices_changed]):
        desk.host.answer(NETWORK_CHANNEL, Result(network))
    assert desk.network is network
    assert desk.choices("layer") == ("features.0", "features.1", "classifier.1")
    assert desk.choices("convolution") == ("features.0", "classifier.1")


def test_a_network_that_fails_leaves_the_old_one(desk, network, qtbot):
    desk.host.answer(NETWORK_CHANNEL, Result(network))
    qtbot.waitUntil(lambda: desk.network is network)
    with qtbot.waitSignal(desk.noticed):
        desk.host.answer(NETWORK_CHANNEL, Failed(Trouble("weights.damaged", "The file {path} is damaged.", {"path": "a.pth"})))
    assert desk.network is network
    (notice,) = desk.sink.take()
    assert notice.text == "The file a.pth is damaged."
    assert notice.level == "bad"


def test_the_engines_list_of_networks(desk, qtbot):
    rows = (
        CatalogueRow("yolov3_tiny", "YOLOv3-tiny", "detect", "", 416, "cached"),
        CatalogueRow("lenet5", "LeNet-5", "classify", "", 32, "bundled"),
    )
    with qtbot.waitSignal(desk.choices_changed):
        desk.host.answer(CATALOGUE_CHANNEL, Result(rows))
    assert desk.choices("network") == ("yolov3_tiny", "lenet5")
    assert desk.choices("detector") == ("yolov3_tiny",)
    assert desk.title_of("network", "lenet5") == "LeNet-5"


def test_events_go_to_those_who_registered(desk, qtbot):
    got = []
    desk.register("dream", lambda channel, event: got.append((channel, event)))
    desk.register("other", lambda channel, event: got.append("wrong"))
    desk.submit("dream", DreamRequest())
    result = Result("x")
    desk.host.answer("dream", result)
    qtbot.waitUntil(lambda: bool(got))
    assert got == [("dream", result)]


def test_a_request_that_looks_gets_the_newest_frame(desk, qtbot):
    frame = Frame(np.zeros((4, 5, 3), np.uint8), seq=7)
    with qtbot.waitSignal(desk.frame_arrived):
        desk.host.frame(frame, fps=30.0, dropped=2)
    desk.submit("a", ActivationsRequest())
    desk.submit("d", DreamRequest())
    assert desk.host.asked[-2][2] is frame
    assert desk.host.asked[-1][2] is None
    assert desk.arrival.dropped == 2


def test_jobs_come_and_go(desk, qtbot):
    desk.submit("dream", DreamRequest())
    assert [job.channel for job in desk.jobs.running()] == ["dream"]
    desk.host.answer("dream", Started("DreamRequest", 0))
    desk.host.answer("dream", Progress(3, 12))
    qtbot.waitUntil(lambda: desk.jobs.get("dream").done == 3)
    assert desk.stop_newest()
    assert desk.host.stopped == ["dream"]
    desk.host.answer("dream", CancelledJob())
    qtbot.waitUntil(lambda: not desk.jobs.running())
    assert not desk.stop_newest()


def test_time_left_comes_from_the_pace(desk):
    job = desk.jobs
    job.began("dream", DreamRequest())
    job.event("dream", Progress(25, 100))
    running = job.get("dream")
    assert running.left(running.began + 10) == pytest.approx(30)
    assert running.left(running.began + 0.1) is None


def test_where_a_result_ran_is_told(desk, qtbot):
    desk.submit("c", ClassifyRequest())
    ran = RunsOn("cpu", "OpenVINO", "bf16")
    with qtbot.waitSignal(desk.runs_on_changed) as told:
        desk.host.answer("c", Result(TopK((), runs_on=ran)))
    assert told.args == [ran]


def test_a_picture_is_opened_once_per_choice(desk):
    chosen = SourceRequest(kind="sample", path="chelsea")
    desk.open_source(chosen)
    assert desk.host.sources == [chosen]
    desk.open_source(chosen)  # "try again" opens it again
    assert desk.host.sources == [chosen, chosen]


def test_freezing_holds_the_source(desk, qtbot):
    with qtbot.waitSignal(desk.frozen_changed):
        desk.freeze(True)
    assert desk.host.asked[-1] == ("pause", True)
    desk.open_source(SourceRequest(kind="camera"))
    assert not desk.frozen


def test_nothing_is_asked_of_the_host_while_closing(desk):
    before = len(desk.host.asked)
    desk.closing = True
    assert desk.submit("x", DreamRequest()) == 0
    desk.follow("x", ClassifyRequest())
    assert len(desk.host.asked) == before
    assert desk.host.followed == {}


def test_equal_notices_are_counted_and_the_log_is_rate_limited(caplog):
    sink, woken = Sink(), []
    sink.wake = lambda: woken.append(1)
    with caplog.at_level(logging.INFO, "explorer.notices"):
        for _ in range(1000):
            sink.put(Notice("broken", "bad", key="k"))
    (notice,) = sink.take()
    assert notice.count == 1000
    assert len(woken) == 1
    assert len(caplog.records) <= 3
    caplog.clear()
    sink.put(Notice("broken", "bad", key="k"))
    assert sink.take()[0].count == 1001


def test_a_flood_of_different_notices_is_bounded():
    sink = Sink(limit=50)
    for number in range(5000):
        sink.put(Notice(f"n{number}"))
    assert len(sink.take()) == 50


def test_a_trouble_whose_translation_has_other_places_is_still_told(monkeypatch):
    monkeypatch.setattr("explorer.gui.notices.tr", lambda text: "{missing}" if text.startswith("No") else text)
    assert trouble_text(Trouble("c", "No {x}.", {"x": 1}, "Try {x}.")) == "No {x}. Try 1."
